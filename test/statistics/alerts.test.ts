/** AL8 to AL10 on real databases, through the real workflow of alerts. */
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { AlertResult } from '../../src/alerts/view.ts';
import { tellAlert } from '../../src/monitoring/tell.ts';
import { createBusinessAlertActivities } from '../../src/statistics/alerts.ts';
import { Desk } from '../alerts/desk.ts';
import { newNamespace } from '../support/namespace.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';

const LITERAL = {
  AL8: { level: 'important', forHours: 24, minimumPerDay: 0 },
  AL9: { level: 'important', abovePercent: 10, minimumPayments: 0 },
  AL10: { level: 'critical', abovePercent: 20, minimumCustomers: 0 },
} as const;
const THRESHOLDS = {
  AL8: { ...LITERAL.AL8, minimumPerDay: 1 },
  AL9: { ...LITERAL.AL9, minimumPayments: 10 },
  AL10: { ...LITERAL.AL10, minimumCustomers: 10 },
};
const [LEADS, PAYMENTS, CUSTOMERS] = [
  { rule: 'AL8', target: 'leads' },
  { rule: 'AL9', target: 'payments' },
  { rule: 'AL10', target: 'customers' },
];

describe('alerts of the business', () => {
  let app: ClonedDatabase;
  let ops: ClonedDatabase;
  let desk: Desk;
  let connection: Connection;
  beforeAll(async () => {
    const address = inject('temporalAddress');
    connection = await Connection.connect({ address });
    const { namespace } = await newNamespace(connection);
    [app, ops] = await Promise.all([cloneDatabase('app'), cloneDatabase('ops')]);
    desk = await new Desk({ address, namespace, ops: ops.db, times: { hold: 300, group: 0 } }).open();
  });
  afterAll(async () => {
    await desk?.close();
    await connection?.close();
    await Promise.all([app?.drop(), ops?.drop()]);
  });
  beforeEach(async () => {
    await app.db.query(
      'delete from public.leads; delete from public.payments; delete from public.subscription_history',
    );
    await ops.db.query('delete from ops.rule_states');
  });

  const look = (at: string, thresholds: typeof THRESHOLDS | typeof LITERAL = THRESHOLDS) => {
    return createBusinessAlertActivities({
      ...{ app: app.db, ops: ops.db, thresholds, timeZone: 'Europe/Paris' },
      tell: (effect) => tellAlert(desk.client, effect),
    }).checkBusinessAlerts({ at });
  };
  const addLead = (at: string) =>
    app.db.query(`insert into public.leads (created_at, source) values ($1, 'form')`, [at]);
  const pay = (count: number, status: string, at: string, kind = 'subscription') =>
    app.db.query(
      `insert into public.payments (account_id, kind, status, at, amount_incl_tax_cents, tax_cents)
       select (select id from public.accounts limit 1), $1, $2, $3, 1200, 200 from generate_series(1, $4)`,
      [kind, status, at, count],
    );

  it('AL8 rings once for a day without a lead, since the last one, and ends with the next', async () => {
    for (let day = 1; day <= 28; day += 1) await addLead(`2027-02-${String(day).padStart(2, '0')}T09:00:00Z`);
    expect(await look('2027-03-01T09:00:00Z')).toEqual({ judged: ['leads'], told: [] });
    expect((await look('2027-03-01T10:00:00Z')).told).toEqual(['fire AL8/leads']);
    await look('2027-03-01T11:00:00Z');
    // The same hour again, as after a worker that was lost.
    await look('2027-03-01T11:00:00Z');
    expect(await desk.waitHeard(LEADS, 1)).toEqual(['email firing']);
    expect(await desk.until(LEADS, ({ value }) => value === 26)).toMatchObject({
      ...{ level: 'important', since: '2027-02-28T09:00:00.000Z', threshold: 24, unit: 'h' },
      evidence: [{ name: 'usual leads', value: '1' }],
    });
    await addLead('2027-03-01T11:30:00Z');
    expect((await look('2027-03-01T12:00:00Z')).told).toEqual(['clear AL8/leads']);
    const result = (await desk.handle(LEADS).result()) as AlertResult;
    expect(result).toMatchObject({ by: 'recovery', episodes: 1, resolvedAt: '2027-03-01T12:00:00.000Z' });
    expect(desk.heard(LEADS)).toEqual(['email firing', 'email resolved']);
  });

  it('AL8 leaves alone who has a lead a week, unless the literal rule is asked for; and who never had one', async () => {
    for (const day of ['01', '08', '15', '22']) await addLead(`2027-02-${day}T09:00:00Z`);
    expect((await look('2027-02-25T09:00:00Z')).told).toEqual([]);
    expect((await look('2027-02-25T10:00:00Z', LITERAL)).told).toEqual(['fire AL8/leads']);
    // Few as they are, a new one ends it.
    await addLead('2027-02-25T10:30:00Z');
    expect((await look('2027-02-25T11:00:00Z')).told).toEqual(['clear AL8/leads']);
    await desk.handle(LEADS).result();
    await app.db.query('delete from public.leads');
    expect(await look('2027-02-26T11:00:00Z', LITERAL)).toEqual({ judged: [], told: [] });
  });

  it('AL9 is no matter of a night with two payments, rings above 10 % and ends below 8 %', async () => {
    await pay(2, 'failed', '2027-05-01T02:00:00Z');
    expect((await look('2027-05-01T03:00:00Z')).told).toEqual([]);
    await pay(18, 'succeeded', '2027-05-01T08:00:00Z');
    // Exactly 10 %, of payments alone: refunds are no attempts.
    await pay(5, 'succeeded', '2027-05-01T08:00:00Z', 'refund');
    expect((await look('2027-05-01T09:00:00Z')).told).toEqual([]);
    await pay(3, 'failed', '2027-05-01T09:30:00Z');
    expect((await look('2027-05-01T10:00:00Z')).told).toEqual(['fire AL9/payments']);
    expect(await desk.waitHeard(PAYMENTS, 1)).toEqual(['email firing']);
    expect(await desk.view(PAYMENTS)).toMatchObject({
      ...{ level: 'important', value: 21.74, threshold: 10, unit: '%' },
      evidence: [{ name: 'failed payments', value: '5 / 23' }],
    });
    // 5 of 55 are 9.09 %: no longer bad, not yet good.
    await pay(32, 'succeeded', '2027-05-01T10:30:00Z');
    expect((await look('2027-05-01T11:00:00Z')).told).toEqual([]);
    await pay(20, 'succeeded', '2027-05-01T11:30:00Z');
    expect((await look('2027-05-01T12:00:00Z')).told).toEqual(['clear AL9/payments']);
    await desk.handle(PAYMENTS).result();
    expect(desk.heard(PAYMENTS)).toEqual(['email firing', 'email resolved']);
    // A day and a night later there is nothing to judge.
    expect(await look('2027-05-03T03:00:00Z', LITERAL)).toEqual({ judged: [], told: [] });
  });

  it('AL10 counts who paid a week ago and pays no more, and rings by SMS as well', async () => {
    const start = '2027-03-24T09:00:00Z';
    // A week in Paris that has 167 hours.
    const at = '2027-03-31T08:00:00Z';
    const term = (
      n: number,
      status: string,
      from: string,
      to: string | null,
      more: { amount?: number; discount?: number } = {},
    ) =>
      app.db.query(
        `insert into public.subscription_history
                (subscription_id, status, plan_id, interval_months, amount_cents, currency, discount_pct, valid_from, valid_to)
         select (select id from public.subscriptions s where not exists
                   (select from public.subscription_history h where h.subscription_id = s.id)
                   and s.account_id not in (select o.account_id from public.subscriptions o
                                              join public.subscription_history h on h.subscription_id = o.id)
                  order by id limit 1),
                $1, (select id from public.plans limit 1), 1, $4, 'EUR', $5, $2, $3 from generate_series(1, $6)`,
        [status, from, to, more.amount ?? 2900, more.discount ?? 0, n],
      );
    for (let customer = 0; customer < 9; customer += 1) await term(1, 'active', '2027-01-10T00:00:00Z', null);
    await term(1, 'active', '2027-01-10T00:00:00Z', '2027-03-27T12:00:00Z');
    // Past due for 30 days on the 29th; paused for five.
    await term(1, 'past_due', '2027-02-27T00:00:00Z', null);
    await term(1, 'paused', '2027-03-22T00:00:00Z', null);
    // No customers at the start: one that left then, one that came since, a trial, one that pays nothing.
    await term(1, 'active', '2027-01-10T00:00:00Z', start);
    await term(1, 'active', '2027-03-26T00:00:00Z', '2027-03-28T00:00:00Z');
    await term(1, 'trialing', '2027-03-20T00:00:00Z', '2027-03-28T00:00:00Z');
    await term(1, 'active', '2027-01-10T00:00:00Z', '2027-03-28T00:00:00Z', { discount: 100 });
    expect(await look(at)).toEqual({ judged: ['customers'], told: [] });
    await app.db.query(
      `update public.subscription_history set valid_to = '2027-03-30T00:00:00Z'
        where id = (select min(id) from public.subscription_history where status = 'active' and valid_to is null)`,
    );
    // An hour that was judged already is judged again; the past is not.
    expect((await look('2027-03-31T07:00:00Z')).outdated).toBe(true);
    expect((await look(at)).told).toEqual(['fire AL10/customers']);
    expect(await desk.waitHeard(CUSTOMERS, 2)).toEqual(['email firing', 'sms firing']);
    expect(await desk.view(CUSTOMERS)).toMatchObject({
      ...{ level: 'critical', value: 25, threshold: 20, unit: '%' },
      evidence: [{ name: 'customers lost', value: '3 / 12' }],
    });
    // What was lost by the 30th is a week old on the 7th.
    expect((await look('2027-04-07T08:00:00Z')).told).toEqual(['clear AL10/customers']);
    await desk.handle(CUSTOMERS).result();
    expect(desk.heard(CUSTOMERS)).toHaveLength(4);
  });

  it('tells again what Temporal did not take', async () => {
    await pay(10, 'failed', '2027-06-01T08:00:00Z');
    const refusing = createBusinessAlertActivities({
      ...{ app: app.db, ops: ops.db, thresholds: THRESHOLDS, timeZone: 'Europe/Paris' },
      tell: () => Promise.reject(new Error('Temporal is away')),
    });
    await expect(refusing.checkBusinessAlerts({ at: '2027-06-01T09:00:00Z' })).rejects.toThrow('away');
    expect((await look('2027-06-01T09:00:00Z')).told).toEqual(['fire AL9/payments']);
  });
});
