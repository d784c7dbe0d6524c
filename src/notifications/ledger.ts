import { ApplicationFailure } from '@temporalio/common';
import type { Postgres } from '../clients/postgres.ts';
import type { ChannelName, Delivery, Level } from './notice.ts';

/**
 * Who may send what: one row of `ops.notifications` a notice and channel. A claim is taken in one statement before
 * the effect and closed after it. A claim without `claimed_at` was given back after a temporary failure; one with it is
 * at work, or died there when it is older than the lease.
 */

/** Longer than a send with all its timeouts (20 s) and the closing of its claim. */
export const LEASE_SECONDS = 30;

export type FinalStatus = 'sent' | 'failed' | 'unknown' | 'skipped';

/** What the ledger keeps of a message, whoever it is for. No personal data. */
export interface Entry {
  key: string;
  level: Level;
  template: string;
  data: object;
}

export interface Claim {
  /** Also the fencing token: only the attempt that holds it may give the claim back or fail it. */
  attempts: number;
  messageId: string;
  /** When the notice was first claimed: the message's date in every attempt. */
  createdAt: Date;
  /** Begin of an earlier attempt that may have sent. */
  undecidedAt?: Date;
  /** How many attempts may have sent. */
  unknownSends: number;
  /** An earlier attempt was about to hand the content over, and never said how that ended. */
  handedOver?: true;
  /** What the provider calls back with; absent where no row stands behind it. */
  callback?: string;
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
  undecided_at: Date | null;
  unknown_sends: number;
  handed_over_at: Date | null;
  callback: string;
  seconds_left: number;
}

const CLAIM = `
  insert into ops.notifications as mine
    (key, channel, level, template, data, status, attempts, message_id, claimed_at, created_at)
  values ($1, $2, $3, $4, $5, 'claimed', 1, $6, clock_timestamp(), clock_timestamp())
  on conflict (key, channel) do update
    set attempts = mine.attempts + 1, claimed_at = clock_timestamp(), error_code = null,
        undecided_at = coalesce(mine.claimed_at, mine.undecided_at),
        unknown_sends = mine.unknown_sends + (mine.claimed_at is not null)::int
    where mine.status = 'claimed'
      and (mine.claimed_at is null or mine.claimed_at < clock_timestamp() - make_interval(secs => $7))
  returning attempts, message_id, created_at, undecided_at, unknown_sends, handed_over_at, ref || '.' || callback_secret as callback`;

const READ = `
  select status, attempts, message_id, error_code, created_at,
         greatest(0, $3 - extract(epoch from clock_timestamp() - claimed_at))::float8 as seconds_left
  from ops.notifications where key = $1 and channel = $2`;

/** A message that left has left, whoever holds the claim by now: hence without the token. */
const SENT = `
  insert into ops.notifications as mine
    (key, channel, level, template, data, status, attempts, message_id, provider_id, claimed_at, closed_at, created_at)
  values ($1, $2, $3, $4, $5, 'sent', 1, $6, $7, $8, $8, $8)
  on conflict (key, channel) do update
    set status = 'sent', provider_id = coalesce(mine.provider_id, $7), error_code = null, undecided_at = null,
        closed_at = $8
    where mine.status <> 'sent'`;

/** How a notice ended that no claim stands for. */
const ENDED = `
  insert into ops.notifications as mine
    (key, channel, level, template, data, status, attempts, error_code, claimed_at, closed_at, created_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $9)
  on conflict (key, channel) do update
    set status = $6, error_code = $8, closed_at = $9 where mine.status = 'claimed'`;

export interface Ledger {
  claim(notice: Entry, channel: ChannelName, messageId: string): Promise<ClaimAnswer>;
  /**
   * Holds a claim for another lease; `decided`: what earlier attempts did is known now. False: another attempt has the
   * claim, or a callback has closed it.
   */
  renew(key: string, channel: ChannelName, attempts: number, decided: boolean): Promise<boolean>;
  sent(notice: Entry, channel: ChannelName, messageId: string, providerId?: string): Promise<void>;
  /** What happened while this ledger was away. */
  late(notice: Entry, delivery: Delivery): Promise<void>;
  /** What was told under a key. */
  read(key: string, channel: ChannelName): Promise<Omit<Entry, 'key'> | undefined>;
  /** Whether it has been closed by somebody else: a callback. */
  isSent(key: string, channel: ChannelName): Promise<boolean>;
  /** Whether another notice is known by this name at the provider. */
  isTaken(providerId: string, channel: ChannelName): Promise<boolean>;
  /** Before a content leaves that nobody may send twice. False: another attempt has the claim. */
  handOver(key: string, channel: ChannelName, attempts: number): Promise<boolean>;
  /** Ends it for good. */
  close(
    key: string,
    channel: ChannelName,
    attempts: number,
    status: 'failed' | 'unknown' | 'skipped',
    code: string,
  ): Promise<void>;
  /** Gives the claim back after a temporary failure: the next attempt may begin at once. */
  release(
    key: string,
    channel: ChannelName,
    attempts: number,
    code: string,
    undecided: boolean,
  ): Promise<void>;
  /** Writes that a channel had nobody to send to. */
  skipped(notice: Entry, channel: ChannelName, code: string): Promise<void>;
}

export function createLedger(ops: Pick<Postgres, 'query'>): Ledger {
  const query = ledgerQuery(ops);
  return {
    async claim(notice, channel, messageId) {
      const { key, level, template, data } = notice;
      const values = [key, channel, level, template, JSON.stringify(data), messageId, LEASE_SECONDS];
      const [mine] = await query<Row>(CLAIM, values);
      if (mine !== undefined) {
        const { attempts, message_id, created_at, undecided_at, unknown_sends, handed_over_at, callback } =
          mine;
        const claim: Claim = {
          ...{
            attempts,
            messageId: message_id,
            createdAt: created_at,
            unknownSends: unknown_sends,
            callback,
          },
          ...(undecided_at === null ? {} : { undecidedAt: undecided_at }),
          ...(handed_over_at === null ? {} : { handedOver: true }),
        };
        return { kind: 'claimed', claim };
      }
      const [row] = await query<Row>(READ, [key, channel, LEASE_SECONDS]);
      if (row === undefined || row.status === 'claimed') {
        return { kind: 'in flight', secondsLeft: row?.seconds_left ?? 0 };
      }
      const { status, attempts, error_code } = row;
      return { kind: 'closed', status, attempts, code: error_code ?? undefined };
    },
    async renew(key, channel, attempts, decided) {
      const rows = await query(
        `update ops.notifications
         set claimed_at = clock_timestamp(),
             undecided_at = case when $4 then null else undecided_at end,
             unknown_sends = case when $4 then 0 else unknown_sends end
         where key = $1 and channel = $2 and attempts = $3 and status = 'claimed' returning 1`,
        [key, channel, attempts, decided],
      );
      return rows.length > 0;
    },
    async handOver(key, channel, attempts) {
      const rows = await query(
        `update ops.notifications set handed_over_at = clock_timestamp()
         where key = $1 and channel = $2 and attempts = $3 and status = 'claimed' and claimed_at is not null
         returning 1`,
        [key, channel, attempts],
      );
      return rows.length > 0;
    },
    async sent(notice, channel, messageId, providerId) {
      await query(SENT, [...fieldsOf(notice, channel), messageId, providerId ?? null, new Date()]);
    },
    async late(notice, { channel, status, attempts, code, providerId, unrecorded }) {
      const { messageId, at } = unrecorded ?? {};
      const fields = fieldsOf(notice, channel);
      if (status === 'sent' || status === 'already sent')
        await query(SENT, [...fields, messageId, providerId ?? null, at]);
      else await query(ENDED, [...fields, status, attempts, code ?? null, at]);
    },
    async read(key, channel) {
      const [row] = await query<Omit<Entry, 'key'>>(
        'select level, template, data from ops.notifications where key = $1 and channel = $2',
        [key, channel],
      );
      return row;
    },
    async isSent(key, channel) {
      const [row] = await query<Row>(READ, [key, channel, LEASE_SECONDS]);
      return row?.status === 'sent';
    },
    async isTaken(providerId, channel) {
      const rows = await query('select 1 from ops.notifications where provider_id = $1 and channel = $2', [
        providerId,
        channel,
      ]);
      return rows.length > 0;
    },
    async close(key, channel, attempts, status, code) {
      await query(
        `update ops.notifications set status = $4, error_code = $5, closed_at = clock_timestamp()
         where key = $1 and channel = $2 and attempts = $3 and status = 'claimed'`,
        [key, channel, attempts, status, code],
      );
    },
    async release(key, channel, attempts, code, undecided) {
      await query(
        `update ops.notifications
         set claimed_at = null, error_code = $4, handed_over_at = case when $5 then handed_over_at end,
             undecided_at = case when $5 then clock_timestamp() else undecided_at end,
             unknown_sends = unknown_sends + $5::int
         where key = $1 and channel = $2 and attempts = $3 and status = 'claimed'`,
        [key, channel, attempts, code, undecided],
      );
    },
    async skipped(notice, channel, code) {
      await query(ENDED, [...fieldsOf(notice, channel), 'skipped', 0, code, new Date()]);
    },
  };
}

const fieldsOf = ({ key, level, template, data }: Entry, channel: ChannelName): unknown[] => [
  ...[key, channel, level, template, JSON.stringify(data)],
];

export type LedgerQuery = <Result extends object>(
  text: string,
  values: readonly unknown[],
) => Promise<Result[]>;

/** A line that is cut without a word holds a query for minutes: after this it counts as no answer. */
const ANSWER_MS = 3_000;

/** Queries whose failure names no host and no user, and comes in time. */
export const ledgerQuery =
  (ops: Pick<Postgres, 'query'>): LedgerQuery =>
  async <Result extends object>(text: string, values: readonly unknown[]): Promise<Result[]> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('late')), ANSWER_MS);
    });
    try {
      return await Promise.race([ops.query<Result>(text, values), late]);
    } catch (error) {
      throw ledgerFailure(error);
    } finally {
      clearTimeout(timer);
    }
  };

/** The driver's text may name a host and a user; the code is enough to look it up. */
function ledgerFailure(error: unknown): ApplicationFailure {
  const { code } = (error ?? {}) as { code?: unknown };
  return ApplicationFailure.create({
    message: `The operations database did not take the notification's row (${typeof code === 'string' ? code : 'no answer'})`,
    type: 'LedgerUnavailable',
  });
}

export const isLedgerFailure = (error: unknown): boolean =>
  error instanceof ApplicationFailure && error.type === 'LedgerUnavailable';
