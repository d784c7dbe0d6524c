/** What a figure is made of: the rule in words, the fraction, and the rows behind it. */
import { closest } from 'fastest-levenshtein';
import type { Postgres } from '../../clients/postgres.ts';
import { dayAt, daysNamed, periodsOf, type PeriodKind } from '../period.ts';
import { ROWS } from './rows.ts';
import { FIGURES } from './words.ts';

export interface Explained {
  metric: string;
  period: string;
  kind: PeriodKind;
  /** ISO instants, half-open. */
  from: string;
  to: string;
  /** Exact, as text. Null: a source is missing, or the denominator is 0. */
  value: string | null;
  numerator: string | null;
  denominator: string | null;
  unit: string;
  ruleVersion: number;
  source: string | null;
  computedAt: string;
  rule: { fr: string; en: string };
  /** The first ones. */
  rows: Record<string, unknown>[];
  /** How many there are. */
  rowCount: number;
}

export interface ExplainOptions {
  period: string;
  metric: string;
  timeZone: string;
  rows: number;
}

/** What was asked for is not there; the message says what is. */
export class NotExplained extends Error {
  override readonly name = 'NotExplained';
}

const PERIODS =
  '2026-11-22 (a day), 2026-W47 (an ISO week), 2026-11 (a month) or 2026-11-22T14Z (an hour of UTC)';

function spanOf(period: string, timeZone: string): { kind: PeriodKind; from: Date; to: Date } {
  const hour = /^(\d{4}-\d\d-\d\d)T(\d\d)(?::00)?Z$/.exec(period);
  if (hour) {
    const from = new Date(`${hour[1] ?? ''}T${hour[2] ?? ''}:00:00Z`);
    if (!Number.isNaN(from.getTime()))
      return { kind: 'hour', from, to: new Date(from.getTime() + 3_600_000) };
  }
  const kind = /^\d{4}-\d\d-\d\d$/.test(period) ? 'day' : /^\d{4}-W\d\d$/.test(period) ? 'week' : 'month';
  if (kind !== 'month' || /^\d{4}-\d\d$/.test(period)) {
    const [span] = periodsOf(
      kind,
      safely(() => daysNamed(period)),
      timeZone,
    );
    if (span) return span;
  }
  throw new NotExplained(`${period} is no period: ${PERIODS}`);
}

function safely<Value>(get: () => Value): Value {
  try {
    return get();
  } catch {
    throw new NotExplained(`there is no such period: ${PERIODS}`);
  }
}

const wordsOf = (metric: string) => FIGURES[metric.startsWith('availability:') ? 'availability' : metric];

export async function explainFigure(
  db: Postgres,
  { period, metric, timeZone, rows: limit }: ExplainOptions,
): Promise<Explained> {
  const words = metric === 'availability' ? undefined : wordsOf(metric);
  const names = Object.keys(FIGURES).map((name) =>
    name === 'availability' ? 'availability:<target>' : name,
  );
  if (words === undefined)
    throw new NotExplained(
      `there is no figure ${metric}. Did you mean ${closest(metric, names)}? There are: ${names.join(', ')}`,
    );
  const { kind, from, to } = spanOf(period, timeZone);
  const [figure] = await db.query<{
    value: string | null;
    numerator: string | null;
    denominator: string | null;
    unit: string;
    version: number;
    source: string | null;
    at: Date;
  }>(
    `select value::text, numerator::text, denominator::text, unit, rule_version as version, source, computed_at as at
       from maintenance.statistics where (metric, period_kind, period_start) = ($1, $2, $3::timestamptz)`,
    [metric, kind, from],
  );
  if (figure === undefined) throw new NotExplained(await whyNot(db, { metric, kind, period }));
  // What came later was not known to it.
  const until = new Date(Math.min(to.getTime(), figure.at.getTime()));
  const found = await db.query<{ total: number; rows: Record<string, unknown>[] | null }>(
    `with given as (select $1::timestamptz, $2::timestamptz, $3::date, $4::date, $5::text), behind as (${ROWS[words.rows]})
     select (select count(*) from behind) as total, (select json_agg(b) from (select * from behind limit $6) as b) as rows`,
    [from, until, ...[from, new Date(until.getTime() - 1)].map((at) => isoOf(at, timeZone)), metric, limit],
  );
  return {
    ...{ metric, period, kind, from: from.toISOString(), to: to.toISOString() },
    ...{
      value: figure.value,
      numerator: figure.numerator,
      denominator: figure.denominator,
      unit: figure.unit,
    },
    ...{ ruleVersion: figure.version, source: figure.source, computedAt: figure.at.toISOString() },
    rule: { fr: words.fr, en: words.en },
    rows: found[0]?.rows ?? [],
    rowCount: found[0]?.total ?? 0,
  };
}

const isoOf = (at: Date, timeZone: string): string =>
  new Date(dayAt(at, timeZone) * 86_400_000).toISOString().slice(0, 10);

/** Never computed, or not for such periods. */
async function whyNot(
  db: Postgres,
  { metric, kind, period }: { metric: string; kind: PeriodKind; period: string },
): Promise<string> {
  const kinds = await db.query<{ kind: string; first: string; last: string }>(
    `select period_kind as kind, min(period_start)::text as first, max(period_start)::text as last from maintenance.statistics
      where metric = $1 group by 1 order by 1`,
    [metric],
  );
  if (kinds.length === 0)
    return `${metric} was never computed: npx talos run update-statistiques --wait, and is its source there? npx talos database check`;
  if (!kinds.some((one) => one.kind === kind))
    return `${metric} is a figure of each ${kinds.map((one) => one.kind).join(', ')}, and ${period} is a ${kind}`;
  const { first = '', last = '' } = kinds.find((one) => one.kind === kind) ?? {};
  return `${metric} was not computed for ${period}; there is ${first} to ${last}. Further back: npx talos run update-statistiques --period ${period} --wait`;
}
