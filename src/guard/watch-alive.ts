import type { Queryable } from '../clients/postgres.ts';
import type { ScheduleStanding } from './backup-watch.ts';

/** What the guard asks about the watch of availability. */
export interface AvailabilityWatch {
  ops: Queryable;
  /** Looks once a run instead of all the time. */
  single: boolean;
  /** Undefined when Temporal has no such Schedule. */
  schedule: () => Promise<ScheduleStanding | undefined>;
}

/**
 * So long without a sight and it is not running, whatever Temporal says of its Schedule. A look takes 20 s and a minute
 * of ours may just have passed: with these the outside service hears of it within 4 minutes.
 */
const SILENT = { watch: '2 minutes', single: '8 minutes' };

/**
 * Whether the watch looks, and will go on looking. A Schedule that is paused or gone is said at once: its last run still
 * has minutes to go, and nobody comes after it.
 */
export async function watchIsAlive({ ops, single, schedule }: AvailabilityWatch): Promise<boolean> {
  const standing = await schedule();
  if (standing === undefined || standing.paused) return false;
  const rows = await ops.query(
    `select from ops.samples where at > now() - $1::interval and metric like 'availability:%' limit 1`,
    [single ? SILENT.single : SILENT.watch],
  );
  return rows.length > 0;
}
