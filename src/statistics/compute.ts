/** Facts and figures, in the database: one transaction, one run at a time. */
import type { Postgres, Transaction } from '../clients/postgres.ts';
import { isoDay } from '../shared/calendar.ts';
import type { Span } from './period.ts';
import { planOf, type Plan } from './plan.ts';

/** What the figures mean: raised with every change of a rule, so that old figures are known as such. */
const RULE_VERSION = 2;
/** `talos` as a number: any will do, as long as nobody else takes it. */
const LOCK = 0x74616c6f73;

/** One at a time. The lock ends with the transaction: safe behind a transaction pooler, and a killed worker holds nothing. */
export const lockFigures = async (tx: Transaction): Promise<boolean> =>
  (await tx.query<{ ours: boolean }>('select pg_try_advisory_xact_lock($1) as ours', [LOCK]))[0]?.ours ===
  true;

export interface ComputeOptions {
  /** The run's instant. */
  at: Date;
  period?: string;
  timeZone: string;
  /** Share of the revenue, 0 to 1: LTV counts what is left. */
  grossMargin: number;
}

export interface Computed {
  /** Another run holds the lock: it computes the same. */
  busy?: true;
  /** A later run has been: it has computed more. */
  outdated?: true;
  facts: number;
  periods: number;
  figures: number;
  /** Figures whose value was not known before, or another. */
  changed: number;
}

const NOTHING = { facts: 0, periods: 0, figures: 0, changed: 0 } as const;

export const computeStatistics = (db: Postgres, options: ComputeOptions): Promise<Computed> =>
  db.transaction(async (tx) => {
    if (!(await lockFigures(tx))) return { busy: true, ...NOTHING };
    const [mark] = await tx.query<{ to: Date }>('select built_to as "to" from maintenance.watermark');
    const { at, period, timeZone } = options;
    // An hour that is made up for knows less than what is there.
    if (period === undefined && mark !== undefined && at < mark.to) return { outdated: true, ...NOTHING };
    const plan = planOf({ at, period, timeZone, builtTo: mark?.to });
    const { built, changed } = await buildFacts(tx, plan, at);
    const { figures, changed: other } = await computeSpans(tx, plan.spans, { ...options, changed });
    return { facts: built, periods: plan.spans.length, figures, changed: other };
  });

interface Built {
  built: number;
  /** Days of which a fact is another than before: `2026-11-22`. */
  changed: string[];
}

export async function buildFacts(
  tx: Transaction,
  { facts, anew, advances }: Omit<Plan, 'spans'>,
  at: Date,
): Promise<Built> {
  // A plan made for a scale of one row at a time costs more to compile than to run.
  await tx.query('set local jit = off');
  // Some hundred accounts of many thousand: found by their index, as disks without a head make it cheap.
  await tx.query('set local random_page_cost = 1.1');
  const [row] = await tx.query<Built>(
    'select built, changed::text[] as changed from maintenance.build_facts($1, $2, $3, $4)',
    [isoDay(facts.first), isoDay(facts.last), at, anew],
  );
  if (advances)
    await tx.query(
      `insert into maintenance.watermark as w (built_to) values ($1)
       on conflict (only_row) do update set built_to = greatest(w.built_to, excluded.built_to)`,
      [at],
    );
  return row ?? { built: 0, changed: [] };
}

/**
 * Figures made of facts are computed where a fact has changed that they may be made of, or the period was not over when
 * they last were. A row is written where it says something else, or for the first time after its period's end.
 */
const COMPUTE = `
  with spans as (
    select s.kind, s.since, s.until,
           (select coalesce(min(day), 'infinity') from unnest($7::date[]) as day) <= maintenance.paris_day(s.until - interval '1 microsecond')
             or not exists (select from maintenance.statistics f where f.metric = 'mrr' and (f.period_kind, f.period_start) = (s.kind, s.since)
                               and f.computed_at >= s.until and f.rule_version = $6) as with_facts
      from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) as s(kind, since, until) where s.since < $4
  ), computed as (
    select f.metric, s.kind, s.since, s.until, f.value, f.numerator, f.denominator, f.unit
      from spans s cross join lateral maintenance.figures_of(s.kind, s.since, s.until, $4, $5, s.with_facts) as f
  ), known as (
    select c.*, old.metric is null or (old.value, old.numerator, old.denominator, old.rule_version)
           is distinct from (c.value, c.numerator, c.denominator, $6::int) as changed,
           least(c.until, $4) > old.computed_at as final,
           old.computed_at >= c.until and old.rule_version = $6 as settled, old.value as before
      from computed c left join maintenance.statistics old
        on (old.metric, old.period_kind, old.period_start) = (c.metric, c.kind, c.since)
  ), written as (
    insert into maintenance.statistics as s
           (metric, period_kind, period_start, value, numerator, denominator, unit, rule_version, computed_at)
    select metric, kind, since, value, numerator, denominator, unit, $6, $4 from known where changed or final
    on conflict (metric, period_kind, period_start) do update
       set value = excluded.value, numerator = excluded.numerator, denominator = excluded.denominator,
           unit = excluded.unit, rule_version = excluded.rule_version,
           computed_at = greatest(s.computed_at, excluded.computed_at)
    returning 1
  ), snapshot as (
    insert into maintenance.kpi_snapshots
           (taken_at, metric, period_kind, period_start, value, numerator, denominator, unit, rule_version)
    select $4, metric, kind, since, value, numerator, denominator, unit, $6 from known where changed
    on conflict do nothing
    returning 1
  )
  select (select count(*) from known) as figures, (select count(*) from known where changed) as changed,
         (select count(*) from written) as written, (select count(*) from snapshot) as kept,
         (select coalesce(jsonb_agg(to_jsonb(d)), '[]') from (
            select metric, kind, since, before::text, value::text as after from known
             where changed and settled and kind <> 'hour' and metric <> all ($8)) as d) as differences`;

/** Follow those of a period until it is known what became of them: another value later is none of a mistake. */
export const COHORTS = ['lead_to_trial_rate', 'trial_to_customer_cohort_rate', 'resolution_rate'];

/** A figure of a period that was over, and is another now. */
export interface Difference {
  metric: string;
  kind: string;
  /** ISO instant. */
  since: string;
  before: string | null;
  after: string | null;
}

interface Spans {
  figures: number;
  changed: number;
  differences: Difference[];
}

export async function computeSpans(
  tx: Transaction,
  spans: readonly Span[],
  { at, grossMargin, changed }: Pick<ComputeOptions, 'at' | 'grossMargin'> & Pick<Built, 'changed'>,
): Promise<Spans> {
  // Those of which nothing has changed are there already.
  await tx.query(
    `select maintenance.count_users(array_agg(maintenance.paris_day(least(until, $2) - interval '1 microsecond')))
       from unnest($1::timestamptz[]) as until`,
    [spans.filter(({ kind, from }) => kind !== 'hour' && from < at).map(({ to }) => to), at],
  );
  const [row] = await tx.query<Spans>(COMPUTE, [
    spans.map(({ kind }) => kind),
    spans.map(({ from }) => from),
    spans.map(({ to }) => to),
    ...[at, grossMargin, RULE_VERSION, changed, COHORTS],
  ]);
  return row ?? { figures: 0, changed: 0, differences: [] };
}
