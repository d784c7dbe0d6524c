import { createHmac } from 'node:crypto';
import type { Queryable } from '../clients/postgres.ts';
import type { OfferData } from '../notifications/index.ts';
import { localDays, startOfDay } from '../shared/calendar.ts';

/** `trials.offer` of `maintenance.yaml`. */
export interface OfferTerms {
  percent: number;
  months: number;
  validDays: number;
}

/** Without letters and digits that look alike. */
const ALPHABET = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';
const LENGTH = 12;

/** The same for every attempt, and nobody's guess: 30¹² codes, told by a key. */
export function offerCode(key: string, trialId: string): string {
  const digest = createHmac('sha256', key).update(`offer|${trialId}`).digest();
  const letters = Array.from({ length: LENGTH }, (_, at) =>
    ALPHABET.charAt(digest.readUInt16BE(2 * at) % ALPHABET.length),
  );
  return [0, 4, 8].map((from) => letters.slice(from, from + 4).join('')).join('-');
}

/** The end of the last whole local day: what is said in words is what is enforced. */
export function offerEnd(from: Date, validDays: number, timeZone: string): Date {
  return startOfDay(timeZone, localDays(timeZone)(from) + validDays + 1);
}

interface Wanted {
  trialId: string;
  accountId: string;
  /** When the trial was ended. */
  from: Date;
}

/** Stores the offer of a trial, for the application to redeem; the first one stays. */
export async function storeOffer(
  app: Queryable,
  { trialId, accountId, from }: Wanted,
  terms: OfferTerms,
  { key, timeZone }: { key: string; timeZone: string },
): Promise<OfferData> {
  await app.query(
    `insert into maintenance.trial_offers (code, trial_id, account_id, percent, months, expires_at)
     values ($1, $2, $3, $4, $5, $6) on conflict (trial_id) do nothing`,
    [
      offerCode(key, trialId),
      trialId,
      accountId,
      terms.percent,
      terms.months,
      offerEnd(from, terms.validDays, timeZone),
    ],
  );
  const [stored] = await app.query<{ code: string; percent: number; months: number; until: Date }>(
    'select code, percent, months, expires_at as until from maintenance.trial_offers where trial_id = $1',
    [trialId],
  );
  if (stored === undefined) throw new Error('the offer that was just stored is not there');
  return { ...stored, until: stored.until.toISOString() };
}
