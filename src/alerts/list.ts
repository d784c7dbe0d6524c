import type { Queryable } from '../clients/postgres.ts';
import type { AlertData, Level } from '../notifications/notice.ts';

/** A row of `ops.alerts`, for lists, pages and commands. Instants are ISO. */
export interface ListedAlert {
  alertId: number;
  workflowId: string;
  rule: string;
  target: string;
  level: Level;
  test: boolean;
  state: 'firing' | 'no-data' | 'acknowledged' | 'silenced' | 'recovering' | 'resolved';
  since: string;
  openedAt: string;
  acknowledgedAt?: string;
  acknowledgedBy?: string;
  silencedUntil?: string;
  silencedBy?: string;
  resolvedAt?: string;
  resolvedBy?: string;
  flaps: number;
  /** What was told of its beginning. */
  data: AlertData;
}

interface Row {
  alert_id: number;
  workflow_id: string;
  rule: string;
  target: string;
  level: Level;
  test: boolean;
  since: Date;
  opened_at: Date;
  acknowledged_at: Date | null;
  acknowledged_by: string | null;
  silenced_until: Date | null;
  silenced_by: string | null;
  recovering_since: Date | null;
  resolved_at: Date | null;
  resolved_by: string | null;
  flaps: number;
  data: AlertData;
}

function stateOf(row: Row): ListedAlert['state'] {
  if (row.resolved_at) return 'resolved';
  if (row.recovering_since) return 'recovering';
  if (row.acknowledged_at) return 'acknowledged';
  if (row.silenced_until && row.silenced_until.getTime() > Date.now()) return 'silenced';
  return row.data.event === 'no-data' ? 'no-data' : 'firing';
}

const asListed = (row: Row): ListedAlert => ({
  alertId: row.alert_id,
  workflowId: row.workflow_id,
  rule: row.rule,
  target: row.target,
  level: row.level,
  test: row.test,
  state: stateOf(row),
  since: row.since.toISOString(),
  openedAt: row.opened_at.toISOString(),
  ...(row.acknowledged_at && { acknowledgedAt: row.acknowledged_at.toISOString() }),
  ...(row.acknowledged_by !== null && { acknowledgedBy: row.acknowledged_by }),
  ...(row.silenced_until && { silencedUntil: row.silenced_until.toISOString() }),
  ...(row.silenced_by !== null && { silencedBy: row.silenced_by }),
  ...(row.resolved_at && { resolvedAt: row.resolved_at.toISOString() }),
  ...(row.resolved_by !== null && { resolvedBy: row.resolved_by }),
  flaps: row.flaps,
  data: row.data,
});

/** The open alerts, critical ones and old ones first; with `all` the last fifty, open or not. */
export async function listAlerts(ops: Queryable, { all = false } = {}): Promise<ListedAlert[]> {
  const rows = all
    ? await ops.query<Row>('select * from ops.alerts order by alert_id desc limit 50')
    : await ops.query<Row>(
        `select * from ops.alerts where resolved_at is null
         order by array_position(array['critical', 'important', 'info'], level), alert_id`,
      );
  return rows.map(asListed);
}

export async function readAlert(ops: Queryable, alertId: number): Promise<ListedAlert | undefined> {
  const [row] = await ops.query<Row>('select * from ops.alerts where alert_id = $1', [alertId]);
  return row && asListed(row);
}

/** The last incident of a rule on a target. */
export async function readLastAlert(
  ops: Queryable,
  rule: string,
  target: string,
): Promise<ListedAlert | undefined> {
  const text = 'select * from ops.alerts where rule = $1 and target = $2 order by alert_id desc limit 1';
  const [row] = await ops.query<Row>(text, [rule, target]);
  return row && asListed(row);
}
