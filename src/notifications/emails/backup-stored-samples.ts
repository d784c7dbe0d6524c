import type { BackupStoredData, Notice } from '../notice.ts';

/** Invented backups: every state in which the mail of a stored one can be. */

export const RUN = {
  workflowId: 'backup-database-2026-11-23T02:00:00Z',
  runId: '019ab2c4-7d1e-7a3b-9c55-1f0e6d2b8a44',
};
const BACKUP_ID = '2026-11-23T020004Z-019ab2c4-7d1e4f20';

/** What a version that knew neither parts nor tiers wrote into the ledger: it must still make a mail. */
const plain: BackupStoredData = {
  backupId: BACKUP_ID,
  proof: { result: 'proven', differences: [] },
  database: 'talosprimes',
  serverVersion: '15.18',
  tables: 48,
  rows: 1_234_567,
  rawBytes: 1_312_000_000,
  storedBytes: 311_600_000,
  backupSeconds: 72.4,
  proveSeconds: 95.2,
  restoreSeconds: 48.1,
  startedAt: '2026-11-23T02:00:04Z',
  bucket: 's3://talos-backups/production',
  keys: ['db.dump.zst.age', 'globals.sql.zst.age', 'SHA256SUMS', 'RESTORE.md', 'manifest.json'].map(
    (name) => `daily/${BACKUP_ID}/${name}`,
  ),
  ...RUN,
};

type Parts = NonNullable<BackupStoredData['parts']>;
type Changes = NonNullable<BackupStoredData['changes']>;

const parts: Parts = [
  { part: 'globals', result: 'proven', storedBytes: 1_420, warnings: [] },
  { part: 'files', result: 'read back', storedBytes: 84_200_000, entries: 1_204, warnings: [] },
  { part: 'operations', result: 'proven', storedBytes: 2_310_000, warnings: [] },
  { part: 'temporal', result: 'proven', storedBytes: 18_900_000, warnings: [] },
  {
    part: 'n8n',
    result: 'read back',
    storedBytes: 640_000,
    warnings: ['credentials open only with N8N_ENCRYPTION_KEY, which is not in the backup: keep it apart'],
  },
];

const changes: Changes = {
  since: '2026-11-22T02:00:03Z',
  rawBytesBefore: 1_308_000_000,
  rowsBefore: 1_230_112,
  tables: [
    { name: 'public.audit_log', rows: 812_450, before: 808_960 },
    { name: 'public.subscription_usage_daily_aggregates_by_tenant', rows: 96_120, before: 95_880 },
    { name: 'public.sessions', rows: 4_310, before: 4_530 },
    { name: 'auth.refresh_tokens', rows: 20_144, before: 20_009 },
    { name: 'public.invoices', rows: 7_702, before: 7_692 },
  ],
  shrunk: [],
  databaseShrunk: false,
  // Grows slowly; one night was not proven.
  sizes: Array.from({ length: 30 }, (_, at) => ({
    at: new Date(Date.UTC(2026, 9, 25 + at, 2)).toISOString(),
    storedBytes: 268_000_000 + at * 1_500_000 + (at % 7) * 400_000 + (at === 29 ? -2_300_000 : 0),
    proven: at !== 17,
  })),
};

const retention: NonNullable<BackupStoredData['retention']> = {
  copied: [{ backupId: '2026-11-22T020003Z-019aad9e-5b1c77d0', to: 'weekly', period: '2026-W47' }],
  deleted: [
    { tier: 'daily', backupId: '2026-11-16T020002Z-019a8eb1-0c4de913' },
    { tier: 'weekly', backupId: '2026-10-25T010003Z-019a18f3-77aa20c4' },
  ],
  kept: [
    {
      tier: 'daily',
      count: 7,
      nextExpiry: '2026-11-24',
      nextBackupId: '2026-11-17T020004Z-019a93d8-4f22b6e1',
    },
    {
      tier: 'weekly',
      count: 4,
      nextExpiry: '2026-11-30',
      nextBackupId: '2026-11-01T020001Z-019a3f01-9e3c5d72',
    },
    {
      tier: 'monthly',
      count: 12,
      nextExpiry: '2026-12-01',
      nextBackupId: '2025-11-30T020002Z-019acb11-6d0f8a35',
    },
  ],
};

const stored: BackupStoredData = {
  ...plain,
  parts,
  changes,
  retention,
  keyCheckedAt: '2026-09-14T09:30:00Z',
  keyCheckDays: 120,
  localCopy: { folder: `/srv/backups/${BACKUP_ID}` },
};

const notice = (data: BackupStoredData): Notice => ({
  key: 'sample/stored',
  level: 'info',
  channels: ['email'],
  template: 'backup-stored',
  data,
});
const withData = (data: Partial<BackupStoredData>): Notice => notice({ ...stored, ...data });

const exceptions = [
  'extension pg_graphql cannot be created there (extension "pg_graphql" is not available); with it fall graphql.resolve, graphql_public.graphql',
  'extension supabase_vault cannot be created there (extension "supabase_vault" is not available); with it fall table vault.secrets, vault.decrypted_secrets',
];

const shrunkTables = [
  { name: 'public.audit_log', rows: 1_204, before: 808_960 },
  { name: 'public.subscription_usage_daily_aggregates_by_tenant', rows: 0, before: 95_880 },
];

export const storedSamples: Readonly<Record<string, Notice>> = {
  proven: withData({}),
  older: notice(plain),
  first: withData({
    changes: undefined,
    retention: { copied: [], deleted: [], kept: [{ tier: 'daily', count: 1 }] },
    keyCheckedAt: null,
    localCopy: undefined,
  }),
  counted: withData({ digests: false, rawBytes: 412_000_000_000, storedBytes: 96_400_000_000 }),
  'proven-except': withData({ proof: { result: 'proven except', exceptions, differences: [] } }),
  'proven-except-left-out': withData({
    proof: {
      result: 'proven except',
      exceptions: [
        ...exceptions,
        'not in the dump, the service keeps them to itself: auth.schema_migrations, storage.migrations',
      ],
      differences: [],
    },
  }),
  'database-shrunk': withData({
    rawBytes: 214_000_000,
    storedBytes: 52_300_000,
    rows: 326_600,
    changes: { ...changes, tables: shrunkTables, shrunk: shrunkTables, databaseShrunk: true },
  }),
  'table-shrunk': withData({
    rows: 1_134_232,
    changes: {
      ...changes,
      tables: shrunkTables.slice(1),
      shrunk: shrunkTables.slice(1),
    },
  }),
  'part-failed': withData({
    parts: parts.map((part) =>
      part.part === 'files'
        ? {
            part: 'files',
            result: 'failed',
            warnings: ['ssh: no answer from VPS_HOST within 30 s'],
          }
        : part,
    ),
  }),
  'retention-refused': withData({
    retention: {
      refused: 'daily/2026-12-24T020003Z-019b5221-8a1f3c60 was taken at 2026-12-24T02:00:03Z, after now',
      copied: [],
      deleted: [],
      kept: [
        { tier: 'daily', count: 8 },
        { tier: 'weekly', count: 4 },
        { tier: 'monthly', count: 12 },
      ],
    },
    localCopy: { folder: '/srv/backups', failure: 'DiskFull' },
  }),
  'key-unchecked': withData({ keyCheckedAt: '2026-07-15T09:30:00Z' }),
  'not-proven': withData({
    proof: { result: 'not proven', reason: 'ToolMissing', differences: [] },
    proveSeconds: undefined,
    restoreSeconds: undefined,
  }),
  different: withData({
    proof: {
      result: 'not proven',
      differences: [
        'table public.subscriptions has 41207 rows instead of 41208',
        'table public.audit_log: the content differs (same number of rows)',
      ],
    },
  }),
};
