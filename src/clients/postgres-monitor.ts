import pg from 'pg';
import { parse } from 'pg-connection-string';
import { classOf, codeOf, type Probe } from './probe.ts';

/** A PostgreSQL that is watched: one connection is kept, and a fresh one is tried when asked. */
export interface PostgresMonitor {
  /** Where it is; empty or a path for a socket of this machine. */
  host: string;
  /** `select 1` on the kept connection, which is opened where there is none; its opening is not part of the time. */
  ping(): Promise<Probe>;
  /** Opens a connection and closes it: what a new client meets. `too many clients` is a reason of its own. */
  connect(): Promise<Probe>;
  /** One statement on the kept connection, ended by the server after 3 s.. */
  query<Row extends object>(text: string): Promise<Row[]>;
  close(): Promise<void>;
}

/** The reason of a server that answers and has no connection left. */
export const TOO_MANY_CLIENTS = 'too many clients';

const CONNECT_MS = 5_000;
const STATEMENT_MS = 3_000;
/** Longer than the server's own limit: this is for a server that does not answer at all. */
const ANSWER_MS = 4_000;
const APPLICATION = 'talos-monitor';

// Class 28: password or pg_hba; 3D000: no such database; 42501: not allowed.
const OURS = /^(?:28...|3D000|42501)$/;
const CROWDED = /too many (?:clients|connections)|remaining connection slots|max ?client/i;
const TLS = /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL)/;

const now = (): number => performance.now();

/** What a failure means. Its text may name hosts and users, and stays here. */
function failed(error: unknown, began: number): Probe {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : '';
  const answer = (state: Probe['state'], reason: string): Probe => ({
    state,
    reason,
    detail: code,
    phases: { total: now() - began },
  });
  if (code === '53300' || CROWDED.test(message)) return answer('down', TOO_MANY_CLIENTS);
  if (code !== undefined && OURS.test(code)) return answer('unknown', `login refused (${code})`);
  if (code === '57P03') return answer('down', 'starting or stopping');
  if (code === '57014') return answer('down', 'timeout');
  if (TLS.test(code ?? '') || /SSL/.test(message)) return answer('down', 'tls');
  if (/timeout|timed out/i.test(message)) return answer('down', 'timeout');
  return answer('down', classOf(error).reason);
}

export function createPostgresMonitor({ url }: { url: string }): PostgresMonitor {
  let kept: Promise<pg.Client> | undefined;

  async function open(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: url,
      application_name: APPLICATION,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
    });
    // Whoever asks next hears of it; without a listener it would end the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
  }

  const drop = (): void => {
    const gone = kept;
    kept = undefined;
    void gone?.then((client) => client.end()).catch(() => undefined);
  };

  function connection(): Promise<pg.Client> {
    if (kept) return kept;
    const opening = open();
    kept = opening;
    const forget = (): void => {
      if (kept === opening) kept = undefined;
    };
    opening.then((client) => client.once('end', forget), forget);
    return opening;
  }

  /** Errors of a statement leave the connection as it is; anything else makes it useless. */
  async function ask<Row extends object>(text: string): Promise<{ rows: Row[]; ms: number }> {
    const client = await connection();
    const began = now();
    try {
      // One message is one transaction, so that the limit holds behind a transaction pooler too, and for nobody else.
      const results = (await client.query(
        `select set_config('statement_timeout', '${String(STATEMENT_MS)}', true); ${text}`,
      )) as unknown as pg.QueryResult<Row>[];
      return { rows: results.at(-1)?.rows ?? [], ms: now() - began };
    } catch (error) {
      const inStatement = /^(?!57P|08)[0-9A-Z]{5}$/.test(codeOf(error) ?? '');
      if (!inStatement) drop();
      throw error;
    }
  }

  return {
    host: parse(url).host ?? '',
    async ping() {
      const began = now();
      try {
        const { ms } = await ask('select 1');
        return { state: 'up', phases: { total: ms } };
      } catch (error) {
        return failed(error, began);
      }
    },
    async connect() {
      const began = now();
      try {
        const client = await open();
        const probe: Probe = { state: 'up', phases: { total: now() - began } };
        void client.end().catch(() => undefined);
        return probe;
      } catch (error) {
        return failed(error, began);
      }
    },
    async query<Row extends object>(text: string) {
      return (await ask<Row>(text)).rows;
    },
    async close() {
      const client = await kept?.catch(() => undefined);
      kept = undefined;
      await client?.end().catch(() => undefined);
    },
  };
}
