/**
 * expiration-essais, daily at 01:00 Paris (EX1–EX5), and relance-essais-inactifs, daily at 10:00 Paris (NU1–NU4).
 * Ids only: whom a message is for is read at the moment of sending, inside the activity.
 */
import { proxyActivities } from '@temporalio/workflow';
import { passOnRefusals } from '../notifications/workflow.ts';
import { runJob } from '../workflow-kit/workflow.ts';
import type { EndingActivities } from './endings.ts';
import type { NudgeActivities } from './nudges.ts';
import { describeTrials, failureOf, worded, type TrialsJob, type TrialsResult } from './result.ts';
import { round, settingsOf, type TrialSettings } from './round.ts';
import { watched } from './trouble.ts';

/** Overrides of `maintenance.yaml` for one run. */
export interface TrialsInput extends Partial<TrialSettings> {
  /** Says whom it would reach, and changes nothing. */
  dryRun?: boolean;
}

const { findEndedTrials, findInactiveTrials, readConversions } = proxyActivities<
  EndingActivities & NudgeActivities
>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '1 minute',
  scheduleToCloseTimeout: '2 hours',
});

const { endTrial } = proxyActivities<EndingActivities>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '2 hours',
});

/** They beat each second while a message leaves; a mail server that is away is waited for half a day. */
const { tellTrialEnded, nudgeTrial } = proxyActivities<EndingActivities & NudgeActivities>({
  startToCloseTimeout: '3 minutes',
  heartbeatTimeout: '10 seconds',
  scheduleToCloseTimeout: '12 hours',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '30 seconds' },
});

export async function expireTrials(input: TrialsInput = {}): Promise<TrialsResult> {
  const job: TrialsJob = 'expiration-essais';
  return runJob<TrialsInput, TrialsResult>({
    ...{ scheduleId: job, input, describe: describeTrials(job), failed: failureOf },
    work: (resolved, scheduled) =>
      watched(job, scheduled, async () => {
        const at = scheduled.toISOString();
        const ended = await round({
          ...{ job, resolved, at: scheduled },
          find: () => findEndedTrials({ at, limit: settingsOf(resolved).perRun }),
          async one(trialId) {
            const ending = await endTrial({ trialId, at });
            if (ending !== 'ended') return { outcomes: [ending], count: false };
            return { outcomes: ['ended', worded(await tellTrialEnded({ trialId }))], count: true };
          },
        });
        return { ...ended, conversions: await readConversions(at) };
      }),
  });
}

export async function nudgeInactiveTrials(input: TrialsInput = {}): Promise<TrialsResult> {
  const job: TrialsJob = 'relance-essais-inactifs';
  return runJob<TrialsInput, TrialsResult>({
    ...{ scheduleId: job, input, describe: describeTrials(job), failed: failureOf },
    work: (resolved, scheduled) =>
      watched(job, scheduled, async () => {
        const at = scheduled.toISOString();
        const { inactiveDays, nudgeEveryDays, nudgesPerTrial, perRun } = settingsOf(resolved);
        const pace = { inactiveDays, nudgeEveryDays, nudgesPerTrial };
        if (resolved.mode === 'armed') await passOnRefusals();
        return round({
          ...{ job, resolved, at: scheduled },
          find: () => findInactiveTrials({ at, limit: perRun, ...pace }),
          async one(trialId) {
            const nudged = await nudgeTrial({ trialId, at, ...pace });
            if (nudged === undefined) return { outcomes: ['came back'], count: false };
            const { email, sms } = nudged;
            return {
              outcomes: [`e-mail ${email}`, ...(sms === undefined ? [] : [`SMS ${sms}`])],
              count: [email, sms].some((told) => told === 'sent' || told === 'already sent'),
            };
          },
        });
      }),
  });
}
