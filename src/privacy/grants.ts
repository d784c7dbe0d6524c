/** The least rights with which the map can be carried out, as SQL for an administrator. */
import { quote } from '../database/index.ts';
import { PRIVACY_ROLE } from './deps.ts';
import type { DataMap, Table } from './map.ts';

/** Granted above the list, with more than its deletion. */
const OWN = 'maintenance.customer_archives';
const LEAVING = new Set(['keep', 'delete_row']);

function rightsOf(table: Table, map: DataMap): string[] {
  if (table.rows === 'nobody' || table.name === OWN) return [];
  // Rows of files are read here and deleted through the Storage API.
  if (map.files.some((file) => file.table === table.name)) return ['select'];
  const isSubject = table.name === map.subject.table;
  const changed = [...table.columns.values()].filter(
    ({ name, archive, strategy }) =>
      !LEAVING.has(strategy.name) ||
      (table.onArchive === 'clear' && archive) ||
      (!table.isDeleted && typeof table.rows !== 'string' && table.rows[name] === 'account'),
  );
  return [
    'select',
    ...(table.onArchive === 'remove' || isSubject ? ['insert'] : []),
    // Locking a row needs the right to change it.
    ...(isSubject
      ? ['update']
      : changed.length > 0
        ? [`update (${changed.map(({ name }) => quote(name)).join(', ')})`]
        : []),
    ...(table.isDeleted || isSubject ? ['delete'] : []),
  ];
}

/** SQL that may be run again and again; tables that are not there are passed over. */
export function grantsOf(map: DataMap): string {
  const rights = [...map.tables.values()].flatMap((table) => {
    const granted = rightsOf(table, map);
    return granted.length === 0
      ? []
      : [`    ['${table.name}', '${granted.join(', ').replaceAll("'", "''")}']`];
  });
  const schemas = [...new Set([...map.tables.keys()].map((name) => quote(name.split('.')[0] ?? '')))];
  return `-- What archiving and anonymising customers need, and nothing more (\`talos privacy grants\` prints it from the data map).
-- ${PRIVACY_ROLE} cannot log in. talos_app takes it for single transactions (set local role) and has none of its rights else.
-- Run it as the tables' owner (on Supabase in the SQL editor), again after the map has changed. Repeating it changes nothing.
do $$
declare
  wanted text[];
begin
  if not exists (select from pg_roles where rolname = '${PRIVACY_ROLE}') then
    create role ${PRIVACY_ROLE} nologin noinherit;
  end if;
  if current_setting('server_version_num')::int >= 160000 then
    execute 'grant ${PRIVACY_ROLE} to talos_app with inherit false, set true';
  elsif not pg_has_role('talos_app', '${PRIVACY_ROLE}', 'member') then
    -- Before PostgreSQL 16 that is a property of the member; talos_app has nothing else to inherit.
    execute 'alter role talos_app noinherit';
    execute 'grant ${PRIVACY_ROLE} to talos_app';
  end if;
  grant usage on schema ${schemas.join(', ')} to ${PRIVACY_ROLE};
  grant select, insert, delete on maintenance.legal_store to ${PRIVACY_ROLE};
  grant select, insert, update, delete on maintenance.erasure_receipts to ${PRIVACY_ROLE};
  grant select, insert, delete on maintenance.customer_archives to ${PRIVACY_ROLE};
  foreach wanted slice 1 in array array[
${rights.join(',\n')}
  ] loop
    continue when to_regclass(wanted[1]) is null;
    execute format('revoke all on %s from ${PRIVACY_ROLE}', to_regclass(wanted[1]));
    execute format('grant %s on %s to ${PRIVACY_ROLE}', wanted[2], to_regclass(wanted[1]));
    continue when not (select relrowsecurity from pg_class where oid = to_regclass(wanted[1]));
    execute format('drop policy if exists ${PRIVACY_ROLE} on %s', to_regclass(wanted[1]));
    execute format('create policy ${PRIVACY_ROLE} on %s to ${PRIVACY_ROLE} using (true) with check (true)', to_regclass(wanted[1]));
  end loop;
end $$;
`;
}
