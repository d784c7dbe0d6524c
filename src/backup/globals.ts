import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import { libpqEnvironment } from './dump.ts';
import { openSource } from './source.ts';

/** Roles and their settings are some kilobytes, on any server. */
const AT_MOST_BYTES = 64 * 1024 * 1024;

/** Settings whose value is a list as `pg_dump` writes it: each element quoted already. */
const LISTS = `('search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries',
               'shared_preload_libraries', 'unix_socket_directories')`;

/**
 * What neither `pg_dump` nor `pg_dumpall --globals-only` writes: settings and rights of the database itself.
 * The name stands as a variable of psql, so that the restored database may have another.
 */
const DATABASE_SETTINGS = `
  with setting as (
    select setrole, split_part(entry, '=', 1) as name, substr(entry, strpos(entry, '=') + 1) as value
      from pg_db_role_setting, unnest(setconfig) as entry
     where setdatabase = (select oid from pg_database where datname = current_database()))
  select format('alter %s set %s to %s;',
                case setrole when 0 then 'database :"database"'
                     else format('role %I in database :"database"', pg_get_userbyid(setrole)) end,
                (select string_agg(quote_ident(word), '.' order by n)
                   from string_to_table(name, '.') with ordinality as words(word, n)),
                case when name in ${LISTS} then value else quote_literal(value) end) as line, 1 as rank
    from setting
  union all
  select format('grant %s on database :"database" to %s%s;', privilege_type,
                case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end,
                case when is_grantable then ' with grant option' end), 2
    from pg_database, aclexplode(datacl) where datname = current_database() and grantee <> datdba
   order by rank, line`;

export interface Globals {
  sql: string;
  /** Whether the roles' password hashes are in it; a hosted service forbids to read them. */
  withPasswords: boolean;
}

/** Roles, memberships, role settings, tablespaces, and the database's own settings and rights, as SQL for psql. */
export async function readGlobals(pgDump: string, url: string, signal: AbortSignal): Promise<Globals> {
  const session = await openSource(url);
  try {
    const [may] = await session.query<{ passwords: boolean; database: string }>(
      `select has_table_privilege('pg_authid', 'select') as passwords, current_database() as database`,
    );
    const withPasswords = may?.passwords ?? false;
    const environment = libpqEnvironment(url, 'talos-backup');
    const { stdout } = await promisify(execFile)(
      path.join(path.dirname(pgDump), 'pg_dumpall'),
      [
        '--globals-only',
        '--no-password',
        `--database=${may?.database ?? ''}`,
        ...(withPasswords ? [] : ['--no-role-passwords']),
      ],
      { env: environment, signal, maxBuffer: AT_MOST_BYTES },
    ).catch((error: unknown) => {
      // Its own words only: the command line that Node quotes before them says nothing more.
      const { stderr, message } = error as { stderr?: string; message: string };
      const words = (stderr ?? '').trim().split('\n').at(-1);
      throw ApplicationFailure.retryable(words === '' ? message : words, 'DumpFailed');
    });
    const settings = await session.query<{ line: string }>(DATABASE_SETTINGS);
    const lines = settings.map(({ line }) => line).join('\n');
    return {
      sql: `${stdout}\n--\n-- The database itself: psql -v database=NAME -f …\n--\n\n${lines}\n`,
      withPasswords,
    };
  } finally {
    await session.close();
  }
}
