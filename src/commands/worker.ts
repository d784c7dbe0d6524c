import { Command } from 'commander';
import type { Config } from '../config/index.ts';
import type { Logger } from '../logger.ts';
import { EXIT, runAction } from './output.ts';
import { readSettings, withSettings, type SettingsOptions } from './settings.ts';
import { stopRequest } from './stop-request.ts';

interface Running {
  stop(): Promise<void>;
  failed?: Promise<never>;
}

/** Starts, waits for SIGTERM, SIGINT or a failure, and stops in order. */
async function runUntilStopped(
  options: SettingsOptions,
  start: (settings: Config, logger: Logger) => Promise<Running>,
): Promise<0 | 1> {
  const { createLogger, endLogs } = await import('../logger.ts');
  const config = await readSettings(options);
  const { secrets, environment } = config;
  const logger = createLogger({ secrets, betterstack: environment.betterstack });
  const asked = stopRequest((line) => logger.info(line));
  const running = await start(config, logger);
  for (const { scheduleId, missing, ready } of config.jobs)
    if (!ready) logger.info({ scheduleId, missing }, 'this job is off: settings are missing');
  try {
    await Promise.race([asked.promise, ...(running.failed ? [running.failed] : [])]);
    return EXIT.done;
  } finally {
    await running.stop();
    await endLogs();
    asked.release();
    // Whatever still holds the process open by then is not worth waiting for.
    setTimeout(() => process.exit(), 5_000).unref();
  }
}

export const workerCommand = (): Command =>
  withSettings(new Command('worker'))
    .description('run a worker: it does the jobs; start as many as you like, on as many machines')
    .option('--http', 'also serve webhooks and health from this process')
    .action(
      runAction((options: SettingsOptions & { http?: boolean }) =>
        runUntilStopped(options, async (config, logger) => {
          const { startWorker } = await import('../worker.ts');
          const worker = await startWorker(config, { logger, http: options.http });
          logger.info({ pid: process.pid }, 'the worker polls');
          return worker;
        }),
      ),
    );

export const serveCommand = (): Command =>
  withSettings(new Command('serve'))
    .description('run the HTTP server alone: webhooks and health')
    .action(
      runAction((options: SettingsOptions) =>
        runUntilStopped(options, async (config, logger) => {
          const { startServer } = await import('../server.ts');
          const server = await startServer(config, logger);
          logger.info({ url: server.url }, 'http listens');
          return server;
        }),
      ),
    );
