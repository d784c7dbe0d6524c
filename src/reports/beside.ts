/** What stands beside the figures: leads to call back, and what went wrong with the service itself. */
import type { Queryable } from '../clients/postgres.ts';
import type { DailyReportData } from '../notifications/notice.ts';
import type { Period } from './period.ts';
import type { Goal } from './weekly.ts';

const LEADS_SHOWN = 12;

/** Ids alone: names and phone numbers are read while the mail is made, and kept nowhere. */
export async function leadsToCall(
  app: Queryable,
  { from, to }: Period,
): Promise<DailyReportData['callBack']> {
  const rows = await app.query<{ id: string }>(
    `select lead_id as id from saas.leads where created_at >= $1 and created_at < $2 and account_id is null
      order by created_at desc, lead_id`,
    [from, to],
  );
  const ids = rows.map(({ id }) => id);
  return { ids: ids.slice(0, LEADS_SHOWN), more: Math.max(0, ids.length - LEADS_SHOWN) };
}

export async function incidentsOf(
  ops: Queryable,
  { from, to }: Period,
): Promise<DailyReportData['incidents']> {
  const [alerts, failedRuns] = await Promise.all([
    ops.query<{ rule: string; target: string; count: number }>(
      `select rule, target, count(*) from ops.alerts
        where not test and since >= $1 and since < $2 group by 1, 2 order by 3 desc, 1, 2`,
      [from, to],
    ),
    ops.query<{ job: string; count: number }>(
      `select schedule_id as job, count(*) from ops.runs
        where outcome = 'failed' and started_at >= $1 and started_at < $2 group by 1 order by 1`,
      [from, to],
    ),
  ]);
  return { alerts, failedRuns };
}

/** Goals are optional: without any the report says so. */
export const goalsOf = (app: Queryable, periods: readonly Period[]): Promise<Goal[]> =>
  app.query<Goal>(
    'select period, metric, target::float8 from saas.goals where period = any($1) order by period, metric',
    [periods.map(({ name }) => name)],
  );

/** For the moment of sending: whom the ids stand for. */
export async function readAccounts(
  app: Queryable,
  ids: readonly string[],
): Promise<Map<string, { name: string | null }>> {
  const rows = await app.query<{ id: string; name: string | null }>(
    'select account_id as id, name from saas.accounts where account_id = any($1)',
    [ids],
  );
  return new Map(rows.map(({ id, name }) => [id, { name }]));
}

export async function readLeads(
  app: Queryable,
  ids: readonly string[],
): Promise<Map<string, { name: string | null; phone: string | null; at: string }>> {
  const rows = await app.query<{ id: string; name: string | null; phone: string | null; at: Date }>(
    'select lead_id as id, name, phone, created_at as at from saas.leads where lead_id = any($1)',
    [ids],
  );
  return new Map(rows.map(({ id, name, phone, at }) => [id, { name, phone, at: at.toISOString() }]));
}
