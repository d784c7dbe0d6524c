/** Measured figures, incrementally: the hours since the last run, and every period that they touch. */
import type { Queryable } from '../../clients/postgres.ts';
import { DAY_MS, startOfDay } from '../../shared/calendar.ts';
import { dayAt, daysNamed, hoursBefore, periodsOf, type Span } from '../period.ts';
import { writeMeasures, type WrittenFigures } from './figures.ts';
import { buildGaugeHours } from './gauges.ts';
import { buildTimeHours } from './times.ts';

export interface UpdateOptions {
  app: Queryable;
  ops: Queryable;
  /** The run's instant: nothing after it is known. */
  at: Date;
  /** Named by a person: computed again from what is still there. */
  period?: string;
  timeZone: string;
  /** Called after each day of hours. */
  beat: () => void;
}

export interface UpdatedMeasures extends WrittenFigures {
  /** ISO instants: of which hours. */
  from: string;
  to: string;
  /** A later run has been, from where the one before it had ended. */
  outdated?: true;
}

const HOUR_MS = 3_600_000;
/** Calls are logged at once, and samples wait in memory for a database that is away: nothing comes later than this. */
const LOOK_BACK_MS = 6 * HOUR_MS;
/** As long as samples are raw. */
const FIRST_RUN_MS = 35 * DAY_MS;

const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS;

/** The last hour of which there is a row: there is one for each, with a value or without. */
async function lastHour(app: Queryable): Promise<number | undefined> {
  const [row] = await app.query<{ hour: Date | null }>(
    `select max(period_start) as hour from maintenance.statistics where metric = 'cpu_percent' and period_kind = 'hour'`,
  );
  return row?.hour?.getTime();
}

function reachOf(
  { at, period, timeZone }: UpdateOptions,
  last: number | undefined,
): { from: number; to: number } {
  const to = at.getTime();
  const since = hourOf(last === undefined ? to - FIRST_RUN_MS : last - LOOK_BACK_MS);
  if (period === undefined) return { from: since, to };
  const days = daysNamed(period);
  const from = startOfDay(timeZone, days.first).getTime();
  const end = Math.min(startOfDay(timeZone, days.last + 1).getTime(), to);
  // A person who asks for today must not make the next run begin there.
  return { from: last === undefined || end > last ? Math.min(from, since) : from, to: end };
}

function spansOf(from: Date, to: Date, timeZone: string): Span[] {
  const hours = Math.ceil((to.getTime() - hourOf(from.getTime())) / HOUR_MS);
  const days = { first: dayAt(from, timeZone), last: dayAt(new Date(to.getTime() - 1), timeZone) };
  return [
    ...hoursBefore(to, hours),
    ...(['day', 'week', 'month'] as const).flatMap((kind) => periodsOf(kind, days, timeZone)),
  ];
}

export async function updateMeasured(options: UpdateOptions): Promise<UpdatedMeasures> {
  const { app, ops, at, period, timeZone, beat } = options;
  const last = await lastHour(app);
  const { from, to } = reachOf(options, last);
  const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  if (from >= to || (period === undefined && last !== undefined && to <= last))
    return { figures: 0, known: 0, ...range, outdated: true };
  for (let start = from; start < to; start += DAY_MS) {
    const [since, until] = [new Date(start), new Date(Math.min(start + DAY_MS, hourOf(to - 1) + HOUR_MS))];
    await buildGaugeHours(ops, app, since, until);
    await buildTimeHours(ops, app, since, until);
    beat();
  }
  const written = await writeMeasures(app, spansOf(new Date(from), new Date(to), timeZone), at);
  return { ...written, ...range };
}
