import { guardSamples } from './guard-samples.ts';
import type { BackupFailedData, BackupStoredData, Notice, TemplateName } from '../notice.ts';

/** Invented notices, to look at a template and to test it: every state a template can show. */

const RUN = {
  workflowId: 'backup-database-2026-11-23T02:00:00Z',
  runId: '019ab2c4-7d1e-7a3b-9c55-1f0e6d2b8a44',
};
const BACKUP_ID = 'daily/2026-11-23T020004Z-019ab2c4';

const stored: BackupStoredData = {
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
  keys: ['db.dump.zst.age', 'SHA256SUMS', 'RESTORE.md', 'manifest.json'].map(
    (name) => `${BACKUP_ID}/${name}`,
  ),
  ...RUN,
};

const failed: BackupFailedData = {
  cause: {
    type: 'DatabaseUnreachable',
    message: 'connect ENETUNREACH: no route to the server of BACKUP_DATABASE_URL',
  },
  scheduledAt: '2026-11-23T02:00:00Z',
  attempts: 4,
  lastProven: { backupId: 'daily/2026-11-22T020003Z-019aad9e', at: '2026-11-22T02:00:03Z' },
  ...RUN,
};

const storedNotice = (data: Partial<BackupStoredData>): Notice => ({
  key: 'sample/stored',
  level: 'info',
  channels: ['email'],
  template: 'backup-stored',
  data: { ...stored, ...data },
});

const failedNotice = (data: Partial<BackupFailedData>): Notice => ({
  key: 'sample/failed',
  level: 'critical',
  template: 'backup-failed',
  data: { ...failed, ...data },
});

export const samples: Readonly<Record<TemplateName, Readonly<Record<string, Notice>>>> = {
  'backup-stored': {
    proven: storedNotice({}),
    'not-proven': storedNotice({
      proof: { result: 'not proven', reason: 'ToolMissing', differences: [] },
      proveSeconds: undefined,
      restoreSeconds: undefined,
    }),
    different: storedNotice({
      proof: {
        result: 'not proven',
        differences: [
          'table public.subscriptions has 41207 rows instead of 41208',
          'table public.audit_log: the content differs (same number of rows)',
        ],
      },
    }),
  },
  'backup-failed': {
    unreachable: failedNotice({}),
    'first-backup': failedNotice({
      cause: {
        type: 'MissingBypassRls',
        message: 'role "backup" lacks BYPASSRLS: 12 tables have row-level security',
      },
      attempts: 1,
      lastProven: null,
    }),
    unknown: failedNotice({
      cause: { type: 'TypeError', message: 'something nobody foresaw' },
      attempts: undefined,
      lastProven: undefined,
    }),
  },
  ...guardSamples,
  test: {
    test: {
      key: 'sample/test',
      level: 'info',
      channels: ['email'],
      template: 'test',
      data: { askedAt: '2026-11-23T14:05:00Z', host: 'vps-1' },
    },
  },
};

export const TEMPLATES = Object.keys(samples) as TemplateName[];
