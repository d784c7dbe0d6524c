import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GuardResult } from '../../src/guard/workflow.ts';
import { applySchedules } from '../../src/schedules/index.ts';
import { DAY_MS, isoDay, localDays, periodName, periodOf, startOfDay } from '../../src/shared/calendar.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import { writePolicy } from '../monitoring/support.ts';
import { JOB_ROWS, startMaintenance, type Maintenance } from '../support/maintenance.ts';

const PARIS = 'Europe/Paris';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Of next week: after the Schedules were made. */
const week = periodOf('weekly', localDays(PARIS)(new Date())) + 1;
const monday = week * 7 - 3;
/** A time of a day in Paris, counted from the day's end: clocks change in its first hours only. */
const at = (day: number, hour: number, minute = 0): number =>
  startOfDay(PARIS, day + 1).getTime() - (24 - hour) * HOUR + minute * MINUTE;
interface Report {
  kind: 'daily' | 'weekly';
  period: string;
}
/** What the reports that are due on that Monday tell of. */
const DAILY: Report = { kind: 'daily', period: isoDay(monday - 1) };
const WEEKLY: Report = { kind: 'weekly', period: periodName('weekly', week - 1) };
const BEFORE: Report = { kind: 'daily', period: isoDay(monday - 2) };

let maintenance: Maintenance;

interface Sight {
  state: string;
  why?: string;
}

const look = async (instant: number): Promise<Record<string, Sight>> => {
  const { checks } = (await maintenance.client.workflow.execute('guardMaintenance', {
    ...{ taskQueue: TASK_QUEUE, workflowId: `guard-${randomUUID()}` },
    args: [{ at: new Date(instant).toISOString() }],
  })) as GuardResult;
  return Object.fromEntries(checks.map(({ check, ...sight }) => [check, sight]));
};
const stateOf = async (check: string, instant: number): Promise<string | undefined> =>
  (await look(instant))[check]?.state;

const stored = ({ kind, period }: Report, mail: 'automatic' | null) =>
  maintenance.ops.db.query(
    `insert into ops.report_runs (kind, period, revision, period_from, period_to, content_hash, data, mail, workflow_id, run_id)
     values ($1, $2, 1, now(), now(), 'h', '{}', $3, 'w', $2)`,
    [kind, period, mail],
  );
const mailed = ({ kind, period }: Report, status: string, code: string | null = null) =>
  maintenance.ops.db.query(
    `insert into ops.notifications (key, channel, level, template, status, attempts, error_code, closed_at)
     values ($1, 'email', 'info', $2, $3, 1, $4, case when $3 = 'claimed' then null else now() end)
     on conflict (key, channel) do update
       set status = excluded.status, error_code = excluded.error_code, closed_at = excluded.closed_at`,
    [`report/${kind}/${period}/1`, `${kind}-report`, status, code],
  );

/** What was told of the reports, and by which channel. */
const told = async (): Promise<string[]> =>
  (
    await maintenance.ops.db.query<{ key: string; channel: string; status: string }>(
      `select key, channel, status from ops.notifications where key ~ '^talos-guard/(daily|weekly)-report/'
        order by created_at, key`,
    )
  ).map(({ key, channel, status }) => `${key} ${channel} ${status}`);
/** What stands in the application, with plain spaces. */
const inApp = async (): Promise<{ title: string; body: string }[]> =>
  (
    await maintenance.app.db.query<{ title: string; body: string }>(
      `select title, body from public.notifications where key ~ '^talos-guard/(daily|weekly)-report/' order by created_at`,
    )
  ).map(({ title, body }) => ({ title: title.replace(/\s+/g, ' '), body: body.replace(/\s+/g, ' ') }));

const daySchedule = () => maintenance.client.schedule.getHandle('rapport-quotidien');

beforeAll(async () => {
  maintenance = await startMaintenance();
  await maintenance.startWorker();
});
afterAll(() => maintenance.close());
beforeEach(async () => {
  await applySchedules({ client: maintenance.client, rows: JOB_ROWS });
  await maintenance.ops.db.query('truncate ops.notifications, ops.report_runs, ops.runs restart identity');
  await maintenance.app.db.query(`delete from public.notifications where key like 'talos-guard/%'`);
});

describe('a daily report that the mail server has not accepted', () => {
  it('rings 15 minutes after its time, once, inside the application and not by e-mail', async () => {
    await stored(BEFORE, 'automatic');
    await mailed(BEFORE, 'sent');
    await stored(DAILY, 'automatic');
    await mailed(DAILY, 'claimed', 'SMTP 451');
    expect(await stateOf('daily-report', at(monday, 8, 14))).toBe('fine');
    expect(await told()).toEqual([]);
    for (const minute of [15, 16, 59])
      expect(await stateOf('daily-report', at(monday, 8, minute))).toBe('found');
    expect(await told()).toEqual([`talos-guard/daily-report/${isoDay(monday)} in-app sent`]);
    const [notice, ...others] = await inApp();
    expect(others).toEqual([]);
    expect(notice?.title).toMatch(/^Rapport quotidien du .+ : pas parti$/);
    expect(notice?.body).toContain('pas encore accepté (SMTP 451)');
    expect(await maintenance.mails()).not.toContainEqual(
      expect.objectContaining({ subject: expect.stringContaining('apport') as string }),
    );
  });

  it('keeps the day on which it was due, after midnight too, and the next one rings by itself', async () => {
    await look(at(monday, 12));
    await look(at(monday + 1, 0, 30));
    await look(at(monday + 1, 8, 14));
    const first = `talos-guard/daily-report/${isoDay(monday)} in-app sent`;
    const ofDays = async () => (await told()).filter((line) => line.includes('/daily-report/'));
    expect(await ofDays()).toEqual([first]);
    await look(at(monday + 1, 8, 15));
    expect(await ofDays()).toEqual([first, `talos-guard/daily-report/${isoDay(monday + 1)} in-app sent`]);
  });

  it('is said to have left once the mail server accepts it, once', async () => {
    await look(at(monday, 8, 20));
    await stored(DAILY, 'automatic');
    await mailed(DAILY, 'sent');
    for (const minute of [40, 41]) expect(await stateOf('daily-report', at(monday, 8, minute))).toBe('fine');
    const key = `talos-guard/daily-report/${isoDay(monday)}`;
    expect(await told()).toEqual([`${key} in-app sent`, `${key}/over in-app sent`]);
    expect((await inApp()).map(({ title }) => title)).toEqual([
      expect.stringMatching(/pas parti$/) as string,
      'Rétabli : le rapport quotidien est parti',
    ]);
  });

  it.each([
    ['claimed', 'automatic', 'l’envoi est répété'],
    ['failed', 'automatic', 'refusé pour de bon'],
    ['unknown', 'automatic', 'nul ne sait s’il est arrivé'],
    [undefined, null, 'trop tard pour partir'],
  ] as const)('is told by how far it came: %s', async (status, mail, words) => {
    await stored(DAILY, mail);
    if (status) await mailed(DAILY, status);
    await look(at(monday, 8, 15));
    expect((await inApp())[0]?.body).toContain(words);
  });

  it('is told by what became of its run, and not of an earlier one', async () => {
    const run = (id: string, startedAt: number, outcome: string) =>
      maintenance.ops.db.query(
        `insert into ops.runs (workflow_id, run_id, schedule_id, workflow_type, mode, started_at, outcome)
         values ($1, 'r', 'rapport-quotidien', 'sendDailyReport', 'armed', $2, $3)`,
        [id, new Date(startedAt), outcome],
      );
    await run('yesterday', at(monday - 1, 8), 'failed');
    await look(at(monday, 8, 15));
    await run('today', at(monday, 8), 'failed');
    await look(at(monday, 8, 15) + DAY_MS);
    await maintenance.ops.db.query(`update ops.runs set started_at = $1 where workflow_id = 'today'`, [
      new Date(at(monday + 2, 8)),
    ]);
    await look(at(monday + 2, 8, 15));
    const bodies = (await inApp()).filter(({ title }) => title.startsWith('Rapport quotidien'));
    expect(bodies.map(({ body }) => body)).toEqual([
      expect.stringContaining('Aucune exécution n’a commencé') as string,
      expect.stringContaining('Aucune exécution n’a commencé') as string,
      expect.stringContaining('Son exécution a échoué') as string,
    ]);
  });

  it('says nothing while its Schedule is paused, is gone, or was made after the time', async () => {
    const of = async (instant: number) => (await look(instant))['daily-report'];
    await daySchedule().pause('for the test');
    expect(await of(at(monday, 9))).toMatchObject({ state: 'silent', why: 'its Schedule is paused' });
    await daySchedule().delete();
    expect(await of(at(monday, 9))).toMatchObject({ state: 'silent', why: 'its Schedule is missing' });
    await applySchedules({ client: maintenance.client, rows: JOB_ROWS });
    // The last time before now is one before the Schedule was made.
    expect(await of(Date.now())).toMatchObject({
      state: 'silent',
      why: expect.stringContaining('installed') as string,
    });
    expect((await told()).filter((line) => line.includes('/daily-report/'))).toEqual([]);
  });
});

describe('a weekly report that the mail server has not accepted', () => {
  it('rings on Monday at 09:15 under the week in which it was due, and not again on the days after', async () => {
    await stored(DAILY, 'automatic');
    await mailed(DAILY, 'sent');
    expect(await stateOf('weekly-report', at(monday, 9, 15))).toBe('found');
    for (const day of [1, 3, 6]) await look(at(monday + day, 23));
    const weekly = async () => (await told()).filter((line) => line.includes('/weekly-report/'));
    expect(await weekly()).toEqual([`talos-guard/weekly-report/${isoDay(monday)} in-app sent`]);
    expect((await inApp())[0]?.title).toMatch(/^Rapport hebdomadaire, semaine \d+ de \d{4} : pas parti$/);
    await stored(WEEKLY, 'automatic');
    await mailed(WEEKLY, 'sent');
    expect(await stateOf('weekly-report', at(monday + 6, 23, 1))).toBe('fine');
    expect(await weekly()).toHaveLength(2);
  });
});

it('follows the crons, the zone and the limit of maintenance.yaml, and a job that is off has no report', async () => {
  const other = await startMaintenance({ AWS_SECRET_ACCESS_KEY: '' });
  const first = maintenance;
  try {
    await writePolicy(other, {
      timeZone: 'America/New_York',
      crons: { 'rapport-quotidien': '30 6 * * *' },
      reports: { alertAfterMinutes: 40 },
    });
    await other.startWorker();
    maintenance = other;
    const due = startOfDay('America/New_York', monday + 1).getTime() - 24 * HOUR + 6.5 * HOUR;
    await look(due + 39 * MINUTE);
    const keys = async () => (await told()).filter((line) => line.includes(isoDay(monday)));
    expect(await keys()).toEqual([]);
    expect(await look(due + 40 * MINUTE)).toMatchObject({
      'daily-report': { state: 'found' },
      'weekly-report': { state: 'silent', why: 'the report is off: set AWS_SECRET_ACCESS_KEY' },
    });
    expect(await keys()).toEqual([`talos-guard/daily-report/${isoDay(monday)} in-app sent`]);
  } finally {
    maintenance = first;
    await other.close();
  }
});
