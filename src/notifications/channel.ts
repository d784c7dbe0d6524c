import { createHash } from 'node:crypto';
import type { Claim, Entry } from './ledger.ts';
import type { ChannelName, Notice } from './notice.ts';

/** How an effect ended without success. */
export interface ChannelFailure {
  code: string;
  /** Nothing a retry could change. */
  permanent: boolean;
  /** It was not to leave any more: no failure. */
  skip?: true;
  /** It may have left all the same. */
  undecided?: boolean;
  /** A sentence without addresses or secrets. */
  message: string;
}

/** What became of an attempt that may have sent. */
export type Settled =
  | { kind: 'sent'; providerId?: string }
  | { kind: 'not sent' }
  /** Nobody could be asked. */
  | { kind: 'unreachable' };

/** What a look for an earlier attempt may ask the ledger. */
export interface Inquiry {
  /** A callback has closed the row. */
  isSent: () => Promise<boolean>;
  /** This message of the provider's belongs to another notice. */
  isTaken: (providerId: string) => Promise<boolean>;
}

/** One way to reach the operator. A new one is one more file of `channels/`, named in `channels/index.ts`. */
export interface Channel<N extends Entry = Notice> {
  /** False when nobody is configured to receive it: the notice is then `skipped` here. */
  readonly ready: boolean;
  /** Subject to the hourly cap. */
  readonly capped?: boolean;
  /** The same for every attempt, so that receivers can recognise a repetition. */
  messageId(notice: N): string;
  /** What can be made before the claim, so that the lease holds the effect alone. */
  prepare(notice: N): Promise<(claim: Claim) => Promise<{ providerId?: string }>>;
  /** Finds out what an earlier attempt did, where the provider can tell; absent where a repetition is harmless. */
  settle?(notice: N, claim: Claim, inquiry: Inquiry): Promise<Settled>;
  /** Rather not at all than twice: what an earlier attempt may have handed over is left as `unknown`. */
  readonly neverTwice?: boolean;
  /** How often it may leave without an answer before that is left as `unknown`; absent: no limit. */
  readonly unknownAtMost?: number;
  /** For how long a notice is worth trying here (ms); absent: as long as the caller waits. */
  givesUpAfterMs?(notice: N): number;
  explain(error: unknown): ChannelFailure;
}

export type Channels = Partial<Record<ChannelName, Channel>>;

export const deterministicId = (key: string, channel: ChannelName): string =>
  createHash('sha256').update(`${key}\0${channel}`).digest('hex').slice(0, 40);

export const unexpected: ChannelFailure = {
  code: 'Unexpected',
  permanent: false,
  message: 'the message could not be built or sent',
};
