import { alertSamples } from './alert-samples.ts';
import { RUN, storedSamples } from './backup-stored-samples.ts';
import { cleanSamples } from './clean-samples.ts';
import { customersSamples } from './customers-samples.ts';
import { weeklySamples } from './period-samples.ts';
import { dailySamples } from './report-samples.ts';
import { guardSamples } from './guard-samples.ts';
import type { BackupFailedData, Notice, TemplateName } from '../notice.ts';

/** Invented notices, to look at a template and to test it: every state a template can show. */

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

const failedNotice = (data: Partial<BackupFailedData>): Notice => ({
  key: 'sample/failed',
  level: 'critical',
  template: 'backup-failed',
  data: { ...failed, ...data },
});

export const samples: Readonly<Record<TemplateName, Readonly<Record<string, Notice>>>> = {
  'backup-stored': storedSamples,
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
    'disk-full': failedNotice({
      cause: {
        type: 'DiskFull',
        message: 'No space left on device: the proof needs 1.4 GB, 0.6 GB are free',
      },
      attempts: 3,
    }),
    'host-key-changed': failedNotice({
      cause: {
        type: 'SshHostKeyChanged',
        message: 'files: the host key is not the one in VPS_SSH_KNOWN_HOSTS',
      },
      attempts: 1,
    }),
    unknown: failedNotice({
      cause: { type: 'TypeError', message: 'something nobody foresaw' },
      attempts: undefined,
      lastProven: undefined,
    }),
  },
  ...guardSamples,
  ...alertSamples,
  ...cleanSamples,
  ...customersSamples,
  'daily-report': dailySamples,
  'weekly-report': weeklySamples,
  'channel-failed': {
    sms: {
      key: 'sample/channel-failed',
      level: 'important',
      template: 'channel-failed',
      data: { channel: 'sms', code: 'Twilio 21408', at: '2026-11-23T14:04:06Z' },
    },
    email: {
      key: 'sample/channel-failed',
      level: 'important',
      template: 'channel-failed',
      data: { channel: 'email', code: 'SMTP 550', at: '2026-11-23T14:04:06Z' },
    },
  },
  test: {
    test: {
      key: 'sample/test',
      level: 'info',
      channels: ['email'],
      template: 'test',
      data: { askedAt: '2026-11-23T14:05:00Z', host: 'vps-1', channel: 'email' },
    },
  },
};

export const TEMPLATES = Object.keys(samples) as TemplateName[];
