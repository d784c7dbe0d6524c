import { setTimeout as pause } from 'node:timers/promises';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { Attempt, Unrecorded } from './attempt.ts';
import type { Channel } from './channel.ts';
import { recorded, unrecorded } from './hold.ts';
import type { Hold } from './hold.ts';
import { isLedgerFailure } from './ledger.ts';
import type { Claim, ClaimAnswer, Entry, Ledger } from './ledger.ts';
import { patiently } from './patiently.ts';
import type { ChannelName, Delivery, Notice } from './notice.ts';

export interface Delivering<N extends Entry = Notice> {
  ledger: Ledger;
  attempt: Attempt;
  /** False: above the hourly cap; what stands for it has been told. */
  admit: (notice: N) => Promise<boolean>;
  waits: Waits;
  /** The caller keeps what the ledger cannot take, and hands it in later: it is told at once how it ended. */
  handBack?: boolean;
}

/** Milliseconds. Shorter ones are for tests. */
export interface Waits {
  /** For how long a critical notice waits for the ledger before it leaves unrecorded. */
  ledgerMs: number;
  /** After how long a message is sent again whose fate nobody can tell. */
  possibleDoubleMs: number;
}

export const WAITS: Waits = { ledgerMs: 3_000, possibleDoubleMs: 60_000 };

/** How long another attempt waits before it looks at a claim again. */
const LOOK_AGAIN_SECONDS = 5;

const LEDGER_PAUSE_MS = 500;

/** One notice on one channel: claimed, sent, closed. */
export async function deliver<N extends Entry>(
  { ledger, attempt, admit, waits, handBack = false }: Delivering<N>,
  notice: N,
  name: ChannelName,
  channel: Channel<N>,
): Promise<Delivery> {
  if (!channel.ready) {
    await ledger.skipped(notice, name, 'NoRecipient');
    return { channel: name, status: 'skipped', attempts: 0, code: 'NoRecipient' };
  }
  const messageId = channel.messageId(notice);
  const handsBack = handBack && notice.level === 'critical';
  const kept = (delivery: Delivery): Delivery => ({
    ...delivery,
    unrecorded: { messageId, at: new Date().toISOString() },
  });
  const closed = async (attempts: number, providerId?: string): Promise<Delivery> => {
    const delivery: Delivery = { channel: name, status: 'sent', attempts, providerId };
    const write = () => ledger.sent(notice, name, messageId, providerId);
    if (!handsBack) await patiently(write);
    else if (!(await write().then(...YES_OR_NO))) return kept(delivery);
    return delivery;
  };
  const before = attempt.unrecorded(name);
  if (before?.left) return closed(1, before.providerId);
  const send = await channel.prepare(notice);
  const now = new Date().toISOString();
  const remember = (undecidedAt = before?.undecidedAt) =>
    attempt.remember({ channel: name, left: false, since: before?.since ?? now, undecidedAt });
  let wasAway = false;
  const answer = await claimed(
    () => ledger.claim(notice, name, messageId),
    notice,
    waits,
    () => {
      // The next attempt knows it before anything leaves, for it would not find it in the ledger.
      if (!wasAway) remember(before?.undecidedAt ?? now);
      wasAway = true;
    },
  );
  if (answer && wasAway) remember();
  if (answer?.kind === 'in flight') throw inFlight(name, answer.secondsLeft);
  if (answer?.kind === 'closed') return asDelivery(name, answer);
  const hold = answer
    ? recorded(ledger, notice, name, withMemory(answer.claim, before))
    : unrecorded(attempt, name, messageId, before);
  const { claim } = hold;
  const { attempts } = claim;
  const end = async (status: 'failed' | 'unknown' | 'skipped', code: string): Promise<Delivery> => {
    await hold.close(status, code);
    const delivery: Delivery = { channel: name, status, attempts, code };
    return answer === undefined && handsBack ? kept(delivery) : delivery;
  };

  if (answer && channel.capped && !(await admit(notice))) return end('skipped', 'Capped');
  if (channel.neverTwice && claim.handedOver) return end('unknown', 'Undecided');
  const earlier = await settle(hold, notice, channel, waits);
  const left = (providerId?: string) =>
    attempt.remember({ channel: name, left: true, providerId, since: claim.createdAt.toISOString() });
  if (earlier.kind === 'sent') {
    left(earlier.providerId);
    return closed(attempts, earlier.providerId);
  }
  if (earlier.kind === 'unreachable') {
    await hold.release('Undecided', false);
    throw unavailable('Whether an earlier attempt has sent cannot be told yet');
  }
  if (earlier.kind === 'overtaken') throw inFlight(name, LOOK_AGAIN_SECONDS);
  if (attempt.isCancelled()) {
    await hold.release('Withdrawn', false);
    throw new CancelledFailure('the notice was asked back before it left');
  }

  let providerId: string | undefined;
  try {
    ({ providerId } = await send(claim));
  } catch (error) {
    const { code, permanent, skip, undecided = false, message } = channel.explain(error);
    if (skip) return end('skipped', code);
    if (permanent) return end('failed', code);
    if (undecided && channel.neverTwice && channel.settle === undefined) return end('unknown', code);
    if (undecided && claim.unknownSends >= (channel.unknownAtMost ?? Infinity)) return end('unknown', code);
    const age = Date.now() - claim.createdAt.getTime();
    if (age > (channel.givesUpAfterMs?.(notice) ?? Infinity)) return end('failed', code);
    await hold.release(code, undecided);
    throw unavailable(message);
  }
  left(providerId);
  return closed(attempts, providerId);
}

const YES_OR_NO = [() => true, () => false] as const;

/**
 * The claim; undefined when the ledger is away and the notice is critical: it leaves all the same, and the attempt's
 * heartbeat remembers it until the row can be written. One double at most: a worker killed before that heartbeat.
 */
async function claimed(
  claim: () => Promise<ClaimAnswer>,
  { level }: Entry,
  { ledgerMs }: Waits,
  onAway: () => void,
): Promise<ClaimAnswer | undefined> {
  const end = Date.now() + ledgerMs;
  for (;;) {
    try {
      return await claim();
    } catch (error) {
      if (level !== 'critical' || !isLedgerFailure(error)) throw error;
      onAway();
      if (Date.now() >= end) return undefined;
      await pause(Math.min(LEDGER_PAUSE_MS, ledgerMs));
    }
  }
}

/** The ledger is back: what an attempt did without it is not in its row. */
function withMemory(claim: Claim, before: Unrecorded | undefined): Claim {
  if (before?.undecidedAt === undefined || claim.undecidedAt !== undefined) return claim;
  const undecidedAt = new Date(before.undecidedAt);
  return { ...claim, createdAt: new Date(before.since), undecidedAt, unknownSends: claim.unknownSends + 1 };
}

type Earlier = { kind: 'sent'; providerId?: string } | { kind: 'not sent' | 'unreachable' | 'overtaken' };

async function settle<N extends Entry>(
  { claim, inquiry, renew }: Hold,
  notice: N,
  channel: Channel<N>,
  { possibleDoubleMs }: Waits,
): Promise<Earlier> {
  if (channel.settle === undefined || claim.undecidedAt === undefined) return { kind: 'not sent' };
  const settled = await channel.settle(notice, claim, inquiry);
  const overdue = Date.now() - claim.undecidedAt.getTime() >= possibleDoubleMs;
  if (settled.kind === 'unreachable' && !overdue) return settled;
  // Decided either way, or sent again as a possible double, which `unknown_sends` goes on saying.
  const mine = await renew(settled.kind !== 'unreachable');
  if (settled.kind === 'sent') return settled;
  return mine ? { kind: 'not sent' } : { kind: 'overtaken' };
}

function asDelivery(
  channel: ChannelName,
  { status, attempts, code }: Extract<ClaimAnswer, { kind: 'closed' }>,
): Delivery {
  return { channel, status: status === 'sent' ? 'already sent' : status, attempts, ...(code && { code }) };
}

const unavailable = (message: string): ApplicationFailure =>
  ApplicationFailure.create({ message, type: 'ChannelUnavailable' });

const inFlight = (channel: ChannelName, secondsLeft: number): ApplicationFailure =>
  ApplicationFailure.create({
    message: `Another attempt is sending this notice (${channel})`,
    type: 'NotificationInFlight',
    nextRetryDelay: Math.max(1, Math.min(LOOK_AGAIN_SECONDS, secondsLeft)) * 1_000,
  });
