/** What can be told to the operator. Ids, counts, bytes and durations only: the data stays in histories and the ledger. */

import type { BrakeHoldsData, CleanReportData } from './clean-notices.ts';
import type { DailyReportData, PeriodReportData } from './report-notices.ts';
import type { CustomersNotToldData } from './trial-notices.ts';

export type { BrakeHoldsData, CleanReportData } from './clean-notices.ts';
export type {
  Anomaly,
  DailyFigure,
  DailyReportData,
  MovedFigure,
  PeriodFigure,
  PeriodReportData,
  ReportFigure,
} from './report-notices.ts';

/** How loud: which channels carry it stands in the policy (`notifications`). */
export type Level = 'critical' | 'important' | 'info';

export type ChannelName = 'sms' | 'email' | 'in-app' | 'webhook';

export interface BackupStoredData {
  /** The object key prefix: the name `talos backup restore` takes. */
  backupId: string;
  proof: {
    result: 'proven' | 'proven except' | 'not proven';
    /** What could not be restored here, and why; with `proven except`. */
    exceptions?: string[];
    /** Why there is no proof: a failure type, or a sentence without personal data. */
    reason?: string;
    /** What the comparison found: table names and counts. */
    differences: string[];
  };
  database: string;
  serverVersion: string;
  tables: number;
  rows: number;
  rawBytes: number;
  storedBytes: number;
  backupSeconds: number;
  /** From the first byte read back to the comparison's end. */
  proveSeconds?: number;
  /** The restore alone: the recovery time to expect. */
  restoreSeconds?: number;
  /** ISO instant. */
  startedAt: string;
  bucket: string;
  keys: string[];
  /** False: a big database, rows counted and contents not compared today. */
  digests?: boolean;
  /** What was stored beside the database (`globals`, `files`, `operations`, …). */
  parts?: {
    part: string;
    result: 'proven' | 'proven except' | 'not proven' | 'read back' | 'failed';
    storedBytes?: number;
    /** Files in an archive. */
    entries?: number;
    warnings: string[];
  }[];
  /** Against the newest earlier backup; absent for the first. */
  changes?: {
    /** ISO instant of the earlier one. */
    since: string;
    rawBytesBefore: number;
    rowsBefore: number;
    /** The largest changes first, ten at most; `before` is 0 for a new table, `rows` 0 for a dropped one. */
    tables: { name: string; rows: number; before: number }[];
    /** Tables that lost more than half of at least 100 rows, and `database` when the dump lost more than half. */
    shrunk: { name: string; rows: number; before: number }[];
    databaseShrunk: boolean;
  };
  retention?: {
    /** Why nothing was copied or deleted. */
    refused?: string;
    /** Why what is kept is not locked, though the policy wants it. */
    lockProblem?: string;
    copied: { backupId: string; to: 'weekly' | 'monthly'; period: string }[];
    deleted: { tier: 'daily' | 'weekly' | 'monthly'; backupId: string }[];
    /** How many of each tier are kept, and the day on which the next of it goes (`2026-11-30`). */
    kept: {
      tier: 'daily' | 'weekly' | 'monthly';
      count: number;
      nextExpiry?: string;
      nextBackupId?: string;
    }[];
  };
  /** When a person last opened a real backup with the private key (ISO instant), `null`: never seen. */
  keyCheckedAt?: string | null;
  /** After so many days without, the mail reminds of it. */
  keyCheckDays?: number;
  /** Folder of the local copy, with why it could not be made. */
  localCopy?: { folder: string; failure?: string };
  workflowId: string;
  runId: string;
}

export interface BackupFailedData {
  /** `type` chooses the words and the advice; `message` is shown as it is, so it holds no personal data. */
  cause: { type: string; message: string };
  /** ISO instant. */
  scheduledAt: string;
  attempts?: number;
  /** `null`: there is none, and the mail says so; absent: nobody looked, and it says nothing. */
  lastProven?: { backupId: string; at: string } | null;
  workflowId: string;
  runId: string;
}

export interface GuardNoBackupData {
  /** ISO instant for which the guard looked. */
  at: string;
  limitHours: number;
  /** `null`: none is known. */
  lastProven: { backupId: string; at: string } | null;
  /** ISO instant from which backups were to be expected. */
  installedAt?: string;
  schedule: 'active' | 'paused' | 'missing';
  /** What whoever paused it wrote into Temporal, which keeps neither who nor when. */
  pauseNote?: string;
  lastRun?: {
    workflowId: string;
    runId: string;
    /** ISO instant. */
    at: string;
    outcome: 'running' | 'succeeded' | 'failed' | 'skipped';
    errorType?: string;
  };
}

export interface GuardKeyUncheckedData {
  /** ISO instant for which the guard looked. */
  at: string;
  limitDays: number;
  /** ISO instant; `null`: no key in use was ever tried. */
  lastCheck: string | null;
  /** ISO instant from which the days are counted. */
  since: string;
}

export interface GuardReportLateData {
  kind: 'daily' | 'weekly';
  /** What the report tells of: `2026-11-22`, `2026-W47`. */
  period: string;
  /** ISO instants: when it was due, and for which the guard looked. */
  dueAt: string;
  at: string;
  limitMinutes: number;
  /** How far its mail came. `kept`: stored too late to leave by itself; `none`: nothing is stored. */
  mail: 'refused' | 'unknown' | 'trying' | 'kept' | 'none';
  /** What the mail server answered (`SMTP 550`). */
  code?: string;
  /** The newest run since it was due. */
  lastRun?: GuardNoBackupData['lastRun'];
}

/** What answers an alert of the guard; `since`: when that was told first (ISO instant). */
export type GuardOverData = { at: string; since: string } & (
  | { what: 'no-backup'; backup: { backupId: string; at: string } }
  | { what: 'key-unchecked'; checkedAt: string }
  /** The newest report that was due, which need not be the one that rang. */
  | { what: 'daily-report' | 'weekly-report'; period: string; acceptedAt: string }
);

/** What an alert says. The signed link is made while sending: it must not stand in a history. */
export interface AlertData {
  event: 'firing' | 'reminder' | 'escalated' | 'flapping' | 'resolved' | 'no-data' | 'data-again';
  /** Number of the alert (`ops.alerts`), shown as `A17`; what a person answers with. */
  alertId: number;
  rule: string;
  target: string;
  /** ISO instants: begin of the incident, and of what is told. */
  since: string;
  at: string;
  value?: number;
  threshold?: number;
  unit?: '%' | 's' | 'ms' | 'h' | '/min' | 'days';
  reason?: string;
  evidence?: { name: string; value: string }[];
  affected?: string[];
  ownJob?: string;
  test?: boolean;
  /** Channels that could not tell of it so far: said through the ones that work. */
  undelivered?: ChannelName[];
  /** With `reminder` and `escalated`: which one. */
  count?: number;
  /** With `flapping` and `resolved`: how often it came and went. */
  flaps?: number;
  resolved?: {
    at: string;
    /** From `since` to `at`. */
    seconds: number;
    by: 'recovery' | 'operator' | 'test over';
    /** What told of the beginning never arrived: this is the first that is heard of it. */
    late?: boolean;
  };
  workflowId: string;
  runId: string;
}

/** Several alerts in one notice: begun within a moment, or above the hourly cap of a channel. */
export interface AlertDigestData {
  why: 'grouped' | 'capped';
  at: string;
  alerts: Omit<AlertData, 'workflowId' | 'runId'>[];
}

/**
 * Names the alert's thread in the inbox. Without a number (the operations database is down) the workflow and the begin
 * of the incident stand in for it.
 */
export const alertThread = ({ alertId, workflowId, since }: AlertData): string =>
  alertId > 0 ? `alert/${alertId}` : `${workflowId}/${since}`;

/** A channel refused a notice for good: told by the others, once a day. */
export interface ChannelFailedData {
  channel: ChannelName;
  /** What it answered (`Twilio 21610`, `SMTP 550`). */
  code: string;
  /** ISO instant. */
  at: string;
}

export interface TestData {
  /** ISO instant. */
  askedAt: string;
  /** Which machine asked. */
  host: string;
  channel: ChannelName;
}

/** One entry a template: its name, and the data it shows. */
export interface NoticeData {
  'backup-stored': BackupStoredData;
  'backup-failed': BackupFailedData;
  'guard-no-backup': GuardNoBackupData;
  'guard-key-unchecked': GuardKeyUncheckedData;
  'guard-report-late': GuardReportLateData;
  'guard-over': GuardOverData;
  alert: AlertData;
  'alert-digest': AlertDigestData;
  'channel-failed': ChannelFailedData;
  'clean-report': CleanReportData;
  'brake-holds': BrakeHoldsData;
  'customers-not-told': CustomersNotToldData;
  'daily-report': DailyReportData;
  'weekly-report': PeriodReportData;
  test: TestData;
}

export type TemplateName = keyof NoticeData;

export type NoticeOf<Template extends TemplateName> = {
  /** Names the notice, not the report: the same key never leaves twice on one channel. */
  key: string;
  level: Level;
  /** Instead of the level's channels: a confirmation someone asked for is `info` and an e-mail all the same. */
  channels?: readonly ChannelName[];
  template: Template;
  data: NoticeData[Template];
};

export type Notice = { [Template in TemplateName]: NoticeOf<Template> }[TemplateName];

export interface Delivery {
  channel: ChannelName;
  /**
   * `failed`: the provider will never accept it; `unknown`: handed over twice without an answer; `skipped`: nobody to
   * send to, or above the hourly cap.
   */
  status: 'sent' | 'already sent' | 'unknown' | 'failed' | 'skipped';
  /** How often the channel was tried for this notice, over all attempts. */
  attempts: number;
  /** Why it failed or was skipped. */
  code?: string;
  /** What the provider calls it, when this attempt sent it. */
  providerId?: string;
  /** The ledger was away, and the caller writes this to it when it is back (`recordDelivery`). */
  unrecorded?: { messageId: string; at: string };
}

export interface NotifyResult {
  key: string;
  deliveries: Delivery[];
}
