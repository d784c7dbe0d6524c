import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { temporalConnection } from '../config/index.ts';
import type { Config } from '../config/index.ts';

const CONNECT_TIMEOUT = '5 seconds';

export async function connectTemporal(config: Config): Promise<{ client: Client; connection: Connection }> {
  const { connectionOptions, namespace } = temporalConnection(config);
  try {
    const connection = await Connection.connect({ connectTimeout: CONNECT_TIMEOUT, ...connectionOptions });
    return { client: new Client({ connection, namespace }), connection };
  } catch (error) {
    const why = isGrpcServiceError(error) ? error.details : error instanceof Error ? error.message : '';
    throw new Error(
      `Temporal does not answer at ${connectionOptions.address} (TEMPORAL_ADDRESS)${why ? `: ${why}` : ''}. ` +
        'For the local stack: `npm start`',
      { cause: error },
    );
  }
}

/** Connects for one command, and always closes. */
export async function withTemporal<Result>(
  config: Config,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const { client, connection } = await connectTemporal(config);
  return work(client).finally(() => connection.close());
}
