import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../src/clients/object-store.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';
import { waitFor } from '../support/wait.ts';
import { ballast, report } from './backup-run.ts';
import { backupId, startBench, type Bench } from './bench.ts';

const MiB = 1024 * 1024;
const BINARY = 'application/octet-stream';
const [YESTERDAY, TODAY] = [backupId('22'), backupId('23')];
const DUMP = `daily/${TODAY}/db.dump.zst.age`;

/** Bytes before the encrypted chunks: the header ends with its MAC's line, a nonce of 16 bytes follows. */
function payloadBegins(sealed: Buffer): number {
  const mac = sealed.indexOf('\n--- ');
  return sealed.indexOf('\n', mac + 1) + 1 + 16;
}

describe('the stored object', () => {
  let bench: Bench;
  let source: ClonedDatabase;
  let whole: Buffer;
  let yesterdays: Buffer;
  beforeAll(async () => {
    bench = await startBench();
    source = await cloneDatabase('empty');
    await source.db.query(ballast(19));
    expect((await bench.take(source.url, YESTERDAY)).proof.result).toBe('proven');
    await source.db.query(`insert into ballast values (0, 'today')`);
    expect((await bench.take(source.url, TODAY)).proof.result).toBe('proven');
    [whole, yesterdays] = [await bench.read(DUMP), await bench.read(`daily/${YESTERDAY}/db.dump.zst.age`)];
    expect(whole.length).toBeGreaterThan(2 * 8 * MiB);
  });
  afterAll(async () => {
    await source.drop();
    await bench.close();
  });

  const cutAtChunk = (bytes: Buffer): Buffer => {
    const begins = payloadBegins(bytes);
    const chunks = Math.floor((bytes.length - begins) / (64 * 1024 + 16));
    return bytes.subarray(0, begins + Math.floor(chunks / 2) * (64 * 1024 + 16));
  };
  it.each<[string, (bytes: Buffer) => Buffer, RegExp, RegExp]>([
    [
      'cut at 50 %',
      (bytes) => bytes.subarray(0, bytes.length >> 1),
      /cannot be read to its end/,
      /has \d+ bytes instead of \d+/,
    ],
    [
      'cut by 1 %',
      (bytes) => bytes.subarray(0, Math.floor(bytes.length * 0.99)),
      /cannot be read to its end/,
      /has \d+ bytes instead of \d+/,
    ],
    ['cut on a chunk boundary', cutAtChunk, /cannot be read to its end/, /has \d+ bytes instead of \d+/],
    [
      'one bit flipped',
      (bytes) => {
        const flipped = Buffer.from(bytes);
        const at = Math.floor(bytes.length * 0.6);
        flipped[at] = (flipped[at] ?? 0) ^ 0x10;
        return flipped;
      },
      /cannot be read to its end/,
      /sha256 differs/,
    ],
    [
      'its second part lost',
      (bytes) => Buffer.concat([bytes.subarray(0, 8 * MiB), bytes.subarray(16 * MiB)]),
      /cannot be read to its end/,
      /has \d+ bytes instead of \d+/,
    ],
    [
      'yesterday’s object under today’s name',
      () => yesterdays,
      /Cannot decrypt: no identity matched/,
      /sha256 differs|has \d+ bytes instead of \d+/,
    ],
  ])('%s: is noticed the same night, and by verify later', async (what, damage, tonight, later) => {
    // Tonight: the bucket holds something else by the time the proof reads it.
    const damaging: ObjectStore = {
      ...bench.store,
      completeUpload: async (upload, parts) => {
        await bench.store.completeUpload(upload, parts);
        await bench.store.put(upload.key, damage(await bench.read(upload.key)), BINARY);
      },
    };
    const id = `2026-11-24T020000Z-00000000-${randomBytes(4).toString('hex')}`;
    const failure: unknown = await bench
      .take(source.url, id, { store: damaging })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      type: 'ObjectDamaged',
      message: expect.stringMatching(tonight) as unknown,
    });
    expect(await bench.store.get(`daily/${id}/manifest.json`)).toBeUndefined();

    // Later: a proven backup rots.
    await bench.store.put(DUMP, damage(whole), BINARY);
    try {
      const [blind, withKey] = [await bench.verify(TODAY, false), await bench.verify(TODAY, true)];
      report(
        `${what}: ${(failure as Error).message.split(': ').at(-1) ?? ''} | ${blind.differences.join('; ')}`,
      );
      expect(blind.good).toBe(false);
      expect(blind.differences.join('\n')).toMatch(later);
      expect(withKey.good).toBe(false);
    } finally {
      await bench.store.put(DUMP, whole, BINARY);
    }
    expect((await bench.verify(TODAY, true)).good).toBe(true);
  });

  it('pg_dump killed midway: no object, and the cause is said', async () => {
    const pidFile = path.join(bench.workDir, 'pg_dump.pid');
    // The script becomes pg_dump: its pid is the program's. A part of the upload is held until it is dead.
    const pgDump = await bench.script('killed', `echo $$ > '${pidFile}'; exec "$real" "$@"`);
    let killed: Promise<unknown> | undefined;
    const holding: ObjectStore = {
      ...bench.store,
      uploadPart: async (...args) => {
        killed ??= readFile(pidFile, 'utf8').then(async (text) => {
          const pid = Number(text);
          process.kill(pid, 'SIGKILL');
          await waitFor(
            () => {
              try {
                return !process.kill(pid, 0);
              } catch {
                return true;
              }
            },
            { timeoutMs: 10_000, what: 'the end of pg_dump' },
          );
        });
        await killed;
        return bench.store.uploadPart(...args);
      },
    };
    // More than the pipe and the parts in flight can take, so that pg_dump cannot end before it is killed.
    await source.db.query(ballast(60).replaceAll('ballast', 'more_ballast'));
    const id = '2026-11-24T020000Z-00000000-0000dead';
    const failure: unknown = await bench
      .take(source.url, id, { store: holding, pgDump })
      .catch((error: unknown) => error);
    await source.db.query('drop table more_ballast');
    report(`pg_dump killed midway: ${String(failure)}`);
    expect(failure).toMatchObject({
      type: 'DumpFailed',
      message: expect.stringContaining('was ended by SIGKILL') as unknown,
    });
    expect(await bench.store.openUploads('')).toEqual([]);
    for await (const object of bench.store.list(`daily/${id}`)) expect(object).toBeUndefined();
  });
});
