import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createEphemeralKey } from '../../src/vault/index.ts';
import { startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';
import { expectOnly, expectProven, runBackup, type RunOutcome } from './backup-run.ts';

let maintenance: Maintenance;
let target: ClonedDatabase;
let outcome: RunOutcome;

beforeAll(async () => {
  maintenance = await startMaintenance();
  target = await cloneDatabase('empty');
  const strangers = await createEphemeralKey();
  await writeFile(keyFile('strangers'), `${strangers.identity}\n`, { mode: 0o600 });
  await writeFile(keyFile('mistyped'), `${maintenance.key.identity.slice(0, -4)}\n`, { mode: 0o600 });
  await maintenance.startWorker();
  outcome = await runBackup(maintenance, 'backup-to-restore');
  expectProven(outcome);
});
afterAll(async () => {
  await target.drop();
  await maintenance.close();
});

const keyFile = (name: string): string => path.join(maintenance.workDir, `${name}.txt`);

/** What the command said and with which code it ended. */
async function talos(...args: string[]): Promise<{ code: number; said: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [path.join(inject('repository'), 'dist/cli.js'), 'backup', ...args, '--no-local'],
      { env: { ...maintenance.environment, TARGET_URL: target.url }, cwd: maintenance.workDir },
    );
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}

it.each([
  [
    'restore',
    ['restore', 'latest', '--into-env', 'TARGET_URL'],
    1,
    /key of one of the recipients|does not fit/,
  ],
  ['verify', ['verify', 'latest'], 1, /the key does not fit/],
  ['check-key', ['check-key'], 1, /the key does not fit/],
])(
  '%s with a stranger’s key ends with 1, says why, and restores nothing',
  async (_verb, args, code, words) => {
    const ended = await talos(...args, '--identity', keyFile('strangers'));
    expect(ended).toMatchObject({ code, said: expect.stringMatching(words) as unknown });
    expect(ended.said).not.toContain('AGE-SECRET-KEY');
    expect(ended.said).not.toMatch(/^\s+at /m);
    await expectNothingRestored();
  },
);

it.each([
  ['restore', ['restore', 'latest', '--into-env', 'TARGET_URL']],
  ['verify', ['verify', 'latest']],
  ['check-key', ['check-key']],
])('%s with a mistyped key does not quote it', async (_verb, args) => {
  const { code, said } = await talos(...args, '--identity', keyFile('mistyped'));
  expect(code, said).not.toBe(0);
  expect(said).toMatch(/key/);
  expect(said).not.toContain(maintenance.key.identity.slice(16, 40));
  await expectNothingRestored();
});

async function expectNothingRestored(): Promise<void> {
  const tables = await target.db.query(
    `select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where relkind in ('r', 'v', 'S') and nspname !~ '^(pg_|information_schema)'`,
  );
  expect(tables).toEqual([]);
  await expectOnly(maintenance, [outcome.result]);
}
