import type {
  GuardKeyUncheckedData,
  GuardNoBackupData,
  GuardOverData,
  GuardReportLateData,
  Notice,
} from '../notice.ts';

/** Invented notices of the guard: every state its templates can show. */

const noBackup: GuardNoBackupData = {
  at: '2026-11-24T05:06:00Z',
  limitHours: 26,
  lastProven: { backupId: '2026-11-22T020003Z-019aad9e-5b1c77d0', at: '2026-11-22T02:02:58Z' },
  installedAt: '2026-09-01T14:20:11Z',
  schedule: 'active',
  lastRun: {
    workflowId: 'backup-database-2026-11-24T02:00:00Z',
    runId: '019ab7ea-8d1e-7a3b-9c55-1f0e6d2b8a44',
    at: '2026-11-24T02:00:00Z',
    outcome: 'failed',
    errorType: 'BucketRefused',
  },
};

const noBackupNotice = (data: Partial<GuardNoBackupData>): Notice => ({
  key: 'sample/no-backup',
  level: 'critical',
  template: 'guard-no-backup',
  data: { ...noBackup, ...data },
});

const lastRun = (changes: Partial<GuardNoBackupData['lastRun']>) =>
  noBackup.lastRun && { ...noBackup.lastRun, ...changes };

const keyNotice = (data: Partial<GuardKeyUncheckedData>): Notice => ({
  key: 'sample/key-unchecked',
  level: 'important',
  template: 'guard-key-unchecked',
  data: {
    at: '2026-11-24T05:06:00Z',
    limitDays: 120,
    lastCheck: '2026-07-24T09:30:00Z',
    since: '2026-07-24T09:30:00Z',
    ...data,
  },
});

const lateNotice = (data: Partial<GuardReportLateData>): Notice => ({
  key: 'sample/daily-report',
  level: 'important',
  template: 'guard-report-late',
  data: {
    ...{ kind: 'daily', period: '2026-11-22', mail: 'trying', code: 'SMTP 451' },
    ...{ dueAt: '2026-11-23T07:00:00Z', at: '2026-11-23T07:15:00Z', limitMinutes: 15 },
    lastRun: reportRun({}),
    ...data,
  },
});

const reportRun = (changes: Partial<GuardReportLateData['lastRun']>) => ({
  workflowId: 'rapport-quotidien-2026-11-23T07:00:00Z',
  runId: '019ab7ea-8d1e-7a3b-9c55-1f0e6d2b8a45',
  at: '2026-11-23T07:00:00Z',
  outcome: 'running' as const,
  ...changes,
});

const overNotice = (data: GuardOverData): Notice => ({
  key: 'sample/over',
  level: 'important',
  template: 'guard-over',
  data,
});

const OVER = { at: '2026-11-24T09:41:00Z', since: '2026-11-23T04:03:00Z' };

export const guardSamples = {
  'guard-no-backup': {
    failing: noBackupNotice({}),
    paused: noBackupNotice({
      schedule: 'paused',
      pauseNote: 'The VPS moves on Monday',
      lastRun: lastRun({ at: '2026-11-22T02:00:00Z', outcome: 'succeeded', errorType: undefined }),
    }),
    missing: noBackupNotice({ schedule: 'missing', lastRun: undefined }),
    running: noBackupNotice({ lastRun: lastRun({ outcome: 'running', errorType: undefined }) }),
    'not-proven': noBackupNotice({ lastRun: lastRun({ outcome: 'succeeded', errorType: undefined }) }),
    'none-ever': noBackupNotice({ lastProven: null, lastRun: undefined }),
  },
  'guard-key-unchecked': {
    late: keyNotice({}),
    never: keyNotice({ lastCheck: null, since: '2026-07-01T02:00:00Z' }),
  },
  'guard-report-late': {
    trying: lateNotice({}),
    'no-answer': lateNotice({ code: undefined }),
    refused: lateNotice({ mail: 'refused', code: 'SMTP 550' }),
    unknown: lateNotice({ mail: 'unknown', code: undefined, lastRun: reportRun({ outcome: 'succeeded' }) }),
    kept: lateNotice({ mail: 'kept', code: undefined, lastRun: reportRun({ outcome: 'succeeded' }) }),
    waiting: lateNotice({ mail: 'none', code: undefined }),
    failed: lateNotice({
      ...{ mail: 'none', code: undefined },
      lastRun: reportRun({ outcome: 'failed', errorType: 'DatabaseUnreachable' }),
    }),
    'never-run': lateNotice({ mail: 'none', code: undefined, lastRun: undefined }),
    weekly: lateNotice({
      ...{ kind: 'weekly', period: '2026-W47', dueAt: '2026-11-23T08:00:00Z', at: '2026-11-23T08:15:00Z' },
      ...{ mail: 'none', code: undefined, lastRun: undefined },
    }),
  },
  'guard-over': {
    'no-backup': overNotice({
      what: 'no-backup',
      ...OVER,
      backup: { backupId: '2026-11-24T093806Z-019ab9c1-0d42e6aa', at: '2026-11-24T09:40:31Z' },
    }),
    'key-unchecked': overNotice({ what: 'key-unchecked', ...OVER, checkedAt: '2026-11-24T09:40:31Z' }),
    'daily-report': overNotice({
      ...{ what: 'daily-report', ...OVER, period: '2026-11-23', acceptedAt: '2026-11-24T09:40:31Z' },
    }),
    'weekly-report': overNotice({
      ...{ what: 'weekly-report', ...OVER, period: '2026-W47', acceptedAt: '2026-11-24T09:40:31Z' },
    }),
  },
} satisfies Record<string, Record<string, Notice>>;
