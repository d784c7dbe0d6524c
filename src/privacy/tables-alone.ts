/** Restores of single tables: erasures can only be done again in a database that has all tables of a person. */
import type { PrivacyDeps } from './deps.ts';
import { listErasures } from './ledger.ts';

/** Why these tables must not be restored without the others; undefined: nobody who was erased can be in them. */
export async function tablesAlone(
  { ops, store, map }: Pick<PrivacyDeps, 'ops' | 'store' | 'map'>,
  tables: readonly string[],
): Promise<string | undefined> {
  const { subjects } = await listErasures(ops, store);
  if (subjects.size === 0) return undefined;
  // A table that the map does not name may hold anybody.
  const ofPeople = tables.filter((name) => {
    const [schema = ''] = name.split('.');
    const mapped = map.tables.get(name);
    return mapped ? mapped.rows !== 'nobody' : map.schemas.includes(schema);
  });
  if (ofPeople.length === 0) return undefined;
  return (
    `${String(subjects.size)} customers have been erased, and would come back in ${ofPeople.join(', ')}: erasures are ` +
    're-applied to a whole database only. Restore all of it into an empty one, and copy the table from there'
  );
}
