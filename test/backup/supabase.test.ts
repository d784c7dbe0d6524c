import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Manifest } from '../../src/backup/manifest.ts';
import { createProgress } from '../../src/backup/progress.ts';
import { readRestored } from '../../src/backup/restore.ts';
import { takeBackup } from '../../src/backup/take.ts';
import { createObjectStore, type ObjectStore } from '../../src/clients/object-store.ts';
import { openPostgresSession } from '../../src/clients/postgres.ts';
import { createEphemeralKey } from '../../src/vault/index.ts';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres.ts';

const FOLDER = 'daily/2026-11-23T020000Z-00000000-00000000';
const PASSWORD = 'of-the-project';
/**
 * As far as they matter here the rights of a hosted project's `postgres`: no superuser, owner of the database and of
 * what it makes itself. What the platform's extension `supautils` lets it do beyond that is given by name: policies
 * on files (membership), and `set session_replication_role`.
 */
const ROLES = `create role project login createrole createdb bypassrls password '${PASSWORD}';
  create role supabase_admin superuser; create role supabase_storage_admin;
  grant supabase_storage_admin to project;
  grant set on parameter session_replication_role to project;
  create role reporter`;
/** The platform's books and its own tables: a new project keeps those it has. */
const OF_THE_PLATFORM = /^(auth\.schema_migrations|storage\.migrations|realtime\..*|vault\..*)$/;

let server: OwnPostgres;
let store: ObjectStore;
let workDir: string;
let manifest: Manifest;

const fileText = (name: string): Promise<string> =>
  readFile(path.join(import.meta.dirname, `../../${name}.sql`), 'utf8');

const urlOf = (database: string): string => {
  const url = new URL(server.url);
  url.pathname = `/${database}`;
  return url.href;
};

/** Runs as the superuser, in a session of its own. */
async function asSuperuser<Row extends object>(database: string, ...scripts: string[]): Promise<Row[]> {
  const session = await openPostgresSession({ url: urlOf(database), applicationName: 'talos-test' });
  try {
    let rows: Row[] = [];
    for (const script of scripts) rows = await session.query<Row>(script);
    return rows;
  } finally {
    await session.close();
  }
}

/** A project as the platform hands it over. */
async function newProject(name: string): Promise<void> {
  await asSuperuser('postgres', `create database ${name} owner project template template0`);
  const demo = await fileText('database/demo/schema-auth');
  const withoutPolicies = demo.replace(/^create policy .*$/gm, '');
  await asSuperuser(name, withoutPolicies, await fileText('test/backup/supabase-platform'));
}

beforeAll(async () => {
  [server, workDir] = await Promise.all([
    startOwnPostgres(),
    mkdtemp(path.join(tmpdir(), 'talos-supabase-')),
  ]);
  const key = await createEphemeralKey();
  await writeFile(path.join(workDir, 'key.txt'), `${key.identity}\n`, { mode: 0o600 });
  await asSuperuser('postgres', ROLES, 'alter system set wal_level = logical');
  await server.restart('fast');
  await newProject('old');
  await asSuperuser('old', await fileText('test/backup/supabase-application'));
  const s3 = inject('s3');
  store = createObjectStore({
    ...{ ...s3, name: 'talos-backups', prefix: path.basename(workDir), region: 'us-east-1' },
  });
  manifest = await takeBackup({
    ...{ store, folder: FOLDER, databaseUrl: urlOf('old'), recipients: [key.recipient] },
    ...{ endpoint: s3.endpoint, compressionLevel: 1, prove: false, tools: inject('tools'), workDir },
    run: { workflowId: 'w', runId: 'r' },
    progress: createProgress(),
    signal: new AbortController().signal,
  });
});
afterAll(async () => {
  store.close();
  await server.stop();
  await rm(workDir, { recursive: true, force: true });
});

const stored = async (name: string): Promise<Buffer> =>
  Buffer.concat((await (await store.get(`${FOLDER}/${name}`))?.toArray()) as Buffer[]);

/** Does as the page says in a copy of the backup's folder: the roles, then the block for a new project. */
async function follow(database: string, changeList = (list: string) => list) {
  const cwd = path.join(workDir, database);
  await mkdir(cwd);
  for (const name of ['db.dump.zst.age', 'restore.list'])
    await writeFile(path.join(cwd, name), await stored(name));
  await writeFile(path.join(cwd, 'restore.list'), changeList((await stored('restore.list')).toString()));
  const guide = (await stored('RESTORE.md')).toString();
  const blocks = [...guide.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  const script = blocks.filter((block) => /^psql -d postgres|--use-list/.test(block));
  expect(script).toHaveLength(2);
  const { hostname, port } = new URL(server.url);
  const { pg_restore, zstd } = inject('tools');
  const folders = [path.dirname(pg_restore), path.dirname(zstd), process.env['PATH'] ?? ''].join(':');
  return promisify(execFile)('sh', ['-c', `set -e\n${script.join('\n')}`], {
    cwd,
    env: {
      ...{ PATH: folders, KEY: path.join(workDir, 'key.txt'), NEW: database },
      ...{ PGHOST: hostname, PGPORT: port, PGUSER: 'project', PGPASSWORD: PASSWORD },
    },
  });
}

const tablesOf = (facts: Pick<Manifest, 'tables'>) =>
  facts.tables.filter(({ schema, name }) => !OF_THE_PLATFORM.test(`${schema}.${name}`));

describe('a backup of a Supabase project', () => {
  beforeAll(async () => {
    await newProject('fresh');
    // The platform goes on: newer migrations, and a column that the old project did not have.
    await asSuperuser(
      'fresh',
      `alter table auth.sso_providers add disabled boolean; insert into auth.schema_migrations values ('20260101000000')`,
    );
    expect(await follow('fresh')).toEqual({ stdout: 'restored\n', stderr: '' });
  });

  it('brings every row of the application, of accounts and of files into a new project', async () => {
    expect(tablesOf(await readRestored(urlOf('fresh')))).toEqual(tablesOf(manifest));
    expect(tablesOf(manifest).filter(({ rows }) => rows > 0)).toHaveLength(9);
    expect(
      await asSuperuser(
        'fresh',
        `select (select version from auth.schema_migrations) as platform, (select count(*)::int from vault.secrets) as secrets,
                (select notes::int from reporting.totals) as totals`,
      ),
    ).toEqual([{ platform: '20260101000000', secrets: 0, totals: 1500 }]);
  });

  it('brings all that the application made in it, also within the schemas of the platform', async () => {
    const { catalogue } = await readRestored(urlOf('fresh'));
    for (const kind of Object.keys(manifest.catalogue))
      expect({ [kind]: catalogue[kind]?.filter((name) => !name.includes('disabled')) }).toEqual({
        [kind]: manifest.catalogue[kind],
      });
    expect(catalogue['policies']?.join()).toContain('own avatar');
  });

  it('works as it did: a new account gets its profile, a file its prefix, a new table its rights', async () => {
    const [seen] = await asSuperuser(
      'fresh',
      `set role project;
       insert into auth.users (id, email) values ('00000000-0000-0000-0000-00000000000a', 'new@exemple.fr');
       insert into storage.objects (bucket_id, name) values ('avatars', 'new/face.png');
       insert into public.notes (author, body) values ('00000000-0000-0000-0000-00000000000a', 'first');
       create table public.later (id int); create table reporting.later (id int);`,
      `select (select count(*)::int from public.profiles where email = 'new@exemple.fr') as profile,
              (select count(*)::int from storage.prefixes where name = 'new') as prefix,
              (select id::int from public.notes where body = 'first') as note,
              has_table_privilege('anon', 'public.later', 'select') as public,
              has_table_privilege('reporter', 'reporting.later', 'select') as reporting`,
    );
    expect(seen).toEqual({ profile: 1, prefix: 1, note: 1501, public: true, reporting: true });
  });
});

it('changes nothing in a project that refuses a line, and says which', async () => {
  await newProject('refusing');
  // What a list without care would hold: the platform's own event trigger, which only a superuser may make.
  const { pg_restore } = inject('tools');
  const whole = await promisify(execFile)(
    'sh',
    ['-c', `age -d -i key.txt fresh/db.dump.zst.age | zstd -d | ${pg_restore} --list | grep 'EVENT TRIGGER'`],
    { cwd: workDir },
  );
  const refused = follow('refusing', (list) => list + whole.stdout);
  await expect(refused).rejects.toMatchObject({
    stdout: '',
    stderr: expect.stringMatching(/permission denied to create event trigger "pgrst_ddl_watch"/) as unknown,
  });
  expect(await asSuperuser('refusing', `select from pg_class where relname = 'notes'`)).toEqual([]);
  expect(await asSuperuser('refusing', 'select from auth.users')).toEqual([]);
});
