import type { Config } from '../config/index.ts';
import { createMailer, type Mailer } from './mail.ts';
import { createObjectStore, type ObjectStore } from './object-store.ts';
import { createPostgres, type Postgres } from './postgres.ts';

/** Every outside system of one process; closed together, in reverse order of opening. */
export interface Clients {
  app: Postgres;
  ops: Postgres;
  mailer: Mailer;
  /** Undefined where no bucket is configured. */
  store: ObjectStore | undefined;
  close(): Promise<void>;
}

export function createClients({ environment }: Config): Clients {
  const app = createPostgres({ url: environment.databaseUrl, applicationName: 'talos-worker' });
  const ops = createPostgres({ url: environment.opsDatabaseUrl, applicationName: 'talos-worker' });
  const mailer = createMailer({ smtpUrl: environment.smtpUrl, from: environment.mailFrom });
  const store = environment.bucket && createObjectStore(environment.bucket);
  return {
    app,
    ops,
    mailer,
    store,
    close: async () => {
      store?.close();
      await Promise.allSettled([mailer.close(), ops.close(), app.close()]);
    },
  };
}
