import path from 'node:path';
import { ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { loadConfig } from '../config/index.ts';
import { isBroken } from '../dev/demo-breaks.ts';
import { createDemoHost } from '../dev/demo-host.ts';
import { DEMO_ALERT_TIMES, demoPolicy } from '../dev/demo-policy.ts';
import type { Stack } from '../dev/stack.ts';
import { createLogger } from '../logger.ts';
import { applySchedules } from '../schedules/index.ts';
import { startWorker } from '../worker.ts';
import { withTemporal } from './connect.ts';

/** What runs on top of the stack: worker, HTTP server and schedules. */
export interface Program {
  stop(): Promise<void>;
  failed: Promise<never>;
}

const WATCHES = ['monitoring-disponibilite', 'monitoring-performance'] as const;

/** Starts the watches now, and not at their next time; one that goes on from before is left alone. */
async function watchAtOnce(client: Client): Promise<void> {
  for (const id of WATCHES) {
    const handle = client.schedule.getHandle(id);
    // Somebody has paused it in the Web UI.
    if ((await handle.describe()).state.paused) continue;
    await handle.trigger(ScheduleOverlapPolicy.SKIP);
  }
}

export async function startProgram(stack: Stack, onProgress: (line: string) => void): Promise<Program> {
  // The stack's own settings and nothing else: no `.env`, no environment of the caller.
  const read = await loadConfig({ stateDir: stack.stateDir, dotenv: false });
  const config = { ...read, policy: demoPolicy(read.policy) };
  const logFile = path.join(stack.stateDir, 'logs', 'worker.log');
  const logger = createLogger({ file: logFile, secrets: config.secrets });
  const [worker, schedules] = await Promise.allSettled([
    startWorker(config, {
      logger,
      http: true,
      alertTimes: DEMO_ALERT_TIMES,
      host: createDemoHost(() => isBroken(stack.stateDir, 'disk')),
    }),
    withTemporal(config, async (client) => {
      await applySchedules({ client, ...config });
      await watchAtOnce(client);
    }),
  ]);
  if (worker.status === 'rejected') throw worker.reason;
  if (schedules.status === 'rejected') {
    await worker.value.stop();
    throw schedules.reason;
  }
  onProgress('the schedules are applied, the worker polls, the watches look');
  const failed = worker.value.failed.catch((error: Error) => {
    throw new Error(`${error.message}: see ${logFile}`, { cause: error });
  });
  return { stop: () => worker.value.stop(), failed };
}
