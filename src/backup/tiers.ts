import type { LockMode, ObjectStore } from '../clients/object-store.ts';
import { TIERS, type Tier } from '../shared/calendar.ts';
import { removeFolder } from './folder.ts';
import { inventoryReader, type HeldBackup } from './inventory.ts';
import { folderIn } from './layout.ts';
import { isLocked, lockBackup } from './lock.ts';
import { sweepCopies } from './orphans.ts';
import { heldUntil, planRetention, type RetentionPlan } from './retention.ts';
import { copyBackup, isCopied } from './tier-copy.ts';

export interface RetentionOptions {
  store: ObjectStore;
  policy: Record<Tier, number>;
  timeZone: string;
  now: Date;
  /** The backup that the run has just stored: a listing without it is refused. */
  justMade?: string;
  /** Says what would be copied and deleted, and does nothing. */
  dryRun: boolean;
  objectLock: 'off' | LockMode;
  signal: AbortSignal;
  onProgress: (line: string) => void;
}

export interface RetentionOutcome {
  /** Why nothing was copied or deleted. */
  refused?: string;
  copied: RetentionPlan['copy'];
  deleted: { tier: Tier; backupId: string }[];
  kept: { tier: Tier; count: number; nextExpiry?: string; nextBackupId?: string }[];
  /** Folders that should go and that the store still guards: they go with a later run. */
  locked: string[];
  /** Why not all that is kept is locked, though the policy wants it. */
  lockProblem?: string;
}

function keptOf(plan: RetentionPlan, locked: readonly string[]): RetentionOutcome['kept'] {
  return TIERS.map((tier) => {
    const kept = plan.keep.filter((backup) => backup.tier === tier);
    const [next] = kept
      .filter(({ expiresOn }) => expiresOn !== undefined)
      .sort(
        (a, b) => (a.expiresOn ?? '').localeCompare(b.expiresOn ?? '') || a.takenAt.localeCompare(b.takenAt),
      );
    const count = kept.length + locked.filter((folder) => folder.startsWith(`${tier}/`)).length;
    return next ? { tier, count, nextExpiry: next.expiresOn, nextBackupId: next.backupId } : { tier, count };
  });
}

/** What cannot be read may be the newest good one: nothing is decided without it. */
async function look(
  options: RetentionOptions,
  readBackups: () => Promise<HeldBackup[]>,
): Promise<{ backups: HeldBackup[]; plan: RetentionPlan }> {
  try {
    const backups = await readBackups();
    return { backups, plan: planRetention({ ...options, backups }) };
  } catch (error) {
    const { type, message } = error as { type?: string; message: string };
    if (type !== 'ManifestUnreadable') throw error;
    return { backups: [], plan: { copy: [], delete: [], keep: [], refused: message } };
  }
}

/**
 * Carries the plan of `planRetention` out: copies between the tiers, locks, and only then, from a new listing,
 * deletes. May be killed anywhere and repeated, and two at once do no harm: a copy becomes a backup with its last
 * object, a removal unmakes one with its first, and each step is done only where its result is not there yet.
 */
export async function applyRetention(options: RetentionOptions): Promise<RetentionOutcome> {
  const { store, now, dryRun, signal, onProgress } = options;
  const readBackups = inventoryReader(store, signal);
  const { backups, plan: first } = await look(options, readBackups);
  const outcome: RetentionOutcome = { copied: first.copy, deleted: [], kept: [], locked: [] };
  if (first.refused) return { ...outcome, refused: first.refused, kept: keptOf(first, []) };

  const copies = first.copy.flatMap(({ backupId, to }) =>
    backups
      .filter((backup) => backup.folder === folderIn('daily', backupId))
      .map((source) => ({ source, copy: { ...source, tier: to, folder: folderIn(to, backupId) } })),
  );
  const wanted = new Set(copies.map(({ copy }) => copy.folder));
  if (dryRun) {
    const after = [...backups.filter(({ folder }) => !wanted.has(folder)), ...copies.map(({ copy }) => copy)];
    const second = planRetention({ ...options, backups: after });
    outcome.deleted = second.delete.map(({ tier, backupId }) => ({ tier, backupId }));
    return { ...outcome, kept: keptOf(second, []) };
  }

  for (const { source, copy } of copies) {
    onProgress(`copying ${source.folder} to ${copy.folder}`);
    try {
      await copyBackup({ store, from: source.folder, to: copy.folder, objects: source.objects, signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!(await isCopied(store, copy.folder))) throw error;
    }
  }
  outcome.locked = (await sweepCopies(store, now, wanted)).locked;

  const { plan: second } = await look(options, readBackups);
  if (second.refused) return { ...outcome, refused: second.refused, kept: keptOf(second, []) };
  await lockKept(options, second, outcome);
  for (const { tier, backupId, reason } of second.delete) {
    signal.throwIfAborted();
    const folder = folderIn(tier, backupId);
    onProgress(`deleting ${folder}: ${reason}`);
    try {
      await removeFolder(store, folder);
      outcome.deleted.push({ tier, backupId });
    } catch (error) {
      if (!isLocked(error)) throw error;
      outcome.locked.push(folder);
    }
  }
  return { ...outcome, kept: keptOf(second, outcome.locked) };
}

/** All that is kept and not only what is new: a worker killed between copy and lock leaves nothing open for long. */
async function lockKept(
  { store, policy, timeZone, now, objectLock, signal }: RetentionOptions,
  plan: RetentionPlan,
  outcome: RetentionOutcome,
): Promise<void> {
  if (objectLock === 'off') return;
  if (!(await store.features()).objectLock) {
    // By default a bucket is locked where it can be; `compliance` is somebody's decision, and so its absence is said.
    if (objectLock === 'compliance')
      outcome.lockProblem = `${store.url('')} has no Object Lock: make a bucket with it, or set backup.objectLock`;
    return;
  }
  for (const { tier, backupId, takenAt } of plan.keep) {
    signal.throwIfAborted();
    const until = heldUntil(tier, takenAt, policy, timeZone);
    if (until <= now) continue;
    try {
      await lockBackup(store, folderIn(tier, backupId), until, objectLock);
    } catch (error) {
      const { type, message } = error as { type?: string; message: string };
      // A missing permission must not keep old backups for ever: it is said, and pruning goes on.
      if (type !== 'ObjectStoreRefused') throw error;
      outcome.lockProblem ??= message;
    }
  }
}
