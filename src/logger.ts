import { DefaultLogger, Runtime, type LogLevel } from '@temporalio/worker';
import { pino, type Logger } from 'pino';

export type { Logger };

const LEVELS: Record<LogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/** Fields of the SDK's log entries that people search by; the rest is noise at every line. */
const FIELDS = ['workflowType', 'workflowId', 'runId', 'activityType', 'attempt', 'taskQueue'];

/**
 * JSON lines on stdout (a service manager keeps them), or in a file. Temporal's own messages go the same way.
 * Once per process, before the first worker. No setting and no payload is ever logged.
 */
export function createLogger(options: { level?: string; file?: string } = {}): Logger {
  const logger = pino(
    { level: options.level ?? 'info', base: undefined, timestamp: pino.stdTimeFunctions.isoTime },
    options.file ? pino.destination({ dest: options.file, mkdir: true, sync: true }) : undefined,
  );
  Runtime.install({
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      const fields = Object.fromEntries(
        FIELDS.flatMap((name) => (meta && name in meta ? [[name, meta[name as never]]] : [])),
      );
      const error: unknown = meta?.['error'];
      logger[LEVELS[level]](
        { ...fields, ...(error instanceof Error ? { err: `${error.name}: ${error.message}` } : {}) },
        message,
      );
    }),
    // The process decides when it ends: see commands/worker.ts.
    shutdownSignals: [],
  });
  return logger;
}
