import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AlertResult } from '../../src/alerts/view.ts';
import { createMailer, type Mailer } from '../../src/clients/mail.ts';
import type { Postgres } from '../../src/clients/postgres.ts';
import { createNotificationActivities } from '../../src/notifications/index.ts';
import { headerOf, startSmtpSink, type SmtpSink } from '../notifications/smtp-sink.ts';
import { newNamespace } from '../support/namespace.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';
import { waitFor } from '../support/wait.ts';
import { Desk } from './desk.ts';

/** The real ledger, the real channel and a real mail server: only SMS are configured for nobody. */
describe('an alert by e-mail', () => {
  let ops: ClonedDatabase;
  let desk: Desk;
  let sink: SmtpSink;
  let mailer: Mailer;
  let connection: Connection;
  let away = false;
  beforeAll(async () => {
    const address = inject('temporalAddress');
    connection = await Connection.connect({ address });
    const { namespace } = await newNamespace(connection);
    [ops, sink] = await Promise.all([cloneDatabase('ops'), startSmtpSink()]);
    mailer = createMailer({ smtpUrl: sink.url, from: 'talos@talosprimes.test' });
    const answer = <Value>(work: () => Promise<Value>): Promise<Value> =>
      away ? Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })) : work();
    const switched: Postgres = {
      query: (text, values) => answer(() => ops.db.query(text, values)),
      transaction: (work) => answer(() => ops.db.transaction(work)),
      close: () => Promise.resolve(),
    };
    const activities = createNotificationActivities({
      ops: switched,
      app: ops.db,
      mailer,
      admin: { email: 'admin@talosprimes.test' },
      policy: { critical: ['email'], important: ['email'], info: [], smsPerHour: 20 },
      locale: 'fr',
      waits: { ledgerMs: 500 },
    });
    const times = { hold: 300 };
    desk = await new Desk({ address, namespace, ops: switched, times, activities }).open();
  });
  afterAll(async () => {
    await desk?.close();
    await mailer?.close();
    await sink?.close();
    await connection?.close();
    await ops?.drop();
  });
  const subjects = (from = 0) =>
    sink.received.slice(from).map((message) => headerOf(message, 'Subject') ?? '');

  it('is accepted by the mail server within a second of its confirmation (p95 of 20)', async () => {
    const taken: number[] = [];
    for (let at = 0; at < 20; at += 1) {
      const before = sink.received.length;
      const began = Date.now();
      await desk.fire({ rule: 'AL4', target: `quick-${at}` }, { reason: 'refused' });
      await waitFor(() => sink.received.length > before, { timeoutMs: 20_000, what: 'the mail' });
      taken.push(Date.now() - began);
    }
    taken.sort((a, b) => a - b);
    console.log(
      `confirmation to mail server: median ${taken[10]} ms, p95 ${taken[18]} ms, max ${taken[19]} ms`,
    );
    expect(taken[18]).toBeLessThanOrEqual(1_000);
  });

  it('wholly inside an outage of the mail server is one late mail, soon after its return', async () => {
    const key = { rule: 'AL4', target: 'app' };
    sink.faults.greeting = '421 not now';
    const before = sink.received.length;
    await desk.fire(key, { reason: 'refused' });
    await desk.until(key, ({ underWay }) => underWay.length > 0);
    await desk.clear(key);
    await desk.until(
      key,
      ({ state, underWay }) => state === 'resolved' && underWay.join() === 'resolved-1 by email',
    );
    delete sink.faults.greeting;
    const back = Date.now();
    const result = (await desk.handle(key).result()) as AlertResult;
    console.log(`late notice ${Date.now() - back} ms after the return`);
    expect(Date.now() - back).toBeLessThan(60_000);
    expect(result.outcome).toBe('resolved');
    expect(sink.received.length - before).toBe(1);
    const [row] = await ops.db.query<{ data: { resolved: { late: boolean } } }>(
      `select data from ops.notifications where key like 'alert/AL4/app/%' and status = 'sent'`,
    );
    expect(row?.data.resolved.late).toBe(true);
  }, 120_000);

  it('leaves without its number while the operations database is away; row and ledger are whole after', async () => {
    const key = { rule: 'AL5', target: 'postgres' };
    const before = sink.received.length;
    away = true;
    const began = Date.now();
    await desk.fire(key, { value: 96, threshold: 80, unit: '%' });
    await waitFor(() => sink.received.length > before, { timeoutMs: 60_000, what: 'the mail' });
    console.log(`without the operations database: mail after ${Date.now() - began} ms`);
    expect((await desk.view(key)).alertId).toBe(0);
    away = false;
    const { alertId } = await desk.until(key, (view) => view.alertId > 0, 60_000);
    await desk.clear(key);
    await desk.handle(key).result();
    const rows = await ops.db.query('select alert_id, resolved_by from ops.alerts where target = $1', [
      'postgres',
    ]);
    expect(rows).toEqual([{ alert_id: alertId, resolved_by: 'recovery' }]);
    const sent = await ops.db.query<{ status: string }>(
      `select status from ops.notifications where key like 'alert/AL5/postgres/%' and channel = 'email'`,
    );
    expect(sent).toEqual([{ status: 'sent' }, { status: 'sent' }]);
    expect(subjects(before)).toHaveLength(2);
  }, 120_000);
});
