/** What both jobs do: look, ask where it is far more than usual, go through the trials one by one. Sandboxed. */
import { isCancellation, setCurrentDetails } from '@temporalio/workflow';
import { holdForAnswer, openGate, readBrakeHistory, type ResolvedPolicy } from '../workflow-kit/workflow.ts';
import { NOT_TOLD, type Found, type TrialsJob, type TrialsResult } from './result.ts';

/** The part of `trials` in `maintenance.yaml` that a run decides by. */
export interface TrialSettings {
  inactiveDays: number;
  nudgeEveryDays: number;
  nudgesPerTrial: number;
  perRun: number;
  brakeMinimum: number;
  brakePercent: number;
}

interface Round {
  job: TrialsJob;
  at: Date;
  resolved: ResolvedPolicy;
  find: () => Promise<Found>;
  /** Does it for one trial, and names what became of it; `count`: it counts as done. */
  one: (trialId: string) => Promise<{ outcomes: string[]; count: boolean }>;
}

/** At once: a mail server takes a few connections of one sender, and a worker has other work. */
const AT_ONCE = 8;
const LISTED = 50;

export const settingsOf = ({ settings }: ResolvedPolicy): TrialSettings =>
  settings as unknown as TrialSettings;

export async function round({ job, at, resolved, find, one }: Round): Promise<TrialsResult> {
  const { brakeMinimum, brakePercent } = settingsOf(resolved);
  const ask = openGate();
  const { trialIds, count: found, unfinished, accounts } = await find();
  const result: TrialsResult = {
    ...{ mode: resolved.mode, found, count: found, outcomes: {}, unknown: [], failed: [] },
    ...{ left: Math.max(0, found + unfinished - trialIds.length), amounts: { customers: found } },
  };
  if (resolved.mode !== 'armed') return result;

  const { preview } = await readBrakeHistory(job);
  result.brake = await holdForAnswer(ask, { job, at, found, accounts, brakeMinimum, brakePercent, preview });
  if (result.brake && result.brake.answer !== 'approved')
    return { ...result, count: 0, left: found + unfinished, amounts: {} };

  result.count = 0;
  const waiting = [...trialIds];
  const worker = async (): Promise<void> => {
    for (let trialId = waiting.shift(); trialId !== undefined; trialId = waiting.shift()) {
      const done = await one(trialId).catch((error: unknown) => {
        // One person who cannot be told must not keep all others from it.
        if (isCancellation(error)) throw error;
        return { outcomes: [NOT_TOLD], count: false };
      });
      if (done.count) result.count += 1;
      for (const outcome of done.outcomes) {
        result.outcomes[outcome] = (result.outcomes[outcome] ?? 0) + 1;
        const list = outcome.endsWith('unknown') ? result.unknown : outcome === NOT_TOLD ? result.failed : [];
        if (list.length < LISTED) list.push(trialId);
      }
      if (waiting.length % AT_ONCE === 0) setCurrentDetails(`${String(waiting.length)} trials to go`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return result;
}
