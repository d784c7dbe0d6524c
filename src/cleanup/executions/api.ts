/** Old executions through n8n's public API: slow, and the one way that takes their binary data along. */
import { setTimeout as delay } from 'node:timers/promises';
import type { N8nApi } from '../../clients/n8n.ts';
import type { Found, RemoveContext, Removed, Source, Warning } from '../source.ts';
import { endedBefore, isExpired } from './expired.ts';

interface Settings {
  /** Days since an execution ended. */
  keepDays: number;
  /** Deletions; n8n answers its users meanwhile. */
  perSecond: number;
}

const SAMPLES = 5;

export const createExecutionSource = (api: N8nApi, settings: Settings): Source => ({
  name: 'n8n:executions',
  kind: 'executions',
  check: (signal) => check(api, signal),
  find: (at, signal) => find(api, endedBefore(at, settings.keepDays), signal),
  remove: (context) => remove(api, settings, context),
});

/** That n8n is there, and that the key may list and read; whether it may delete, only a deletion tells. */
async function check(api: N8nApi, signal: AbortSignal): Promise<Warning[]> {
  for await (const { executions } of api.executions({ signal })) {
    const [first] = executions;
    if (first) await api.execution(first.id, signal);
    break;
  }
  return [];
}

async function find(api: N8nApi, before: Date, signal: AbortSignal): Promise<Found> {
  const found: Found = { count: 0, bytes: 0, samples: [], warnings: [] };
  for await (const { executions } of api.executions({ signal }))
    for (const execution of executions) {
      if (!isExpired(execution, before)) continue;
      const ended = execution.stoppedAt?.toISOString() ?? '';
      found.count += 1;
      // One that does not say makes the sum unknown.
      found.bytes = execution.bytes === undefined ? NaN : (found.bytes ?? 0) + execution.bytes;
      if (found.oldest === undefined || ended < found.oldest) found.oldest = ended;
      if (found.newest === undefined || ended > found.newest) found.newest = ended;
      // Newest first, so that the last ones are the oldest.
      found.samples = [execution.id, ...found.samples].slice(0, SAMPLES);
    }
  if (Number.isNaN(found.bytes)) delete found.bytes;
  return found;
}

interface Where {
  cursor?: string;
}

/**
 * One after the other, page by page. The cursor of a page names an id, so nothing is skipped while executions go, and a
 * successor begins with the page that its predecessor was at; what is gone from it is not listed again.
 */
async function remove(
  api: N8nApi,
  { keepDays, perSecond }: Settings,
  { at, signal, progress, before, deadline }: RemoveContext,
): Promise<Removed> {
  const ended = endedBefore(at, keepDays);
  let count = before?.count ?? 0;
  let bytes = before?.bytes ?? 0;
  let changed = 0;
  let kept = 0;
  const result = (finished: boolean): Removed => ({
    count,
    ...(bytes > 0 && { bytes }),
    ...(changed + kept > 0 && {
      left: { ...(changed > 0 && { changed }), ...(kept > 0 && { notAllowed: kept }) },
    }),
    warnings: kept > 0 ? [{ code: 'ExecutionsNotAllowed' }] : [],
    finished,
  });

  let free = 0;
  const turn = async (): Promise<void> => {
    const now = performance.now();
    if (now < free) await delay(free - now, undefined, { signal });
    free = Math.max(now, free) + 1_000 / perSecond;
  };

  const { cursor: from } = (before?.resume ?? {}) as Where;
  for await (const { cursor, executions } of api.executions({ cursor: from, signal })) {
    const resume: Where = { cursor };
    progress({ count, bytes, resume });
    if (Date.now() > deadline.getTime()) return result(false);
    for (const { id } of executions.filter((execution) => isExpired(execution, ended))) {
      signal.throwIfAborted();
      if (Date.now() > deadline.getTime()) return result(false);
      await turn();
      // The list is as old as the page: n8n deletes waiting and new ones as well, and cannot be asked for a condition.
      const now = await api.execution(id, signal);
      if (now === undefined) continue;
      if (!isExpired(now, ended)) {
        changed += 1;
        continue;
      }
      const outcome = await api.deleteExecution(id, signal);
      if (outcome === 'deleted') {
        count += 1;
        bytes += now.bytes ?? 0;
        progress({ count, bytes, resume });
      } else if (outcome === 'running') changed += 1;
      // Somebody was faster, or the key's owner may see the workflow and not delete in it.
      else if (await api.execution(id, signal)) kept += 1;
    }
  }
  return result(true);
}
