import { ApplicationFailure } from '@temporalio/common';
import type { Postgres } from '../clients/postgres.ts';
import type { ChannelName, Notice } from './notice.ts';

/**
 * Who may send what: one row of `ops.notifications` a notice and channel. A claim is taken in one statement before
 * the effect and closed after it. A claim without `claimed_at` was given back after a temporary failure; one with it is
 * at work, or died there when it is older than the lease.
 */

/** Longer than a send with all its timeouts (20 s) and the closing of its claim. */
export const LEASE_SECONDS = 30;

export type FinalStatus = 'sent' | 'failed' | 'unknown' | 'skipped';

export interface Claim {
  /** Also the fencing token: only the attempt that holds it may give the claim back or fail it. */
  attempts: number;
  messageId: string;
  /** When the notice was first claimed: the message's date in every attempt. */
  createdAt: Date;
}

export type ClaimAnswer =
  | { kind: 'claimed'; claim: Claim }
  | { kind: 'closed'; status: FinalStatus; attempts: number; code?: string }
  | { kind: 'in flight'; secondsLeft: number };

interface Row {
  status: 'claimed' | FinalStatus;
  attempts: number;
  message_id: string;
  error_code: string | null;
  created_at: Date;
  seconds_left: number;
}

const CLAIM = `
  insert into ops.notifications as mine
    (key, channel, level, template, data, status, attempts, message_id, claimed_at, created_at)
  values ($1, $2, $3, $4, $5, 'claimed', 1, $6, clock_timestamp(), clock_timestamp())
  on conflict (key, channel) do update
    set attempts = mine.attempts + 1, claimed_at = clock_timestamp(), error_code = null
    where mine.status = 'claimed'
      and (mine.claimed_at is null or mine.claimed_at < clock_timestamp() - make_interval(secs => $7))
  returning attempts, message_id, created_at`;

const READ = `
  select status, attempts, message_id, error_code, created_at,
         greatest(0, $3 - extract(epoch from clock_timestamp() - claimed_at))::float8 as seconds_left
  from ops.notifications where key = $1 and channel = $2`;

export interface Ledger {
  claim(notice: Notice, channel: ChannelName, messageId: string): Promise<ClaimAnswer>;
  sent(key: string, channel: ChannelName, providerId?: string): Promise<void>;
  failed(key: string, channel: ChannelName, attempts: number, code: string): Promise<void>;
  /** Gives the claim back after a temporary failure: the next attempt may begin at once. */
  release(key: string, channel: ChannelName, attempts: number, code: string): Promise<void>;
  /** Writes that a channel had nobody to send to. */
  skipped(notice: Notice, channel: ChannelName, code: string): Promise<void>;
}

export function createLedger(ops: Pick<Postgres, 'query'>): Ledger {
  const query = async <Result extends object>(
    text: string,
    values: readonly unknown[],
  ): Promise<Result[]> => {
    try {
      return await ops.query<Result>(text, values);
    } catch (error) {
      throw ledgerFailure(error);
    }
  };
  return {
    async claim(notice, channel, messageId) {
      const { key, level, template, data } = notice;
      const values = [key, channel, level, template, JSON.stringify(data), messageId, LEASE_SECONDS];
      const [mine] = await query<Pick<Row, 'attempts' | 'message_id' | 'created_at'>>(CLAIM, values);
      if (mine !== undefined) {
        const { attempts, message_id, created_at } = mine;
        return { kind: 'claimed', claim: { attempts, messageId: message_id, createdAt: created_at } };
      }
      const [row] = await query<Row>(READ, [key, channel, LEASE_SECONDS]);
      if (row === undefined || row.status === 'claimed') {
        return { kind: 'in flight', secondsLeft: row?.seconds_left ?? 0 };
      }
      const { status, attempts, error_code } = row;
      return { kind: 'closed', status, attempts, code: error_code ?? undefined };
    },
    async sent(key, channel, providerId) {
      // Without the token: a message that left has left, whoever holds the claim by now.
      await query(
        `update ops.notifications
         set status = 'sent', provider_id = coalesce(provider_id, $3), error_code = null, closed_at = clock_timestamp()
         where key = $1 and channel = $2 and status <> 'sent'`,
        [key, channel, providerId ?? null],
      );
    },
    async failed(key, channel, attempts, code) {
      await query(
        `update ops.notifications set status = 'failed', error_code = $4, closed_at = clock_timestamp()
         where key = $1 and channel = $2 and attempts = $3 and status = 'claimed'`,
        [key, channel, attempts, code],
      );
    },
    async release(key, channel, attempts, code) {
      await query(
        `update ops.notifications set claimed_at = null, error_code = $4
         where key = $1 and channel = $2 and attempts = $3 and status = 'claimed'`,
        [key, channel, attempts, code],
      );
    },
    async skipped({ key, level, template, data }, channel, code) {
      await query(
        `insert into ops.notifications
           (key, channel, level, template, data, status, attempts, error_code, claimed_at, closed_at, created_at)
         values ($1, $2, $3, $4, $5, 'skipped', 0, $6, clock_timestamp(), clock_timestamp(), clock_timestamp())
         on conflict (key, channel) do nothing`,
        [key, channel, level, template, JSON.stringify(data), code],
      );
    },
  };
}

/** The driver's text may name a host and a user; the code is enough to look it up. */
function ledgerFailure(error: unknown): ApplicationFailure {
  const { code } = (error ?? {}) as { code?: unknown };
  return ApplicationFailure.create({
    message: `The operations database did not take the notification's row (${typeof code === 'string' ? code : 'no answer'})`,
    type: 'LedgerUnavailable',
  });
}
