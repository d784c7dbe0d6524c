import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { choosePorts } from '../../src/dev/ports.ts';
import { mails, waitForMail } from '../support/inbox.ts';
import { waitFor } from '../support/wait.ts';

const SECOND = 1_000;
const cli = path.join(inject('repository'), 'dist/cli.js');
let stateDir: string;
let stack: ChildProcess;
let inbox: string;

const talos = async (...args: string[]) =>
  (await promisify(execFile)(process.execPath, [cli, ...args, '--state-dir', stateDir])).stdout;

beforeAll(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'talos-demo-alert-'));
  const ports = await choosePorts('free');
  inbox = `http://127.0.0.1:${ports.inbox}/api/email`;
  const args = [cli, 'dev', '--json', '--state-dir', stateDir, '--port-base', String(ports.http)];
  stack = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [stack.stdout, stack.stderr]) stream?.on('data', (data) => (output += String(data)));
  const ready = () => {
    if (stack.exitCode !== null) throw new Error(`it ended: ${output}`);
    return output.includes('"ready":true');
  };
  await waitFor(ready, { timeoutMs: 120 * SECOND, what: 'npm start' });
});
afterAll(async () => {
  if (stack.exitCode === null) {
    stack.kill('SIGTERM');
    await once(stack, 'exit');
  }
  await rm(stateDir, { recursive: true, force: true });
});

it('a newcomer sees an alert arrive, escalate, be acknowledged and recover within two minutes', async () => {
  const began = Date.now();
  const seconds = (): string => ((Date.now() - began) / SECOND).toFixed(1);
  await talos('demo', 'break', 'app');
  const mail = await waitForMail(
    inbox,
    ({ subject }) => /^A\d+ Application injoignable/.test(subject),
    60 * SECOND,
  );
  const arrived = seconds();
  await waitForMail(inbox, ({ subject }) => /^SMS .*Application injoignable/.test(subject), 10 * SECOND);
  await waitForMail(inbox, ({ subject }) => /^A\d+ Sans réponse.*application/.test(subject), 60 * SECOND);
  const escalated = seconds();
  const link = /http:\/\/127\.0\.0\.1:\d+\/a\/\S+/.exec(mail.text ?? '')?.[0] ?? '';
  expect((await fetch(link)).status).toBe(200);
  expect((await fetch(link, { method: 'POST' })).status).toBe(200);
  await waitFor(async () => (await talos('alerts', 'list')).includes('acknowledged'), {
    timeoutMs: 10 * SECOND,
    what: 'the acknowledgement',
  });
  await talos('demo', 'mend');
  await waitForMail(inbox, ({ subject }) => /^A\d+ Rétabli.*application/.test(subject), 90 * SECOND);
  const recovered = seconds();
  console.log(`mail ${arrived} s, escalated ${escalated} s, recovered ${recovered} s`);
  expect(Number(recovered)).toBeLessThanOrEqual(120);
  const ofApp = (await mails(inbox)).filter(
    ({ subject }) => !subject.startsWith('SMS') && /application/i.test(subject),
  );
  expect(ofApp).toHaveLength(3);
}, 240_000);
