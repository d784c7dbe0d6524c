import type { RestoreGate } from '../backup/index.ts';
import { createClients } from '../clients/index.ts';
import { createPostgres, openPostgresSession } from '../clients/postgres.ts';
import type { Config } from '../config/index.ts';
import { privacyDeps } from '../privacy-deps.ts';
import {
  closeDatabase,
  createPrivacy,
  openDatabase,
  tablesAlone,
  type PrivacyDeps,
  type Reapplied,
} from '../privacy/index.ts';
import { say } from './output.ts';

export const reapplied = ({ examined, reapplied: again, seconds }: Reapplied): string =>
  `erasures re-applied: ${String(again)} of ${String(examined)} customers, ${String(seconds)} s; the database is open`;

/** Erases again in a restored database, as whoever restored it, and opens it; when that fails it stays closed. */
export async function reapplyInto(url: string, deps: PrivacyDeps): Promise<Reapplied> {
  const app = createPostgres({ url, applicationName: 'talos-restore' });
  try {
    const report = await createPrivacy({ ...deps, app, role: undefined }).reapplyErasures();
    const session = await openPostgresSession({ url, applicationName: 'talos-restore' });
    await openDatabase(session).finally(() => session.close());
    return report;
  } finally {
    await app.close();
  }
}

/** Undefined where there is no erasure ledger: nobody was erased by us. */
export function restoreGate(config: Config, url: string): RestoreGate | undefined {
  if (config.environment.erasureLedgerKey === undefined) return undefined;
  return {
    async forbids(tables) {
      const clients = createClients(config);
      try {
        const deps = await privacyDeps(clients, config);
        return deps && (await tablesAlone(deps, tables));
      } catch (error) {
        return `the erasure ledger could not be read, so nobody knows who would come back: ${(error as Error).message}`;
      } finally {
        await clients.close();
      }
    },
    async close(session) {
      const { closed, why } = await closeDatabase(session);
      if (!closed) say(`warning: ${why ?? ''}: keep the application away until the erasures are re-applied`);
    },
    async open() {
      const clients = createClients(config);
      try {
        const deps = await privacyDeps(clients, config);
        if (deps) return reapplied(await reapplyInto(url, deps));
        return '';
      } catch (error) {
        throw new Error(
          `the erasures are not re-applied, and the database stays closed to the application: ${(error as Error).message}. ` +
            'Mend that, then: talos privacy reapply --into <url>',
          { cause: error },
        );
      } finally {
        await clients.close();
      }
    },
  };
}
