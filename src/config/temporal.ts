import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { Config } from './index.ts';
import { ConfigError } from './mistakes.ts';

/** How to reach Temporal: `connectionOptions` serve `Connection.connect` and `NativeConnection.connect` alike. */
export interface TemporalConnection {
  connectionOptions: ClientConnectConfig['connectionOptions'];
  namespace: string;
}

/**
 * Reads Temporal's own settings as the `temporal` CLI does: `TEMPORAL_*`, then the profile of its configuration file.
 * Beside a local stack the file is left out: it may lead to production.
 */
export function temporalConnection(config: Pick<Config, 'environment' | 'source'>): TemporalConnection {
  const { temporal } = config.environment;
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({
      overrideEnvVars: temporal,
      disableFile: config.source === 'local stack',
    });
    return {
      connectionOptions: { ...connectionOptions, address: connectionOptions.address ?? 'localhost:7233' },
      namespace: namespace ?? 'default',
    };
  } catch (error) {
    // Only messages about profiles and paths: a parser's message may quote the file, and with it a key.
    const said =
      error instanceof Error && /^(?:Profile|ENOENT|EACCES)/.test(error.message) ? `: ${error.message}` : '';
    throw new ConfigError([
      {
        setting: 'TEMPORAL_*',
        problem: `cannot be read${said}`,
        mend: 'Compare with `temporal env` and `temporal config list`; TEMPORAL_CONFIG_FILE and TEMPORAL_PROFILE choose the file and the profile.',
      },
    ]);
  }
}
