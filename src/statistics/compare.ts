/** Once a night: 35 days anew, from the application's own rows, against what the hours have made of them. */
import type { Postgres } from '../clients/postgres.ts';
import { buildFacts, computeSpans, lockFigures, type Difference } from './compute.ts';
import { dayAt, periodsOf } from './period.ts';

const DAYS = 35;
const DAY_MS = 86_400_000;
/** After the night's jobs of Paris, before the morning's report; by UTC, so that no clock skips it. */
const NIGHT_MS = 2 * 3_600_000;
/** Of these the alert names so many. */
const SHOWN = 10;

export interface CompareOptions {
  at: Date;
  timeZone: string;
  grossMargin: number;
  /** Before the night is marked as compared; what it rejects with undoes the comparison. */
  tell?: (compared: Compared) => Promise<void>;
}

export interface Compared {
  /** Why nothing was compared. */
  skipped?: 'not due' | 'busy';
  days?: number;
  figures?: number;
  /** Figures of periods that were over, and had another value. */
  different?: number;
  differences?: Difference[];
}

const nightOf = (ms: number): number => Math.floor((ms - NIGHT_MS) / DAY_MS);

/**
 * What differs is mended by it: facts and figures are those of the application's rows afterwards. Idempotent because the
 * night is marked in the same transaction: repeated, it is not due.
 */
export const compareStatistics = (
  db: Postgres,
  { at, timeZone, grossMargin, tell }: CompareOptions,
): Promise<Compared> =>
  db.transaction(async (tx): Promise<Compared> => {
    if (!(await lockFigures(tx))) return { skipped: 'busy' };
    const [mark] = await tx.query<{ compared: Date | null }>(
      'select compared_at as compared from maintenance.watermark',
    );
    if (mark === undefined || (mark.compared && nightOf(mark.compared.getTime()) >= nightOf(at.getTime())))
      return { skipped: 'not due' };
    const today = dayAt(new Date(at.getTime() - 1), timeZone);
    const days = { first: today - DAYS, last: today };
    const { changed } = await buildFacts(tx, { facts: days, anew: true, advances: false }, at);
    const spans = (['day', 'week', 'month'] as const).flatMap((kind) => periodsOf(kind, days, timeZone));
    const { figures, differences } = await computeSpans(tx, spans, { at, grossMargin, changed });
    const compared = {
      ...{ days: DAYS, figures, different: differences.length },
      differences: differences.slice(0, SHOWN),
    };
    await tell?.(compared);
    await tx.query('update maintenance.watermark set compared_at = $1', [at]);
    return compared;
  });
