import { TIERS, type Tier } from '../shared/calendar.ts';
import type { Manifest } from './manifest.ts';

/** Where things lie in the bucket. A backup is a folder; its `manifest.json`, written last, makes it one. */
export const DUMP = 'db.dump.zst.age';
export const SUMS = 'SHA256SUMS';
export const GUIDE = 'RESTORE.md';
export const MANIFEST = 'manifest.json';
/** Only beside the dump of a Supabase project: what of it a new project takes. */
export const RESTORE_LIST = 'restore.list';
export const DAILY = 'daily/';

/** A backup has the same id, and so the same name of its folder, in each tier that it lies in. */
export const folderIn = (tier: Tier, backupId: string): string => `${tier}/${backupId}`;

/** `2026-11-23T020000Z`: the scheduled time, sortable and safe in keys. */
const stamp = (at: Date): string =>
  at
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '');

/** As much of a run's id as the names of its folders hold. */
export const runEnd = (runId: string): string => runId.slice(-8);

/** All folders of one run; each attempt has its own, so that a lost worker that still writes harms nobody. */
export const runPrefix = (scheduledAt: Date, runId: string): string =>
  `${DAILY}${stamp(scheduledAt)}-${runEnd(runId)}`;

export const attemptFolder = (prefix: string, attemptId: string): string => `${prefix}-${attemptId}`;

/** The backup's id as people use it: its folder without the tier. */
export const backupIdOf = (folder: string): string => folder.slice(folder.indexOf('/') + 1);

const ID = String.raw`\d{4}-\d\d-\d\dT\d{6}Z-[0-9a-f]{8}-[0-9a-f]{8}`;
const WHOLE_ID = new RegExp(`^${ID}$`);
/** Whatever is sealed ends in `.age`; beside it lie only the files with fixed names. */
const OWN_KEY = new RegExp(
  String.raw`^((?:${TIERS.join('|')})/${ID})/(?:[\w.-]+\.age|${[SUMS, GUIDE, MANIFEST, RESTORE_LIST].join('|').replaceAll('.', '\\.')})$`,
);

export const isBackupId = (name: string): boolean => WHOLE_ID.test(name);

/** The folder of a key that we wrote, undefined for anything else in the bucket: what is not ours is never touched. */
export const folderOf = (key: string): string | undefined => OWN_KEY.exec(key)?.[1];

/** The `runEnd` in a backup's id. */
export const runEndOf = (backupId: string): string => backupId.slice(-17, -9);

/** The instant in a backup's id: when its run was due. */
export const dueAtOf = (backupId: string): Date =>
  new Date(backupId.slice(0, 18).replace(/T(\d\d)(\d\d)/, 'T$1:$2:'));

export const sumsFile = (manifest: Pick<Manifest, 'objects'>): string =>
  manifest.objects.map(({ sha256, name }) => `${sha256}  ${name}\n`).join('');
