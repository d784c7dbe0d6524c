/** docs/add-a-job.md, done by the letter in a copy of the project: it compiles, and the job runs. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { spawn, type ChildProcess } from 'node:child_process';
import { end, startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');

let copy: string;
let maintenance: Maintenance;
let worker: ChildProcess | undefined;

beforeAll(async () => {
  copy = mkdtempSync(path.join(tmpdir(), 'talos-job-'));
  for (const name of ['src', 'database', 'scripts', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  maintenance = await startMaintenance();
}, 60_000);
afterAll(async () => {
  if (worker) await end(worker);
  await maintenance.close();
  rmSync(copy, { recursive: true, force: true });
});

/** Makes the files and the changes of the page; returns what it did. */
function follow(document: string): string[] {
  const done: string[] = [];
  const write = (file: string, text: string): void => {
    const target = path.join(copy, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
    done.push(file);
  };
  for (const [, file = '', text = ''] of document.matchAll(/^`(src\/[\w./-]+)`\n\n```ts\n([^]*?)^```$/gm))
    write(file, text);
  for (const [, file = '', text = ''] of document.matchAll(/^```diff\n--- (\S+)\n([^]*?)^```$/gm)) {
    const [anchor = '', ...added] = text.trimEnd().split('\n');
    const before = readFileSync(path.join(copy, file), 'utf8');
    const line = `${anchor.slice(1)}\n`;
    expect(before.split(line).length, `${file} has this line once: ${line}`).toBe(2);
    write(file, before.replace(line, `${line}${added.map((one) => `${one.slice(1)}\n`).join('')}`));
  }
  return done;
}

it('gives a job that a worker runs', async () => {
  const done = follow(readFileSync(path.join(root, 'docs/add-a-job.md'), 'utf8'));
  expect(done.filter((file) => file.startsWith('src/messages/')).length).toBe(3);
  expect(done.length).toBe(9);
  // Types are checked by the build.
  await run(process.execPath, ['scripts/build.mjs'], { cwd: copy });

  const { environment: env, workDir, ops } = maintenance;
  await ops.db.query(
    `insert into ops.notifications (key, channel, level, template, status, created_at) values
       ('a', 'email', 'info', 't', 'sent', now() - interval '1 hour'),
       ('b', 'email', 'info', 't', 'unknown', now() - interval '2 hours'),
       ('c', 'email', 'info', 't', 'sent', now() - interval '3 days')`,
  );
  const cli = path.join(copy, 'dist/cli.js');
  await run(process.execPath, [cli, 'schedules', 'apply', '--no-local'], { env, cwd: workDir });
  worker = spawn(process.execPath, [cli, 'worker', '--no-local'], { env, cwd: workDir });
  let output = '';
  worker.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await waitFor(() => output.includes('the worker polls'), {
    timeoutMs: 60_000,
    what: `the worker ${output}`,
  });
  const { stdout } = await run(
    process.execPath,
    [cli, 'run', 'bilan-messages', '--wait', '--json', '--no-local'],
    { env, cwd: workDir },
  );
  expect(JSON.parse(stdout)).toMatchObject({ sent: 1, unknown: 1 });
}, 300_000);
