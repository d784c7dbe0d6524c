import type { BackupWatch } from './backup-watch.ts';
import type { Check } from './check.ts';

/** An operator's own words, as long as anyone reads. */
const NOTE_SHOWN = 200;
const HOUR_MS = 3_600_000;

/**
 * No proven backup for too long, whatever the reason: runs that fail, a Schedule that is paused or gone, a worker that
 * was off. What failed has told so itself; this tells that nothing came after it.
 */
export const noBackup = (watch: BackupWatch, limitHours: number): Check => ({
  name: 'no-backup',
  repeat: 'daily',
  async look(at) {
    if (watch.missing.length > 0)
      return { is: 'silent', why: `backup-database is off: set ${watch.missing.join(', ')}` };
    const lastProven = await watch.lastProven();
    const withinLimit = (since: string) => at.getTime() - Date.parse(since) <= limitHours * HOUR_MS;
    if (lastProven && withinLimit(lastProven.at)) {
      return {
        is: 'fine',
        over: ({ since }) => ({
          level: 'important',
          template: 'guard-over',
          data: { what: 'no-backup', at: at.toISOString(), since, backup: lastProven },
        }),
      };
    }
    const schedule = await watch.schedule('backup-database');
    // Deleted before its first backup: then the guard's own age says how long nothing was backed up.
    const installed = (schedule ?? (await watch.schedule('talos-guard')))?.createdAt;
    if (!lastProven && installed !== undefined && withinLimit(installed))
      return { is: 'silent', why: 'installed a short time ago: the first backup is not due' };
    return {
      is: 'found',
      message: {
        level: 'critical',
        template: 'guard-no-backup',
        data: {
          at: at.toISOString(),
          limitHours,
          lastProven,
          installedAt: installed,
          schedule: schedule ? (schedule.paused ? 'paused' : 'active') : 'missing',
          pauseNote: schedule?.paused ? schedule.note?.slice(0, NOTE_SHOWN) : undefined,
          lastRun: await watch.lastRun(),
        },
      },
    };
  },
});
