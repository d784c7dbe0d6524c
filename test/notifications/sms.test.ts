import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signCallback } from '../../src/dev/sms-callback.ts';
import type { Notice } from '../../src/notifications/index.ts';
import { waitFor } from '../support/wait.ts';
import { AUTH_TOKEN, POLICY, startBench } from './sms-bench.ts';
import type { Bench } from './sms-bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(async () => {
  bench.sink.faults = {};
  bench.smtp.faults = {};
  await bench.ops.db.query('truncate ops.sms_slots');
});

const status = (notice: Notice, wanted: string) =>
  waitFor(async () => (await bench.row(notice))?.['provider_status'] === wanted, {
    timeoutMs: 5_000,
    what: `the status ${wanted}`,
  });

describe('an SMS', () => {
  it('leaves once, and the ledger follows it to the phone', async () => {
    const notice = bench.alert();
    await expect(bench.notify(notice)).resolves.toMatchObject({ deliveries: [{ status: 'sent' }] });
    await expect(bench.notify(notice)).resolves.toMatchObject({ deliveries: [{ status: 'already sent' }] });
    const [sms] = bench.arrived(notice);
    expect(bench.arrived(notice)).toHaveLength(1);
    await status(notice, 'delivered');
    expect(await bench.row(notice)).toMatchObject({
      status: 'sent',
      provider_id: sms?.sid,
      unknown_sends: 0,
    });
  });

  it('is skipped where nobody is configured to receive it', async () => {
    const result = await bench.notify(bench.alert(), { admin: { email: 'a@b.example' } });
    expect(result.deliveries).toMatchObject([{ status: 'skipped', code: 'NoRecipient' }]);
  });

  it('that nobody took yet is tried again, without a look for it: refused, unknown host, 429', async () => {
    const notice = bench.alert();
    await bench.stopSink();
    await expect(bench.notify(notice)).rejects.toMatchObject({ type: 'ChannelUnavailable' });
    expect(await bench.row(notice)).toMatchObject({ undecided_at: null, error_code: 'ECONNREFUSED' });
    await bench.startSink();
    bench.sink.faults = { answer: { status: 429, code: 20429 } };
    await expect(bench.notify(notice)).rejects.toMatchObject({ type: 'ChannelUnavailable' });
    expect(await bench.row(notice)).toMatchObject({ undecided_at: null, error_code: 'Twilio 20429' });
    bench.sink.faults = {};
    await bench.notify(notice);
    expect(bench.arrived(notice)).toHaveLength(1);
  });
});

describe('accepted, and the answer lost, 50 times (figure 9)', () => {
  const lose = async (faults: Bench['sink']['faults'], changes = {}) => {
    const notices = Array.from({ length: 50 }, () => bench.alert());
    const policy = { ...POLICY, smsPerHour: 1_000 };
    for (const [index, notice] of notices.entries()) {
      const loseAnswer = index % 2 === 0 ? 'cut' : 'error';
      bench.sink.faults = { ...faults, loseAnswer };
      await expect(bench.notify(notice, { policy, ...changes })).rejects.toMatchObject({
        type: 'ChannelUnavailable',
      });
    }
    bench.sink.faults = { ...faults };
    for (const notice of notices) await bench.untilDone(notice, { policy, ...changes });
    const rows = await Promise.all(notices.map((notice) => bench.row(notice)));
    return { counts: notices.map((notice) => bench.arrived(notice).length), rows };
  };
  const withoutCallback = () => ({ sms: { sender: bench.sender } });

  it('0 doubles where the callback comes, the list being away', async () => {
    const { counts, rows } = await lose({ noList: true });
    expect(counts).toEqual(counts.map(() => 1));
    expect(rows.every((row) => row?.['status'] === 'sent' && row['unknown_sends'] === 0)).toBe(true);
  });
  it('0 doubles where the list answers, without callbacks', async () => {
    const { counts, rows } = await lose({ callbacks: [] }, withoutCallback());
    expect(counts).toEqual(counts.map(() => 1));
    expect(new Set(rows.map((row) => row?.['provider_id'])).size).toBe(50);
  });
  it('at most one double each where neither does, and the ledger says so', async () => {
    const { counts, rows } = await lose({ noList: true, callbacks: [] }, withoutCallback());
    expect(Math.max(...counts)).toBeLessThanOrEqual(2);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
    expect(rows.every((row) => row?.['status'] === 'sent' && row['unknown_sends'] === 1)).toBe(true);
  });
  it('two texts that are the same are not taken for each other', async () => {
    const first = bench.alert();
    const second = { ...first, key: `${first.key}/other` };
    await bench.notify(first, withoutCallback());
    bench.sink.faults = { loseAnswer: 'cut' };
    await bench.notify(second, withoutCallback()).catch(() => undefined);
    bench.sink.faults = {};
    await bench.untilDone(second, withoutCallback());
    expect(bench.arrived(first)).toHaveLength(2);
  });
});

describe('a refusal for good', () => {
  it.each([
    [400, 21610],
    [401, 20003],
    [403, 20403],
  ] as const)('%i %i: failed, told by the next channel at once', async (answer, code) => {
    bench.sink.faults = { answer: { status: answer, code } };
    const notice = bench.alert({ level: 'critical', channels: undefined });
    const begun = Date.now();
    const { deliveries } = await bench.notify(notice, { policy: { ...POLICY, critical: ['sms'] } });
    expect(deliveries).toMatchObject([
      { channel: 'sms', status: 'failed', code: `Twilio ${code}` },
      { channel: 'email', status: 'sent' },
    ]);
    expect(Date.now() - begun).toBeLessThan(5_000);
    bench.sink.faults = {};
    await bench.notify(notice, { policy: { ...POLICY, critical: ['sms'] } });
    expect(bench.arrived(notice)).toHaveLength(0);
  });

  it('names no number, in errors, results and the ledger', async () => {
    const notice = bench.alert();
    bench.sink.faults = { answer: { status: 400, code: 21211 } };
    const told = JSON.stringify([await bench.notify(notice), await bench.row(notice)]);
    expect(told).not.toMatch(/\+33|639980/);
  });
});

describe('above the hourly cap', () => {
  it('one digest stands for all the others', async () => {
    const before = bench.sink.messages.length;
    const notices = Array.from({ length: 30 }, () => bench.alert());
    const results = await Promise.all(notices.map((notice) => bench.untilDone(notice)));
    const capped = results.filter(({ deliveries }) => deliveries[0]?.code === 'Capped');
    expect(capped).toHaveLength(10);
    const bodies = bench.sink.messages.slice(before).map(({ body }) => body);
    expect(bodies).toHaveLength(21);
    expect(bodies.filter((body) => body.startsWith('Trop de SMS cette heure'))).toHaveLength(1);
    // What was told keeps its place, and what was not is not told later.
    for (const notice of notices) await bench.notify(notice);
    expect(bench.sink.messages.length - before).toBe(21);
  });
});

describe('what Twilio says later', () => {
  const post = async (
    notice: Notice,
    form: Record<string, string>,
    change: { token?: string; secret?: string } = {},
  ) => {
    const row = await bench.row(notice);
    const address = `${String(row?.['ref'])}.${change.secret ?? String(row?.['callback_secret'])}`;
    const url = `${bench.publicUrl}/twilio/status/${address}`;
    const signature = signCallback(change.token ?? AUTH_TOKEN, url, form);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'x-twilio-signature': signature },
      body: new URLSearchParams(form),
    });
    return response.status;
  };
  const sent = async () => {
    bench.sink.faults = { callbacks: [] };
    const notice = bench.alert();
    await bench.notify(notice);
    const sid = bench.arrived(notice)[0]?.sid ?? '';
    return { notice, form: (MessageStatus: string) => ({ MessageSid: sid, MessageStatus }) };
  };

  it('only goes forward, whatever the order it comes in', async () => {
    const { notice, form } = await sent();
    for (const step of ['sent', 'delivered', 'queued', 'sent', 'failed', 'nonsense']) {
      expect(await post(notice, form(step))).toBe(204);
    }
    expect(await bench.row(notice)).toMatchObject({ provider_status: 'delivered', status: 'sent' });
  });

  it('is refused with a wrong signature, and means nothing with a wrong secret or another message', async () => {
    const { notice, form } = await sent();
    expect(await post(notice, form('delivered'), { token: 'guessed' })).toBe(403);
    await post(notice, form('delivered'), { secret: '00000000-0000-4000-8000-000000000000' });
    await post(notice, { MessageSid: `SM${'f'.repeat(32)}`, MessageStatus: 'delivered' });
    expect(await bench.row(notice)).toMatchObject({ provider_status: null });
  });

  it('that it was never delivered is written down, and followed once', async () => {
    const { notice, form } = await sent();
    const failed = { ...form('undelivered'), ErrorCode: '30003' };
    await post(notice, failed);
    await post(notice, failed);
    const row = await bench.row(notice);
    expect(row).toMatchObject({ provider_status: 'undelivered', provider_error: '30003', status: 'sent' });
    const mine = bench.started.filter(
      ({ workflowId }) => workflowId === `sms-undelivered/${String(row?.['ref'])}`,
    );
    expect(mine).toEqual([
      { workflowId: expect.anything() as string, args: [{ key: notice.key, code: '30003' }] },
    ]);
  });
});
