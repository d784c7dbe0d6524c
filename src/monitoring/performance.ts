/** One look at how well server, application and database do. */
import type { Sample } from '../alerts/index.ts';
import type { PostgresMonitor } from '../clients/postgres-monitor.ts';
import { classOf } from '../clients/probe.ts';
import { DATABASE, databaseTimes, readDatabase, type DatabaseReading } from './database-reader.ts';
import type { HostReader } from './host-reader.ts';
import { HOST } from './host-samples.ts';
import type { WatchState } from './state.ts';
import type { Target } from './targets.ts';
import type { Look } from './watch.ts';

export interface PerformanceDeps {
  app?: Target;
  database: PostgresMonitor;
  host: HostReader;
  /** Whether sshd's port answers; undefined where this machine is measured. */
  hostAnswers?: (signal: AbortSignal) => Promise<boolean>;
  /** The other watch tells of what is down: this one leaves it to it. */
  availabilityIsOn: boolean;
  readEveryMs: number;
  slowSeconds: number;
  /** A job of ours that runs now. */
  ownJob: () => Promise<string | undefined>;
  /** Whether somebody keeps the processor of the machine that is read busy as a test; undefined: not of this one. */
  testLoad?: () => Promise<boolean>;
}

/** Below it nobody asks who it is. */
const BUSY_PERCENT = 60;
/** A reading that is due within this time is read now. */
const SLACK_MS = 1_000;

/** Time of the whole answer. One that never came counts as long as it was waited for; other failures are no time. */
async function appTimes(app: Target, at: number, signal: AbortSignal): Promise<Sample[]> {
  const { state, reason, phases } = await app.probe(signal);
  if (state !== 'up' && reason !== 'timeout') return [];
  const value = Math.round(phases.total * 100) / 100;
  return [{ metric: 'api_ms', target: app.name, at, value, count: 1 }];
}

const isKnown = ({ value }: Sample): boolean => value !== undefined;

export function performanceLook(deps: PerformanceDeps): Look {
  const { app, database, host, availabilityIsOn } = deps;

  async function readHost(state: WatchState, at: number, signal: AbortSignal) {
    const { samples, memory, hostErrors } = await host.read(state.host, at, signal);
    if (samples.some(isKnown)) return { samples, memory, hostErrors };
    // A server that is gone is told once, by the probe of its port.
    const gone = availabilityIsOn && deps.hostAnswers && !(await deps.hostAnswers(signal));
    return { samples: gone ? [] : samples, memory };
  }

  async function readDatabaseOnce(
    state: WatchState,
    at: number,
    hostErrors?: number,
  ): Promise<DatabaseReading> {
    const { slowSeconds } = deps;
    try {
      return await readDatabase(database, state.database, at, { slowSeconds, hostErrors });
    } catch (error) {
      const unknown = { metric: 'slow_query_seconds', target: DATABASE, at, unknown: classOf(error).reason };
      return { samples: availabilityIsOn ? [] : [unknown], memory: state.database };
    }
  }

  /** Says who keeps the processor busy, where it is one of us. */
  async function withOwnJob(samples: Sample[]): Promise<Sample[]> {
    const cpu = samples.find(({ metric, target }) => metric === 'cpu_percent' && target === HOST);
    if ((cpu?.value ?? 0) < BUSY_PERCENT) return samples;
    // Not knowing it is no reason to keep the figure back.
    const [ownJob, test] = await Promise.all([
      deps.ownJob().catch(() => undefined),
      deps.testLoad?.().catch(() => false) ?? false,
    ]);
    // A test rings as it would in earnest, and says that it is one.
    const who = test ? { test } : ownJob ? { ownJob } : {};
    return samples.map((sample) => (sample === cpu ? { ...sample, ...who } : sample));
  }

  return async (state, at, signal) => {
    const times = await Promise.all([
      app ? appTimes(app, at, signal) : [],
      databaseTimes(database, at).then((found) =>
        availabilityIsOn ? found.filter((sample) => isKnown(sample)) : found,
      ),
    ]);
    const isDue = state.readAt === undefined || at - state.readAt >= deps.readEveryMs - SLACK_MS;
    const answered = Object.fromEntries(
      times
        .flat()
        .flatMap(({ metric, target, value }) =>
          metric === 'api_ms' || metric === 'db_ms' ? [[target, value ?? 0]] : [],
        ),
    );
    if (!isDue) return { samples: times.flat(), times: answered, state: {} };
    const server = await readHost(state, at, signal);
    const ofDatabase = await readDatabaseOnce(state, at, server.hostErrors);
    return {
      samples: [...times.flat(), ...(await withOwnJob(server.samples)), ...ofDatabase.samples],
      times: answered,
      state: { host: server.memory, database: ofDatabase.memory, readAt: at },
    };
  };
}
