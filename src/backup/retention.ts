import {
  DAY_MS,
  firstDayOf,
  isoDay,
  localDays,
  periodName,
  periodOf,
  startOfDay,
  TIERS,
  type Tier,
} from '../shared/calendar.ts';
import { isProven as countsAsProven, type ProofResult } from './manifest.ts';

export interface TierBackup {
  tier: Tier;
  backupId: string;
  /** Instant of the snapshot, ISO 8601. */
  takenAt: string;
  proof: ProofResult;
}

export interface RetentionInput {
  /** Every complete backup of our own in the bucket, all tiers. */
  backups: readonly TierBackup[];
  now: Date;
  policy: Record<Tier, number>;
  timeZone: string;
  /** The backup that the run has just stored: a listing without it is not the whole listing. */
  justMade?: string;
}

export interface RetentionPlan {
  copy: { backupId: string; to: 'weekly' | 'monthly'; period: string }[];
  delete: (TierBackup & { reason: string })[];
  /** With the day on which each goes if every period to come has its proven backup; unknown in a refused plan. */
  keep: (TierBackup & { expiresOn?: string })[];
  /** Why nothing is copied or deleted. */
  refused?: string;
}

/** The snapshot's instant is the database server's, `now` is ours: two clocks may differ by this much. */
const CLOCK_SKEW_MS = 5 * 60_000;
const STALE_DAYS = 3;
const JUMP_DAYS = 30;
/** A week or month arrives in its tier the day after its end. */
const arrivesAfter = (tier: Tier): number => (tier === 'daily' ? 0 : 1);
const UNIT = { daily: 'days', weekly: 'weeks', monthly: 'months' };

const isProven = ({ proof }: TierBackup): boolean => countsAsProven({ result: proof });

/**
 * What to copy between the tiers and what to delete. Pure. A period is a local day, ISO week or month.
 * - A backup goes when N newer periods of its tier (N = the policy's number) each list a proven backup: the newest N
 *   proven periods stay whole, an unproven backup as long as its neighbours, and nothing goes by age alone.
 * - Once a week or month is over, its newest proven daily is copied, if the tier lists no proven backup of that period
 *   and the period would be among the tier's newest N. The source of such a copy stays.
 * - Only what is listed counts: to prune after copying, list and plan again (the second plan copies nothing). So a
 *   listing with holes only deletes less.
 * - Refused, nothing copied or deleted: a policy below 1; unreadable or double entries; `justMade` not listed; no proven
 *   daily of the last 3 days; a backup from the future; over 30 days between neighbours among the newest
 *   N + 1 proven days (a clock that jumped, or a long standstill: it clears after N more proven days).
 */
export function planRetention(input: RetentionInput): RetentionPlan {
  const { backups, now, policy } = input;
  const refuse = (refused: string): RetentionPlan => ({ copy: [], delete: [], keep: [...backups], refused });
  const fault = inputFault(input);
  if (fault) return refuse(fault);

  const localDay = localDays(input.timeZone);
  const today = localDay(now);
  // The newest first, so that the first of a period is the one to copy.
  const listed = backups
    .map((backup) => ({ backup, day: localDay(new Date(backup.takenAt)) }))
    .sort((a, b) => Date.parse(b.backup.takenAt) - Date.parse(a.backup.takenAt));
  const inTier = (tier: Tier) => listed.filter(({ backup }) => backup.tier === tier);
  const provenOf = (tier: Tier) => inTier(tier).filter(({ backup }) => isProven(backup));
  const provenPeriods = (tier: Tier) => [...new Set(provenOf(tier).map(({ day }) => periodOf(tier, day)))];

  const days = provenPeriods('daily').slice(0, policy.daily + 1);
  const afterJump = days.find((day, index) => day - (days[index + 1] ?? day) > JUMP_DAYS);
  if (afterJump !== undefined)
    return refuse(`no proven backup in the ${String(JUMP_DAYS)} days before ${isoDay(afterJump)}`);

  const plan: RetentionPlan = { copy: [], delete: [], keep: [] };
  for (const to of ['weekly', 'monthly'] as const) {
    const filled = provenPeriods(to);
    const sources = new Map<number, string>();
    for (const { backup, day } of provenOf('daily')) {
      const period = periodOf(to, day);
      const isOver = period < periodOf(to, today);
      if (isOver && !filled.includes(period) && !sources.has(period)) sources.set(period, backup.backupId);
    }
    const wanted = [...filled, ...sources.keys()].sort((a, b) => b - a).slice(0, policy[to]);
    for (const [period, backupId] of sources)
      if (wanted.includes(period)) plan.copy.push({ backupId, to, period: periodName(to, period) });
  }

  for (const tier of TIERS) {
    const proven = provenPeriods(tier);
    const next = Math.max((proven[0] ?? -Infinity) + 1, periodOf(tier, today));
    for (const { backup, day } of inTier(tier)) {
      const newer = proven.filter((period) => period > periodOf(tier, day)).length;
      const missing = policy[tier] - newer;
      const isSource = tier === 'daily' && plan.copy.some(({ backupId }) => backupId === backup.backupId);
      if (missing <= 0 && !isSource) {
        const reason = `${String(newer)} newer ${UNIT[tier]} have a proven backup, ${String(policy[tier])} are kept`;
        plan.delete.push({ ...backup, reason });
      } else {
        const last = next + Math.max(missing, 1) - 1;
        plan.keep.push({ ...backup, expiresOn: isoDay(firstDayOf(tier, last + arrivesAfter(tier))) });
      }
    }
  }
  return plan;
}

/** What is wrong with the policy, the listing or the clock, before any calendar. */
function inputFault({ backups, now, policy, justMade }: RetentionInput): string | undefined {
  if (TIERS.some((tier) => !(Number.isInteger(policy[tier]) && policy[tier] >= 1)))
    return 'every tier keeps at least 1';
  if (Number.isNaN(now.getTime())) return 'the clock cannot be read';
  const seen = new Set<string>();
  for (const { tier, backupId, takenAt } of backups) {
    if (!/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(takenAt) || Number.isNaN(Date.parse(takenAt)))
      return `${tier}/${backupId} has no readable date: '${takenAt}'`;
    if (seen.has(`${tier}/${backupId}`)) return `${tier}/${backupId} is listed twice`;
    seen.add(`${tier}/${backupId}`);
    if (Date.parse(takenAt) > now.getTime() + CLOCK_SKEW_MS)
      return `${tier}/${backupId} was taken at ${takenAt}, after now (${now.toISOString()})`;
  }
  if (justMade && !seen.has(`daily/${justMade}`)) return `the listing lacks daily/${justMade}, just made`;
  const oldest = now.getTime() - STALE_DAYS * DAY_MS;
  const isRecent = (backup: TierBackup) => isProven(backup) && Date.parse(backup.takenAt) >= oldest;
  if (!backups.some((backup) => backup.tier === 'daily' && isRecent(backup)))
    return `no proven daily backup of the last ${String(STALE_DAYS)} days is listed`;
  return undefined;
}

/**
 * The earliest instant at which the plan can let a backup go, whatever comes: that long it may be locked without the
 * lock ever standing in the plan's way.
 */
export function heldUntil(tier: Tier, takenAt: string, policy: Record<Tier, number>, timeZone: string): Date {
  const period = periodOf(tier, localDays(timeZone)(new Date(takenAt)));
  return startOfDay(timeZone, firstDayOf(tier, period + policy[tier] + arrivesAfter(tier)));
}
