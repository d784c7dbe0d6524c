import { Context } from '@temporalio/activity';
import type { ChannelName } from './notice.ts';

/** What could not be written down: a message that left, or one that may have. */
export interface Unrecorded {
  channel: ChannelName;
  left: boolean;
  providerId?: string;
  /** ISO instants: of the first attempt without the ledger, and of the last whose answer was lost. */
  since: string;
  undecidedAt?: string | undefined;
}

/** What the activity's attempts tell each other while the ledger cannot: the heartbeat survives a killed worker. */
export interface Attempt {
  unrecorded(channel: ChannelName): Unrecorded | undefined;
  /** Said at once, so that the next attempt knows. */
  remember(message: Unrecorded): void;
  /** Asked back by the caller. */
  isCancelled(): boolean;
  end(): void;
}

const BEAT_MS = 1_000;

/** Of the activity that runs; outside of one (a command, a test) it remembers for this attempt alone. */
export function beginAttempt(): Attempt {
  const context = currentContext();
  const details = (context?.info.heartbeatDetails as Unrecorded[] | undefined) ?? [];
  const known = new Map(details.map((message) => [message.channel, message]));
  const beat = () => context?.heartbeat([...known.values()]);
  beat();
  const timer = context && setInterval(beat, BEAT_MS);
  return {
    unrecorded: (channel) => known.get(channel),
    remember(message) {
      known.set(message.channel, message);
      beat();
    },
    isCancelled: () => context?.cancellationSignal.aborted ?? false,
    end: () => clearInterval(timer),
  };
}

function currentContext(): Context | undefined {
  try {
    return Context.current();
  } catch {
    return undefined;
  }
}
