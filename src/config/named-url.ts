import { postgresUrl } from './formats.ts';
import { ConfigError } from './mistakes.ts';

/** A database URL from a variable the operator names: an administrator's, for one command and not for the settings. */
export async function readNamedUrl(name: string, environment = process.env): Promise<string> {
  const read = await postgresUrl.safeParseAsync(environment[name] ?? '');
  if (read.success) return read.data;
  const problem = environment[name] === undefined ? 'is not set' : 'is not a PostgreSQL URL';
  throw new ConfigError([
    { setting: name, problem, mend: 'Export it as postgres://user:password@host:5432/database.' },
  ]);
}
