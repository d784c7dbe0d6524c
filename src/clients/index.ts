import type { Config } from '../config/index.ts';
import { createHost, type Host } from './host.ts';
import { createMailer, type Mailer } from './mail.ts';
import { createObjectStore, type ObjectStore } from './object-store.ts';
import { createPostgresMonitor, type PostgresMonitor } from './postgres-monitor.ts';
import { createPostgres, type Postgres } from './postgres.ts';
import { createSmsSender, type SmsSender } from './twilio.ts';
import { createWebhookSender, type WebhookSender } from './webhook.ts';

/** Every outside system of one process; closed together, in reverse order of opening. */
export interface Clients {
  app: Postgres;
  ops: Postgres;
  /** What is watched: the application's database and the server. Nothing is opened before the first look. */
  monitored: PostgresMonitor;
  host: Host;
  mailer: Mailer;
  /** The same server, with the sender that customers know. */
  customerMailer: Mailer;
  /** Undefined where Twilio is not configured. */
  sms: SmsSender | undefined;
  webhook: WebhookSender | undefined;
  /** Undefined where no bucket is configured. */
  store: ObjectStore | undefined;
  /** n8n's own; undefined where it is not configured. */
  n8nDatabase: Postgres | undefined;
  close(): Promise<void>;
}

export function createClients({ environment, policy }: Config): Clients {
  const app = createPostgres({ url: environment.databaseUrl, applicationName: 'talos-worker' });
  const ops = createPostgres({ url: environment.opsDatabaseUrl, applicationName: 'talos-worker' });
  const monitored = createPostgresMonitor({ url: environment.monitorDatabaseUrl });
  const host = createHost(environment.vps);
  const mailer = createMailer({ smtpUrl: environment.smtpUrl, from: environment.mailFrom });
  const customerMailer = createMailer({
    smtpUrl: environment.smtpUrl,
    from: policy.customers.from ?? environment.mailFrom,
  });
  const sms = environment.twilio && createSmsSender(environment.twilio);
  const webhook = environment.webhook && createWebhookSender(environment.webhook);
  const store = environment.bucket && createObjectStore(environment.bucket);
  const n8nUrl = environment.furtherDatabases.find(({ part }) => part === 'n8n')?.url;
  const n8nDatabase = n8nUrl
    ? createPostgres({ url: n8nUrl, applicationName: 'talos-worker', max: 2 })
    : undefined;
  return {
    app,
    ops,
    monitored,
    host,
    mailer,
    customerMailer,
    sms,
    webhook,
    store,
    n8nDatabase,
    close: async () => {
      store?.close();
      await Promise.allSettled([
        ...[
          host.close(),
          monitored.close(),
          mailer.close(),
          customerMailer.close(),
          ops.close(),
          app.close(),
        ],
        n8nDatabase?.close(),
      ]);
    },
  };
}
