/** Rows of `ops.alerts` that are still to be written. Sandboxed. */
import { log, proxyActivities } from '@temporalio/workflow';
import type { AlertActivities } from './activities.ts';
import { recordOf, type AlertRecord } from './record.ts';
import type { AlertEvent, AlertState } from './state.ts';

const { recordAlert } = proxyActivities<AlertActivities>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '7 days',
  retry: { initialInterval: '2 seconds', maximumInterval: '30 seconds' },
});

export interface Unrecorded {
  unrecorded: AlertRecord[];
  /** Episode and revision that were handed over last. */
  revision: string;
}

/** Brings `ops.alerts` up to what is known, one row at a time, for as long as it takes the database to answer. */
export function createRecorder(carried: Unrecorded | undefined, push: (event: AlertEvent) => void) {
  let unrecorded = carried?.unrecorded ?? [];
  let revision = carried?.revision ?? '';
  let busy = false;

  const run = async (): Promise<void> => {
    busy = true;
    for (let record = unrecorded[0]; record; record = unrecorded[0]) {
      const mine = record;
      try {
        push({ kind: 'numbered', alertId: await recordAlert(mine), episode: mine.episode });
      } catch (error) {
        log.error('this alert could not be written to ops.alerts', { error: String(error) });
      }
      unrecorded = unrecorded.filter((other) => other !== mine);
    }
    busy = false;
    push({ kind: 'wake' });
  };
  if (unrecorded.length > 0) void run();

  return {
    /** `openAlert` has written it, or could not. */
    opened(episode: { number: number; revision: number }, alertId: number): void {
      if (alertId > 0) revision = `${episode.number}.${episode.revision}`;
    },
    note(state: AlertState): void {
      const { episode } = state;
      if (episode === undefined || revision === `${episode.number}.${episode.revision}`) return;
      revision = `${episode.number}.${episode.revision}`;
      // What a newer one says of the same episode need not be written twice.
      const [current, ...later] = unrecorded;
      const others = later.filter((one) => one.episode !== episode.number);
      unrecorded = [...(current ? [current] : []), ...others, recordOf(state, episode)];
      if (!busy) void run();
    },
    idle: (): boolean => unrecorded.length === 0 && !busy,
    carry: (): Unrecorded => ({ unrecorded, revision }),
  };
}
