import type { BackupWatch } from './backup-watch.ts';
import type { Check } from './check.ts';

const DAY_MS = 86_400_000;

/**
 * Nobody has opened a real backup with a private key for too long. The proof cannot see this: it opens backups with a
 * key of its own, made for it alone. Told weekly: it is not urgent on any one day.
 */
export const keyUnchecked = (watch: BackupWatch, limitDays: number): Check => ({
  name: 'key-unchecked',
  repeat: 'weekly',
  async look(at) {
    if (watch.missing.length > 0) return { is: 'silent', why: 'backup-database is off: there is no key' };
    const lastCheck = await watch.lastKeyCheck();
    // Never tried: counted from when there was something to try it on.
    const since =
      lastCheck ?? (await watch.firstBackup()) ?? (await watch.schedule('backup-database'))?.createdAt;
    if (since === undefined) return { is: 'silent', why: 'there is no backup to try a key on' };
    if (at.getTime() - Date.parse(since) <= limitDays * DAY_MS) {
      if (lastCheck === null) return { is: 'silent', why: 'no key was tried yet, and it is not late' };
      return {
        is: 'fine',
        over: (alert) => ({
          level: 'info',
          channels: ['email'],
          template: 'guard-over',
          data: { what: 'key-unchecked', at: at.toISOString(), since: alert.since, checkedAt: lastCheck },
        }),
      };
    }
    return {
      is: 'found',
      message: {
        level: 'important',
        template: 'guard-key-unchecked',
        data: { at: at.toISOString(), limitDays, lastCheck, since },
      },
    };
  },
});
