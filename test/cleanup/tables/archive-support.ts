import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, inject } from 'vitest';
import { createObjectStore } from '../../../src/clients/object-store.ts';
import { ARCHIVE_PREFIX, type Archive } from '../../../src/cleanup/archive/index.ts';
import { createEphemeralKey, openSealed, type EphemeralKey } from '../../../src/vault/index.ts';
import { cloneDatabase, type ClonedDatabase } from '../../support/postgres.ts';

export interface World {
  app: ClonedDatabase;
  ops: ClonedDatabase;
  key: EphemeralKey;
  archive: Archive;
  close(): Promise<void>;
}

/** A table's own database, a journal and a place in the bucket. */
export async function startWorld(name: string): Promise<World> {
  const [app, ops, key] = await Promise.all([
    cloneDatabase('empty'),
    cloneDatabase('ops'),
    createEphemeralKey(),
  ]);
  const store = createObjectStore({
    ...inject('s3'),
    name: 'talos-backups',
    prefix: `${name}-${String(process.pid)}-${String(Date.now())}`,
    region: 'us-east-1',
  });
  const archive = { ops: ops.db, store, recipients: [key.recipient], zstd: inject('tools').zstd };
  return {
    ...{ app, ops, key, archive },
    async close() {
      store.close();
      await Promise.all([app.drop(), ops.drop()]);
    },
  };
}

export async function contentOf({ archive, key }: World, name: string): Promise<string> {
  const options = { store: archive.store, key: name, identities: [key.identity], zstd: archive.zstd };
  const { stage, read } = await openSealed(options, 'pipe');
  const [content, { sha256 }] = await Promise.all([text(stage.child.stdout as Readable), read, stage.done]);
  const stream = await archive.store.get(`${name}.json`);
  // An object whose manifest is missing was never verified; the run that follows writes it again.
  if (stream)
    expect(JSON.parse(await text(stream))).toMatchObject({
      rows: content.trimEnd().split('\n').length,
      contentSha256: createHash('sha256').update(content).digest('hex'),
      object: { sha256 },
    });
  return content;
}

export const linesOf = (content: string): { id: number }[] =>
  content
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: number });

export async function objects({ archive }: World): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of archive.store.list(`${ARCHIVE_PREFIX}/`)) keys.push(key);
  return keys;
}

/** Every row of every object, by its id. */
export async function archivedIds(world: World): Promise<number[]> {
  const ids: number[] = [];
  for (const name of (await objects(world)).filter((key) => !key.endsWith('.json')))
    ids.push(...linesOf(await contentOf(world, name)).map(({ id }) => id));
  return ids.sort((a, b) => a - b);
}

/** What the bucket holds is what the journal calls verified, each with its manifest, and nothing is open. */
export async function expectTidy(world: World): Promise<void> {
  const journal = await world.ops.db.query<{ key: string; pending: unknown }>(
    `select object_key as key, pending from ops.log_archives where verified_at is not null and pruned_at is null`,
  );
  expect(journal.filter(({ pending }) => pending !== null)).toEqual([]);
  const keys = journal.flatMap(({ key }) => [key, `${key}.json`]);
  expect((await objects(world)).sort()).toEqual(keys.sort());
}
