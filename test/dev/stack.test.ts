import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { openPostgresSession } from '../../src/clients/postgres.ts';
import { choosePorts } from '../../src/dev/ports.ts';
import { isAlive } from '../../src/dev/process-table.ts';
import type { RecordedChild } from '../../src/dev/process.ts';
import { startStack } from '../../src/dev/stack.ts';
import { readLiveStack } from '../../src/dev/state.ts';
import { waitFor } from '../support/wait.ts';

const cli = path.join(inject('repository'), 'dist/cli.js');
let stateDir: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'talos-stack-'));
});
afterEach(async () => {
  // The polite signal, so that a failed test leaves nothing either.
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  await rm(stateDir, { recursive: true, force: true });
});

const recorded = async (): Promise<RecordedChild[]> => {
  const text = await readFile(path.join(stateDir, 'run.json'), 'utf8');
  return (JSON.parse(text) as { children: RecordedChild[] }).children;
};
const livingOf = async (marks: RecordedChild[]) => {
  const alive = await Promise.all(marks.map(isAlive));
  return marks.filter((_, index) => alive[index]).map(({ name }) => name);
};

/** `talos dev` without its worker, as a process of its own. */
async function startDev(portBase: number): Promise<ChildProcess> {
  if (!existsSync(cli)) throw new Error('dist/ is not built: npm run build');
  const args = [
    cli,
    'dev',
    '--no-worker',
    '--json',
    '--state-dir',
    stateDir,
    '--port-base',
    String(portBase),
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += String(data)));
  await waitFor(
    () => {
      if (child.exitCode !== null) throw new Error(`it ended: ${output}`);
      return output.includes('"ready":true');
    },
    { timeoutMs: 60_000, what: 'talos dev' },
  );
  return child;
}

async function rows(url: string, statement: string): Promise<unknown[]> {
  const session = await openPostgresSession({ url, applicationName: 'talos-test' });
  try {
    return await session.query(statement);
  } finally {
    await session.close();
  }
}

it('names a busy port, its part and the way out, and leaves nothing behind', async () => {
  const { http: portBase, temporal: port } = await choosePorts('free');
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  const start = startStack({ stateDir, portBase, components: ['temporal'] });
  await expect(start).rejects.toThrow(new RegExp(`port ${port} \\(Temporal\\) is taken.*--port-base`));
  other.close();
  expect(existsSync(path.join(stateDir, 'run.json'))).toBe(false);
});

it('stops all its processes, and refuses a second owner of its folder', async () => {
  const stack = await startStack({ stateDir, portBase: 'free', components: ['postgres', 'temporal', 's3'] });
  const marks = await recorded();
  expect(await livingOf(marks)).toHaveLength(3);
  await expect(startStack({ stateDir, portBase: 'free' })).rejects.toThrow(/already runs .* --state-dir/);
  expect((await readLiveStack(stateDir))?.env).toEqual(stack.env);
  await stack.stop();
  expect(await livingOf(marks)).toEqual([]);
  expect(await readLiveStack(stateDir)).toBeUndefined();
});

it('says which part died, and where its log is', async () => {
  const stack = await startStack({ stateDir, portBase: 'free', components: ['s3'] });
  const [s3] = await recorded();
  process.kill(s3?.pid ?? 0, 'SIGKILL');
  expect((await stack.failed).message).toMatch(/^s3 ended unexpectedly \(SIGKILL\): see .*logs\/s3\.log$/);
  await stack.stop();
});

it('after kill -9 of talos dev starts again with its data, and Ctrl-C leaves no process', async () => {
  const portBase = (await choosePorts('free')).http;
  const killed = await startDev(portBase);
  const left = await recorded();
  const first = await readLiveStack(stateDir);
  const url = first?.env['DATABASE_URL'] ?? '';
  const backup = first?.env['BACKUP_DATABASE_URL'] ?? '';
  const tables = await rows(backup, 'select count(*) from pg_tables');
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(await livingOf(left)).toHaveLength(3);
  expect(await readLiveStack(stateDir)).toBeUndefined();

  const second = await startDev(portBase);
  expect(await livingOf(left)).toEqual([]);
  expect((await readLiveStack(stateDir))?.env).toEqual(first?.env);
  expect(await rows(backup, 'select count(*) from pg_tables')).toEqual(tables);
  expect(await rows(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  const marks = await recorded();
  second.kill('SIGINT');
  await once(second, 'exit');
  expect(second.exitCode).toBe(0);
  expect(await livingOf(marks)).toEqual([]);
}, 180_000);
