import { createHash } from 'node:crypto';
import type { Queryable } from '../clients/postgres.ts';
import { FUNCTIONS, VIEWS, checkContract } from './contract.ts';
import type { ContractMistake } from './contract.ts';
import { readAdapter, readDatabaseFile } from './files.ts';

export class AdapterError extends Error {
  readonly mistakes: ContractMistake[];
  constructor(file: string, mistakes: ContractMistake[]) {
    super(
      `the adapter ${file} does not keep the contract, nothing was changed:\n` +
        mistakes.map(({ message }) => `  ${message}`).join('\n'),
    );
    this.name = 'AdapterError';
    this.mistakes = mistakes;
  }
}

/**
 * Rebuilds schema `saas` from the adapter and the contract, in one transaction: readers see the old or the new.
 * Does nothing when both files are those of the last time and everything still stands.
 */
export async function applyAdapter(session: Queryable, file: string): Promise<'applied' | 'unchanged'> {
  const adapter = await readAdapter(file);
  const contract = await readDatabaseFile('contract.sql');
  const mark = `Contract and adapter ${createHash('sha256').update(contract).update('\0').update(adapter).digest('hex')}`;
  if (await stands(session, mark)) return 'unchanged';
  await session.query('begin');
  try {
    // Behind a query that runs for minutes on a view, give up rather than queue every reader after us.
    await session.query(`set local lock_timeout = '10s'`);
    await session.query(CLEAR);
    await session.query(adapter);
    const wrong = (await checkContract(session)).filter(isBroken);
    if (wrong.length > 0) throw new AdapterError(file, wrong);
    await session.query(contract);
    await session.query(HAND_OVER);
    await session.query(`comment on schema saas is '${mark}'`);
    await session.query('commit');
    return 'applied';
  } catch (error) {
    await session.query('rollback');
    throw error;
  }
}

/** A view left out is reported and replaced by an empty one; one with other columns or types is refused. */
const isBroken = ({ object, problem }: ContractMistake): boolean =>
  problem === 'wrong type' || (problem === 'missing' && object.split('.').length === 3);

async function stands(session: Queryable, mark: string): Promise<boolean> {
  const [row] = await session.query<{ stands: boolean }>(
    `select obj_description(to_regnamespace('saas'), 'pg_namespace') = $1
        and not exists (select from pg_class view join pg_roles owner on owner.rolname = 'talos_owner' and owner.rolbypassrls
                        where view.relnamespace = to_regnamespace('saas') and view.relkind = 'v' and view.relowner <> owner.oid)
        and not exists (select from unnest($2::text[]) as name where to_regclass('saas.' || name) is null)
        and not exists (select from unnest($3::text[]) as name where to_regprocedure('saas.' || name) is null) as stands`,
    [mark, Object.keys(VIEWS), FUNCTIONS],
  );
  return row?.stands === true;
}

// What something else depends on stays, for the adapter to replace in place.
const CLEAR = `
do $$
declare old record;
begin
  for old in select format('view %s', oid::regclass) as name from pg_class
             where relnamespace = 'saas'::regnamespace and relkind = 'v'
             union all
             select format('function %s', oid::regprocedure) from pg_proc where pronamespace = 'saas'::regnamespace loop
    begin
      execute 'drop ' || old.name;
    exception when dependent_objects_still_exist then null;
    end;
  end loop;
end $$`;

// An owner that row-level security applies to would read empty tables: then everything stays with whom ran this.
const HAND_OVER = `
do $$
declare made record;
begin
  for made in select format('view %s', oid::regclass) as name from pg_class
              where relnamespace = 'saas'::regnamespace and relkind = 'v'
              union all
              select format('function %s', oid::regprocedure) from pg_proc where pronamespace = 'saas'::regnamespace loop
    if (select rolbypassrls from pg_roles where rolname = 'talos_owner') then
      execute format('alter %s owner to talos_owner', made.name);
    end if;
  end loop;
end $$;
revoke execute on all functions in schema saas from public;
grant usage on schema saas to talos_app;
grant select on all tables in schema saas to talos_app;
grant execute on all functions in schema saas to talos_app`;
