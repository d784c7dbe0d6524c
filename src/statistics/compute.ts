/** Facts and figures, in the database: one transaction, one run at a time. */
import type { Postgres, Transaction } from '../clients/postgres.ts';
import { isoDay } from '../shared/calendar.ts';
import type { Span } from './period.ts';
import { planOf, type Plan } from './plan.ts';

/** What the figures mean: raised with every change of a rule, so that old figures are known as such. */
const RULE_VERSION = 2;
/** `talos` as a number: any will do, as long as nobody else takes it. */
const LOCK = 0x74616c6f73;

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

/**
 * The lock ends with the transaction, so that it works behind a transaction pooler and a killed worker holds nothing.
 */
export const computeStatistics = (db: Postgres, options: ComputeOptions): Promise<Computed> =>
  db.transaction(async (tx) => {
    const [lock] = await tx.query<{ ours: boolean }>('select pg_try_advisory_xact_lock($1) as ours', [LOCK]);
    if (lock?.ours !== true) return { busy: true, ...NOTHING };
    const [mark] = await tx.query<{ to: Date }>('select built_to as "to" from maintenance.watermark');
    const { at, period, timeZone } = options;
    // An hour that is made up for knows less than what is there.
    if (period === undefined && mark !== undefined && at < mark.to) return { outdated: true, ...NOTHING };
    const plan = planOf({ at, period, timeZone, builtTo: mark?.to });
    const { built, changed } = await buildFacts(tx, plan, at);
    const written = await computeSpans(tx, plan.spans, { ...options, changed });
    return { facts: built, periods: plan.spans.length, ...written };
  });

interface Built {
  built: number;
  /** Days of which a fact is another than before: `2026-11-22`. */
  changed: string[];
}

async function buildFacts(tx: Transaction, { facts, anew, advances }: Plan, at: Date): Promise<Built> {
  // A plan made for a scale of one row at a time costs more to compile than to run.
  await tx.query('set local jit = off');
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
           least(c.until, $4) > old.computed_at as final
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
         (select count(*) from written) as written, (select count(*) from snapshot) as kept`;

async function computeSpans(
  tx: Transaction,
  spans: readonly Span[],
  { at, grossMargin, changed }: ComputeOptions & Pick<Built, 'changed'>,
): Promise<Pick<Computed, 'figures' | 'changed'>> {
  const [row] = await tx.query<{ figures: number; changed: number }>(COMPUTE, [
    spans.map(({ kind }) => kind),
    spans.map(({ from }) => from),
    spans.map(({ to }) => to),
    ...[at, grossMargin, RULE_VERSION, changed],
  ]);
  return { figures: row?.figures ?? 0, changed: row?.changed ?? 0 };
}
