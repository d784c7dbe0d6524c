/** What both clean-ups do: look at every source, ask where it is far more than usual, delete. Sandboxed. */
import { isCancellation, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import {
  brakeReasons,
  causeOf,
  openGate,
  readBrakeHistory,
  type BrakeReason,
  type ResolvedPolicy,
} from '../workflow-kit/workflow.ts';
import type { CleanActivities, CleanJob } from './activities.ts';
import { totals, type CleanResult, type SourceOutcome } from './result.ts';

/** The part of `cleanup` in `maintenance.yaml` that a run decides by. */
export interface CleanSettings {
  minutes: number;
  brakeMinimum: number;
}

const { listCleanSources } = proxyActivities<CleanActivities>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '1 hour',
});

const { findExpired } = proxyActivities<CleanActivities>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '20 seconds',
  retry: { maximumAttempts: 5, maximumInterval: '5 minutes' },
});

/**
 * Lost workers are no failure of the source; each attempt goes on where the last one stood, soon. A database that is away
 * is waited for almost an hour.
 */
const removing = (minutes: number) =>
  proxyActivities<CleanActivities>({
    startToCloseTimeout: `${String(minutes + 15)} minutes`,
    heartbeatTimeout: '20 seconds',
    retry: { maximumAttempts: 120, maximumInterval: '30 seconds' },
  }).removeExpired;

interface Sweep {
  job: CleanJob;
  at: Date;
  resolved: ResolvedPolicy;
  /** Tells a person that the brake holds; must not fail. */
  tellBraked: (reasons: BrakeReason[], sources: SourceOutcome[]) => Promise<void>;
  /** Between looking and deleting: what must be kept before it goes. */
  beforeDeleting?: () => Promise<void>;
}

/** One wrong setting or one system that is away must not keep all others from being cleaned. */
async function attempt(outcome: SourceOutcome, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isCancellation(error)) throw error;
    outcome.failure = causeOf(error);
  }
}

export async function sweep(given: Sweep): Promise<CleanResult> {
  const { job, at, resolved } = given;
  const { minutes, brakeMinimum } = resolved.settings as unknown as CleanSettings;
  const ask = openGate();
  const sources: SourceOutcome[] = [...(await listCleanSources(job))];
  const input = (name: string) => ({ job, name, at: at.toISOString() });

  for (const source of sources) {
    setCurrentDetails(`Looking at ${source.name}`);
    await attempt(source, async () => {
      source.found = await findExpired({ ...input(source.name), samples: resolved.mode !== 'armed' });
    });
  }
  const amounts = Object.fromEntries(
    sources.flatMap(({ name, found }) => (found ? [[name, found.count] as const] : [])),
  );
  const result: CleanResult = { mode: resolved.mode, ...wouldGo(sources), sources, amounts };
  if (resolved.mode !== 'armed') return result;

  const removeAll = async (wanted: readonly SourceOutcome[]): Promise<void> => {
    const remove = removing(minutes);
    for (const source of wanted) {
      if (!source.found || source.found.count === 0) continue;
      setCurrentDetails(`Deleting from ${source.name}: ${String(source.found.count)} found`);
      await attempt(source, async () => {
        source.removed = await remove({ ...input(source.name), minutes });
      });
    }
  };

  const reasons = brakeReasons(amounts, await readBrakeHistory(job), brakeMinimum);
  const isHeld = ({ name }: SourceOutcome) => reasons.some(({ what }) => what === name);
  await given.beforeDeleting?.();
  await removeAll(sources.filter((source) => !isHeld(source)));
  if (reasons.length > 0) {
    const held = sources.filter(isHeld);
    await given.tellBraked(reasons, held);
    setCurrentDetails(brakeInWords(reasons));
    const answer = await ask();
    result.brake = { reasons, answer };
    if (answer === 'approved') await removeAll(held);
    else
      for (const source of held) {
        source.held = true;
        delete amounts[source.name];
      }
  }
  return { ...result, ...totals(sources) };
}

const wouldGo = (sources: readonly SourceOutcome[]): { count: number; bytes: number } => ({
  count: sources.reduce((sum, { found }) => sum + (found?.count ?? 0), 0),
  bytes: sources.reduce((sum, { found }) => sum + (found?.bytes ?? 0), 0),
});

const brakeInWords = (reasons: readonly BrakeReason[]): string =>
  [
    '**The brake holds.** Waiting for the Update `approve` or `reject` (72 hours).',
    '',
    ...reasons.map(
      ({ what, planned, limit, against }) =>
        `- ${what}: ${String(planned)} would go, more than ${String(limit)} ` +
        (against === 'mean'
          ? '(three times the mean of the last runs)'
          : '(what the preview said, and a fifth)'),
    ),
  ].join('\n');
