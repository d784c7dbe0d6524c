import { Client, Connection } from '@temporalio/client';
import { createPostgres } from './clients/postgres.ts';
import { temporalConnection, type Config } from './config/index.ts';
import { startHttpServer } from './http/server.ts';
import type { Logger } from './logger.ts';

export interface RunningServer {
  url: string;
  stop(): Promise<void>;
}

/** The HTTP server with its own connections: alone (`talos serve`) or beside a worker (`talos worker --http`). */
export async function startServer(
  config: Config,
  logger: Logger,
  workerMetrics?: string,
): Promise<RunningServer> {
  const { connectionOptions, namespace } = temporalConnection(config);
  // Lazy: the server starts, and says that it is not ready, while Temporal is away.
  // Without the client's own retries: a caller is waiting, and one that outlived the connection would end the process.
  const connection = Connection.lazy({ ...connectionOptions, interceptors: [] });
  const ops = createPostgres({ url: config.environment.opsDatabaseUrl, applicationName: 'talos-http' });
  const app = createPostgres({ url: config.environment.databaseUrl, applicationName: 'talos-http', max: 2 });
  const close = async (): Promise<void> => {
    await Promise.allSettled([ops.close(), app.close(), connection.close()]);
  };
  try {
    const client = new Client({ connection, namespace });
    const server = await startHttpServer({ config, client, ops, app, logger, workerMetrics });
    return { url: server.url, stop: () => server.close().finally(close) };
  } catch (error) {
    await close();
    throw error;
  }
}
