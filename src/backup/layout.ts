import { TIERS, type Tier } from './calendar.ts';
import { dumpFacts, totalRows, type Manifest } from './manifest.ts';

/** Where things lie in the bucket. A backup is a folder; its `manifest.json`, written last, makes it one. */
export const DUMP = 'db.dump.zst.age';
export const SUMS = 'SHA256SUMS';
export const GUIDE = 'RESTORE.md';
export const MANIFEST = 'manifest.json';
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
/** Whatever is sealed ends in `.age`; beside it lie only the three files with fixed names. */
const OWN_KEY = new RegExp(
  String.raw`^((?:${TIERS.join('|')})/${ID})/(?:[\w.-]+\.age|${[SUMS, GUIDE, MANIFEST].join('|').replaceAll('.', '\\.')})$`,
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

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The page that lets anyone restore without our program. `folderUrl` is `s3://…` of the backup's folder. */
export function restoreGuide(manifest: Manifest, folderUrl: string, endpoint: string | undefined): string {
  const dump = dumpFacts(manifest);
  const { source } = manifest;
  const aws = `aws s3 cp${endpoint ? ` --endpoint-url ${endpoint}` : ''}`;
  const roles = source.roles.map((role) => `create role ${quoted(role)} nologin;`).join('\n');
  const tables = manifest.tables.map(
    ({ schema, name, rows }) => `| ${`${schema}.${name}`.replaceAll('|', '\\|')} | ${String(rows)} |`,
  );
  return `# Restore this backup

Database **${source.database}** of PostgreSQL ${source.serverVersion}, snapshot of ${manifest.takenAt}.
${String(manifest.tables.length)} tables, ${String(totalRows(manifest))} rows. Proof: **${manifest.proof.result}**${manifest.proof.reason ? ` (${manifest.proof.reason})` : ''}.

You need: the age key of one of the recipients below, \`age\`, \`zstd\`, and \`pg_restore\` ${String(Number.parseInt(source.serverVersion, 10))} or newer
(dump made by pg_dump ${manifest.tools.pgDump}). Recipients:
${manifest.recipients.map((recipient) => `\`${recipient}\``).join(', ')}.

## 1. Fetch and check
\`\`\`sh
${aws} --recursive ${folderUrl}/ backup/ && cd backup
sha256sum -c ${SUMS}
\`\`\`

## 2. A new, empty database
\`\`\`sh
createdb -T template0 -E ${source.encoding} restored
export NEW=postgresql://localhost/restored
\`\`\`
The dump grants rights to these roles; create those that are missing (errors for existing ones are harmless):
\`\`\`sql
${roles}
\`\`\`

## 3. Restore
\`\`\`sh
age -d -i key.txt ${DUMP} | zstd -d | pg_restore -d "$NEW"
\`\`\`
Straight from the bucket, without the copy of step 1:
\`\`\`sh
${aws} ${folderUrl}/${DUMP} - | age -d -i key.txt | zstd -d | pg_restore -d "$NEW"
\`\`\`
The dump is ${String(dump.rawBytes ?? 0)} bytes before compression, ${String(dump.bytes)} bytes in the bucket.

## 4. Compare
\`talos backup restore\` compares every row by itself; by hand, count the rows of each table:

| table | rows |
|---|---|
${tables.join('\n')}
`;
}
