import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWebhookSender } from '../../src/clients/webhook.ts';
import { createNotificationActivities, samples } from '../../src/notifications/index.ts';
import type { HowToTell, Notice, NotificationDeps, NotifyResult } from '../../src/notifications/index.ts';
import { cloneDatabase } from '../support/postgres.ts';
import type { ClonedDatabase } from '../support/postgres.ts';
import { startBench } from './sms-bench.ts';
import type { Bench } from './sms-bench.ts';
import { headerOf } from './smtp-sink.ts';

let bench: Bench;
let app: ClonedDatabase;
beforeAll(async () => {
  [bench, app] = await Promise.all([startBench(), cloneDatabase('app')]);
});
afterAll(async () => {
  await Promise.all([bench.close(), app.drop()]);
});
beforeEach(() => {
  bench.sink.faults = {};
  bench.smtp.faults = {};
  bench.smtp.received.length = 0;
});

const DOWN = { query: () => Promise.reject(Object.assign(new Error('down'), { code: 'ECONNREFUSED' })) };

describe('the ledger is away', () => {
  /** One attempt of the activity, with what the one before remembered. */
  const attempt = async (notice: Notice, deps: NotificationDeps, details?: unknown, how?: HowToTell) => {
    const environment = new MockActivityEnvironment(
      details === undefined ? {} : { heartbeatDetails: details },
    );
    let last: unknown = details;
    environment.on('heartbeat', (beat: unknown) => (last = beat));
    const outcome = await environment.run(createNotificationActivities(deps).notify, notice, how).then(
      (result: unknown) => result,
      (error: unknown) => error,
    );
    return { outcome, details: last };
  };

  it('a critical notice leaves all the same, once, and is written down when the ledger is back', async () => {
    const notice = bench.alert({ channels: ['sms', 'email'] });
    const begun = Date.now();
    const first = await attempt(notice, bench.deps({ ops: DOWN }));
    expect(first.outcome).toMatchObject({ type: 'LedgerUnavailable' });
    expect(Date.now() - begun).toBeLessThan(15_000);
    expect(bench.arrived(notice)).toHaveLength(1);
    const second = await attempt(notice, bench.deps({ ops: DOWN }), first.details);
    expect(second.outcome).toMatchObject({ type: 'LedgerUnavailable' });
    const third = await attempt(notice, bench.deps(), second.details);
    expect(third.outcome).toMatchObject({ deliveries: [{ status: 'sent' }, { status: 'sent' }] });
    expect(bench.arrived(notice)).toHaveLength(1);
    expect(bench.smtp.received).toHaveLength(1);
    const [sms] = bench.arrived(notice);
    expect(await bench.row(notice)).toMatchObject({ status: 'sent', provider_id: sms?.sid });
    expect(await bench.row(notice, 'email')).toMatchObject({ status: 'sent' });
  });

  it('a caller that hands it in later is told at once what left, and the row is complete after', async () => {
    const notice = bench.alert({ channels: ['sms', 'email'] });
    const begun = Date.now();
    const { outcome } = await attempt(notice, bench.deps({ ops: DOWN }), undefined, { handBack: true });
    expect(Date.now() - begun).toBeLessThan(5_000);
    const { deliveries } = outcome as NotifyResult;
    expect(deliveries).toMatchObject([
      { channel: 'sms', status: 'sent', unrecorded: {} },
      { channel: 'email', status: 'sent', unrecorded: {} },
    ]);
    const { recordDelivery } = createNotificationActivities(bench.deps());
    // Twice: an answer may be lost.
    for (const delivery of [...deliveries, ...deliveries]) await recordDelivery(notice, delivery);
    const [sms] = bench.arrived(notice);
    expect(await bench.row(notice)).toMatchObject({
      ...{ status: 'sent', provider_id: sms?.sid, attempts: 1 },
      closed_at: new Date(deliveries[0]?.unrecorded?.at ?? ''),
    });
    expect(await bench.row(notice, 'email')).toMatchObject({ status: 'sent' });
    // Who tells it again after that tells nobody.
    await bench.notify(notice);
    expect([bench.arrived(notice).length, bench.smtp.received.length]).toEqual([1, 1]);
  });

  it('a refusal for good is handed in as well', async () => {
    const notice = bench.alert();
    bench.sink.faults = { answer: { status: 400, code: 21211 } };
    const { outcome } = await attempt(notice, bench.deps({ ops: DOWN }), undefined, { handBack: true });
    const [delivery] = (outcome as NotifyResult).deliveries;
    expect(delivery).toMatchObject({ status: 'failed', unrecorded: {} });
    if (delivery) await createNotificationActivities(bench.deps()).recordDelivery(notice, delivery);
    expect(await bench.row(notice)).toMatchObject({ status: 'failed', error_code: delivery?.code });
  });

  it('an answer that is lost meanwhile is looked up before another SMS leaves', async () => {
    const notice = bench.alert();
    bench.sink.faults = { loseAnswer: 'cut' };
    const first = await attempt(notice, bench.deps({ ops: DOWN }));
    expect(first.outcome).toMatchObject({ type: 'ChannelUnavailable' });
    bench.sink.faults = {};
    const second = await attempt(notice, bench.deps({ ops: DOWN }), first.details);
    await attempt(notice, bench.deps(), second.details);
    expect(bench.arrived(notice)).toHaveLength(1);
  });

  it('holds back what is not critical', async () => {
    const notice = bench.alert({ level: 'important' });
    const { outcome } = await attempt(notice, bench.deps({ ops: DOWN }));
    expect(outcome).toMatchObject({ type: 'LedgerUnavailable' });
    expect(bench.arrived(notice)).toHaveLength(0);
  });
});

describe('channels that are down (figure 8)', () => {
  it.each([
    ['Twilio', { sms: true, smtp: false }],
    ['SMTP', { sms: false, smtp: true }],
    ['both', { sms: true, smtp: true }],
  ])('%s: the other one tells at once, and each tells once when it is back', async (_name, down) => {
    const notice = bench.alert({ channels: ['sms', 'email'] });
    if (down.sms) bench.sink.faults = { answer: { status: 503, code: 20503 } };
    if (down.smtp) bench.smtp.faults.greeting = '421 later';
    for (let tries = 0; tries < 3; tries += 1) {
      await expect(bench.notify(notice)).rejects.toMatchObject({ type: 'ChannelUnavailable' });
      expect(bench.arrived(notice)).toHaveLength(down.sms ? 0 : 1);
      expect(bench.smtp.received).toHaveLength(down.smtp ? 0 : 1);
    }
    bench.sink.faults = {};
    bench.smtp.faults = {};
    // The next attempt, which the workflow makes 30 s later at the most, is enough.
    const { deliveries } = await bench.notify(notice);
    expect(deliveries.every(({ status }) => /sent/.test(status))).toBe(true);
    expect(bench.arrived(notice)).toHaveLength(1);
    expect(bench.smtp.received).toHaveLength(1);
  });
});

describe('an e-mail about an alert', () => {
  const mail = async (state: string) => {
    const notice = {
      ...(samples.alert[state] as Notice),
      key: `test/mail/${state}`,
      channels: ['email'],
    } as Notice;
    await bench.notify(notice);
    return bench.smtp.received.at(-1) ?? '';
  };

  it('answers the one that told of its begin, and nobody answers it by machine', async () => {
    const first = await mail('firing');
    const root = headerOf(first, 'Message-ID') ?? '';
    expect(root).toMatch(/^<.+@example\.com>$/);
    expect(headerOf(first, 'References')).toBeUndefined();
    for (const state of ['reminder', 'escalated', 'flapping', 'resolved']) {
      const later = await mail(state);
      expect(headerOf(later, 'Message-ID')).not.toBe(root);
      expect(headerOf(later, 'In-Reply-To')).toBe(root);
      expect(headerOf(later, 'References')).toBe(root);
      expect(headerOf(later, 'Auto-Submitted')).toBe('auto-generated');
    }
  });

  it('whose answer is lost twice is left as unknown: one repetition, with the same Message-ID', async () => {
    const notice = bench.alert({ channels: ['email'] });
    bench.smtp.faults.content = 'cut';
    await expect(bench.notify(notice)).rejects.toMatchObject({ type: 'ChannelUnavailable' });
    await expect(bench.notify(notice)).resolves.toMatchObject({ deliveries: [{ status: 'unknown' }] });
    bench.smtp.faults = {};
    await expect(bench.notify(notice)).resolves.toMatchObject({ deliveries: [{ status: 'unknown' }] });
    expect(bench.smtp.received).toHaveLength(2);
    expect(bench.smtp.received[1]).toBe(bench.smtp.received[0]);
  });
});

describe('a notice inside the application', () => {
  const stored = () =>
    app.db.query<{ level: string; title: string; body: string }>(
      `select level, title, body from public.notifications where key like 'test/%'`,
    );

  it('is stored once per key, in plain words, also when an attempt died after it', async () => {
    const notice = bench.alert({ channels: ['in-app'] });
    await bench.notify(notice, { app: app.db });
    await bench.ops.db.query(
      `update ops.notifications set status = 'claimed', claimed_at = null where key = $1`,
      [notice.key],
    );
    await bench.notify(notice, { app: app.db });
    const rows = await stored();
    expect(rows).toHaveLength(1);
    expect(rows[0]?.level).toBe('critical');
    expect(rows[0]?.title).toMatch(/Application injoignable/);
    expect(`${rows[0]?.title}${rows[0]?.body}`).not.toMatch(/[`<>]|undefined/);
  });

  it('that cannot be stored holds back no other channel, and is given up after a while', async () => {
    const notice = bench.alert({ channels: ['sms', 'in-app'], level: 'important' });
    await expect(bench.notify(notice, { app: DOWN })).rejects.toMatchObject({ type: 'ChannelUnavailable' });
    expect(bench.arrived(notice)).toHaveLength(1);
    await bench.ops.db.query(
      `update ops.notifications set created_at = created_at - interval '11 minutes' where key = $1`,
      [notice.key],
    );
    const { deliveries } = await bench.notify(notice, { app: DOWN });
    expect(deliveries).toMatchObject([
      { status: 'already sent' },
      { status: 'failed', code: 'ECONNREFUSED' },
    ]);
  });

  it('fails for good where the adapter is missing', async () => {
    const notice = bench.alert({ channels: ['in-app'] });
    const { deliveries } = await bench.notify(notice, { app: bench.ops.db });
    expect(deliveries).toMatchObject([{ status: 'failed', code: '3F000' }]);
  });
});

describe('the webhook', () => {
  const SECRET = `whsec_${Buffer.from('a secret of twenty-four b').toString('base64')}`;
  /** Another program's idea of the signature, from the description of standardwebhooks.com. */
  const VERIFY = `
import base64, hashlib, hmac, json, sys
case = json.load(sys.stdin)
key = base64.b64decode(case['secret'].removeprefix('whsec_'))
signed = f"{case['id']}.{case['timestamp']}.{case['body']}".encode()
print('v1,' + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode())`;
  const got: { headers: IncomingHttpHeaders; body: string }[] = [];
  let answer = 200;
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        got.push({ headers: request.headers, body });
        response.writeHead(answer, { location: 'http://127.0.0.1:1/' }).end('ok');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=hidden`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    got.length = 0;
    answer = 200;
  });
  const send = (notice: Notice) =>
    bench.notify(notice, { webhook: createWebhookSender({ url, secret: SECRET, timeoutMs: 1_000 }) });

  it('is signed so that another program can verify it, and names the notice in every attempt', async () => {
    const notice = bench.alert({ channels: ['webhook'] });
    answer = 503;
    await expect(send(notice)).rejects.toMatchObject({ type: 'ChannelUnavailable' });
    answer = 204;
    await send(notice);
    await send(notice);
    expect(got).toHaveLength(2);
    expect(got[0]?.headers['webhook-id']).toBe(got[1]?.headers['webhook-id']);
    for (const { headers, body } of got) {
      const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = headers;
      const input = JSON.stringify({ secret: SECRET, id, timestamp, body });
      expect(execFileSync('python3', ['-c', VERIFY], { input }).toString().trim()).toBe(signature);
      const parsed = JSON.parse(body) as Record<string, unknown>;
      expect(parsed).toMatchObject({ id, level: 'critical', template: 'alert', data: { rule: 'AL4' } });
      expect(parsed['text']).toMatch(/Application injoignable/);
    }
  });

  it.each([301, 400, 404])('%i is for good, and the address stays secret', async (status) => {
    answer = status;
    const notice = bench.alert({ channels: ['webhook'] });
    const result = await send(notice);
    expect(result.deliveries).toMatchObject([{ status: 'failed', code: `HTTP ${status}` }]);
    expect(JSON.stringify([result, await bench.row(notice, 'webhook')])).not.toContain('hidden');
  });
});
