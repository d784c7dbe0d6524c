/**
 * A first data map of tables that no map names, guessed from names, types and foreign keys: nothing personal is kept by
 * a guess, and what only a person can judge is marked with TODO. Pure.
 */
import { stringify } from 'yaml';
import type { Category } from '../config/index.ts';
import {
  accountLink,
  guessTable,
  PEOPLE_COLUMNS,
  shortName,
  type Catalogue,
  type CatalogueColumn,
  type CatalogueTable,
  type Draft,
} from '../database/index.ts';
import { PERSONAL } from './check.ts';
import type { DataMap, Table } from './map.ts';

type Subject = DataMap['subject'];

/** The first that fits a column's name says what it holds. */
const CATEGORIES: readonly [RegExp, Category][] = [
  [/pass(word|wd)?|token|secret|(^|_)(key|otp|pin)(_|$)|private/, 'secret'],
  [
    /e?mail|phone|mobile|(^|_)(tel|fax|ip|address|adresse|street|city|ville|zip|postal|postcode)(_|$)/,
    'contact',
  ],
  [
    /(^|_)(first|last|full|sur|display|user|company|legal|billing)?_?name(_|$)|(^|_)(nom|prenom|who|label|login|birth\w*|gender|siren|siret|vat_(id|number)|iban|card\w*|avatar\w*|photo|user_agent|provider_ref|external_id)(_|$)/,
    'identity',
  ],
  [/note|comment|description|message|body|subject|content|(^|_)(title|text|bio|tags)(_|$)/, 'free_text'],
  [/(^|_)(kind|type|source|plan|currency|locale|country)(_|$)/, 'statistic'],
  [/(^|_)(status|state|stage|outcome|role|code)(_|$)/, 'technical'],
];
/** Tables whose rows the law keeps for years. */
const ACCOUNTING = /invoice|facture|payment|paiement|bill|charge|transfer|credit_note|avoir/;
const FIGURES =
  /amount|price|total|tax|vat|number|currency|(^|_)(due|paid|issued|at|date|status|outcome|period)(_|$)/;
const TEXT = /^(text|character|public\.citext|citext)/;

function categoryOf({ name, type }: CatalogueColumn, table: CatalogueTable, isKey: boolean): Category {
  if (ACCOUNTING.test(shortName(table)) && FIGURES.test(name) && !TEXT.test(type)) return 'accounting';
  if (isKey || /^(boolean|date|timestamp|interval)/.test(type)) return 'technical';
  const found = CATEGORIES.find(([pattern]) => pattern.test(name.toLowerCase()))?.[1];
  if (found) return found;
  // A text that nobody knows may hold anything.
  return /^jsonb?/.test(type) || TEXT.test(type) ? 'free_text' : 'technical';
}

/** What becomes of a column whose row stays. Undefined: it stays too. */
function strategyOf({ name, type, notNull }: CatalogueColumn, category: Category): string | undefined {
  if (!PERSONAL.has(category)) return undefined;
  if (!notNull) return category === 'identity' && name.includes('billing') ? 'legal_store' : 'null';
  if (/^jsonb?/.test(type)) return 'json_allow()';
  if (type === 'uuid') return 'random_unique';
  return TEXT.test(type) ? (category === 'contact' ? 'random_unique' : 'fixed(-)') : undefined;
}

/** Whom a table of members leads to; an application whose accounts are people has none. */
function guessPeople(catalogue: Catalogue, accounts: CatalogueTable, key: string): Subject['people'] {
  const named = [...catalogue.tables.values()].flatMap((table) => {
    const link = table.name === accounts.name ? undefined : accountLink(catalogue, table, accounts.name);
    if (!link || link.via) return [];
    const toUsers = catalogue.foreignKeys.find(({ from, to }) => from === table.name && to === 'auth.users');
    const own = PEOPLE_COLUMNS.find((name) => table.columns.has(name));
    const isPeople = /(^|_)(user|member|profile|people|person|contact)s?$/.test(shortName(table));
    const person = toUsers?.columns[0] ?? (isPeople ? (own ?? table.primaryKey[0]) : undefined);
    return person === undefined ? [] : [{ table: table.name, account: link.column, person, isPeople }];
  });
  const [best] = named.sort((a, b) => Number(b.isPeople) - Number(a.isPeople));
  return best
    ? { table: best.table, account: best.account, person: best.person }
    : { table: accounts.name, account: key, person: key };
}

/** How each table's rows belong to a customer: by a key to the account, to a person, or to a row that does. */
function rowsOf(
  catalogue: Catalogue,
  subject: Subject,
  known: DataMap['tables'],
): Map<string, Record<string, string>> {
  const found = new Map<string, Record<string, string>>();
  for (const [name, { rows }] of known) if (typeof rows !== 'string') found.set(name, rows);
  for (const table of catalogue.tables.values()) {
    const link = accountLink(catalogue, table, subject.table);
    if (table.name !== subject.table && link && !link.via)
      found.set(table.name, { [link.column]: 'account' });
  }
  for (let grew = true; grew;) {
    grew = false;
    for (const { from, columns, to, toColumns } of catalogue.foreignKeys) {
      const [column] = columns;
      if (
        column === undefined ||
        columns.length !== 1 ||
        from === to ||
        from === subject.table ||
        found.has(from)
      )
        continue;
      const target = catalogue.tables.get(to);
      const isPerson =
        to === 'auth.users' || (to === subject.people.table && toColumns[0] === subject.people.person);
      if (!isPerson && (!found.has(to) || target?.primaryKey.length !== 1)) continue;
      found.set(from, { [column]: isPerson && to === 'auth.users' ? 'person' : to });
      grew = true;
    }
  }
  return found;
}

/** As YAML writes it, on one line. */
const yaml = (value: string | Record<string, string>): string =>
  stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();

/**
 * Tables of the database that the map does not name; undefined: there are none. Without a map, or with one of another
 * application's accounts, the whole of one.
 */
export function draftMap(
  catalogue: Catalogue,
  given?: Pick<DataMap, 'tables' | 'subject'>,
): Draft | undefined {
  const map =
    given && catalogue.tables.has(given.subject.table)
      ? given
      : { tables: new Map<string, Table>(), subject: undefined };
  const accounts = map.subject ? catalogue.tables.get(map.subject.table) : guessTable(catalogue, 'accounts');
  const key = map.subject?.key ?? accounts?.primaryKey[0];
  const unnamed = [...catalogue.tables.values()].filter(
    ({ name }) => !map.tables.has(name) && name !== 'auth.users',
  );
  if (unnamed.length === 0) return undefined;
  const subject =
    map.subject ??
    (accounts && key !== undefined
      ? { table: accounts.name, key, people: guessPeople(catalogue, accounts, key) }
      : undefined);
  const rows = subject ? rowsOf(catalogue, subject, map.tables) : new Map<string, Record<string, string>>();
  const kept = new Set(
    unnamed.map(({ name }) => name).filter((name) => name === subject?.table || ACCOUNTING.test(name)),
  );
  const tables = unnamed.map((table) =>
    draftTable(catalogue, table, { subject, rows: rows.get(table.name), kept }),
  );
  const head = map.subject
    ? ['# A draft of what the data map lacks, for privacy in maintenance.yaml. Look at each table.']
    : [
        '# A draft of the data map (docs/privacy.md), guessed from names and types. Look at each table: what is kept of a',
        '# customer for ever, and what goes. Then `talos privacy check`.',
        `schemas: [${[...new Set(unnamed.map(({ name }) => name.slice(0, name.indexOf('.'))))].join(', ')}]`,
        ...(subject
          ? [
              'subject:',
              `  table: ${yaml(subject.table)}`,
              `  key: ${yaml(subject.key)}`,
              `  people: ${yaml(subject.people)}`,
            ]
          : [
              '# TODO: subject: { table: schema.table, key: id, people: { table: …, account: …, person: … } }',
            ]),
      ];
  const text = `${[...head, 'tables:', ...tables].join('\n')}\n`;
  return { text, todos: text.split('TODO').length - 1 };
}

interface Place {
  subject: Subject | undefined;
  rows: Record<string, string> | undefined;
  /** Tables whose rows stay. */
  kept: ReadonlySet<string>;
}

function draftTable(catalogue: Catalogue, table: CatalogueTable, { subject, rows, kept }: Place): string {
  const isSubject = table.name === subject?.table;
  const keys = catalogue.foreignKeys.filter(({ from }) => from === table.name);
  const columns = [...table.columns.values()].map((column) => {
    const key = keys.find((one) => one.columns.includes(column.name));
    const isKey = key !== undefined || table.primaryKey.includes(column.name);
    const category = categoryOf(column, table, isKey);
    const name = `      ${yaml(column.name)}`;
    if (!kept.has(table.name) || (!rows && !isSubject)) return `${name}: ${category}`;
    if (isSubject && column.name === subject.key && (column.type === 'uuid' || column.identity !== ''))
      return `${name}: { is: technical, do: rekey }`;
    // Points to a row that goes.
    const isCut = key && key.to !== subject?.table && !kept.has(key.to) && key.to !== 'auth.users';
    const strategy =
      isCut && !column.notNull ? 'unlink' : column.generated ? undefined : strategyOf(column, category);
    if (strategy !== undefined) return `${name}: ${yaml({ is: category, do: strategy })}`;
    return `${name}: ${PERSONAL.has(category) ? 'technical # TODO: may be personal, and may not be empty' : category}`;
  });
  const belongs = isSubject
    ? 'account'
    : rows
      ? yaml(rows)
      : 'nobody # TODO: no key leads from here to an account';
  return [
    `  ${yaml(table.name)}:`,
    `    rows: ${belongs}`,
    ...(isSubject ? ['    onArchive: clear'] : []),
    ...(rows && !kept.has(table.name) ? ['    do: delete_row'] : []),
    ...(rows || isSubject ? ['    archive: yes'] : []),
    '    columns:',
    ...columns,
  ].join('\n');
}
