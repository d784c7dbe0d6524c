import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { notifyCommand } from '../../src/commands/notify.ts';
import { cloneDatabase } from '../support/postgres.ts';
import type { ClonedDatabase } from '../support/postgres.ts';
import { ACCOUNT, ADMIN_SMS, AUTH_TOKEN, startBench } from './sms-bench.ts';
import type { Bench } from './sms-bench.ts';

const home = process.cwd();
let folder: string;
let bench: Bench;
let app: ClonedDatabase;
let output = '';

beforeAll(async () => {
  [bench, app] = await Promise.all([startBench(), cloneDatabase('app')]);
});
afterAll(() => Promise.all([bench.close(), app.drop()]));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talos-notify-'));
  process.chdir(folder);
  output = '';
  const write = (text: string | Uint8Array) => Boolean((output += String(text)));
  vi.spyOn(process.stdout, 'write').mockImplementation(write);
  vi.spyOn(process.stderr, 'write').mockImplementation(write);
  const settings = {
    ...{ DATABASE_URL: app.url, OPS_DATABASE_URL: bench.ops.url, SMTP_URL: bench.smtp.url },
    ...{ ADMIN_EMAIL: 'admin@somewhere.example', ADMIN_SMS, TWILIO_ACCOUNT_SID: ACCOUNT },
    ...{ TWILIO_AUTH_TOKEN: AUTH_TOKEN, TWILIO_FROM: 'TalosPrimes', TWILIO_API_URL: bench.sink.url },
  };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
});
afterEach(async () => {
  process.chdir(home);
  process.exitCode = undefined;
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const test = (channel: string) => notifyCommand().parseAsync(['test', channel], { from: 'user' });

it('sends a marked SMS and prints what Twilio calls it', async () => {
  await test('sms');
  expect(process.exitCode).toBe(0);
  const sms = bench.sink.messages.at(-1);
  expect(sms?.body).toMatch(/^\[TEST\] TalosPrimes Maintenance vous joint par SMS/);
  expect(output).toContain(sms?.sid);
});

it('says why Twilio refused, in one line without the number', async () => {
  bench.sink.faults = { answer: { status: 401, code: 20003 } };
  await test('sms');
  expect(process.exitCode).toBe(1);
  expect(output).toContain('Twilio 20003');
  expect(output).not.toContain(ADMIN_SMS);
});

it('stores a marked notice inside the application', async () => {
  await test('in-app');
  expect(process.exitCode).toBe(0);
  const rows = await app.db.query<{ title: string }>(
    `select title from public.notifications where key like 'test/%'`,
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]?.title).toMatch(/^\[TEST\]/);
});

it('names the settings that are missing for a channel', async () => {
  await test('webhook');
  expect(process.exitCode).toBe(2);
  expect(output).toContain('NOTIFY_WEBHOOK_URL, NOTIFY_WEBHOOK_SECRET');
});
