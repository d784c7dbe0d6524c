/** Alerts whose workflow went with Temporal, from their rows: what `talos rebuild` opens again. */
import type { Queryable } from '../clients/postgres.ts';
import type { AlertData } from '../notifications/notice.ts';
import type { AlertEffect } from './alert.ts';

export type OpenAlert = Extract<AlertEffect, { kind: 'fire' | 'nodata' }> & {
  alertId: number;
  acknowledgedBy?: string;
  /** ISO; only while it lasts. */
  silencedUntil?: string;
};

interface Row {
  alert_id: number;
  rule: string;
  target: string;
  level: 'critical' | 'important' | 'info';
  since: Date;
  acknowledged_by: string | null;
  silenced_until: Date | null;
  data: Partial<AlertData> & { reason?: string };
}

/** The newest open row of each rule and target; not the tests, which end by themselves. */
export async function readOpenAlerts(ops: Queryable, now = new Date()): Promise<OpenAlert[]> {
  const rows = await ops.query<Row & Record<string, unknown>>(
    `select distinct on (rule, target) alert_id, rule, target, level, since, acknowledged_by, silenced_until, data
       from ops.alerts where resolved_at is null and not test order by rule, target, alert_id desc`,
  );
  return rows.map(({ alert_id, rule, target, level, since, acknowledged_by, silenced_until, data }) => {
    const { event } = data;
    const times = { since: since.toISOString(), at: now.toISOString() };
    const about =
      event === 'no-data'
        ? { kind: 'nodata' as const, reason: data.reason ?? 'unknown' }
        : { ...factsOf(data), kind: 'fire' as const };
    return {
      ...about,
      ...{ rule, target, level, ...times, alertId: alert_id },
      ...(acknowledged_by ? { acknowledgedBy: acknowledged_by } : {}),
      ...(silenced_until && silenced_until > now ? { silencedUntil: silenced_until.toISOString() } : {}),
    };
  });
}

/** What the rule said of it: not the numbers and ids of the workflow that is gone. */
const factsOf = (data: object): object =>
  Object.fromEntries(
    Object.entries(data).filter(([name]) => !['event', 'alertId', 'workflowId', 'runId'].includes(name)),
  );

/** Its successor has a row of its own. */
export async function closeLost(ops: Queryable, alertId: number): Promise<void> {
  await ops.query(
    `update ops.alerts set resolved_at = now(), resolved_by = 'rebuild' where alert_id = $1 and resolved_at is null`,
    [alertId],
  );
}
