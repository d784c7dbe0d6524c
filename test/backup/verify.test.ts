import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { checkKey, readKeys, verifyBackup, type OperatorKey } from '../../src/backup/index.ts';
import type { Manifest } from '../../src/backup/manifest.ts';
import { createProgress } from '../../src/backup/progress.ts';
import { takeBackup } from '../../src/backup/take.ts';
import { createObjectStore, type ObjectStore } from '../../src/clients/object-store.ts';
import { backupCommand } from '../../src/commands/backup.ts';
import { createEphemeralKey } from '../../src/vault/index.ts';
import { cloneDatabase } from '../support/postgres.ts';

const ID = '2026-11-23T020000Z-00000000-00000000';
const DUMP = `daily/${ID}/db.dump.zst.age`;
let source: Awaited<ReturnType<typeof cloneDatabase>>;
let store: ObjectStore;
let workDir: string;
let ours: OperatorKey[];
let strangers: OperatorKey[];

const read = async (key: string): Promise<Buffer> =>
  Buffer.concat((await (await store.get(key))?.toArray()) as Buffer[]);

beforeAll(async () => {
  const [key, other] = await Promise.all([createEphemeralKey(), createEphemeralKey()]);
  [ours, strangers] = [await readKeys(key.identity), await readKeys(other.identity)];
  source = await cloneDatabase('empty');
  await source.db.query(`create table plain (id serial primary key, t text);
    insert into plain (t) select md5(i::text) from generate_series(1, 20000) i`);
  workDir = await mkdtemp(path.join(tmpdir(), 'talos-verify-'));
  const nginx = path.join(workDir, 'nginx');
  await mkdir(nginx);
  await writeFile(path.join(nginx, 'app.conf'), 'server_name app;');
  store = createObjectStore({
    ...inject('s3'),
    name: 'talos-backups',
    prefix: path.basename(workDir),
    region: 'us-east-1',
  });
  await takeBackup({
    store,
    folder: `daily/${ID}`,
    databaseUrl: source.url,
    recipients: [key.recipient],
    compressionLevel: 1,
    prove: false,
    databases: [{ part: 'operations', url: source.url, setting: 'OPS_DATABASE_URL' }],
    service: {
      ...{ vps: undefined, n8nApi: undefined, encryptionKey: undefined, n8n: {} },
      files: { paths: [nginx], environment: [] },
    },
    tools: inject('tools'),
    workDir,
    run: { workflowId: 'w', runId: 'r' },
    progress: createProgress(),
    signal: new AbortController().signal,
  });
});
afterAll(async () => {
  store.close();
  await source.drop();
  await rm(workDir, { recursive: true, force: true });
});

const verify = (keys?: OperatorKey[]) =>
  verifyBackup({
    store,
    wanted: ID,
    keys,
    tools: { pgBin: path.dirname(inject('tools').postgres) },
    workDir,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });

/** Changes one object for the time of `work`. */
async function damaged(key: string, change: (bytes: Buffer) => Buffer, work: () => Promise<void>) {
  const whole = await read(key);
  await store.put(key, change(Buffer.from(whole)), 'application/octet-stream');
  await work().finally(() => store.put(key, whole, 'application/octet-stream'));
}
const flip = (at: (length: number) => number) => (bytes: Buffer) => {
  const place = at(bytes.length);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  return bytes;
};

describe('verify', () => {
  it('finds a sound backup good, without a key and with one', async () => {
    expect(await verify()).toMatchObject({ good: true, differences: [], proof: undefined });
    expect(await verify(ours)).toMatchObject({
      ...{ good: true, proof: { result: 'proven' } },
      parts: [
        { part: 'globals', result: 'read back' },
        { part: 'files', result: 'read back' },
        { part: 'operations', result: 'proven' },
      ],
    });
  });

  it.each([
    ['the middle', (length: number) => length >> 1, 'sha256 differs'],
    ['the last byte', (length: number) => length - 1, 'sha256 differs'],
    ['the header', () => 3, 'no readable age header'],
  ])('finds one flipped byte in %s without a key', (_where, at, words) =>
    damaged(DUMP, flip(at), async () => {
      const report = await verify();
      expect(report.good).toBe(false);
      expect(report.differences.join('\n')).toContain(words);
    }),
  );

  it('finds a cut object, and sums that are not the manifest’s', async () => {
    await damaged(
      DUMP,
      (bytes) => bytes.subarray(0, -1),
      async () => expect((await verify()).differences.join()).toMatch(/has \d+ bytes instead of \d+/),
    );
    await damaged(
      `daily/${ID}/SHA256SUMS`,
      flip(() => 0),
      async () => expect((await verify()).differences.join()).toContain('different sums'),
    );
  });

  it('finds rows that the manifest has and a dump has not, and goes on with the other parts', () =>
    damaged(
      `daily/${ID}/manifest.json`,
      (bytes) => {
        const manifest = JSON.parse(bytes.toString()) as Manifest;
        for (const table of manifest.tables) table.rows += 1;
        for (const part of manifest.parts ?? []) {
          if (part.entries !== undefined) part.entries += 1;
          for (const table of part.database?.tables ?? []) table.rows += 1;
        }
        return Buffer.from(JSON.stringify(manifest));
      },
      async () => {
        const { differences, parts, proof } = await verify(ours);
        expect(differences).toEqual([
          'table public.plain has 20000 rows instead of 20001',
          expect.stringMatching(/^files: holds \d+ entries instead of \d+$/),
          'operations: table public.plain has 20000 rows instead of 20001',
        ]);
        expect(parts?.map(({ result }) => result)).toEqual(['read back', 'not proven', 'not proven']);
        expect(proof?.result).toBe('not proven');
      },
    ));

  it('refuses a key that does not fit before it reads the whole', async () => {
    const report = await verify(strangers);
    expect(report).toMatchObject({ good: false, bytesRead: 0 });
    expect(report.differences.join()).toContain('the key does not fit');
  });
});

describe('check-key', () => {
  it('opens the newest backup with the key, and says no to a stranger’s', async () => {
    expect(await checkKey(store, [...strangers, ...ours])).toMatchObject({
      backupId: ID,
      opens: true,
      recipient: ours[0]?.recipient,
    });
    expect(await checkKey(store, strangers)).toMatchObject({ opens: false });
  });

  it('reads the first chunk, and calls damage damage', () =>
    damaged(
      DUMP,
      flip(() => 1000),
      async () => expect((await checkKey(store, ours)).problem).toContain('is damaged'),
    ));
});

it('the verbs end with 0, 1 and 2, and print no private key', async () => {
  const files = { right: path.join(workDir, 'right.txt'), wrong: path.join(workDir, 'wrong.txt') };
  await writeFile(files.right, ours[0]?.identity ?? '');
  await writeFile(files.wrong, strangers[0]?.identity ?? '');
  const s3 = inject('s3');
  const settings = {
    DATABASE_URL: source.url,
    OPS_DATABASE_URL: source.url,
    SMTP_URL: inject('inbox').smtpUrl,
    ADMIN_EMAIL: 'admin@talosprimes.test',
    BACKUP_BUCKET: `s3://talos-backups/${path.basename(workDir)}`,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    S3_ENDPOINT: s3.endpoint,
    TALOS_WORK_DIR: workDir,
    PG_BIN: path.dirname(inject('tools').postgres),
  };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  let out = '';
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => ((out += String(text)), true));
  const talos = async (...args: string[]) => {
    await backupCommand().parseAsync([...args, '--no-local'], { from: 'user' });
    return process.exitCode;
  };
  const codes = [];
  try {
    codes.push(await talos('check-key', '--identity', files.right));
    codes.push(await talos('check-key', '--identity', files.wrong, ID));
    codes.push(await talos('check-key', '--identity', '/no/such/file'));
    codes.push(await talos('verify', ID, '--json'));
    codes.push(await talos('verify', ID, '--identity', files.right));
    codes.push(await talos('verify', ID, '--identity', files.wrong));
  } finally {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    process.exitCode = undefined;
  }
  expect(codes, out).toEqual([0, 1, 2, 0, 0, 1]);
  expect(out).toContain(`the key opens ${ID}`);
  expect(out).toContain('equal to its manifest');
  expect(out).not.toContain('AGE-SECRET-KEY');
});
