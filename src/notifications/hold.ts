import type { Attempt, Unrecorded } from './attempt.ts';
import type { Inquiry } from './channel.ts';
import type { Claim, Entry, Ledger } from './ledger.ts';
import type { ChannelName } from './notice.ts';
import { patiently } from './patiently.ts';

/** The right to send one notice on one channel: kept in the ledger, or without it in the activity's heartbeat. */
export interface Hold {
  claim: Claim;
  inquiry: Inquiry;
  /** See `Ledger.renew`. */
  renew: (decided: boolean) => Promise<boolean>;
  /** The next attempt may begin at once; `undecided`: this one may have sent. */
  release(code: string, undecided: boolean): Promise<void>;
  close(status: 'failed' | 'unknown' | 'skipped', code: string): Promise<void>;
}

export function recorded(ledger: Ledger, { key }: Entry, channel: ChannelName, claim: Claim): Hold {
  const { attempts } = claim;
  return {
    claim,
    inquiry: {
      isSent: () => ledger.isSent(key, channel),
      isTaken: (providerId) => ledger.isTaken(providerId, channel),
    },
    renew: (decided) => ledger.renew(key, channel, attempts, decided),
    release: (code, undecided) => patiently(() => ledger.release(key, channel, attempts, code, undecided)),
    close: (status, code) => patiently(() => ledger.close(key, channel, attempts, status, code)),
  };
}

/** The ledger is away. The provider's own list still tells what an earlier attempt of this activity did. */
export function unrecorded(
  attempt: Attempt,
  channel: ChannelName,
  messageId: string,
  before: Unrecorded | undefined,
): Hold {
  const since = before?.since ?? new Date().toISOString();
  const claim: Claim = {
    ...{ attempts: 1, messageId, createdAt: new Date(since), unknownSends: before?.undecidedAt ? 1 : 0 },
    ...(before?.undecidedAt ? { undecidedAt: new Date(before.undecidedAt) } : {}),
  };
  const remember = (left: boolean, undecidedAt?: string) =>
    attempt.remember({ channel, left, since, ...(undecidedAt ? { undecidedAt } : {}) });
  return {
    claim,
    inquiry: { isSent: () => Promise.resolve(false), isTaken: () => Promise.resolve(false) },
    renew: () => Promise.resolve(true),
    release: async (_code, undecided) =>
      remember(false, undecided ? new Date().toISOString() : before?.undecidedAt),
    // It may have left: not sent again, and written down as sent once the ledger is back.
    close: async (status) => remember(status === 'unknown'),
  };
}
