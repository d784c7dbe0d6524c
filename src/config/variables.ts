import { z } from 'zod';
import { SCHEDULE_IDS } from '../shared/ids.ts';
import type { ScheduleId } from '../shared/ids.ts';
import { ageRecipients } from './age-recipients.ts';
import {
  anyText,
  bindAddress,
  bucketUrl,
  emailAddress,
  httpUrl,
  phoneNumber,
  postgresUrl,
  secretOf,
  sender,
  sessionPostgresUrl,
  smtpUrl,
  sshKnownHosts,
  sshPrivateKey,
  twilioAccountSid,
  twilioSender,
} from './formats.ts';

/** The jobs, and the guard that watches them. */
export const HEARTBEAT_IDS = [...SCHEDULE_IDS, 'talos-guard'] as const;
export type HeartbeatId = ScheduleId | 'talos-guard';

/** The variable that holds the URL to ping after each success of a job. */
export const heartbeatVariable = (id: HeartbeatId): string =>
  `HEARTBEAT_URL_${id.toUpperCase().replaceAll('-', '_')}`;

export const heartbeats = z.object(
  Object.fromEntries(HEARTBEAT_IDS.map((id) => [heartbeatVariable(id), httpUrl.optional()])),
);

/** Every variable we read besides the heartbeats and Temporal's own, in the order of `.env.example`. */
export const variables = z.object({
  DATABASE_URL: postgresUrl.describe('the application’s database; a transaction pooler is fine'),
  OPS_DATABASE_URL: postgresUrl.describe(
    'our own database; in production never on the server that is watched',
  ),
  ADMIN_EMAIL: emailAddress.describe('who receives reports and alerts'),
  SMTP_URL: smtpUrl.describe('the mail server'),

  MAIL_FROM: sender.optional(),
  BACKUP_DATABASE_URL: sessionPostgresUrl.optional(),
  MONITOR_DATABASE_URL: postgresUrl.optional(),
  VERIFY_DATABASE_URL: sessionPostgresUrl.optional(),

  BACKUP_BUCKET: bucketUrl.optional(),
  AWS_ACCESS_KEY_ID: anyText.optional(),
  AWS_SECRET_ACCESS_KEY: anyText.optional(),
  AWS_REGION: anyText.optional(),
  S3_ENDPOINT: httpUrl.optional(),
  BACKUP_AGE_RECIPIENTS: ageRecipients.optional(),
  BACKUP_LOCAL_DIR: anyText.optional(),
  BACKUP_TEMPORAL_DATABASE_URL: sessionPostgresUrl.optional(),
  BACKUP_TEMPORAL_VISIBILITY_DATABASE_URL: sessionPostgresUrl.optional(),

  APP_URL: httpUrl.optional(),
  SUPABASE_URL: httpUrl.optional(),
  SUPABASE_SERVICE_ROLE_KEY: anyText.optional(),
  N8N_URL: httpUrl.optional(),
  N8N_API_KEY: anyText.optional(),
  N8N_ENCRYPTION_KEY: anyText.optional(),
  N8N_DATABASE_URL: postgresUrl.optional(),
  VPS_HOST: anyText.optional(),
  VPS_USER: anyText.optional(),
  VPS_SSH_KEY: sshPrivateKey.optional(),
  VPS_SSH_KNOWN_HOSTS: sshKnownHosts.optional(),

  ADMIN_SMS: phoneNumber.optional(),
  TWILIO_ACCOUNT_SID: twilioAccountSid.optional(),
  TWILIO_AUTH_TOKEN: anyText.optional(),
  TWILIO_FROM: twilioSender.optional(),
  TWILIO_API_URL: httpUrl.optional(),
  NOTIFY_WEBHOOK_URL: httpUrl.optional(),
  NOTIFY_WEBHOOK_SECRET: secretOf(16).optional(),
  BETTERSTACK_SOURCE_TOKEN: anyText.optional(),
  BETTERSTACK_ENDPOINT: httpUrl.optional(),

  HTTP_BIND: bindAddress.optional(),
  PUBLIC_URL: httpUrl.optional(),
  TEMPORAL_UI_URL: httpUrl.optional(),
  WEBHOOK_TOKEN: secretOf(16).optional(),
  LINK_SIGNING_KEY: secretOf(32).optional(),

  ARCHIVE_MASTER_KEY: secretOf(32).optional(),
  ERASURE_LEDGER_KEY: secretOf(32).optional(),

  PG_BIN: anyText.optional(),
  TALOS_WORK_DIR: anyText.optional(),
  TALOS_TOOL_DIR: anyText.optional(),
});

export type VariableName = keyof typeof variables.shape;

/** The variables with their values read: what `environment.ts` groups. */
export type Values = z.output<typeof variables>;

export const VARIABLE_NAMES: readonly string[] = [
  ...Object.keys(variables.shape),
  ...Object.keys(heartbeats.shape),
];
