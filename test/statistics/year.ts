/** The hourly runs of 2027, at the times at which Temporal itself would start them. */
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { applyDatabase } from '../../src/database/index.ts';
import { computeStatistics } from '../../src/statistics/compute.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';

const HOUR_MS = 3_600_000;
const DAYS_A_PAGE = 30;

/** Asked of the server in pages: it lists a thousand at the most. */
export async function hourlyTimes(
  client: Client,
  namespace: string,
  from: string,
  to: string,
): Promise<number[]> {
  const times: number[] = [];
  const [start, end] = [Date.parse(from), Date.parse(to)];
  for (let at = start; at < end; at += DAYS_A_PAGE * 24 * HOUR_MS) {
    const until = Math.min(at + DAYS_A_PAGE * 24 * HOUR_MS, end);
    const { startTime } = await client.workflowService.listScheduleMatchingTimes({
      ...{ namespace, scheduleId: 'update-statistiques' },
      startTime: { seconds: (at / 1000 - 1) as never },
      endTime: { seconds: (until / 1000 - 1) as never },
    });
    times.push(...startTime.map(({ seconds }) => Number(seconds) * 1000));
  }
  return times;
}

export interface Year {
  app: ClonedDatabase;
  run(at: number): Promise<{ changed: number }>;
  drop(): Promise<void>;
}

/** The customers of worked-year.sql. */
export async function openYear(): Promise<Year> {
  const [app, ops] = await Promise.all([cloneDatabase('empty'), cloneDatabase('empty')]);
  await applyDatabase({
    ...{ appUrl: app.url, opsUrl: ops.url },
    adapterFile: fileURLToPath(new URL('worked-year.sql', import.meta.url)),
  });
  return {
    app,
    run: (at) => computeStatistics(app.db, { at: new Date(at), timeZone: 'Europe/Paris', grossMargin: 1 }),
    drop: async () => {
      await Promise.all([app.drop(), ops.drop()]);
    },
  };
}

/** Hours of UTC that are computed and over, and how many of them in which days of Paris. */
export async function hoursComputed(
  { app }: Year,
  from: string,
  to: string,
): Promise<{ hours: number; twice: number; odd: { day: string; hours: number }[] }> {
  const days = await app.db.query<{ day: string; hours: number; distinct: number }>(
    `select maintenance.paris_day(period_start)::text as day, count(*) as hours, count(distinct period_start) as distinct
       from maintenance.statistics
      where metric = 'revenue_net' and period_kind = 'hour' and period_start >= $1 and period_start < $2
        and computed_at >= period_start + interval '1 hour' group by 1 order by 1`,
    [from, to],
  );
  return {
    hours: days.reduce((sum, { hours }) => sum + hours, 0),
    twice: days.reduce((sum, { hours, distinct }) => sum + hours - distinct, 0),
    odd: days.filter(({ hours }) => hours !== 24).map(({ day, hours }) => ({ day, hours })),
  };
}
