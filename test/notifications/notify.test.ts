import type { ApplicationFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMailer } from '../../src/clients/mail.ts';
import { policySchema } from '../../src/config/policy.ts';
import type { Mailer } from '../../src/clients/mail.ts';
import { createNotificationActivities, samples } from '../../src/notifications/index.ts';
import type { Notice } from '../../src/notifications/index.ts';
import { cloneDatabase } from '../support/postgres.ts';
import type { ClonedDatabase } from '../support/postgres.ts';
import { waitFor } from '../support/wait.ts';
import { headerOf, startSmtpSink } from './smtp-sink.ts';
import type { SmtpSink } from './smtp-sink.ts';

const TO = 'admin@somewhere.example';
const POLICY = policySchema.parse({}).notifications;
const stored = samples['backup-stored']['proven'] as Notice;
let ops: ClonedDatabase;
let sink: SmtpSink;
let mailer: Mailer;
let count = 0;

beforeAll(async () => {
  ops = await cloneDatabase('ops');
});
afterAll(() => ops.drop());
beforeEach(async () => {
  sink = await startSmtpSink();
  mailer = createMailer({ smtpUrl: sink.url, from: 'Talos <talos@example.com>', patience: 0.1 });
});
afterEach(async () => {
  await mailer.close();
  await sink.close();
});

const fresh = (): Notice => ({ ...stored, key: `test/${String((count += 1))}` });
const activities = (by: Mailer = mailer, email = TO) =>
  createNotificationActivities({ ops: ops.db, mailer: by, admin: { email }, locale: 'fr', policy: POLICY });
const notify = (notice: Notice) => activities().notify(notice);
const failure = (notice: Notice) => notify(notice).catch((error: unknown) => error as ApplicationFailure);

interface Row {
  status: string;
  attempts: number;
  message_id: string;
  error_code: string | null;
  claimed_at: Date | null;
  closed_at: Date | null;
}
const rowOf = async ({ key }: Notice): Promise<Row | undefined> =>
  (await ops.db.query<Row>('select * from ops.notifications where key = $1', [key]))[0];

/** Makes the claim as old as one whose attempt died. */
const expireLease = ({ key }: Notice) =>
  ops.db.query(
    `update ops.notifications set claimed_at = claimed_at - interval '31 seconds' where key = $1`,
    [key],
  );

describe('one notice', () => {
  it('leaves once, however often it is told', async () => {
    const notice = fresh();
    await expect(notify(notice)).resolves.toEqual({
      key: notice.key,
      deliveries: [{ channel: 'email', status: 'sent', attempts: 1, providerId: '4F2A1B' }],
    });
    const again = await notify(notice);
    expect(again.deliveries).toEqual([{ channel: 'email', status: 'already sent', attempts: 1 }]);
    expect(sink.received).toHaveLength(1);
    expect(await rowOf(notice)).toMatchObject({ status: 'sent', attempts: 1, provider_id: '4F2A1B' });
  });

  it('leaves once when ten attempts run at the same time', async () => {
    const notice = fresh();
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => notify(notice)));
    const refused = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as ApplicationFailure] : [],
    );
    for (const error of refused) {
      expect(error).toMatchObject({ type: 'NotificationInFlight', nonRetryable: false });
    }
    await expect(notify(notice)).resolves.toMatchObject({ deliveries: [{ status: 'already sent' }] });
    expect(sink.received).toHaveLength(1);
  });

  it('leaves again with another key: nothing but the key decides', async () => {
    await notify(fresh());
    await notify(fresh());
    const [first = '', second = ''] = sink.received;
    expect(headerOf(first, 'Message-ID')).not.toBe(headerOf(second, 'Message-ID'));
  });
});

describe('an attempt that died between sending and closing', () => {
  it('is left alone while it may live, then repeated once with the same bytes', async () => {
    const notice = fresh();
    // Sends for real and never comes back, as a killed worker does.
    const dying: Mailer = {
      ...mailer,
      send: async (message) => {
        await mailer.send(message);
        return new Promise(() => undefined);
      },
    };
    void activities(dying).notify(notice);
    await waitFor(() => sink.received.length === 1, { timeoutMs: 5_000, what: 'the first mail' });

    expect(await failure(notice)).toMatchObject({ type: 'NotificationInFlight' });
    await expireLease(notice);
    await expect(notify(notice)).resolves.toMatchObject({ deliveries: [{ status: 'sent', attempts: 2 }] });
    await notify(notice);
    expect(sink.received).toHaveLength(2);
    expect(sink.received[1]).toBe(sink.received[0]);
    expect(headerOf(sink.received[0] ?? '', 'Message-ID')).toBe((await rowOf(notice))?.message_id);
  });

  it('does not undo what a later attempt has written', async () => {
    const notice = fresh();
    let die: (error: Error) => void = () => undefined;
    const slow: Mailer = { ...mailer, send: () => new Promise((_, reject) => (die = reject)) };
    const first = activities(slow)
      .notify(notice)
      .catch((error: unknown) => error);
    await waitFor(async () => (await rowOf(notice))?.status === 'claimed', {
      timeoutMs: 5_000,
      what: 'a claim',
    });
    await expireLease(notice);
    await notify(notice);
    die(new Error('cut'));
    await first;
    expect(await rowOf(notice)).toMatchObject({ status: 'sent', attempts: 2, error_code: null });
  });
});

describe('a failure of the mail server', () => {
  it('that is temporary gives the claim back, and the next attempt sends at once', async () => {
    const notice = fresh();
    sink.faults.RCPT = '451 4.7.1 later';
    expect(await failure(notice)).toMatchObject({ type: 'ChannelUnavailable', nonRetryable: false });
    expect(await rowOf(notice)).toMatchObject({
      status: 'claimed',
      claimed_at: null,
      error_code: 'SMTP 451',
    });
    sink.faults = {};
    await expect(notify(notice)).resolves.toMatchObject({ deliveries: [{ status: 'sent', attempts: 2 }] });
    expect(await rowOf(notice)).toMatchObject({ status: 'sent', error_code: null });
    expect(sink.received).toHaveLength(1);
  });

  it('that loses the answer repeats the same message', async () => {
    const notice = fresh();
    sink.faults.content = 'cut';
    await failure(notice);
    sink.faults = {};
    await notify(notice);
    expect(sink.received).toHaveLength(2);
    expect(sink.received[1]).toBe(sink.received[0]);
  });

  it('that is permanent is written down and never tried again', async () => {
    const notice = fresh();
    sink.faults.RCPT = `550 5.1.1 <${TO}> unknown`;
    const deliveries = [{ channel: 'email', status: 'failed', attempts: 1, code: 'SMTP 550' }];
    await expect(notify(notice)).resolves.toMatchObject({ deliveries });
    sink.faults = {};
    await expect(notify(notice)).resolves.toMatchObject({ deliveries });
    expect(await rowOf(notice)).toMatchObject({ status: 'failed', error_code: 'SMTP 550' });
    expect(sink.received).toHaveLength(0);
  });

  it('names no address, in errors, results and the ledger', async () => {
    for (const answer of [`550 <${TO}> unknown`, `451 <${TO}> later`]) {
      const notice = fresh();
      sink.faults.RCPT = answer;
      const outcome = await failure(notice);
      const told = `${JSON.stringify(outcome)} ${(outcome as Error).stack ?? ''}`;
      expect(told + JSON.stringify(await rowOf(notice))).not.toContain(TO);
    }
  });
});

describe('the ledger', () => {
  it('that does not answer stops the mail: nothing leaves unrecorded', async () => {
    const down = {
      query: () => Promise.reject(new Error('connect ECONNREFUSED ops.internal:5432 user talos')),
    };
    const broken = createNotificationActivities({
      ops: down,
      mailer,
      admin: { email: TO },
      locale: 'fr',
      policy: POLICY,
    });
    const error = await broken.notify(fresh()).catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({ type: 'LedgerUnavailable', nonRetryable: false });
    expect((error as Error).message).not.toContain('ops.internal');
    expect(sink.received).toHaveLength(0);
  });

  it('that is away for a moment after the mail left is waited for', async () => {
    const notice = fresh();
    let failures = 2;
    const shaky = {
      query: <Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> =>
        text.includes(`'sent'`) && (failures -= 1) >= 0
          ? Promise.reject(new Error('restarting'))
          : ops.db.query<Row>(text, values),
    };
    const shakyRoom = createNotificationActivities({
      ops: shaky,
      mailer,
      admin: { email: TO },
      locale: 'fr',
      policy: POLICY,
    });
    await expect(shakyRoom.notify(notice)).resolves.toMatchObject({ deliveries: [{ status: 'sent' }] });
    expect(await rowOf(notice)).toMatchObject({ status: 'sent', attempts: 1 });
  });
});

describe('the channels of a notice', () => {
  it.each([
    ['critical', 1],
    ['important', 1],
    ['info', 0],
  ] as const)('%s sends %i e-mail(s)', async (level, mails) => {
    await notify({ ...fresh(), level, channels: undefined });
    expect(sink.received).toHaveLength(mails);
  });

  it('are skipped, and said to be, where nobody is configured', async () => {
    const notice = fresh();
    const result = await activities(mailer, '').notify(notice);
    expect(result.deliveries).toEqual([
      { channel: 'email', status: 'skipped', attempts: 0, code: 'NoRecipient' },
    ]);
    expect(await rowOf(notice)).toMatchObject({ status: 'skipped' });
  });
});
