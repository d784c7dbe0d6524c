/**
 * talos-guard, every minute: looks whether the jobs still do what they are for, and tells what it finds. Not a job:
 * it leaves no row in `ops.runs`, which would be half a million a year, and few events in its history.
 */
import { ApplicationFailure, log, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { NotificationActivities } from '../notifications/index.ts';
import { ping, scheduledAt } from '../workflow-kit/workflow.ts';
import type { GuardActivities } from './activities.ts';
import { TRIES, type Sight } from './check.ts';

export interface GuardInput {
  /** ISO 8601: looks as of this instant instead of the scheduled one. What it tells counts as told for that day. */
  at?: string;
}

export interface GuardResult {
  at: string;
  checks: Sight[];
  /** Keys of the notices that are out, now or since an earlier run. */
  told: string[];
}

// All of it ends before the next minute's run is due, or soon after.
const { checkMaintenance } = proxyActivities<GuardActivities>({
  startToCloseTimeout: '12 seconds',
  scheduleToCloseTimeout: '45 seconds',
  retry: { maximumAttempts: TRIES, initialInterval: '2 seconds' },
});

// Not the patient one of the jobs: what does not leave now, the next minute's run sends under the same key.
const { notify } = proxyActivities<NotificationActivities>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '45 seconds',
});

const inWords = (checks: readonly Sight[]): string =>
  checks
    .map(({ check, state, why }) => `- ${check}: ${state}${why === undefined ? '' : ` (${why})`}`)
    .join('\n');

export async function guardMaintenance(input: GuardInput = {}): Promise<GuardResult> {
  const at = input.at ?? scheduledAt().toISOString();
  const { checks, notices, heartbeat } = await checkMaintenance({ at });
  setCurrentDetails(inWords(checks));
  // One that does not leave must not hold back the others.
  const sent = await Promise.allSettled(notices.map((notice) => notify(notice)));
  const keys = notices.map(({ key }) => key);
  const unsent = keys.filter((_key, index) => sent[index]?.status === 'rejected');
  // Said last: a guard that hangs before it says nothing, and is missed.
  await ping(heartbeat !== undefined, 'talos-guard', unsent.length > 0 ? 'fail' : (heartbeat ?? 'success'));
  const unknown = checks.filter(({ state }) => state === 'unknown');
  if (unknown.length > 0 || unsent.length > 0) {
    // A guard that cannot see or speak must not look like one that found nothing.
    const message = [...unsent.map((key) => `not sent: ${key}`), inWords(unknown)].filter(Boolean).join('\n');
    log.error('the guard could not do its work', { message });
    throw ApplicationFailure.nonRetryable(message, unknown.length > 0 ? 'GuardBlind' : 'NoticeUnsent');
  }
  return { at, checks, told: keys };
}
