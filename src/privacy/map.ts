/** The data map: shipped files, then what `privacy` of maintenance.yaml says. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { parse } from 'yaml';
import {
  dataMapSchema,
  readStrategy,
  type Category,
  type MapFile,
  type MappedTable,
  type Policy,
  type Strategy,
} from '../config/index.ts';
import { databasePath } from '../database/index.ts';

export interface Column {
  name: string;
  category: Category;
  strategy: Strategy;
  archive: boolean;
}

export interface Table {
  /** `schema.table` */
  name: string;
  rows: MappedTable['rows'];
  onArchive: MappedTable['onArchive'];
  basis: MappedTable['basis'];
  columns: Map<string, Column>;
  /** The whole row goes at anonymisation. */
  isDeleted: boolean;
}

export interface DataMap {
  schemas: readonly string[];
  subject: NonNullable<MapFile['subject']>;
  tables: Map<string, Table>;
  files: MapFile['files'];
  messages: MapFile['messages'];
  legalYears: number;
  /** Of its content: proofs and archives say by which map they were made. */
  version: string;
}

/** A strategy that the schema has passed. */
const strategyOf = (text: string): Strategy => readStrategy(text) ?? { name: 'keep', argument: '' };

function tableOf(name: string, given: MappedTable): Table {
  const byDefault = given.do ?? 'keep';
  const columns = new Map(
    Object.entries(given.columns).map(([column, value]) => {
      const {
        is,
        do: own = byDefault,
        archive = given.archive,
      } = typeof value === 'string' ? { is: value } : value;
      return [column, { name: column, category: is, strategy: strategyOf(own), archive }];
    }),
  );
  return {
    ...{ name, columns, rows: given.rows, onArchive: given.onArchive, basis: given.basis },
    isDeleted: [...columns.values()].some(({ strategy }) => strategy.name === 'delete_row'),
  };
}

const broken = (why: string): ApplicationFailure => ApplicationFailure.nonRetryable(why, 'PrivacyMapBroken');

async function readMap(name: string): Promise<MapFile> {
  const file = /[./]/.test(name) ? path.resolve(name) : databasePath(`privacy/${name}.yaml`);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw broken(
      `privacy.maps: ${name} cannot be read (${error.code ?? ''}); shipped are supabase and talosprimes`,
    );
  });
  const read = dataMapSchema.safeParse(parse(text) ?? {});
  if (read.success) return read.data;
  throw broken(
    `${file}: ${read.error.issues.map(({ path: where, message }) => `${where.join('.')} ${message}`).join('; ')}`,
  );
}

/** Later maps replace tables of earlier ones; maintenance.yaml comes last. */
export async function loadMap(policy: Policy['privacy']): Promise<DataMap> {
  const all = await Promise.all(policy.maps.map(readMap));
  const tables = Object.assign({}, ...all.map((map) => map.tables), policy.tables) as MapFile['tables'];
  const subject = all.map((map) => map.subject).findLast((found) => found !== undefined);
  if (subject === undefined) throw broken('privacy.maps: none of the maps says what an account is (subject)');
  const content = { subject, tables, legalYears: policy.legalYears };
  return {
    schemas: [...new Set(all.flatMap(({ schemas }) => schemas))],
    subject,
    tables: new Map(Object.entries(tables).map(([name, table]) => [name, tableOf(name, table)])),
    files: all.flatMap(({ files }) => files),
    messages: all.flatMap(({ messages }) => messages),
    legalYears: policy.legalYears,
    version: createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16),
  };
}
