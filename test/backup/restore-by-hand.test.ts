import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { compareWithManifest } from '../../src/backup/compare.ts';
import { restoreGuide } from '../../src/backup/guide.ts';
import type { Manifest } from '../../src/backup/manifest.ts';
import { createProgress } from '../../src/backup/progress.ts';
import { readRestored } from '../../src/backup/restore.ts';
import { takeBackup } from '../../src/backup/take.ts';
import { createObjectStore, type ObjectStore } from '../../src/clients/object-store.ts';
import { openPostgresSession } from '../../src/clients/postgres.ts';
import { createEphemeralKey } from '../../src/vault/index.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';

const run = promisify(execFile);
const FOLDER = 'daily/2026-11-23T020000Z-00000000-00000000';
/** All that the guide asks for, and what a shell is not without. No node. */
const PROGRAMS = [
  'sh',
  'mkdir',
  'sha256sum',
  'age',
  'zstd',
  'tar',
  'sed',
  'grep',
  'createdb',
  'psql',
  'pg_restore',
];

let app: ClonedDatabase;
let operations: ClonedDatabase;
let store: ObjectStore;
let workDir: string;
let manifest: Manifest;
let environment: Record<string, string>;
const made: string[] = [];

/** Where a program is, by the PATH of the tests; undefined when it is nowhere. */
async function whereIs(program: string): Promise<string | undefined> {
  const folders = [path.dirname(inject('tools').pg_restore), ...(process.env['PATH'] ?? '').split(':')];
  for (const folder of folders) {
    const file = path.join(folder, program);
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  return undefined;
}

beforeAll(async () => {
  const [key, ...rest] = await Promise.all([
    createEphemeralKey(),
    cloneDatabase('app'),
    cloneDatabase('ops'),
    mkdtemp(path.join(tmpdir(), 'talos-by-hand-')),
  ]);
  [app, operations, workDir] = rest;
  const s3 = inject('s3');
  store = createObjectStore({
    ...s3,
    name: 'talos-backups',
    prefix: path.basename(workDir),
    region: 'us-east-1',
  });
  const nginx = path.join(workDir, 'vps/nginx');
  await mkdir(nginx, { recursive: true });
  await writeFile(path.join(nginx, 'app.conf'), 'server_name app.talosprimes.example;\n');
  manifest = await takeBackup({
    store,
    folder: FOLDER,
    databaseUrl: app.url,
    databases: [{ part: 'operations', url: operations.url, setting: 'OPS_DATABASE_URL' }],
    service: {
      ...{ vps: undefined, n8nApi: undefined, encryptionKey: undefined, n8n: {} },
      files: { paths: [nginx], environment: [] },
    },
    recipients: [key.recipient],
    endpoint: s3.endpoint,
    compressionLevel: 1,
    prove: false,
    tools: inject('tools'),
    workDir,
    run: { workflowId: 'w', runId: 'r' },
    progress: createProgress(),
    signal: new AbortController().signal,
  });
  await store.put(
    `${FOLDER}/RESTORE.md`,
    restoreGuide(manifest, store.url(FOLDER), s3.endpoint),
    'text/markdown',
  );
  expect(manifest.parts?.filter(({ result }) => result === 'failed')).toEqual([]);
  const bin = path.join(workDir, 'bin');
  await mkdir(bin);
  for (const program of PROGRAMS) {
    const file = await whereIs(program);
    if (!file) throw new Error(`${program} is not on this machine`);
    await symlink(file, path.join(bin, program));
  }
  await symlink(inject('tools').rclone, path.join(bin, 'rclone'));
  await writeFile(path.join(workDir, 'key.txt'), `${key.identity}\n`, { mode: 0o600 });
  const server = new URL(inject('postgresUrl'));
  environment = {
    PATH: bin,
    HOME: workDir,
    PGHOST: server.hostname,
    PGPORT: server.port,
    PGUSER: decodeURIComponent(server.username),
    PGPASSWORD: decodeURIComponent(server.password),
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    AWS_REGION: 'us-east-1',
  };
});
afterAll(async () => {
  store.close();
  await Promise.all([app.drop(), operations.drop()]);
  const admin = await openPostgresSession({ url: inject('postgresUrl'), applicationName: 'talos-test' });
  for (const name of made) await admin.query(`drop database if exists ${name} with (force)`);
  await admin.close();
  await rm(workDir, { recursive: true, force: true });
});

/** The commands of the backup's own page, in order, as they stand there. */
async function blocks(without: RegExp): Promise<string[]> {
  const guide = Buffer.concat(
    (await (await store.get(`${FOLDER}/RESTORE.md`))?.toArray()) as Buffer[],
  ).toString();
  return (
    [...guide.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
      .map(([, block = '']) => block)
      // Into a new Supabase project, that is: supabase.test.ts.
      .filter((block) => !without.test(block) && !block.includes('--use-list'))
  );
}

/** Does as the page says, in a shell that knows nothing of this machine but the folder of symbolic links. */
async function follow(commands: string[], name: string, more: Record<string, string> = {}) {
  made.push(name, `${name}_operations`);
  const cwd = path.join(workDir, name);
  await mkdir(cwd);
  const script = ['set -e', ...commands].join('\n').replace(/(grep -Fvxf counted\.txt)/, '$1 || true');
  const ended = await run(
    '/usr/bin/env',
    ['-i', ...pairs({ ...environment, NEW: name, ...more }), 'sh', '-c', script],
    {
      cwd,
      env: { PATH: environment['PATH'] },
    },
  );
  return { cwd, ...ended };
}
const pairs = (values: Record<string, string>): string[] =>
  Object.entries(values).map(([a, b]) => `${a}=${b}`);
const at = (name: string): string => {
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  return url.href;
};

describe('a backup restored by its own page, where there is no node', () => {
  it('brings back both databases and the files, with rclone', async () => {
    const name = `by_hand_${path.basename(workDir).slice(-6).toLowerCase()}`;
    await expect(follow(['node --version'], `${name}_x`)).rejects.toThrow(/node: not found/);
    const { cwd, stdout, stderr } = await follow(await blocks(/^aws /), name);
    expect(stderr.split('\n').filter((line) => /error/i.test(line) && !/already exists/.test(line))).toEqual(
      [],
    );
    expect(stdout).toContain('db.dump.zst.age: OK');
    expect(compareWithManifest(manifest, await readRestored(at(name)))).toEqual([]);
    const part = manifest.parts?.find((one) => one.part === 'operations')?.database;
    if (!part) throw new Error('no operations in the manifest');
    expect(compareWithManifest(part, await readRestored(at(`${name}_operations`)))).toEqual([]);
    const restored = path.join(cwd, 'backup/files/files', workDir, 'vps/nginx/app.conf');
    expect(await readFile(restored, 'utf8')).toContain('app.talosprimes.example');
  });

  it('counts the rows of each table, and names the one that differs', async () => {
    const name = `by_hand_rows_${path.basename(workDir).slice(-6).toLowerCase()}`;
    const commands = (await blocks(/^aws |globals|_operations|files/)).map((block) =>
      // Between the restore and the count, a row is lost.
      block.replace(
        /^psql -d "\$NEW" -Atq/m,
        `psql -q -d "$NEW" -c 'set session_replication_role = replica; delete from auth.users where ctid in (select ctid from auth.users limit 1)'\n$&`,
      ),
    );
    const { stdout } = await follow(commands, name);
    const users = manifest.tables.find(({ schema, name: table }) => schema === 'auth' && table === 'users');
    expect(stdout.trimEnd().split('\n').slice(-2)).toEqual([
      expect.stringContaining('OK') as unknown,
      `auth.users|${String(users?.rows)}`,
    ]);
  });

  it('brings it back with aws too', async (context) => {
    const aws = await whereIs('aws');
    const runs =
      aws && (await run(aws, ['--version'], { env: { PATH: environment['PATH'] } }).catch(() => undefined));
    if (!runs) return context.skip('aws is not installed here');
    await symlink(aws, path.join(workDir, 'bin/aws'));
    const name = `by_hand_aws_${path.basename(workDir).slice(-6).toLowerCase()}`;
    await follow(await blocks(/^rclone |globals|_operations|files/), name);
    expect(compareWithManifest(manifest, await readRestored(at(name)))).toEqual([]);
  });
});
