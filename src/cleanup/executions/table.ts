/** Old executions directly in n8n's own PostgreSQL: fast, for an n8n that has more of them than its API can delete. */
import { ApplicationFailure } from '@temporalio/common';
import type { Postgres } from '../../clients/postgres.ts';
import type { Source, Warning } from '../source.ts';
import { createTableSource, type TableRule } from '../tables/index.ts';
import { quoted } from '../tables/rule.ts';
import { tableFailure } from '../tables/session.ts';
import { ENDED } from './expired.ts';

interface Settings {
  /** Days since an execution ended. */
  keepDays: number;
  /** Where the database is named, for whoever must mend it. */
  setting: string;
}

export const createExecutionTableSource = (n8n: Postgres, settings: Settings): Source => {
  const open = async () => {
    const place = await findPlace(n8n, settings.setting).catch((error: unknown) => {
      throw tableFailure('execution_entity', settings.setting, error);
    });
    return { place, rows: createTableSource(n8n, ruleOf(place, settings)) };
  };
  /** A row itself is small: what its execution stored goes with it. */
  const withData = <Result extends { count: number; bytes?: number }>(
    place: Place,
    result: Result,
  ): Result => ({
    ...result,
    bytes: (result.bytes ?? 0) + Math.round(result.count * place.dataBytes),
  });
  return {
    name: 'n8n:executions',
    kind: 'executions',
    check: async (signal) => {
      const { place, rows } = await open();
      return [...(await rows.check(signal)), ...(await dataElsewhere(n8n, place))];
    },
    find: async (at, signal) => {
      const { place, rows } = await open();
      return withData(place, await rows.find(at, signal));
    },
    remove: async (context) => {
      const { place, rows } = await open();
      return withData(place, await rows.remove(context));
    },
  };
};

/** n8n's tables: in any schema (DB_POSTGRESDB_SCHEMA), with anything before their names (DB_TABLE_PREFIX). */
interface Place {
  schema: string;
  table: string;
  prefix: string;
  columns: string[];
  /** Whether this version of n8n has annotations. */
  annotations: boolean;
  /** Of one execution's data, by the size of their table; 0 where it was never counted (ANALYZE). */
  dataBytes: number;
}

const NEEDED = ['id', 'status', 'stoppedAt', 'waitTill'];

async function findPlace(n8n: Postgres, setting: string): Promise<Place> {
  // The search_path of the address, where it has one, chooses among several.
  const found = await n8n.query<Place & { visible: boolean }>(
    `select c.schema, c.table, c.prefix, pg_table_is_visible(c.oid) as visible, a.oid is not null as annotations,
            (select json_agg(attname) from pg_attribute
              where attrelid = c.oid and attnum > 0 and not attisdropped) as columns,
            case when d.reltuples > 0 then pg_total_relation_size(d.oid) / d.reltuples else 0 end::float8 as "dataBytes"
       from (select c.oid, c.relnamespace, n.nspname as schema, c.relname as table,
                    left(c.relname, -length('execution_entity')) as prefix
               from pg_class c join pg_namespace n on n.oid = c.relnamespace
              where right(c.relname, length('execution_entity')) = 'execution_entity' and c.relkind in ('r', 'p')
                and n.nspname !~ '^(pg_|information_schema$)') c
       join pg_class w on w.relnamespace = c.relnamespace and w.relname = c.prefix || 'workflow_entity'
       left join pg_class a on a.relnamespace = c.relnamespace and a.relname = c.prefix || 'execution_annotations'
       left join pg_class d on d.relnamespace = c.relnamespace and d.relname = c.prefix || 'execution_data'
      order by 1, 2`,
  );
  const visible = found.filter((place) => place.visible);
  const candidates = visible.length > 0 ? visible : found;
  const [place] = candidates;
  if (!place)
    throw ApplicationFailure.nonRetryable(
      `${setting}: there is no table execution_entity in that database; does it lead to the one of n8n?`,
      'TableMissing',
    );
  if (candidates.length > 1)
    throw ApplicationFailure.nonRetryable(
      `${setting}: several tables may be n8n's: ${candidates.map(({ schema, table }) => `${schema}.${table}`).join(', ')}; ` +
        'choose the schema at the end of the address: ?options=-csearch_path%3D<schema>',
      'TableAmbiguous',
    );
  const lacking = NEEDED.filter((name) => !place.columns.includes(name));
  if (lacking.length > 0)
    throw ApplicationFailure.nonRetryable(
      `${setting}: ${place.schema}.${place.table} has no column ${lacking.join(', ')}; ` +
        'upgrade n8n, or take this setting out for its API to be used',
      'ColumnMissing',
    );
  return place;
}

/** What goes along, or loses its reference, as n8n itself means it when it prunes. */
const CASCADES = [
  'execution_data',
  'execution_metadata',
  'execution_node_run',
  'test_case_execution',
  'chat_hub_messages',
];

/** The same as through the API, and three things more that only the tables tell. */
function ruleOf({ schema, table, prefix, columns, annotations }: Place, settings: Settings): TableRule {
  const { keepDays, setting } = settings;
  return {
    schema,
    table,
    setting,
    time: 'stoppedAt',
    cascades: [
      ...CASCADES,
      ...(annotations ? ['execution_annotations', 'execution_annotation_tags'] : []),
    ].map((name) => `${schema}.${prefix}${name}`),
    expired: [
      {
        when: [
          `status in (${ENDED.map((status) => `'${status}'`).join(', ')})`,
          `"stoppedAt" < :now - interval '${String(keepDays)} days'`,
          `("waitTill" is null or "waitTill" <= "stoppedAt")`,
          // Pruned already: n8n takes its files away with it, and needs the row for that.
          ...(columns.includes('deletedAt') ? ['"deletedAt" is null'] : []),
          // Elsewhere than in the database nobody would find its data any more.
          ...(columns.includes('storedAt') ? [`"storedAt" = 'db'`] : []),
          // Somebody rated or tagged it: n8n's own pruning spares it.
          ...(annotations
            ? [
                `not exists (select from ${quoted(schema)}.${quoted(`${prefix}execution_annotations`)} a
                              where a."executionId" = ${quoted(table)}.id)`,
              ]
            : []),
        ].join(' and '),
      },
    ],
  };
}

/** What stays behind, as nothing in the database leads to it, or because we leave it to n8n. */
async function dataElsewhere(n8n: Postgres, { schema, table, columns }: Place): Promise<Warning[]> {
  const binary: Warning = { code: 'BinaryDataStays' };
  if (!columns.includes('storedAt')) return [binary];
  const [row] = await n8n.query<{ some: boolean }>(
    `select exists (select from ${quoted(schema)}.${quoted(table)} where "storedAt" <> 'db') as some`,
  );
  return row?.some ? [binary, { code: 'ExecutionDataElsewhere' }] : [binary];
}
