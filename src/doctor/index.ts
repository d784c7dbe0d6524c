/** `talos doctor`: looks at everything at once, changes nothing that stays, and says how to mend each fault. */
import type { Client } from '@temporalio/client';
import { createObjectStore } from '../clients/object-store.ts';
import type { Config } from '../config/index.ts';
import { backupChecks } from './backup.ts';
import { cleanupChecks } from './cleanup.ts';
import { databaseChecks } from './databases.ts';
import { examine, type Finding } from './finding.ts';
import { outsideChecks } from './outside.ts';
import { privacyChecks } from './privacy.ts';
import { settingsChecks } from './settings.ts';
import { temporalChecks } from './temporal.ts';

export type { Finding } from './finding.ts';

export type WithClient = <Result>(work: (client: Client) => Promise<Result>) => Promise<Result>;

/** Every finding, in the order of the checks. Never rejects: what cannot be looked at is a finding. */
export async function examineAll(config: Config, withClient: WithClient): Promise<Finding[]> {
  const { bucket, databaseUrl, opsDatabaseUrl } = config.environment;
  const store = bucket && createObjectStore(bucket);
  try {
    const checks = [
      ...settingsChecks(config),
      ...databaseChecks(databaseUrl, opsDatabaseUrl),
      ...temporalChecks(config, withClient),
      ...backupChecks(config, store),
      ...outsideChecks(config),
      ...cleanupChecks(config),
      ...privacyChecks(config),
    ];
    return (await Promise.all(checks.map((check) => examine(check)))).flat();
  } finally {
    store?.close();
  }
}
