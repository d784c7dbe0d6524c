import { execFile } from 'node:child_process';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { parse } from 'pg-connection-string';
import { startStage } from '../tools/stage.ts';

/**
 * Connection settings for PostgreSQL's programs as environment variables: a URL with its password among the
 * arguments would stand in the process list.
 */
export function libpqEnvironment(url: string, applicationName: string): NodeJS.ProcessEnv {
  const { host, port, user, password, database, options } = parse(url);
  const parameters = new URL(url.replace(/^postgres(ql)?:\/\/\//, 'postgresql://localhost/')).searchParams;
  const settings: Record<string, string | null | undefined> = {
    PGHOST: host,
    PGPORT: port,
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    PGSSLMODE: parameters.get('sslmode'),
    PGSSLROOTCERT: parameters.get('sslrootcert'),
    PGOPTIONS: options,
    PGAPPNAME: applicationName,
    PGCONNECT_TIMEOUT: '15',
    LC_ALL: 'C',
    TZ: 'UTC',
  };
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
}

/** `15.18` of `pg_dump (PostgreSQL) 15.18 (Debian …)`. */
export async function toolVersion(path: string): Promise<string> {
  const { stdout } = await promisify(execFile)(path, ['--version']);
  return /(\d+(?:\.\d+)*)/.exec(stdout)?.[1] ?? '0';
}

export interface DumpOptions {
  pgDump: string;
  url: string;
  snapshot: string;
  /** Tables that stay out, definition and data. */
  leftOut?: readonly { schema: string; name: string }[];
  signal: AbortSignal;
  onTable: (table: string) => void;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Starts `pg_dump` in the given snapshot; its stdout is the pipe itself. Uncompressed: zstd does that on the other core. */
export const startDump = (stdout: Writable, options: DumpOptions): { done: Promise<void> } =>
  startStage(
    options.pgDump,
    [
      '--format=custom',
      '--compress=0',
      `--snapshot=${options.snapshot}`,
      '--lock-wait-timeout=60s',
      '--no-password',
      '--verbose',
      // Quoted, a name is no pattern.
      ...(options.leftOut ?? []).map(
        ({ schema, name }) => `--exclude-table=${quoted(schema)}.${quoted(name)}`,
      ),
    ],
    {
      stdio: ['ignore', stdout, 'pipe'],
      env: libpqEnvironment(options.url, 'talos-backup'),
      failure: 'DumpFailed',
      signal: options.signal,
      onStderr: (line) => {
        const table = /dumping contents of table "(.+)"$/.exec(line)?.[1];
        if (table) options.onTable(table);
      },
    },
  );
