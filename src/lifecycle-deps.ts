import { getClient } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Clients } from './clients/index.ts';
import type { Config } from './config/index.ts';
import type { CustomerLifecycleDeps, ScanDeps } from './lifecycle/index.ts';
import type { CustomerNotices } from './notifications/index.ts';
import { privacyDeps } from './privacy-deps.ts';
import { createPrivacy, type Privacy } from './privacy/index.ts';
import { hasSearchAttributes } from './schedules/index.ts';

/** What both rooms of the lifecycle need: the scan, and the workflow of one customer. */
export function lifecycleDeps(
  clients: Clients,
  config: Config,
  customers: CustomerNotices,
): CustomerLifecycleDeps & ScanDeps {
  const { policy } = config;
  const { reactivationDays, reminderDays, anonymiseAfterMonths, inactiveMonths } = policy.lifecycle;
  let opened: Promise<Privacy> | undefined;
  const open = async (): Promise<Privacy> => {
    const deps = await privacyDeps(clients, config);
    if (deps) return createPrivacy(deps);
    throw ApplicationFailure.nonRetryable(
      'ERASURE_LEDGER_KEY is not set: nobody may be archived or anonymised without it',
      'SettingMissing',
    );
  };
  let searchable = false;
  return {
    ...{ app: clients.app, ops: clients.ops, customers, timeZone: policy.timeZone, inactiveMonths },
    policy: { reactivationDays, reminderDays, anonymiseAfterMonths },
    // Once: the map is read from files.
    privacy: () =>
      (opened ??= open().catch((error: unknown) => ((opened = undefined), Promise.reject(error as Error)))),
    client: () => getClient(),
    searchable: async () => (searchable ||= await hasSearchAttributes(getClient())),
    backupMonths: policy.backup.retention.monthly,
  };
}
