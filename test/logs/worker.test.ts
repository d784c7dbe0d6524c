/** A real worker's lines: on stdout and at BetterStack, each with the ids of its run, none with a secret or a person. */
import { createServer, type Server } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { AddressInfo } from 'node:net';
import { decode } from '@msgpack/msgpack';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { end, startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';

interface Line {
  level: number | string;
  msg?: string;
  message?: string;
  err?: string;
  workflowId?: string;
  runId?: string;
  activityId?: string;
  activityType?: string;
  ms?: number;
}

const CANARIES = {
  token: 'canary-betterstack-token',
  mailPassword: 'canary-mail-password',
  storeSecret: 'canary-store-secret',
  person: 'Canary Martin',
  address: 'canary.martin@example.com',
};

let maintenance: Maintenance;
let sink: Server;
let answers: number[] = [];
const arrived: Line[] = [];
const tokens = new Set<string | undefined>();

beforeAll(async () => {
  sink = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      tokens.add(request.headers.authorization);
      const status = answers.shift() ?? 202;
      if (status === 202) arrived.push(...(decode(gunzipSync(Buffer.concat(chunks))) as Line[]));
      response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1');
  await waitFor(() => sink.listening, { timeoutMs: 5_000, what: 'the sink' });
  maintenance = await startMaintenance({
    BETTERSTACK_SOURCE_TOKEN: CANARIES.token,
    BETTERSTACK_ENDPOINT: `http://127.0.0.1:${String((sink.address() as AddressInfo).port)}`,
    SMTP_URL: `smtp://talos:${CANARIES.mailPassword}@127.0.0.1:1`,
    AWS_SECRET_ACCESS_KEY: CANARIES.storeSecret,
  });
  // A row that breaks a statement: PostgreSQL quotes it in its message.
  await maintenance.app.db.query(
    `create or replace view saas.leads as
     select '1'::text as lead_id,
            ('${CANARIES.person} <${CANARIES.address}>' || current_setting('application_name'))::timestamptz
              as created_at,
            null::text as account_id, null::text as name, null::text as phone`,
  );
});

afterAll(async () => {
  await maintenance.close();
  sink.closeAllConnections();
  sink.close();
});

it('tells failures with the ids of their run, everywhere, and hides what must not be seen', async () => {
  // The first batches are not taken: they come again.
  answers = [500, 500];
  const worker = await maintenance.startWorker();
  let output = '';
  worker.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const runs = ['backup-database', 'update-statistiques'];
  for (const id of runs) await maintenance.client.schedule.getHandle(id).trigger();
  const lines = (): Line[] =>
    output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Line);
  const failuresOf = (id: string): Line[] =>
    lines().filter((line) => line.workflowId?.startsWith(id) && line.activityType && line.err);
  await waitFor(() => runs.every((id) => failuresOf(id).length > 0), {
    timeoutMs: 60_000,
    what: `a failure of both jobs (${output.slice(-2000)})`,
  });
  await end(worker);

  for (const line of lines().filter(({ activityType }) => activityType)) {
    expect(line.workflowId, JSON.stringify(line)).toBeTruthy();
    expect(line.runId, JSON.stringify(line)).toMatch(/^[0-9a-f-]{36}$/);
    expect(line.activityId).toBeTruthy();
  }
  expect(failuresOf('update-statistiques').map(({ err }) => err)).toContain('PostgreSQL 22007');

  // What stdout had by its end is there too, the last lines included.
  expect(tokens).toEqual(new Set([`Bearer ${CANARIES.token}`]));
  const said = lines().map(({ msg }) => msg);
  expect(said.length).toBeGreaterThan(2);
  const told = arrived.map(({ message }) => message);
  expect(told).toEqual(expect.arrayContaining(said));
  expect(arrived.find(({ activityType, err }) => activityType && err)?.runId).toMatch(/^[0-9a-f-]{36}$/);

  for (const text of [output, JSON.stringify(arrived)])
    for (const canary of Object.values(CANARIES)) expect(text).not.toContain(canary);
  expect(output).not.toMatch(/canary/i);
}, 150_000);

it('works on while BetterStack is away', async () => {
  answers = Array.from({ length: 100 }, () => 503);
  const worker = await maintenance.startWorker();
  await maintenance.client.schedule.getHandle('update-statistiques').trigger();
  let output = '';
  worker.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await waitFor(() => output.includes('PostgreSQL 22007'), { timeoutMs: 60_000, what: 'the failure' });
  await end(worker);
  expect(worker.exitCode).toBe(0);
}, 150_000);
