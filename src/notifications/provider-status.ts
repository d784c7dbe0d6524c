import type { Queryable } from '../clients/postgres.ts';

/** What a provider says of a message it took, addressed to the ledger's row by `<ref>.<secret>`. */
export interface ProviderStatus {
  callback: string;
  providerId: string;
  status: string;
  errorCode?: string;
}

export interface ProviderOutcome {
  key: string;
  /** Accepted, and never delivered: this code says why. */
  undelivered?: string;
}

/** Callbacks overtake each other: the status only goes forward. */
const RANK = [
  'accepted',
  'scheduled',
  'queued',
  'sending',
  'sent',
  'delivered',
  'read',
  'undelivered',
  'failed',
];
const FAILED = ['undelivered', 'failed'];

/** Final ones share a rank: the first that arrives stays. */
const rankOf = (status: string): number => Math.min(RANK.indexOf(status), RANK.indexOf('delivered'));

const CALLBACK = /^(\d{1,18})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * Writes it down: its arrival proves that the message was accepted, although our answer may have been lost. Undefined
 * when nobody knows the address, or the status is no news. Repetitions change nothing.
 */
export async function recordProviderStatus(
  ops: Queryable,
  { callback, providerId, status, errorCode }: ProviderStatus,
): Promise<ProviderOutcome | undefined> {
  const [, ref, secret] = CALLBACK.exec(callback) ?? [];
  const rank = rankOf(status);
  if (ref === undefined || rank < 0) return undefined;
  const behind = RANK.filter((other) => rankOf(other) < rank);
  const [row] = await ops.query<{ key: string }>(
    `update ops.notifications
     set provider_status = $3, provider_error = $4, provider_id = coalesce(provider_id, $5),
         status = case when status in ('claimed', 'unknown') then 'sent' else status end,
         error_code = case when status in ('claimed', 'unknown') then null else error_code end,
         unknown_sends = case when status in ('claimed', 'unknown') then 0 else unknown_sends end,
         undecided_at = null, closed_at = coalesce(closed_at, clock_timestamp())
     where ref = $1 and callback_secret = $2 and coalesce(provider_id, $5) = $5
       and (provider_status is null or provider_status = any($6))
     returning key`,
    [ref, secret, status, errorCode ?? null, providerId, behind],
  );
  if (row === undefined) return undefined;
  return { key: row.key, ...(FAILED.includes(status) ? { undelivered: errorCode ?? 'no code' } : {}) };
}
