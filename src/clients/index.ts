import type { Config } from '../config/index.ts';
import { createMailer, type Mailer } from './mail.ts';
import { createObjectStore, type ObjectStore } from './object-store.ts';
import { createPostgres, type Postgres } from './postgres.ts';
import { createSmsSender, type SmsSender } from './twilio.ts';
import { createWebhookSender, type WebhookSender } from './webhook.ts';

/** Every outside system of one process; closed together, in reverse order of opening. */
export interface Clients {
  app: Postgres;
  ops: Postgres;
  mailer: Mailer;
  /** Undefined where Twilio is not configured. */
  sms: SmsSender | undefined;
  webhook: WebhookSender | undefined;
  /** Undefined where no bucket is configured. */
  store: ObjectStore | undefined;
  close(): Promise<void>;
}

export function createClients({ environment }: Config): Clients {
  const app = createPostgres({ url: environment.databaseUrl, applicationName: 'talos-worker' });
  const ops = createPostgres({ url: environment.opsDatabaseUrl, applicationName: 'talos-worker' });
  const mailer = createMailer({ smtpUrl: environment.smtpUrl, from: environment.mailFrom });
  const sms = environment.twilio && createSmsSender(environment.twilio);
  const webhook = environment.webhook && createWebhookSender(environment.webhook);
  const store = environment.bucket && createObjectStore(environment.bucket);
  return {
    app,
    ops,
    mailer,
    sms,
    webhook,
    store,
    close: async () => {
      store?.close();
      await Promise.allSettled([mailer.close(), ops.close(), app.close()]);
    },
  };
}
