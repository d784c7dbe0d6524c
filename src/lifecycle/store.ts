/** `ops.lifecycles`: the facts of each lifecycle, from which a sleeping workflow can be made again. */
import type { Queryable } from '../clients/postgres.ts';
import { isOver, LOOK_MS, nextActionAt, type LifecyclePolicy, type LifecycleState } from './state.ts';

interface Row {
  account_id: string;
  episode: number;
  phase: LifecycleState['phase'];
  policy: LifecyclePolicy;
  inactive_since: Date | null;
  asked_at: Date | null;
  told: string | null;
  remind_at: Date | null;
  reminded_at: Date | null;
  deadline: Date | null;
  archived_at: Date | null;
  held_since: Date | null;
  held_by: string | null;
  blocked: string[] | null;
  trouble: string | null;
  reactivation_by: string | null;
  erasure_requested: boolean;
  erased: boolean;
  next_action_at: Date | null;
  ended_at: Date | null;
  ended_by: string | null;
  revision: number;
}

const iso = (at: Date | null): string | undefined => at?.toISOString();

export const stateOf = (
  row: Row,
  { now, searchable }: { now: Date; searchable: boolean },
): LifecycleState => ({
  accountId: row.account_id,
  episode: row.episode,
  phase: row.phase,
  policy: row.policy,
  inactiveSince: iso(row.inactive_since) ?? now.toISOString(),
  askedAt: iso(row.asked_at),
  told: row.told ?? undefined,
  remindAt: iso(row.remind_at),
  remindedAt: iso(row.reminded_at),
  deadline: iso(row.deadline),
  archivedAt: iso(row.archived_at),
  held: row.held_since ? { since: row.held_since.toISOString(), by: row.held_by ?? 'operator' } : undefined,
  blocked: row.blocked ?? undefined,
  trouble: row.trouble ?? undefined,
  reactivationBy: row.reactivation_by ?? undefined,
  requested: row.erasure_requested || undefined,
  erased: row.erased || undefined,
  lookAt: new Date(now.getTime() + LOOK_MS).toISOString(),
  endedAt: iso(row.ended_at),
  endedBy: row.ended_by ?? undefined,
  revision: row.revision,
  searchable,
});

export const readLifecycle = async (ops: Queryable, accountId: string): Promise<Row | undefined> =>
  (await ops.query<Row>('select * from ops.lifecycles where account_id = $1', [accountId]))[0];

/**
 * The open lifecycle of an account, or a new one: the next episode where an earlier one is over. What is open already
 * is left as it is.
 */
export async function claimLifecycle(
  ops: Queryable,
  { accountId, policy, erase }: { accountId: string; policy: LifecyclePolicy; erase?: boolean },
): Promise<Row> {
  await ops.query(
    `insert into ops.lifecycles as l (account_id, phase, policy, erasure_requested) values ($1, $2, $3, $4)
     on conflict (account_id) do update
        set (episode, phase, policy, erasure_requested, revision, started_at, updated_at) =
            (l.episode + 1, excluded.phase, excluded.policy, excluded.erasure_requested, 0, now(), now()),
            (inactive_since, asked_at, told, remind_at, reminded_at, deadline, archived_at, held_since, held_by, blocked,
             trouble, reactivation_by, erased, next_action_at, ended_at, ended_by, run_id) =
            row (null, null, null, null, null, null, null, null, null, null, null, null, false, null, null, null, null)
      where l.ended_at is not null`,
    [accountId, erase ? 'erasing' : 'asking', JSON.stringify(policy), erase ?? false],
  );
  const row = await readLifecycle(ops, accountId);
  if (!row) throw new Error('the lifecycle that was just claimed is not there');
  return row;
}

/** Writes what the workflow knows. Whoever is anonymised, here and elsewhere, is forgotten. */
export async function recordState(ops: Queryable, state: LifecycleState, runId: string): Promise<void> {
  if (state.phase === 'anonymized' || state.endedBy === 'gone') {
    await ops.query('delete from ops.lifecycles where account_id = $1', [state.accountId]);
    return;
  }
  await ops.query(
    `update ops.lifecycles set (phase, policy, inactive_since, asked_at, told, remind_at, reminded_at, deadline, archived_at,
                                held_since, held_by, blocked, trouble, reactivation_by, erasure_requested, erased,
                                next_action_at, ended_at, ended_by, run_id, revision, updated_at) =
        ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, now())
      where account_id = $1 and episode = $2 and revision < $23`,
    [
      ...[state.accountId, state.episode, state.phase, JSON.stringify(state.policy), state.inactiveSince],
      ...[state.askedAt, state.told, state.remindAt, state.remindedAt, state.deadline, state.archivedAt],
      ...[state.held?.since, state.held?.by, state.blocked, state.trouble, state.reactivationBy],
      ...[state.requested ?? false, state.erased ?? false, nextActionAt(state)],
      ...[isOver(state) ? state.endedAt : undefined, state.endedBy, runId, state.revision],
    ].map((value) => value ?? null),
  );
}

/** Of these accounts those whose lifecycle is under way, and those who came back after an instant. */
export async function readConcerned(
  ops: Queryable,
  accountIds: readonly string[],
  cameBackAfter: Date,
): Promise<Set<string>> {
  const rows = await ops.query<{ account_id: string }>(
    `select account_id from ops.lifecycles where account_id = any ($1)
        and (ended_at is null and phase <> 'asking' or phase = 'reactivated' and ended_at >= $2)`,
    [accountIds, cameBackAfter],
  );
  return new Set(rows.map(({ account_id }) => account_id));
}

/** Accounts of all lifecycles under way, after `after`, by id: for `talos rebuild` and changed policies. */
export async function readOpen(
  ops: Queryable,
  { after = '', limit = 500, phases }: { after?: string; limit?: number; phases?: readonly string[] } = {},
): Promise<string[]> {
  const rows = await ops.query<{ account_id: string }>(
    `select account_id from ops.lifecycles where ended_at is null and account_id > $1 and phase = any (coalesce($3, array[phase]))
      order by account_id limit $2`,
    [after, limit, phases ?? null],
  );
  return rows.map(({ account_id }) => account_id);
}

/** Lifecycles whose next step is long overdue: held ones have none. */
export async function countOverdue(ops: Queryable, before: Date): Promise<number> {
  const [row] = await ops.query<{ count: number }>(
    'select count(*)::int as count from ops.lifecycles where ended_at is null and next_action_at < $1',
    [before],
  );
  return row?.count ?? 0;
}

/** What `talos customer list` shows: a thousand at the most. */
export const readUnderWay = (ops: Queryable, overdue: boolean): Promise<Row[]> =>
  ops.query<Row>(
    `select * from ops.lifecycles
      where ended_at is null and (not $1 or next_action_at < now() - interval '2 days')
      order by next_action_at nulls last, account_id limit 1000`,
    [overdue],
  );
