import pg from 'pg';

/** A place where one statement can run: the pool, or one transaction of it. */
export interface Queryable {
  /** Runs one statement and returns its rows. Values are bound, never interpolated. */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<Row[]>;
}

export interface Transaction extends Queryable {
  /** Runs one statement and returns how many rows it changed, without having them sent. */
  execute(text: string, values?: readonly unknown[]): Promise<number>;
}

/** What the project needs of PostgreSQL. Safe behind a transaction pooler: no session state outlives a call. */
export interface Postgres extends Queryable {
  /** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
  transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** One connection that keeps its session: for snapshots, advisory locks and administration. */
export interface PostgresSession extends Queryable {
  close(): Promise<void>;
}

export interface PostgresOptions {
  url: string;
  /** Shown in pg_stat_activity; monitoring leaves sessions named `talos-*` out of its slow-query alert. */
  applicationName: `talos-${string}`;
  /** Connections at the most; a worker needs few, a pooler's limit is shared. */
  max?: number;
  connectTimeoutMs?: number;
}

// int8 as number: counts and bytes stay far below 2^53, and callers would convert them one by one.
const INT8_OID = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): ((value: string) => unknown) =>
    oid === INT8_OID ? Number : (pg.types.getTypeParser(oid, format ?? 'text') as (value: string) => unknown),
};

const asQueryable = (client: pg.ClientBase | pg.Pool): Queryable => ({
  query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
    // Without values the simple protocol is used, which allows several statements in one text (migrations, adapters).
    (values.length === 0 ? await client.query<Row>(text) : await client.query<Row>(text, [...values])).rows,
});

const settings = (options: PostgresOptions): pg.ClientConfig => ({
  connectionString: options.url,
  application_name: options.applicationName,
  connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
  keepAlive: true,
  types,
});

export function createPostgres(options: PostgresOptions): Postgres {
  const pool = new pg.Pool({ ...settings(options), max: options.max ?? 4, idleTimeoutMillis: 30_000 });
  // An idle connection that breaks emits 'error' on the pool; without a listener it would end the process.
  // The next query opens a new connection and reports what is wrong.
  pool.on('error', () => undefined);
  return {
    ...asQueryable(pool),
    async transaction(work) {
      const client = await pool.connect();
      let broken: Error | undefined;
      // A checked-out client that loses its server emits 'error' too, outside any query.
      client.on('error', (error) => (broken = error));
      try {
        await client.query('begin');
        const result = await work({
          ...asQueryable(client),
          execute: async (text, values = []) => (await client.query(text, [...values])).rowCount ?? 0,
        });
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback').catch((failure: Error) => (broken = failure));
        throw error;
      } finally {
        client.removeAllListeners('error');
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}

export async function openPostgresSession(options: PostgresOptions): Promise<PostgresSession> {
  const client = new pg.Client(settings(options));
  // The failure reaches the caller through the query that is under way, or the next one.
  client.on('error', () => undefined);
  await client.connect();
  return { ...asQueryable(client), close: () => client.end() };
}
