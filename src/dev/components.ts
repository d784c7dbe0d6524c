import path from 'node:path';
import { createMailer } from '../clients/mail.ts';
import { isBroken } from './demo-breaks.ts';
import { startDemoSaas } from './demo-saas.ts';
import { startStrain } from './demo-strain.ts';
import { startInbox } from './inbox.ts';
import { startN8n } from './n8n.ts';
import { startObjectStore } from './object-store.ts';
import { HOST } from './ports.ts';
import type { Ports } from './ports.ts';
import { startPostgres } from './postgres.ts';
import type { PostgresServer } from './postgres.ts';
import type { RecordedChild } from './process.ts';
import type { Secrets } from './secrets.ts';
import { BUCKET } from './settings.ts';
import { startSmsSink } from './sms-sink.ts';
import type { Sms } from './sms-shapes.ts';
import type { ComponentName } from './stack.ts';
import { startTemporal } from './temporal.ts';

/** A part that runs. What lives in our own process cannot die alone. */
export interface Started {
  stop(): Promise<void>;
  died?: Promise<Error>;
}

export interface Services {
  /** The superuser's URL of the database `postgres`. */
  postgresUrl?: string;
  temporalAddress?: string;
  s3?: { endpoint: string; accessKeyId: string; secretAccessKey: string };
  inbox?: { smtpUrl: string; apiUrl: string };
  smsUrl?: string;
}

export interface Context {
  stateDir: string;
  ports: Ports;
  tools: { postgres: string; initdb: string; temporal: string; rclone: string };
  secrets: Secrets;
  ephemeral: boolean;
  now: Date;
  onProgress: (line: string) => void;
  onSpawn: (child: RecordedChild) => void;
}

/**
 * Starts side by side what can start side by side. Each part enters `started` as soon as it runs, so that the
 * caller can stop it whatever becomes of the others; all have come up or failed when this ends.
 */
export async function startComponents(
  wanted: ReadonlySet<ComponentName>,
  context: Context,
  started: Started[],
): Promise<Services> {
  const services: Services = {};
  const start = async <Part extends Started>(name: string, part: Promise<Part>): Promise<Part> => {
    const running = await part;
    started.push(running);
    context.onProgress(`${name} runs`);
    return running;
  };
  const chains: Record<'data' | 'temporal' | 's3' | 'messages' | 'n8n', () => Promise<void>> = {
    async data() {
      if (!wanted.has('postgres')) return;
      const server = await start('PostgreSQL', startDatabaseServer(context));
      services.postgresUrl = server.urlOf('postgres');
      if (!wanted.has('app')) return;
      const { secrets, now, onProgress, ports } = context;
      // The tests' stack has no demo data, and does not load what makes it.
      const { prepareDatabases } = await import('./databases.ts');
      await prepareDatabases({ server, passwords: secrets, now, onProgress });
      const serviceRoleKey = secrets.supabaseServiceRoleKey;
      const saas = startDemoSaas({
        port: ports.app,
        databaseUrl: server.urlOf('app'),
        serviceRoleKey,
        isBroken: (what) => isBroken(context.stateDir, what),
      });
      await start('the demo application', saas);
      started.push(await startStrain({ stateDir: context.stateDir, databaseUrl: server.urlOf('app') }));
    },
    async temporal() {
      if (!wanted.has('temporal')) return;
      await start('Temporal', startWorkflowServer(context));
      services.temporalAddress = `${HOST}:${context.ports.temporal}`;
    },
    async s3() {
      if (!wanted.has('s3')) return;
      services.s3 = await startBuckets(context, start);
    },
    async messages() {
      if (!wanted.has('inbox')) return;
      const { ports, stateDir } = context;
      const inbox = startInbox({ smtpPort: ports.smtp, port: ports.inbox, dir: path.join(stateDir, 'mail') });
      const { smtpUrl, url } = await start('the inbox', inbox);
      services.inbox = { smtpUrl, apiUrl: `${url}/api/email` };
      if (!wanted.has('sms')) return;
      services.smsUrl = (await start('the SMS sink', startSms(context, smtpUrl))).url;
    },
    async n8n() {
      if (!wanted.has('n8n')) return;
      const { ports, stateDir, secrets, now } = context;
      const file = path.join(stateDir, 'n8n-executions.json');
      const n8n = startN8n({
        port: ports.n8n,
        apiKey: secrets.n8nApiKey,
        file,
        now,
        isBroken: () => isBroken(stateDir, 'n8n'),
      });
      await start('the n8n stand-in', n8n);
    },
  };
  const results = await Promise.allSettled(Object.values(chains).map((chain) => chain()));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return services;
}

const logDirOf = (context: Context) => path.join(context.stateDir, 'logs');

function startDatabaseServer(context: Context): Promise<PostgresServer> {
  const { stateDir, ports, secrets, tools, ephemeral, onSpawn, onProgress } = context;
  const logDir = logDirOf(context);
  const port = ports.postgres;
  const password = secrets.postgres;
  return startPostgres({ dir: stateDir, port, password, tools, logDir, ephemeral, onSpawn, onProgress });
}

function startWorkflowServer(context: Context): Promise<Started> {
  const { stateDir, ports, tools, ephemeral, onSpawn } = context;
  return startTemporal({
    command: tools.temporal,
    port: ports.temporal,
    uiPort: ports.temporalUi,
    dbFile: ephemeral ? undefined : path.join(stateDir, 'temporal.db'),
    timeSkipping: ephemeral,
    logDir: logDirOf(context),
    onSpawn,
  });
}

async function startBuckets(
  context: Context,
  start: (name: string, part: Promise<Started>) => Promise<Started>,
): Promise<Services['s3']> {
  const { stateDir, ports, tools, secrets, onSpawn } = context;
  const keys = { accessKeyId: secrets.s3AccessKeyId, secretAccessKey: secrets.s3SecretAccessKey };
  const store = startObjectStore({
    command: tools.rclone,
    port: ports.s3,
    dir: path.join(stateDir, 's3'),
    buckets: [BUCKET],
    logDir: logDirOf(context),
    onSpawn,
    ...keys,
  });
  await start('the S3 store', store);
  return { endpoint: `http://${HOST}:${ports.s3}`, ...keys };
}

function startSms(context: Context, smtpUrl: string) {
  const { ports, secrets, stateDir } = context;
  const mailer = createMailer({ smtpUrl, from: 'SMS <sms@talosprimes.test>' });
  const onSms = async (sms: Sms) => {
    const messageId = `<${sms.sid}@sms.talosprimes.test>`;
    const to = `${sms.to.replace('+', '')}@sms.talosprimes.test`;
    await mailer.send({ to, subject: `SMS ${sms.to}: ${sms.body.slice(0, 60)}`, text: sms.body, messageId });
  };
  return startSmsSink({
    port: ports.sms,
    file: path.join(stateDir, 'sms.jsonl'),
    accountSid: secrets.twilioAccountSid,
    authToken: secrets.twilioAuthToken,
    onSms,
  });
}
