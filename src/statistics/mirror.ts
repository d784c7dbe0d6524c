/** Figures of days into a table that the application already shows. */
import type { Postgres, Queryable } from '../clients/postgres.ts';
import { startOfDay } from '../shared/calendar.ts';
import { dayAt, daysNamed } from './period.ts';

export interface MirrorTable {
  /** `schema.table`. */
  table: string;
  columns: { metric: string; day: string; value: string; updatedAt?: string | undefined };
  /** What a metric is called there; undefined: all, as they are called here. */
  metrics?: Record<string, string> | undefined;
  /** Cents are divided by 100. */
  euros: boolean;
}

export interface Mirrored {
  rows?: number;
  /** Why the table was not fed, and what would mend it. */
  problem?: string;
}

export interface MirrorOptions {
  at: Date;
  period?: string | undefined;
  timeZone: string;
}

/** What the nightly comparison may still change. */
const DAYS = 40;

interface Target {
  table: string;
  metric: string;
  day: string;
  value: string;
  updatedAt: string | null;
  dayType: string | null;
  missing: string[];
  hasKey: boolean;
  mayWrite: boolean;
}

/** Names come from a file: looked up in the catalogue, and quoted by it. */
const LOOK_UP = `
  with wanted as (select to_regclass(format('%I.%I', split_part($1, '.', 1), split_part($1, '.', 2))) as oid),
  columns as (
    select a.attnum, a.attname, format_type(a.atttypid, null) as type from wanted w join pg_attribute a on a.attrelid = w.oid
     where a.attnum > 0 and not a.attisdropped)
  select w.oid::text as "table", quote_ident($2) as metric, quote_ident($3) as day, quote_ident($4) as value, quote_ident($5) as "updatedAt",
         (select type from columns where attname = $3) as "dayType",
         array(select name from unnest(array[$2, $3, $4, $5]) as name where name is not null and name not in (select attname from columns)) as missing,
         exists (select from pg_index i where i.indrelid = w.oid and i.indisunique and i.indpred is null and i.indexprs is null
            and (select array_agg(c.attname::text order by c.attname) from columns c where c.attnum = any (i.indkey[0:i.indnkeyatts - 1]))
              = (select array_agg(n order by n) from unnest(array[$2, $3]) as n)) as "hasKey",
         has_table_privilege(w.oid, 'select') and has_table_privilege(w.oid, 'insert') and has_table_privilege(w.oid, 'update') as "mayWrite"
    from wanted w where w.oid is not null`;

const DAY_OF: Record<string, string> = {
  date: 'maintenance.paris_day(s.period_start)',
  'timestamp with time zone': 's.period_start',
  text: 'maintenance.paris_day(s.period_start)::text',
};

async function targetOf(db: Queryable, { table, columns }: MirrorTable): Promise<Target | string> {
  const [target] = await db.query<Target>(LOOK_UP, [
    table,
    ...[columns.metric, columns.day, columns.value, columns.updatedAt ?? null],
  ]);
  if (target === undefined) return `statistics.mirrorTo: there is no table ${table}`;
  if (target.missing.length > 0)
    return `statistics.mirrorTo: ${table} has no column ${target.missing.join(', ')}`;
  if (DAY_OF[target.dayType ?? ''] === undefined)
    return `statistics.mirrorTo: ${table}.${columns.day} is ${target.dayType ?? ''}; date, timestamptz or text can be fed`;
  if (!target.hasKey)
    return `statistics.mirrorTo: ${table} needs a unique index on (${columns.metric}, ${columns.day})`;
  if (!target.mayWrite) return `statistics.mirrorTo: grant select, insert, update on ${table} to talos_app`;
  return target;
}

/** Idempotent: the same figures again change no row. Rows of other metrics are left alone. */
export const mirrorFigures = (
  db: Postgres,
  mirror: MirrorTable | undefined,
  { at, period, timeZone }: MirrorOptions,
): Promise<Mirrored> =>
  db.transaction(async (tx): Promise<Mirrored> => {
    if (mirror === undefined) return {};
    const target = await targetOf(tx, mirror);
    if (typeof target === 'string') return { problem: target };
    const today = dayAt(new Date(at.getTime() - 1), timeZone);
    const days = period === undefined ? { first: today - DAYS, last: today } : daysNamed(period);
    const { metric, day, value, updatedAt } = target;
    const names = mirror.metrics && Object.entries(mirror.metrics);
    const rows = await tx.execute(
      `insert into ${target.table} as kept (${metric}, ${day}, ${value}${updatedAt ? `, ${updatedAt}` : ''})
       select coalesce(n.theirs, s.metric), ${DAY_OF[target.dayType ?? ''] ?? ''},
              case when $5 and s.unit = 'cents' then s.value / 100 else s.value end${updatedAt ? ', s.computed_at' : ''}
         from maintenance.statistics s left join unnest($3::text[], $4::text[]) as n(ours, theirs) on n.ours = s.metric
        where s.period_kind = 'day' and s.period_start >= $1 and s.period_start < $2 and ($3::text[] is null or n.ours is not null)
       on conflict (${metric}, ${day}) do update
          set ${value} = excluded.${value}${updatedAt ? `, ${updatedAt} = excluded.${updatedAt}` : ''}
        where kept.${value} is distinct from excluded.${value}`,
      [
        startOfDay(timeZone, days.first),
        startOfDay(timeZone, days.last + 1),
        names?.map(([ours]) => ours) ?? null,
        names?.map(([, theirs]) => theirs) ?? null,
        mirror.euros,
      ],
    );
    return { rows };
  });
