import { applySchedules, diffSchedules, readPauses, standingOf } from '../schedules/index.ts';
import type { RebuildContext, Rebuilt } from './rebuild.ts';

/** The Schedules of the table, as `talos schedules apply` makes them. */
export async function rebuildSchedules({ client, config, dryRun }: RebuildContext): Promise<Rebuilt> {
  const found = await diffSchedules({ client, ...config });
  const wanted = found.filter(
    ({ status }) => status === 'missing' || status === 'in step' || status === 'differs',
  );
  const missing = found.filter(({ status }) => status === 'missing');
  if (!dryRun) await applySchedules({ client, ...config });
  return {
    part: 'Schedules',
    known: wanted.length,
    running: wanted.length - missing.length,
    made: missing.length,
  };
}

/** What an operator had paused stays so: a job that was stopped on purpose must not run because Temporal was lost. */
export async function rebuildPauses({ client, clients, dryRun }: RebuildContext): Promise<Rebuilt> {
  const pauses = await readPauses(clients.ops);
  let running = 0;
  for (const { scheduleId, note } of pauses) {
    const standing = await standingOf(client, scheduleId);
    if (standing?.paused) running += 1;
    else if (!dryRun && standing) await client.schedule.getHandle(scheduleId).pause(note || undefined);
  }
  return { part: 'pauses', known: pauses.length, running, made: pauses.length - running };
}
