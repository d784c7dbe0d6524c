/** What nettoyage-logs does beside deleting. Sandboxed. */
import { isCancellation, log, proxyActivities } from '@temporalio/workflow';
import { causeOf } from '../../workflow-kit/workflow.ts';
import type { StoredWeek } from '../result.ts';
import type { LogActivities } from './activities.ts';
import type { LogFigures } from './figures.ts';

const { readLogFigures, storeWeekOfLogs, pruneLogArchives } = proxyActivities<LogActivities>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '20 seconds',
  retry: { maximumAttempts: 10, maximumInterval: '5 minutes' },
});

/** A report without figures beats a clean-up that does not run. */
export async function lookAtLogs(at: Date): Promise<LogFigures | undefined> {
  try {
    return await readLogFigures(at.toISOString());
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('the figures of the logs could not be read', { error: causeOf(error).message });
    return undefined;
  }
}

/** What cannot be stored is said in the report, and fails the run at its end. */
export async function storeWeek(at: Date): Promise<StoredWeek> {
  try {
    return await storeWeekOfLogs(at.toISOString());
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { week: '', objects: 0, rows: 0, bytes: 0, failure: causeOf(error) };
  }
}

/** What stays a week longer harms nobody. */
export async function pruneKept(at: Date): Promise<number | undefined> {
  try {
    return await pruneLogArchives(at.toISOString());
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('archives that were kept long enough could not be deleted', { error: causeOf(error).message });
    return undefined;
  }
}
