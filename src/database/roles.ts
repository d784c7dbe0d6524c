import type { Queryable } from '../clients/postgres.ts';

interface Role {
  name: string;
  /** Roles that log in are made without a password: nobody can use them before one is set. */
  login: boolean;
  bypassRls: boolean;
  memberOf: string[];
}

export const ROLES: Role[] = [
  // Owns our schemas. Nobody logs in as it: administrators act as it. The views of `saas` read with its rights.
  { name: 'talos_owner', login: false, bypassRls: true, memberOf: [] },
  { name: 'talos_app', login: true, bypassRls: false, memberOf: [] },
  // A dump under row-level security holds fewer rows without a word. pg_read_all_data covers future tables.
  { name: 'talos_backup', login: true, bypassRls: true, memberOf: ['pg_read_all_data'] },
  { name: 'talos_monitor', login: true, bypassRls: false, memberOf: ['pg_monitor'] },
];

export interface RolesReport {
  /** What was done, as SQL. */
  changes: string[];
  warnings: string[];
  /** Roles made now that need a password before they can log in. */
  withoutPassword: string[];
}

const NOT_ALLOWED = '42501';
const codeOf = (error: unknown): string | undefined => (error as { code?: string }).code;

/**
 * Roles belong to the whole cluster, and advisory locks to one database: another database's `apply` may be making
 * the same role at this moment. Looking again finds it made.
 */
const madeMeanwhile = (error: unknown): boolean =>
  ['42710', '23505'].includes(codeOf(error) ?? '') || /concurrently updated/.test((error as Error).message);

/** Makes the four roles, or what they lack. Changes nothing where nothing is missing. */
export async function ensureRoles(db: Queryable): Promise<RolesReport> {
  const report: RolesReport = { changes: [], warnings: [], withoutPassword: [] };
  for (let attempt = 1; ; attempt++) {
    try {
      await makeMissing(db, report);
      return report;
    } catch (error) {
      if (attempt === 5 || !madeMeanwhile(error)) throw error;
    }
  }
}

async function makeMissing(db: Queryable, report: RolesReport): Promise<void> {
  report.warnings = [];
  const run = async (sql: string): Promise<void> => {
    await db.query(sql);
    report.changes.push(sql);
  };
  const tryTo = async (sql: string, mend: string): Promise<void> => {
    try {
      await run(sql);
    } catch (error) {
      if (codeOf(error) !== NOT_ALLOWED) throw error;
      report.warnings.push(`${sql}: this role may not do that. ${mend}`);
    }
  };
  for (const { name, login, bypassRls, memberOf } of ROLES) {
    const [found] = await db.query<{ bypass: boolean }>(
      'select rolbypassrls as bypass from pg_roles where rolname = $1',
      [name],
    );
    if (found === undefined) {
      await run(`create role ${name} ${login ? 'login' : 'nologin'}`);
      if (login) report.withoutPassword.push(name);
    }
    if (bypassRls && found?.bypass !== true)
      await tryTo(`alter role ${name} bypassrls`, BYPASSRLS_MEND[name] ?? '');
    for (const group of memberOf) {
      const [row] = await db.query<{ member: boolean }>(`select pg_has_role($1, $2, 'member') as member`, [
        name,
        group,
      ]);
      if (row?.member !== true) await tryTo(`grant ${group} to ${name}`, `Have a superuser run it.`);
    }
  }
  // To act as the owner; since PostgreSQL 16 having made a role is not enough.
  const [row] = await db.query<{ owner: boolean }>(
    `select pg_has_role('talos_owner', case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end) as owner`,
  );
  if (row?.owner !== true) await run('grant talos_owner to current_user');
}

const BYPASSRLS_MEND: Record<string, string> = {
  talos_owner:
    'The views of saas keep belonging to the role that ran this, which must itself bypass row-level security. ' +
    'Better: have a superuser run it (before PostgreSQL 16 nobody else may), then apply again.',
  talos_backup:
    'Until a superuser runs it (before PostgreSQL 16 nobody else may; on Supabase, upgrade to Postgres 17), ' +
    'set BACKUP_DATABASE_URL to a role that has BYPASSRLS, on Supabase `postgres`: a backup without it is refused.',
};
