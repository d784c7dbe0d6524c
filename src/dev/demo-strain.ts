/** The breaks of the demo that somebody must hold: busy processes, and connections to its database. */
import { openPostgresSession, type PostgresSession } from '../clients/postgres.ts';
import { startLoad } from '../monitoring/load.ts';
import { BREAK_MS, mend, readBreaks, writeHeld, type Held, type HeldReport } from './demo-breaks.ts';

export interface StrainOptions {
  stateDir: string;
  /** The demo application's database, as its superuser. */
  databaseUrl: string;
}

interface Strain {
  /** For the person who broke it. */
  done: string;
  release(): Promise<void>;
}

const LOOK_MS = 250;
/** Above the 80 % of AL5, and with room for the demo's own work. */
const SHARE = 0.86;
const AT_ONCE = 8;

/** Ends by itself, and with us: also after a `kill -9`. */
async function strainProcessor(): Promise<Strain> {
  const load = startLoad(BREAK_MS / 1000);
  return {
    done: `${String(load.pids.length)} busy processes at nice 19, one per core (pid ${load.pids.join(', ')})`,
    release: async () => load.stop(),
  };
}

const USED = `select (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used,
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as "limit"`;

async function strainDatabase({ databaseUrl: url }: StrainOptions): Promise<Strain> {
  const open = async (): Promise<PostgresSession> => {
    const session = await openPostgresSession({ url, applicationName: 'talos-dev', connectTimeoutMs: 5_000 });
    // Sessions named talos-… are ours, and no slow query of ours is told. A server that looks whether its clients are
    // there leaves no query behind a killed stack.
    await session.query(
      `set application_name = 'demo-customers'; set client_connection_check_interval = '1s'`,
    );
    return session;
  };
  const sessions = [await open()];
  const [control] = sessions as [PostgresSession];
  const closeAll = async (): Promise<void> =>
    void (await Promise.allSettled(sessions.map((session) => session.close())));
  try {
    const [row] = await control.query<{ used: number; limit: number }>(USED);
    const { used = 0, limit = 0 } = row ?? {};
    const missing = Math.max(1, Math.ceil(limit * SHARE) - used);
    while (sessions.length <= missing) {
      const batch = Math.min(AT_ONCE, missing + 1 - sessions.length);
      sessions.push(...(await Promise.all(Array.from({ length: batch }, open))));
    }
    const sleeper = sessions.at(-1) as PostgresSession;
    const [backend] = await sleeper.query<{ pid: number }>('select pg_backend_pid() as pid');
    const sleeping = sleeper.query('select pg_sleep($1)', [BREAK_MS / 1000]).then(
      () => undefined,
      () => undefined,
    );
    return {
      done: `${String(sessions.length - 1)} idle connections, ${String(used + sessions.length - 1)} of ${String(limit)} in use, and one query that sleeps (pid ${String(backend?.pid)})`,
      async release() {
        // A server notices that its client has gone only when it has something to say.
        await control.query('select pg_cancel_backend($1)', [backend?.pid]).catch(() => undefined);
        await Promise.race([sleeping, control.query('select pg_sleep(1)').catch(() => undefined)]);
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Looks at what is to be broken, and brings it about or ends it; all is released when it stops. */
export async function startStrain(options: StrainOptions): Promise<{ stop(): Promise<void> }> {
  const { stateDir } = options;
  const begin: Record<Held, () => Promise<Strain>> = {
    cpu: strainProcessor,
    db: () => strainDatabase(options),
  };
  const holding = new Map<Held, Strain>();
  const report: HeldReport = {};

  async function adjust(what: Held, until: string | undefined): Promise<void> {
    const strain = holding.get(what);
    if (until === undefined) {
      if (strain === undefined) return;
      holding.delete(what);
      await strain.release();
      delete report[what];
    } else if (strain === undefined) {
      try {
        const held = await begin[what]();
        holding.set(what, held);
        report[what] = { until, done: held.done };
      } catch (error) {
        mend(stateDir, [what]);
        report[what] = { until, error: (error as Error).message };
      }
    } else if (report[what]?.until !== until) report[what] = { until, done: strain.done };
    else return;
    writeHeld(stateDir, report);
  }

  async function look(): Promise<void> {
    const breaks = readBreaks(stateDir);
    await Promise.allSettled((['cpu', 'db'] as const).map((what) => adjust(what, breaks[what])));
  }

  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= look().finally(() => (looking = undefined));
  }, LOOK_MS);
  return {
    async stop() {
      clearInterval(timer);
      await looking;
      await Promise.allSettled([...holding.values()].map((strain) => strain.release()));
    },
  };
}
