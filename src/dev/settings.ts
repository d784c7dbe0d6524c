import { HOST } from './ports.ts';
import type { Ports } from './ports.ts';
import { ROLES } from './secrets.ts';
import type { Role, Secrets } from './secrets.ts';
import type { ComponentName } from './stack.ts';
import { NAMESPACE } from './temporal.ts';

export const BUCKET = 'talos-backups';
const ADMIN_EMAIL = 'admin@talosprimes.test';
/** Ofcom's and ARCEP's numbers for fiction: nobody has them. */
const ADMIN_SMS = '+33639980001';
const TWILIO_FROM = '+33639980000';

export interface SettingsOptions {
  components: ReadonlySet<ComponentName>;
  ports: Ports;
  secrets: Secrets;
  ageRecipient: string;
  pgBin: string | undefined;
}

/** The settings a real installation has in its `.env`, for the components that run. */
export function settingsOf({ components, ports, secrets, ageRecipient, pgBin }: SettingsOptions) {
  const url = (port: number) => `http://${HOST}:${port}`;
  const database = (role: Role, name: string) =>
    `postgres://${role}:${secrets[role]}@${HOST}:${ports.postgres}/${name}`;
  const [app, backup, monitor] = ROLES;
  const of: Record<ComponentName, Record<string, string>> = {
    postgres: pgBin === undefined ? {} : { PG_BIN: pgBin },
    temporal: { TEMPORAL_ADDRESS: `${HOST}:${ports.temporal}`, TEMPORAL_NAMESPACE: NAMESPACE },
    s3: {
      BACKUP_BUCKET: `s3://${BUCKET}`,
      AWS_ACCESS_KEY_ID: secrets.s3AccessKeyId,
      AWS_SECRET_ACCESS_KEY: secrets.s3SecretAccessKey,
      AWS_REGION: 'us-east-1',
      S3_ENDPOINT: url(ports.s3),
      BACKUP_AGE_RECIPIENTS: ageRecipient,
    },
    inbox: {
      SMTP_URL: `smtp://${HOST}:${ports.smtp}`,
      MAIL_FROM: 'TalosPrimes Maintenance <maintenance@talosprimes.test>',
      ADMIN_EMAIL,
    },
    sms: {
      TWILIO_ACCOUNT_SID: secrets.twilioAccountSid,
      TWILIO_AUTH_TOKEN: secrets.twilioAuthToken,
      TWILIO_FROM,
      TWILIO_API_URL: url(ports.sms),
      ADMIN_SMS,
    },
    app: {
      DATABASE_URL: database(app, 'app'),
      BACKUP_DATABASE_URL: database(backup, 'app'),
      MONITOR_DATABASE_URL: database(monitor, 'app'),
      OPS_DATABASE_URL: database(app, 'ops'),
      SUPABASE_URL: url(ports.app),
      SUPABASE_SERVICE_ROLE_KEY: secrets.supabaseServiceRoleKey,
      APP_URL: url(ports.app),
    },
    n8n: { N8N_URL: url(ports.n8n), N8N_API_KEY: secrets.n8nApiKey },
  };
  const env: Record<string, string> = {
    PUBLIC_URL: url(ports.http),
    TEMPORAL_UI_URL: url(ports.temporalUi),
    HTTP_BIND: `${HOST}:${ports.http}`,
    WEBHOOK_TOKEN: secrets.webhookToken,
    LINK_SIGNING_KEY: secrets.linkSigningKey,
    ARCHIVE_MASTER_KEY: secrets.archiveMasterKey,
    ERASURE_LEDGER_KEY: secrets.erasureLedgerKey,
  };
  for (const name of components) Object.assign(env, of[name]);
  return env;
}

/** What is shown of the stack, in the order people look at it. */
export function urlsOf(
  components: ReadonlySet<ComponentName>,
  ports: Ports,
): { name: string; url: string }[] {
  const url = (port: number) => `http://${HOST}:${port}`;
  const all: { component?: ComponentName; name: string; url: string }[] = [
    { name: 'Status page', url: url(ports.http) },
    { component: 'temporal', name: 'Temporal Web UI', url: url(ports.temporalUi) },
    { component: 'inbox', name: 'Mail inbox', url: url(ports.inbox) },
    { component: 'app', name: 'Demo application', url: `${url(ports.app)}/health` },
    { component: 'n8n', name: 'n8n stand-in', url: url(ports.n8n) },
    { component: 's3', name: 'S3 endpoint', url: url(ports.s3) },
    { component: 'sms', name: 'SMS sink', url: url(ports.sms) },
    { component: 'temporal', name: 'Temporal', url: `${HOST}:${ports.temporal}` },
    { component: 'postgres', name: 'PostgreSQL', url: `${HOST}:${ports.postgres} (databases app and ops)` },
  ];
  return all
    .filter(({ component }) => component === undefined || components.has(component))
    .map(({ name, url: shown }) => ({ name, url: shown }));
}
