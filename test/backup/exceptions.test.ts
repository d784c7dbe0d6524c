import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Manifest } from '../../src/backup/manifest.ts';
import { createProgress } from '../../src/backup/progress.ts';
import { takeBackup } from '../../src/backup/take.ts';
import { createObjectStore, type ObjectStore } from '../../src/clients/object-store.ts';
import { createEphemeralKey, type EphemeralKey } from '../../src/vault/index.ts';
import { cloneDatabase } from '../support/postgres.ts';

const FOLDER = 'daily/2026-11-23T020000Z-00000000-00000002';

let source: Awaited<ReturnType<typeof cloneDatabase>>;
let store: ObjectStore;
let key: EphemeralKey;
let workDir: string;

beforeAll(async () => {
  [source, key, workDir] = await Promise.all([
    cloneDatabase('empty'),
    createEphemeralKey(),
    mkdtemp(path.join(tmpdir(), 'talos-exceptions-')),
  ]);
  store = createObjectStore({
    ...inject('s3'),
    name: 'talos-backups',
    prefix: path.basename(workDir),
    region: 'us-east-1',
  });
});
afterAll(async () => {
  store.close();
  await source.drop();
  await rm(workDir, { recursive: true, force: true });
});

const take = (databaseUrl = source.url): Promise<Manifest> =>
  takeBackup({
    store,
    folder: FOLDER,
    databaseUrl,
    recipients: [key.recipient],
    compressionLevel: 1,
    prove: true,
    tools: inject('tools'),
    workDir,
    run: { workflowId: 'w', runId: 'r' },
    progress: createProgress(),
    signal: new AbortController().signal,
  });

/** Tables that stand, and all manner of things that fall with the type of an extension. */
const OBJECTS = `
  create extension hstore;
  create table stands (id int primary key, note text);
  insert into stands select n, 'note ' || n from generate_series(1, 500) n;
  create table falls (id serial primary key, attributes hstore, twin int references stands);
  insert into falls (attributes, twin) select 'a=>1', n from generate_series(1, 50) n;
  comment on table falls is 'a comment'; comment on column falls.attributes is 'another';
  create index on falls using gin (attributes);
  create index stands_by_attributes on stands using gin ((hstore(note, note)));
  alter table falls enable row level security;
  create policy "only ours" on falls using (attributes ? 'a');
  create policy "of the other" on stands using (exists (select from falls));
  create table points_at_it (id int primary key, fallen int references falls);
  insert into points_at_it select n, n from generate_series(1, 20) n;
  create view seen as select attributes from falls;
  create view "seen twice" as select * from seen;
  create materialized view counted as select count(*) from falls;
  create function reads(hstore) returns int language sql as 'select 1';
  create function stays(int) returns int language sql as 'select 1';`;

describe('an extension that the server of the proof lacks', () => {
  let manifest: Manifest;
  beforeAll(async () => {
    await source.db.query(OBJECTS);
    // As a hosted service does it: an extension that nobody else has.
    await source.db.query(`set allow_system_table_mods = on;
      update pg_extension set extname = 'ghost' where extname = 'hstore'`);
    manifest = await take();
  });

  it('leaves the backup proven but for what falls with it, which is named', () => {
    expect(manifest.proof.differences).toEqual([]);
    expect(manifest.proof.result).toBe('proven except');
    expect(manifest.proof.exceptions).toHaveLength(1);
    const [line] = manifest.proof.exceptions ?? [];
    expect(line).toMatch(/^extension ghost cannot be created there/);
    expect(line).toContain('table public.falls');
    expect(line).toContain('public.seen');
    expect(line).not.toContain('public.points_at_it');
  });

  it('keeps in the manifest what falls, so that a restore elsewhere knows it', () => {
    const names = (manifest.dependents?.['ghost'] ?? []).map(({ kind, name }) => `${kind} ${name}`);
    expect(names).toEqual(
      expect.arrayContaining([
        'tables public.falls',
        'rows public.falls',
        'sequences public.falls_id_seq',
        'views public.seen',
        'views public."seen twice"',
        'materialised views public.counted',
        'valid indexes public.stands_by_attributes',
        'policies "of the other" on public.stands',
        'valid constraints points_at_it_fallen_fkey on public.points_at_it',
        'routines public.reads(public.hstore)',
      ]),
    );
    expect(names).not.toContain('tables public.stands');
    expect(names).not.toContain('routines public.stays(integer)');
  });
});

describe('tables that the role may not read', () => {
  const reader = 'talos_test_reader';
  let url: string;
  beforeAll(async () => {
    const password = 'only-for-this-test';
    await source.db.query(`
      drop role if exists supabase_admin; create role supabase_admin;
      create role ${reader} login bypassrls password '${password}';
      grant usage on schema public to ${reader};
      grant select on all tables in schema public to ${reader};
      grant select on all sequences in schema public to ${reader};
      create schema _analytics; grant usage on schema _analytics to ${reader};
      create table _analytics.events (id int primary key, at timestamptz);
      alter table _analytics.events owner to supabase_admin;
      insert into _analytics.events values (1, now());
      create table points_there (event int references _analytics.events);
      grant select on points_there to ${reader}`);
    const own = new URL(source.url);
    own.username = reader;
    own.password = password;
    url = own.toString();
  });
  afterAll(async () => {
    await source.db.query(`
      drop table if exists points_there; drop schema _analytics cascade; drop table if exists hidden;
      drop owned by ${reader}; drop role ${reader}; drop role supabase_admin`);
  });

  it('are left out and named where the service keeps them to itself', async () => {
    const { proof, leftOut } = await take(url);
    expect(leftOut).toEqual(['_analytics.events']);
    expect(proof.differences).toEqual([]);
    expect(proof.result).toBe('proven except');
    expect(proof.exceptions?.at(-1)).toMatch(/the service keeps them to itself: _analytics\.events/);
  });

  it('refuse the backup where they are the application’s', async () => {
    await source.db.query('create table hidden (id int)');
    await expect(take(url)).rejects.toMatchObject({
      type: 'TableNotReadable',
      message: expect.stringMatching(/may not read public\.hidden: grant pg_read_all_data/) as string,
    });
  });
});
