import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createEndingActivities, createNudgeActivities } from '../../src/trials/index.ts';
import { openDesk, type Desk } from '../notifications/customer/support.ts';
import { FAULTS, headerOf } from '../notifications/smtp-sink.ts';

/** Clauses of both jobs one by one, on real databases, with a clock that a test sets. */

const PACE = { inactiveDays: 3, nudgeEveryDays: 7, nudgesPerTrial: 3 };
/** A Wednesday, 11:00 in Paris. */
const WORKDAY = '2027-04-28T09:00:00Z';
const DAY_MS = 86_400_000;
const daysFrom = (at: string, days: number): string => new Date(Date.parse(at) + days * DAY_MS).toISOString();

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
  await desk.app.db.query(
    'update public.trials set expired_at = ends_at where expired_at is null and converted_at is null',
  );
});
afterEach(async () => {
  desk.smtp.faults = {};
  await desk.app.db.query(
    'update public.trials set expired_at = now() where expired_at is null and converted_at is null',
  );
});
afterAll(() => desk.close());

const here = <Result>(work: () => Promise<Result>): Promise<Result> =>
  new MockActivityEnvironment().run<never[], Result, () => Promise<Result>>(work);
const nudges = (now: string) =>
  createNudgeActivities({
    ...{ app: desk.app.db, ops: desk.ops.db, customers: desk.notices() },
    now: () => new Date(now),
  });
const endings = () =>
  createEndingActivities({
    ...{ app: desk.app.db, ops: desk.ops.db, customers: desk.notices(), timeZone: 'Europe/Paris' },
  });

/** A trial that began five days before, with nobody seen since. */
async function idle(at: string, consent = false) {
  const account = await desk.account();
  if (consent) await desk.permit(account.accountId, 'sms', 'consent');
  const trialId = randomUUID();
  await desk.app.db.query(
    `insert into public.trials (id, account_id, started_at, ends_at) values ($1, $2, $3, $4)`,
    [trialId, account.accountId, daysFrom(at, -5), daysFrom(at, 20)],
  );
  return { ...account, trialId };
}
const mailsTo = ({ email }: { email: string }) =>
  desk.smtp.received.filter((mail) => headerOf(mail, 'To')?.includes(email));
const find = (at: string) =>
  here(() => nudges(at).findInactiveTrials({ at, limit: 10, ...PACE })).then(({ trialIds }) => trialIds);
const nudge = (trialId: string, at: string) => here(() => nudges(at).nudgeTrial({ trialId, at, ...PACE }));

test('more trials than a page are found, none twice, also where many end at one instant', async () => {
  // One account may have as many as are needed here.
  await desk.app.db.query(
    `alter table public.trials drop constraint trials_account_id_key;
     insert into public.trials (account_id, started_at, ends_at)
     select (select id from public.accounts where status = 'trial' limit 1), now() - interval '20 days',
            date_trunc('hour', now()) - make_interval(hours => 1 + (n / 700))
       from generate_series(1, 1203) n`,
  );
  const at = new Date().toISOString();
  const all = await here(() => endings().findEndedTrials({ at, limit: 5_000 }));
  expect(all.count).toBe(1203);
  expect(new Set(all.trialIds).size).toBe(1203);
  const some = await here(() => endings().findEndedTrials({ at, limit: 700 }));
  expect([some.count, some.trialIds]).toEqual([1203, all.trialIds.slice(0, 700)]);
});

describe('signs of life, each of which is enough', () => {
  const USER = '(select id from auth.users order by id limit 1)';
  test.each([
    [
      'a login',
      [
        `insert into public.account_members (account_id, user_id, role, joined_at) values ($1, ${USER}, 'owner', now())`,
        `update auth.users set last_sign_in_at = $2 where id = ${USER} and $1 <> ''`,
      ],
    ],
    ['activity of the account', ['update public.accounts set last_activity_at = $2 where id::text = $1']],
    [
      'an event',
      [
        `insert into public.activity_events (user_id, account_id, kind, at) values (${USER}, $1, 'page_view', $2)`,
      ],
    ],
  ])('%s', async (_what, statements) => {
    const trial = await idle(WORKDAY);
    expect(await find(WORKDAY)).toEqual([trial.trialId]);
    for (const sql of statements)
      await desk.app.db.query(
        sql,
        sql.includes('$2') ? [trial.accountId, daysFrom(WORKDAY, -1)] : [trial.accountId],
      );
    expect(await find(WORKDAY)).toEqual([]);
  });
});

test.each([
  ['on a working day', WORKDAY, 'sent'],
  ['not before 8 h', '2027-04-28T05:59:00Z', undefined],
  ['not from 20 h on', '2027-04-28T18:00:00Z', undefined],
  ['not on a Sunday', '2027-04-25T09:00:00Z', undefined],
  ['not on Ascension Day', '2027-05-06T09:00:00Z', undefined],
])('an SMS leaves %s; the e-mail in every case', async (_when, at, sms) => {
  const trial = await idle(at, true);
  expect(await nudge(trial.trialId, at)).toEqual({ email: 'sent', ...(sms && { sms }) });
  expect(desk.sms.messages.filter(({ to }) => to === trial.phone)).toHaveLength(sms ? 1 : 0);
});

test('a nudge that a lost run began is finished by the next day’s, once, and counts as one', async () => {
  const trial = await idle(WORKDAY);
  desk.smtp.faults = { greeting: FAULTS.cut };
  await expect(nudge(trial.trialId, WORKDAY)).rejects.toThrow();
  desk.smtp.faults = {};
  const next = daysFrom(WORKDAY, 1);
  expect(await find(next)).toEqual([trial.trialId]);
  expect(await nudge(trial.trialId, next)).toEqual({ email: 'sent', sms: 'skipped: NoPermission' });
  expect(await find(daysFrom(WORKDAY, 2))).toEqual([]);
  expect(mailsTo(trial)).toHaveLength(1);
});

test('one that was begun, and whose person came back, is closed and reaches nobody', async () => {
  const trial = await idle(WORKDAY);
  desk.smtp.faults = { greeting: FAULTS.cut };
  await expect(nudge(trial.trialId, WORKDAY)).rejects.toThrow();
  desk.smtp.faults = {};
  const next = daysFrom(WORKDAY, 1);
  await desk.app.db.query('update public.accounts set last_activity_at = $2 where id = $1', [
    trial.accountId,
    next,
  ]);
  expect(await nudge(trial.trialId, next)).toBeUndefined();
  expect(await find(next)).toEqual([]);
  expect(mailsTo(trial)).toEqual([]);
});

test('without saas.contact_permissions: companies may be offered something by e-mail, persons not, nobody by SMS', async () => {
  await desk.app.db.query(
    `create or replace view saas.contact_permissions as
     select null::text as account_id, null::text as channel, null::text as basis, null::timestamptz as granted_at,
            null::timestamptz as withdrawn_at where false`,
  );
  const [company, person] = [await desk.account(), await desk.account({ kind: 'b2c' })];
  const { mayOffer } = desk.notices();
  expect(await mayOffer(company.accountId, 'email')).toBe(true);
  expect(await mayOffer(person.accountId, 'email')).toBe(false);
  for (const { accountId } of [company, person]) expect(await mayOffer(accountId, 'sms')).toBe(false);
});

test('conversions are those of the figure in the daily report (EX5)', async () => {
  const [today] = await desk.app.db.query<{ at: Date }>(
    `select date_trunc('day', now(), 'Europe/Paris') as at`,
  );
  const at = (today?.at ?? new Date()).toISOString();
  const { month } = await here(() => endings().readConversions(at));
  const [figure] = await desk.app.db.query<{ ended: number; converted: number }>(
    `select denominator::float8 as ended, numerator::float8 as converted
       from maintenance.acquisition_figures('day', $1::timestamptz - interval '1 day', $1, now()) where metric = 'trial_to_customer_rate'`,
    [at],
  );
  expect(month.ended).toBeGreaterThan(0);
  expect(month.converted).toBeGreaterThan(0);
  expect({ ended: month.ended, converted: month.converted }).toEqual(figure);
});
