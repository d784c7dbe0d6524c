import type { Postgres } from '../clients/postgres.ts';
import type { AlertData, AlertDigestData } from '../notifications/notice.ts';
import type { AlertRecord } from './record.ts';
import type { OpenedAlert } from './state.ts';

/** Newer than the row or not: the older never overwrites, so that a late attempt harms nothing. */
const UPSERT = `
  insert into ops.alerts as mine
    (workflow_id, run_id, episode, rule, target, level, test, since, opened_at, acknowledged_at, acknowledged_by,
     silenced_at, silenced_until, silenced_by, recovering_since, resolved_at, resolved_by, flaps, revision, data)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
  on conflict (run_id, episode) do update
    set level = excluded.level, test = excluded.test, since = excluded.since,
        acknowledged_at = excluded.acknowledged_at, acknowledged_by = excluded.acknowledged_by,
        silenced_at = excluded.silenced_at, silenced_until = excluded.silenced_until,
        silenced_by = excluded.silenced_by, recovering_since = excluded.recovering_since,
        resolved_at = excluded.resolved_at, resolved_by = excluded.resolved_by, flaps = excluded.flaps,
        revision = excluded.revision, data = excluded.data
    where mine.revision < excluded.revision
  returning alert_id`;

const valuesOf = (record: AlertRecord): unknown[] => {
  const { acknowledged, silenced, resolved } = record;
  const { workflowId, runId, episode, rule, target, level, test, since, openedAt } = record;
  return [
    ...[workflowId, runId, episode, rule, target, level, test, since, openedAt],
    ...[acknowledged?.at ?? null, acknowledged?.by ?? null],
    ...[silenced?.at ?? null, silenced ? new Date(silenced.until) : null, silenced?.by ?? null],
    record.recoveringSince ?? null,
    ...[resolved?.at ?? null, resolved?.by ?? null],
    ...[record.flaps, record.revision, JSON.stringify(record.data)],
  ];
};

const NUMBER = 'select alert_id from ops.alerts where run_id = $1 and episode = $2';

const SILENCE = `
  select silenced_at, silenced_until, silenced_by from ops.alerts
  where rule = $1 and target = $2 and run_id <> $3 order by alert_id desc limit 1`;

const ENDS = `
  select resolved_at from ops.alerts
  where rule = $1 and target = $2 and not test and resolved_by = 'recovery'
    and resolved_at > now() - make_interval(secs => $3)
  order by resolved_at limit 50`;

/** Not the whole table at once: alerts that began together, and were not told yet. */
const JOIN = `
  update ops.alerts set group_key = $1
  where group_key is null and resolved_at is null and acknowledged_at is null and not test and level <> 'critical'
    and (silenced_until is null or silenced_until < now())
    and opened_at >= $2::timestamptz - make_interval(secs => $3)`;

const MEMBERS = 'select alert_id, data from ops.alerts where group_key = $1 order by alert_id';

export interface AlertStore {
  /** Writes the row, and returns its number and what earlier incidents left behind. */
  open(
    record: AlertRecord,
    flapWindowMs: number,
  ): Promise<Pick<OpenedAlert, 'alertId' | 'silenced' | 'recentEnds'>>;
  /** Writes what is newer than the row, and returns its number. */
  record(record: AlertRecord): Promise<number>;
  /** The alerts to be told in one notice with this one; undefined: it is alone. */
  group(alertId: number, windowMs: number): Promise<{ key: string; data: AlertDigestData } | undefined>;
}

export function createAlertStore(ops: Postgres): AlertStore {
  const upsert = async (record: AlertRecord): Promise<number> => {
    const [row] = await ops.query<{ alert_id: number }>(UPSERT, valuesOf(record));
    if (row) return row.alert_id;
    const [known] = await ops.query<{ alert_id: number }>(NUMBER, [record.runId, record.episode]);
    if (!known) throw new Error('the row is gone');
    return known.alert_id;
  };
  return {
    record: upsert,
    async open(record, flapWindowMs) {
      const { rule, target, runId } = record;
      const [alertId, [silence], ends] = await Promise.all([
        upsert(record),
        ops.query<{ silenced_at: Date; silenced_until: Date | null; silenced_by: string }>(SILENCE, [
          ...[rule, target, runId],
        ]),
        ops.query<{ resolved_at: Date }>(ENDS, [rule, target, flapWindowMs / 1_000]),
      ]);
      const silenced =
        silence?.silenced_until && silence.silenced_until.getTime() > Date.now()
          ? {
              at: silence.silenced_at.toISOString(),
              by: silence.silenced_by,
              until: silence.silenced_until.getTime(),
            }
          : undefined;
      return {
        alertId,
        ...(silenced && { silenced }),
        recentEnds: ends.map(({ resolved_at }) => resolved_at.getTime()),
      };
    },
    group: (alertId, windowMs) =>
      ops.transaction(async (tx) => {
        // One at a time: two that begin together must not each found a group.
        await tx.query(`select pg_advisory_xact_lock(hashtext('ops.alerts.group'))`, []);
        const own = 'select group_key, opened_at from ops.alerts where alert_id = $1';
        const [mine] = await tx.query<{ group_key: string | null; opened_at: Date }>(own, [alertId]);
        const key = mine?.group_key ?? `alert-group/${alertId}`;
        if (mine && !mine.group_key) await tx.query(JOIN, [key, mine.opened_at, windowMs / 1_000]);
        const members = await tx.query<{ alert_id: number; data: AlertData }>(MEMBERS, [key]);
        if (members.length < 2) return undefined;
        const alerts = members.map(({ alert_id, data }) => {
          const { workflowId, runId, ...told } = data;
          void [workflowId, runId];
          return { ...told, alertId: alert_id };
        });
        // Of the data alone, so that each member makes the same notice.
        const at =
          alerts
            .map((one) => one.at)
            .sort()
            .at(-1) ?? '';
        return { key, data: { why: 'grouped' as const, at, alerts } };
      }),
  };
}
