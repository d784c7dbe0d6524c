import type { Client } from '@temporalio/client';
import type { Queryable } from '../clients/postgres.ts';
import { standingOf } from './standing.ts';
import { INTERNAL_SCHEDULES, SCHEDULES } from './table.ts';

export interface Pause {
  scheduleId: string;
  note: string;
  /** ISO 8601. */
  seenAt: string;
}

const OURS: ReadonlySet<string> = new Set(
  [...SCHEDULES, ...INTERNAL_SCHEDULES].map(({ scheduleId }) => scheduleId),
);

export const readPauses = (ops: Queryable): Promise<Pause[]> =>
  ops.query<Pause & Record<string, unknown>>(
    `select schedule_id as "scheduleId", note, to_json(seen_at) #>> '{}' as "seenAt"
       from ops.schedule_pauses order by schedule_id`,
  );

/**
 * Writes down which of our Schedules are paused, so that it survives Temporal. What is no longer paused is forgotten,
 * unless the Schedule is a younger one than the pause: that one was made after a loss, and `talos rebuild` is still due.
 */
export async function notePauses(client: Client, ops: Queryable, now: Date): Promise<void> {
  const paused = new Map<string, string>();
  for await (const { scheduleId, state } of client.schedule.list())
    if (OURS.has(scheduleId) && state.paused) paused.set(scheduleId, state.note ?? '');
  if (paused.size > 0)
    await ops.query(
      `insert into ops.schedule_pauses (schedule_id, note, seen_at)
       select id, note, $3::timestamptz from unnest($1::text[], $2::text[]) as seen (id, note)
       on conflict (schedule_id) do update set note = excluded.note, seen_at = excluded.seen_at`,
      [[...paused.keys()], [...paused.values()], now],
    );
  for (const { scheduleId, seenAt } of await readPauses(ops)) {
    if (paused.has(scheduleId)) continue;
    const standing = await standingOf(client, scheduleId);
    if (standing && !standing.paused && Date.parse(standing.createdAt) <= Date.parse(seenAt))
      await ops.query('delete from ops.schedule_pauses where schedule_id = $1', [scheduleId]);
  }
}
