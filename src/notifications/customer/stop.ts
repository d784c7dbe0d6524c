import type { Queryable } from '../../clients/postgres.ts';
import { refuseContact } from './unsubscribe.ts';

/** What Twilio takes for a STOP by default, and how French people write it. */
const STOP_WORDS = new Set([
  ...['STOP', 'STOPALL', 'STOP ALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT'],
  ...['ARRET', 'ARRETER', 'STOPPER', 'DESABONNER', 'DESINSCRIRE'],
]);

/** True for a STOP and nothing else: « Stop ! », « Arrêt », a word from Twilio's own list. */
export function isStop(body: string): boolean {
  const words = body
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replace(/[^A-Z ]+/g, ' ')
    .trim()
    .replace(/\s+/g, ' ');
  return STOP_WORDS.has(words) || words.startsWith('STOP ');
}

/** The same number as people write it and as Twilio does: 06 12 34 56 78, +33 6 12…, 0033612… */
const E164 = `regexp_replace(regexp_replace(regexp_replace(phone, '[^0-9+]', '', 'g'), '^00', '+'), '^0(?=[1-9][0-9]{8}$)', '+33')`;

/**
 * Withdraws SMS for every account with this number, at once. The number is looked up and kept nowhere. Idempotent because
 * a refusal has one row.
 */
export async function stopSms(
  { app, ops }: { app: Queryable; ops: Queryable },
  { from, at }: { from: string; at: Date },
): Promise<{ accountIds: string[] }> {
  const rows = await app.query<{ account_id: string }>(
    `select account_id from saas.accounts where status <> 'anonymized' and ${E164} = $1`,
    [from],
  );
  const accountIds = rows.map(({ account_id }) => account_id);
  for (const accountId of accountIds) await refuseContact({ app, ops }, { accountId, channel: 'sms', at });
  return { accountIds };
}
