import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from './logger.ts';
import { createActivities } from './activities.ts';
import { logSlowActivities } from './activity-log.ts';
import type { AlertTimes } from './alerts/times.ts';
import type { Host } from './clients/host.ts';
import { createClients } from './clients/index.ts';
import { temporalConnection, type Config } from './config/index.ts';
import { warmEmails } from './notifications/index.ts';
import { startServer } from './server.ts';
import { TASK_QUEUE } from './shared/ids.ts';
import { sweepScratch } from './backup/index.ts';

/**
 * Sleeping lifecycles cost nothing until they wake; about a hundred cached workflows cover all that run at once,
 * and each costs some hundred kB: the default (memory-based, thousands) let workers grow without bound.
 */
const MAX_CACHED_WORKFLOWS = 100;

const PREBUILT = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));

export interface RunningWorker {
  /** Lets running activities end (or hands them back), then closes every connection. */
  stop(): Promise<void>;
  /** Rejects when the worker ends without having been asked to. */
  failed: Promise<never>;
}

export interface WorkerOptions {
  logger: Logger;
  /** Also serves webhooks, health and pages from this process. */
  http?: boolean;
  /** Other times of alerts than the usual ones, and another view of the server: the demo has its own. */
  alertTimes?: Partial<AlertTimes>;
  host?: Host;
}

/** Config → clients → activities → worker; stopped in reverse order. Any number of identical workers may run. */
export async function startWorker(config: Config, options: WorkerOptions): Promise<RunningWorker> {
  const { connectionOptions, namespace } = temporalConnection(config);
  await sweepScratch(config.environment.workDir);
  const connection = await NativeConnection.connect(connectionOptions);
  const { alertTimes, host } = options;
  const opened = createClients(config);
  const clients = host ? { ...opened, host } : opened;
  try {
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue: TASK_QUEUE,
      activities: createActivities(clients, config, alertTimes),
      interceptors: { activity: [logSlowActivities] },
      // From source (tests) the bundle is made on the spot.
      workflowBundle: existsSync(PREBUILT)
        ? { codePath: PREBUILT }
        : await bundleWorkflowCode({
            workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
          }),
      maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
      // A successor resumes from the last heartbeat: at most this old, not 0.8 × the timeout.
      maxHeartbeatThrottleInterval: '1 second',
      // A backup under way is handed back at once: the next worker begins anew, so that a deploy does not wait.
      shutdownGraceTime: '5 seconds',
      shutdownForceTime: '20 seconds',
    });
    const server = options.http ? await startServer(config, options.logger) : undefined;
    const run = worker.run();
    // The first alert must not wait for libraries, a second each. What fails here fails, and is told, where it is used.
    const { locale, timeZone } = config.policy;
    void Promise.allSettled([warmEmails({ locale, timeZone }), clients.sms?.warm()]);
    let stopping = false;
    const failed = new Promise<never>((_resolve, reject) => {
      run.then(
        () => {
          if (!stopping) reject(new Error('the worker ended by itself'));
        },
        (error: unknown) => reject(error instanceof Error ? error : new Error(String(error))),
      );
    });
    failed.catch(() => undefined);
    return {
      failed,
      stop: async () => {
        stopping = true;
        await server?.stop();
        if (worker.getState() === 'RUNNING') worker.shutdown();
        await run.catch(() => undefined);
        await clients.close();
        await connection.close();
      },
    };
  } catch (error) {
    await clients.close();
    await connection.close();
    throw error;
  }
}
