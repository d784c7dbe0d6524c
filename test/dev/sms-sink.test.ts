import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import twilio from 'twilio';
import { choosePorts } from '../../src/dev/ports.ts';
import { startSmsSink } from '../../src/dev/sms-sink.ts';
import type { LoopbackServer } from '../../src/dev/loopback.ts';
import type { Sms } from '../../src/dev/sms-shapes.ts';

const accountSid = `AC${'0'.repeat(32)}`;
const from = '+33639980000';
const to = '+33639980001';
const seen: Sms[] = [];
let folder: string;
let port: number;
let sink: LoopbackServer;

const start = () =>
  startSmsSink({
    port,
    file: path.join(folder, 'sms.jsonl'),
    accountSid,
    authToken: 'token',
    onSms: async (sms) => void seen.push(sms),
  });

/** Twilio's own client has no setting for its host: the request itself is turned to the sink. */
type Request = Parameters<twilio.RequestClient['request']>[0];
class SinkClient extends twilio.RequestClient {
  override request<Data>(options: Request) {
    const { pathname, search } = new URL(options.uri);
    return super.request<Data>({ ...options, uri: `${sink.url}${pathname}${search}` } as Request & {
      data?: Data;
    });
  }
}
const client = (token = 'token') => twilio(accountSid, token, { httpClient: new SinkClient() });

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'talos-sms-'));
  port = (await choosePorts('free')).sms;
  sink = await start();
});
afterAll(async () => {
  await sink.stop();
  await rm(folder, { recursive: true });
});

it('accepts an SMS, finds it again by number and date, also after a restart', async () => {
  const before = new Date(Date.now() - 60_000);
  const sent = await client().messages.create({ to, from, body: 'Sauvegarde prouvée à 03:00' });
  expect(sent).toMatchObject({ status: 'queued', to, from, numSegments: '1', errorCode: null });
  expect(sent.sid).toMatch(/^SM[0-9a-f]{32}$/);
  expect(seen.at(-1)?.body).toBe('Sauvegarde prouvée à 03:00');

  await sink.stop();
  sink = await start();
  const found = await client().messages.list({ to, dateSentAfter: before });
  expect(found.map(({ sid, status }) => ({ sid, status }))).toEqual([{ sid: sent.sid, status: 'delivered' }]);
  expect(await client().messages.list({ to, dateSentBefore: before })).toEqual([]);
  expect((await client().messages(sent.sid).fetch()).dateSent).toBeInstanceOf(Date);
});

it('pages its list', async () => {
  const other = '+33639980002';
  for (const body of ['a', 'b', 'c']) await client().messages.create({ to: other, from, body });
  const found = await client().messages.list({ to: other, pageSize: 2 });
  expect(found.map(({ body }) => body)).toEqual(['c', 'b', 'a']);
});

it('refuses as Twilio does', async () => {
  const send = (number: string, token?: string) =>
    client(token).messages.create({ to: number, from, body: 'x' });
  await expect(send('+1')).rejects.toMatchObject({ status: 400, code: 21211 });
  await expect(send('+15005550004')).rejects.toMatchObject({ status: 400, code: 21610 });
  await expect(send(to, 'wrong')).rejects.toMatchObject({ status: 401, code: 20003 });
  await expect(
    client()
      .messages(`SM${'f'.repeat(32)}`)
      .fetch(),
  ).rejects.toMatchObject({ status: 404, code: 20404 });
});
