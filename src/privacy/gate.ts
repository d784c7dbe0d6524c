/** A restored database is closed to the application until its erasures are re-applied. */
import type { Queryable } from '../clients/postgres.ts';

/** Kept with the database itself, so that another process, or another day, knows why it is closed. */
const MARK = 'talos: closed until its erasures are re-applied (talos privacy reapply)';

export interface Gate {
  closed: boolean;
  /** Why it could not be closed: then nobody but the operator stands between the restored data and the application. */
  why?: string;
}

const nameOf = async (db: Queryable): Promise<string> => {
  const [row] = await db.query<{ name: string }>('select quote_ident(current_database()) as name');
  if (row === undefined) throw new Error('the database does not know its name');
  return row.name;
};

/** Nobody but the owner and superusers may connect from now on. */
export async function closeDatabase(db: Queryable): Promise<Gate> {
  const name = await nameOf(db);
  const [row] = await db.query<{ owner: boolean }>(
    `select pg_has_role(datdba, 'member') as owner from pg_database where datname = current_database()`,
  );
  if (row?.owner !== true)
    return { closed: false, why: `the connecting role does not own ${name}, so it cannot close it` };
  await db.query(`revoke connect on database ${name} from public`);
  await db.query(`comment on database ${name} is '${MARK}'`);
  return { closed: true };
}

export async function isClosed(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ mark: string | null }>(
    `select shobj_description(oid, 'pg_database') as mark from pg_database where datname = current_database()`,
  );
  return row?.mark === MARK;
}

/** Opens what we closed, and nothing else. */
export async function openDatabase(db: Queryable): Promise<void> {
  if (!(await isClosed(db))) return;
  const name = await nameOf(db);
  await db.query(`grant connect on database ${name} to public`);
  await db.query(`comment on database ${name} is null`);
}
