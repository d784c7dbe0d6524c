import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import { isTransactionPooler } from './formats.ts';
import type { Mistake } from './mistakes.ts';
import type { Settings } from './sources.ts';
import { HEARTBEAT_IDS, VARIABLE_NAMES, heartbeatVariable, heartbeats, variables } from './variables.ts';
import type { HeartbeatId, Values, VariableName } from './variables.ts';

/** Reads every variable; collects what is wrong with any of them in `mistakes`. */
export async function readValues(
  settings: Settings,
  mistakes: Mistake[],
): Promise<{ values: Values; heartbeatUrls: Environment['heartbeatUrls'] } | undefined> {
  const [read, beats] = await Promise.all([
    variables.safeParseAsync(settings),
    heartbeats.safeParseAsync(settings),
  ]);
  const found = [...(read.error?.issues ?? []), ...(beats.error?.issues ?? [])].map(asMistake);
  // A variable whose file could not be read has its mistake already.
  const isNew = ({ setting }: Mistake) =>
    settings[setting] !== undefined || settings[`${setting}_FILE`] === undefined;
  mistakes.push(...found.filter(isNew).sort((a, b) => rank(a) - rank(b)));
  if (!read.success || !beats.success) return undefined;
  const urls = HEARTBEAT_IDS.map((id) => [id, beats.data[heartbeatVariable(id)]] as const);
  return {
    values: read.data,
    heartbeatUrls: Object.fromEntries(urls.filter(([, url]) => url !== undefined)),
  };
}

/** The order of `.env.example`: what is required first. */
const rank = ({ setting }: Mistake): number => VARIABLE_NAMES.indexOf(setting);

const asMistake = (issue: z.core.$ZodIssue): Mistake => {
  const name = String(issue.path[0]);
  if (issue.code === 'custom') {
    return { setting: name, problem: issue.message, mend: String(issue.params?.['mend']) };
  }
  const meaning = variables.shape[name as VariableName].description ?? '';
  return {
    setting: name,
    problem: 'is not set',
    mend: `Set it in .env: ${meaning}. \`talos init\` asks for it.`,
  };
};

/** What is wrong with one value, or undefined: for prompts. Never repeats the value. */
export async function settingProblem(name: VariableName, text: string): Promise<string | undefined> {
  const { error } = await variables.shape[name].safeParseAsync(text);
  const issue = error?.issues[0];
  if (issue === undefined) return undefined;
  const mend = issue.code === 'custom' ? String(issue.params?.['mend']) : '';
  return `${name} ${issue.message}. ${mend}`;
}

/** A group of settings when all of them are there. */
const whole = <Group extends Record<string, unknown>>(
  group: Group,
): { [Key in keyof Group]: NonNullable<Group[Key]> } | undefined =>
  Object.values(group).includes(undefined)
    ? undefined
    : (group as { [Key in keyof Group]: NonNullable<Group[Key]> });

/** Values as the program uses them. `machine` gives the XDG folders: facts of the machine, not settings. */
export function groupValues(
  values: Values,
  heartbeatUrls: Partial<Record<HeartbeatId, string>>,
  temporal: Record<string, string>,
  machine: Settings,
  cwd: string,
) {
  const databaseUrl = values.DATABASE_URL;
  const pooled = isTransactionPooler(databaseUrl);
  const cache = machine['XDG_CACHE_HOME'];
  const folder = (path: string | undefined) => (path === undefined ? undefined : resolve(cwd, path));
  const bucket = whole({
    bucket: values.BACKUP_BUCKET,
    accessKeyId: values.AWS_ACCESS_KEY_ID,
    secretAccessKey: values.AWS_SECRET_ACCESS_KEY,
  });
  const twilio = whole({
    accountSid: values.TWILIO_ACCOUNT_SID,
    authToken: values.TWILIO_AUTH_TOKEN,
    from: values.TWILIO_FROM,
  });
  const n8n = whole({ url: values.N8N_URL, apiKey: values.N8N_API_KEY });
  return {
    databaseUrl,
    /** Undefined when DATABASE_URL is a transaction pooler and no other is given. */
    backupDatabaseUrl: values.BACKUP_DATABASE_URL ?? (pooled ? undefined : databaseUrl),
    monitorDatabaseUrl: values.MONITOR_DATABASE_URL ?? databaseUrl,
    opsDatabaseUrl: values.OPS_DATABASE_URL,
    verifyDatabaseUrl: values.VERIFY_DATABASE_URL,
    supabase: whole({ url: values.SUPABASE_URL, serviceRoleKey: values.SUPABASE_SERVICE_ROLE_KEY }),
    vps: whole({
      host: values.VPS_HOST,
      user: values.VPS_USER,
      privateKey: values.VPS_SSH_KEY,
      knownHosts: values.VPS_SSH_KNOWN_HOSTS,
    }),
    bucket: bucket && {
      ...bucket.bucket,
      accessKeyId: bucket.accessKeyId,
      secretAccessKey: bucket.secretAccessKey,
      // Stores that have no regions sign with this one.
      region: values.AWS_REGION ?? 'us-east-1',
      endpoint: values.S3_ENDPOINT,
    },
    ageRecipients: values.BACKUP_AGE_RECIPIENTS ?? [],
    backupLocalDir: folder(values.BACKUP_LOCAL_DIR),
    /** What the daily backup takes beside the application's database, by the name of its part. */
    furtherDatabases: [
      { part: 'operations', setting: 'OPS_DATABASE_URL', url: values.OPS_DATABASE_URL },
      {
        part: 'temporal',
        setting: 'BACKUP_TEMPORAL_DATABASE_URL',
        url: values.BACKUP_TEMPORAL_DATABASE_URL,
      },
      {
        part: 'temporal-visibility',
        setting: 'BACKUP_TEMPORAL_VISIBILITY_DATABASE_URL',
        url: values.BACKUP_TEMPORAL_VISIBILITY_DATABASE_URL,
      },
      { part: 'n8n', setting: 'N8N_DATABASE_URL', url: values.N8N_DATABASE_URL },
    ].flatMap(({ url, ...database }) => (url === undefined ? [] : [{ ...database, url }])),
    twilio: twilio && { ...twilio, apiUrl: values.TWILIO_API_URL },
    /** Where notices also go, signed. */
    webhook: whole({ url: values.NOTIFY_WEBHOOK_URL, secret: values.NOTIFY_WEBHOOK_SECRET }),
    adminSms: values.ADMIN_SMS,
    adminEmail: values.ADMIN_EMAIL,
    smtpUrl: values.SMTP_URL,
    mailFrom: values.MAIL_FROM ?? values.ADMIN_EMAIL.replace(/^[^@]*/, 'talos'),
    n8n: n8n && { ...n8n, encryptionKey: values.N8N_ENCRYPTION_KEY, databaseUrl: values.N8N_DATABASE_URL },
    /** What is probed. */
    appUrl: values.APP_URL,
    /** The Temporal Web UI, for links to a run. */
    temporalUiUrl: values.TEMPORAL_UI_URL,
    /** Where our own links and callbacks lead. */
    publicUrl: values.PUBLIC_URL,
    httpBind: values.HTTP_BIND ?? { host: '127.0.0.1', port: 3000 },
    webhookToken: values.WEBHOOK_TOKEN,
    linkSigningKey: values.LINK_SIGNING_KEY,
    archiveMasterKey: values.ARCHIVE_MASTER_KEY,
    erasureLedgerKey: values.ERASURE_LEDGER_KEY,
    heartbeatUrls,
    betterstack: values.BETTERSTACK_SOURCE_TOKEN
      ? { sourceToken: values.BETTERSTACK_SOURCE_TOKEN, endpoint: values.BETTERSTACK_ENDPOINT }
      : undefined,
    /** Folder of the PostgreSQL programs. */
    pgBin: folder(values.PG_BIN),
    /** Where throw-away verification clusters live. */
    workDir: folder(values.TALOS_WORK_DIR) ?? join(tmpdir(), 'talos'),
    /** Where fetched tools are kept; undefined: the user's cache folder, as `src/tools/` says. */
    toolDir: folder(values.TALOS_TOOL_DIR) ?? (cache && join(cache, 'talos', 'tools')),
    /** `TEMPORAL_*` as given, for `temporalConnection`. */
    temporal,
  };
}

/** Secrets, hosts and folders, grouped. A group is undefined unless all of it is set. */
export type Environment = ReturnType<typeof groupValues>;
