import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { asyncLocalStorage } from '@temporalio/activity';
import { DefaultLogger, makeTelemetryFilterString, Runtime, type LogLevel } from '@temporalio/worker';
import { pino, type Logger } from 'pino';
import { createMask, errorText } from './log-mask.ts';

export type { Logger };

const LEVELS: Record<LogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/** Fields of the SDK's log entries that nobody searches by: noise at every line. */
const NOISE = new Set(['sdkComponent', 'namespace', 'taskQueue', 'taskToken', 'isLocal', 'error']);

export interface LoggerOptions {
  level?: string;
  /** A file instead of stdout. */
  file?: string;
  /** Values of settings that must not be seen in any line. */
  secrets?: readonly string[];
  /** host:port where Temporal's runtime tells Prometheus its metrics. */
  metricsAddress?: string;
  /** Where lines also go. */
  betterstack?: { sourceToken: string; endpoint?: string };
}

/** As Prometheus wants names: counters end in `_total`, durations are seconds. */
const PROMETHEUS_NAMES = { countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };

/** Ends what still carries lines away; at most three seconds, for stdout has them all. */
let endTransport: () => Promise<void> = () => Promise.resolve();
export const endLogs = (): Promise<void> => endTransport();
const LAST_LINES_MS = 3_000;

/**
 * JSON lines on stdout (a service manager keeps them), or in a file; and at BetterStack. Temporal's own messages go the
 * same way. Once per process, before the first worker. Each line passes the mask before it leaves.
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { file, betterstack, metricsAddress } = options;
  const here = file ? pino.destination({ dest: file, mkdir: true, sync: true }) : process.stdout;
  const logger = pino(
    {
      level: options.level ?? 'info',
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: createMask(options.secrets ?? []) },
      serializers: { err: (error: unknown) => (error instanceof Error ? withPlace(error) : error) },
      mixin: activityIds,
    },
    betterstack ? pino.multistream([{ stream: here }, { stream: toBetterStack(betterstack) }]) : here,
  );
  Runtime.install({
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      logger[LEVELS[level]](fieldsOf(meta ?? {}), message);
    }),
    // The SDK's core writes through the same logger, and not beside it in a form of its own.
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
      ...(metricsAddress && {
        metrics: { prometheus: { bindAddress: metricsAddress, ...PROMETHEUS_NAMES } },
      }),
    },
    // The process decides when it ends: see commands/worker.ts.
    shutdownSignals: [],
  });
  return logger;
}

/** Which run and which attempt wrote a line: whatever logs inside an activity need not know that it is one. */
function activityIds(): object {
  const context = asyncLocalStorage.getStore();
  if (context === undefined) return {};
  const { workflowExecution, workflowType, activityId, activityType, attempt } = context.info;
  const { workflowId, runId } = workflowExecution ?? {};
  return { workflowType, workflowId, runId, activityType, activityId, attempt };
}

/** What an entry of the SDK or of a workflow says, flat: our own attributes are ids, codes and counts. */
function fieldsOf(meta: Record<string | symbol, unknown>): object {
  const plain = Object.entries(meta)
    .filter(([name, value]) => !NOISE.has(name) && ['string', 'number', 'boolean'].includes(typeof value))
    // An activity calls it otherwise than its workflow does: one name finds both.
    .map(([name, value]) => [name === 'workflowRunId' ? 'runId' : name, value] as const);
  const error = meta['error'];
  return { ...Object.fromEntries(plain), ...(error === undefined ? {} : { err: errorText(error) }) };
}

/** An error's text and where it came from; not its further fields, in which drivers keep rows and requests. */
const withPlace = (error: Error): object => ({
  message: errorText(error),
  stack: error.stack?.split('\n').filter((line) => /^\s+at /.test(line)),
});

function toBetterStack({ sourceToken, endpoint }: NonNullable<LoggerOptions['betterstack']>) {
  const stream = pino.transport<object>({
    target: '@logtail/pino',
    options: {
      sourceToken,
      // What BetterStack does not take is on stdout; where a line stands in our code says nothing to its readers.
      options: { ...(endpoint ? { endpoint } : {}), ignoreExceptions: true, captureStackContext: false },
    },
  });
  // A carrier of logs that breaks must not end what it reports on.
  stream.on('error', () => undefined);
  endTransport = async () => {
    const waiting = new AbortController();
    const { signal } = waiting;
    // A timer that holds the process: with nothing else to do it would end in the middle, as a failure.
    const closed = Promise.race([
      once(stream, 'close', { signal }),
      delay(LAST_LINES_MS, undefined, { signal }),
    ]);
    stream.end();
    await closed.catch(() => undefined);
    waiting.abort();
  };
  return stream;
}
