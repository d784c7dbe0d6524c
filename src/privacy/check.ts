/** Compares the map with the database: what would make archiving or anonymising miss something, or fail half way. */
import type { Category } from '../config/index.ts';
import type { Catalogue, CatalogueColumn, CatalogueTable, ForeignKey } from '../database/index.ts';
import type { Column, DataMap, Table } from './map.ts';
import { deletionOrder } from './order.ts';

export interface Finding {
  /** `public.accounts` or `public.accounts.iban`. */
  object: string;
  problem:
    | 'unmapped'
    | 'wrong path'
    | 'kept personal'
    | 'wrong strategy'
    | 'issued key'
    | 'left behind'
    | 'cycle'
    | 'cannot come back';
  /** What is wrong, and what would mend it. */
  message: string;
}

export const PERSONAL: ReadonlySet<Category> = new Set<Category>([
  'identity',
  'contact',
  'free_text',
  'secret',
]);

/** The column that a path reads, without what it takes out of JSON. */
export const baseColumn = (path: string): string => path.split('->>')[0] ?? path;

/** Foreign keys whose columns anonymisation empties before rows go. */
export const isUnlinked =
  (map: DataMap) =>
  (key: ForeignKey): boolean =>
    key.columns.some((name) => {
      const strategy = map.tables.get(key.from)?.columns.get(name)?.strategy.name;
      return strategy === 'unlink' || strategy === 'null';
    });

/** Tables whose rows anonymisation deletes by SQL; rows of files go through the Storage API. */
export const deletedTables = (map: DataMap, catalogue: Catalogue, files = false): Table[] =>
  [...map.tables.values()].filter(
    ({ name, isDeleted, rows }) =>
      isDeleted &&
      rows !== 'nobody' &&
      catalogue.tables.has(name) &&
      (files || !map.files.some(({ table }) => table === name)),
  );

/** Empty: archiving and anonymising may begin. Tables that the map knows and the database lacks are passed over. */
export function checkMapAgainst(map: DataMap, catalogue: Catalogue): Finding[] {
  const findings = [...catalogue.tables.values()].flatMap((there) => {
    const table = map.tables.get(there.name);
    if (table === undefined) return [unmappedTable(there)];
    return [
      ...[...there.columns.keys()]
        .filter((name) => !table.columns.has(name))
        .map((name) => unmappedColumn(there.name, name)),
      ...wrongPaths(map, table, there, catalogue),
      ...(table.rows === 'nobody' ? [] : wrongStrategies(map, table, there)),
      ...(table.onArchive === 'remove' ? cannotComeBack(table, there) : []),
    ];
  });
  return [...findings, ...wrongKeys(map, catalogue)];
}

const unmappedTable = ({ name, columns }: CatalogueTable): Finding => ({
  object: name,
  problem: 'unmapped',
  message: `${name} is not in the data map: add it to privacy.tables in maintenance.yaml, with rows and its columns (${[...columns.keys()].join(', ')})`,
});

const unmappedColumn = (table: string, column: string): Finding => ({
  object: `${table}.${column}`,
  problem: 'unmapped',
  message: `${table}.${column} is not in the data map: give it a category (and a strategy) under privacy.tables in maintenance.yaml`,
});

function wrongPaths(map: DataMap, table: Table, there: CatalogueTable, catalogue: Catalogue): Finding[] {
  if (typeof table.rows === 'string') return [];
  return Object.entries(table.rows).flatMap(([column, target]): Finding[] => {
    const object = `${table.name}.${column}`;
    const wrong = (message: string): Finding[] => [{ object, problem: 'wrong path', message }];
    // A version of the database may lack one of several.
    if (!there.columns.has(baseColumn(column)) && Object.keys(table.rows).length === 1)
      return wrong(
        `${table.name} has no column ${baseColumn(column)}, by which the map finds a customer’s rows`,
      );
    if (target === 'account' || target === 'person') return [];
    const other = map.tables.get(target);
    if (other === undefined || other.rows === 'nobody')
      return wrong(`${object}: rows of ${target} belong to no customer, so these cannot either`);
    const key = catalogue.tables.get(target)?.primaryKey;
    return key && key.length !== 1 ? wrong(`${object}: ${target} has no primary key of one column`) : [];
  });
}

function wrongStrategies(map: DataMap, table: Table, there: CatalogueTable): Finding[] {
  const issued = [...table.columns.values()].some(({ category }) => category === 'accounting');
  return [...table.columns.values()].flatMap((column): Finding[] => {
    const found = there.columns.get(column.name);
    if (found === undefined || found.generated) return [];
    const object = `${table.name}.${column.name}`;
    const { name } = column.strategy;
    if (table.isDeleted) {
      return name === 'delete_row' || name === 'unlink'
        ? []
        : [
            {
              object,
              problem: 'wrong strategy',
              message: `${object}: the row is deleted, so ${name} does nothing`,
            },
          ];
    }
    if (name === 'keep' && PERSONAL.has(column.category))
      return [
        {
          object,
          problem: 'kept personal',
          message: `${object} is ${column.category} and would be kept: give it a strategy (null, fixed, legal_store …)`,
        },
      ];
    if (name === 'rekey' && issued && there.primaryKey.includes(column.name))
      return [
        {
          object,
          problem: 'issued key',
          message: `${object}: documents that were issued refer to this key, so it never changes`,
        },
      ];
    const why = unfit(column, found, there, map);
    return why === undefined ? [] : [{ object, problem: 'wrong strategy', message: `${object}: ${why}` }];
  });
}

/** Why the database would refuse the strategy. */
function unfit(
  { strategy: { name, argument } }: Column,
  column: CatalogueColumn,
  { primaryKey, name: table }: CatalogueTable,
  map: DataMap,
): string | undefined {
  if (['null', 'unlink', 'legal_store'].includes(name) && column.notNull)
    return `${name} empties it, and it may not be empty (not null): use fixed(…), random_unique or delete_row`;
  if (name === 'generalise' && !/^(timestamp|date)/.test(column.type))
    return `generalise(${argument}) is for dates, and it is ${column.type}`;
  if (name === 'json_allow' && !/^jsonb?$/.test(column.type))
    return `json_allow is for JSON, and it is ${column.type}`;
  if (name === 'random_unique' && !/^(text|character|uuid|public\.|"?\w+"?\.)/.test(column.type))
    return `random_unique is for texts and UUIDs, and it is ${column.type}`;
  if (name !== 'rekey') return undefined;
  if (primaryKey.includes(column.name) && (table !== map.subject.table || column.name !== map.subject.key))
    return 'rekey of a primary key is for the account’s own';
  return column.type === 'uuid' || column.identity !== ''
    ? undefined
    : `rekey is for UUIDs and identity columns, and it is ${column.type}`;
}

function cannotComeBack(table: Table, there: CatalogueTable): Finding[] {
  return [...there.columns.values()]
    .filter(
      ({ name, notNull, hasDefault, generated }) =>
        notNull && !hasDefault && !generated && table.columns.get(name)?.archive === false,
    )
    .map(({ name }) => ({
      object: `${table.name}.${name}`,
      problem: 'cannot come back',
      message: `${table.name}.${name}: rows leave for the archive, and without this column they could not return: archive: yes`,
    }));
}

function wrongKeys(map: DataMap, catalogue: Catalogue): Finding[] {
  const deleted = deletedTables(map, catalogue).map(({ name }) => name);
  const isCut = isUnlinked(map);
  const behind = catalogue.foreignKeys.filter(
    (key) =>
      deleted.includes(key.to) && !deleted.includes(key.from) && !isCut(key) && 'ar'.includes(key.onDelete),
  );
  const findings = behind.map(({ from, columns, to }): Finding => ({
    object: `${from}.${columns.join(', ')}`,
    problem: 'left behind',
    message: `${from}.${columns.join(', ')} points to ${to}, whose rows are deleted: unlink it, or delete these rows too`,
  }));
  if (deletionOrder(deleted, catalogue.foreignKeys, isCut) !== undefined) return findings;
  return [
    ...findings,
    {
      object: deleted.join(', '),
      problem: 'cycle',
      message:
        'foreign keys of the deleted tables go round in a circle: give one nullable column of it the strategy unlink',
    },
  ];
}
