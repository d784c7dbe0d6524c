/** What needs a person now, the worst first. Pure. */
import type { ListedAlert } from '../../alerts/list.ts';
import type { Config } from '../../config/index.ts';
import type { Facts } from './facts.ts';
import type { JobState } from './jobs.ts';

export type JobConcern = 'braked' | 'failed' | 'lost' | 'late' | 'not-applied' | 'paused';

export type Concern = { tone: 'bad' | 'warn' } & (
  | { kind: 'silent'; source: 'temporal' | 'ops' | 'app' }
  | { kind: 'no-worker' }
  | { kind: 'alert'; alert: ListedAlert }
  | { kind: 'no-backup'; since?: Date }
  | { kind: 'blind'; since: Date }
  | { kind: JobConcern; jobs: JobState[] }
  | { kind: 'unsent' | 'lifecycles'; count: number }
);

/** The slowest watch looks every five minutes. */
const BLIND_MS = 15 * 60_000;
const HOUR_MS = 3_600_000;

/** Nobody has said yet that they see to it. */
export const isWaiting = ({ state }: ListedAlert): boolean => state === 'firing' || state === 'no-data';

export function concernsOf({ policy }: Pick<Config, 'policy'>, facts: Facts, jobs: JobState[]): Concern[] {
  const { temporal, ops, app, at } = facts;
  const found: Concern[] = [];
  if (!ops.known) found.push({ tone: 'bad', kind: 'silent', source: 'ops' });
  if (!temporal.known) found.push({ tone: 'bad', kind: 'silent', source: 'temporal' });
  if (!app.known) found.push({ tone: 'bad', kind: 'silent', source: 'app' });
  if (temporal.known && temporal.value.workers === 0) found.push({ tone: 'bad', kind: 'no-worker' });
  if (ops.known) {
    const { alerts, backups, unsent, targets } = ops.value;
    for (const alert of alerts.filter(isWaiting))
      found.push({ tone: alert.level === 'critical' ? 'bad' : 'warn', kind: 'alert', alert });
    const backup = jobs.find(({ id }) => id === 'backup-database');
    const age = backups.proven && at.getTime() - backups.proven.at.getTime();
    // Before the first one is due there is nothing to tell; the job's own row says when.
    const isOld =
      age === undefined ? backups.last !== undefined : age > policy.backup.alertAfterHours * HOUR_MS;
    if (isOld && backup?.state !== 'off')
      found.push({ tone: 'bad', kind: 'no-backup', since: backups.proven?.at });
    const seen = targets.reduce((newest, { seenAt }) => Math.max(newest, seenAt.getTime()), 0);
    if (seen > 0 && at.getTime() - seen > BLIND_MS)
      found.push({ tone: 'bad', kind: 'blind', since: new Date(seen) });
    for (const kind of JOB_CONCERNS) {
      const concerned = jobs.filter((job) => ofJob(job) === kind);
      // One line for all of a kind: a worker that was away makes every job late.
      if (concerned.length > 0) found.push({ tone: 'warn', kind, jobs: concerned });
    }
    const waiting = unsent.reduce((sum, { count }) => sum + count, 0);
    if (waiting > 0) found.push({ tone: 'warn', kind: 'unsent', count: waiting });
    const halted = ops.value.lifecycles.reduce((sum, { trouble }) => sum + trouble, 0);
    if (halted > 0) found.push({ tone: 'warn', kind: 'lifecycles', count: halted });
  }
  return found.sort((a, b) => Number(a.tone === 'warn') - Number(b.tone === 'warn'));
}

const JOB_CONCERNS: readonly JobConcern[] = ['braked', 'failed', 'lost', 'late', 'not-applied', 'paused'];

function ofJob({ state, last, lateSince }: JobState): JobConcern | undefined {
  if (state === 'off') return undefined;
  if (last?.braked && !last.lost) return 'braked';
  if (state === 'paused') return 'paused';
  if (state === 'not applied') return 'not-applied';
  if (last?.lost) return 'lost';
  if (lateSince) return 'late';
  return last?.outcome === 'failed' ? 'failed' : undefined;
}
