import { getClient } from '@temporalio/activity';
import type { Config } from './config/index.ts';
import { createAlertActivities } from './alerts/activities.ts';
import type { AlertTimes } from './alerts/times.ts';
import type { Clients } from './clients/index.ts';
import { cleanupDeps } from './cleanup-deps.ts';
import { createCleanActivities } from './cleanup/index.ts';
import { createBackupActivities, hasService } from './backup/index.ts';
import { readFirstBackup, readLastKeyCheck, readLastProven } from './backup/journal.ts';
import { createGuardActivities, readLastRun, watchIsAlive } from './guard/index.ts';
import { customerDeps, notificationDeps } from './notification-deps.ts';
import { monitoringDeps } from './monitoring-deps.ts';
import { createMonitoringActivities, createTestLoadActivities } from './monitoring/index.ts';
import { tellAlert } from './monitoring/tell.ts';
import {
  createCustomerActivities,
  createCustomerNotices,
  createNotificationActivities,
} from './notifications/index.ts';
import { reportArchive } from './report-archive.ts';
import { reportWatches } from './report-watches.ts';
import { createReportActivities } from './reports/index.ts';
import { databaseOf, hasSearchAttributes, modeOf, standingOf } from './schedules/index.ts';
import {
  createBusinessAlertActivities,
  createMeasureActivities,
  createStatisticsActivities,
} from './statistics/index.ts';
import { createEndingActivities, createNudgeActivities } from './trials/index.ts';
import { createKitActivities } from './workflow-kit/index.ts';

type Activities = Record<string, (...input: never[]) => Promise<unknown>>;

/** Activity names are global to a task queue: a second one of the same name would silently replace the first. */
export function mergeActivities(...rooms: Activities[]): Activities {
  const merged: Activities = {};
  for (const room of rooms)
    for (const [name, activity] of Object.entries(room)) {
      if (name in merged) throw new Error(`two rooms name an activity ${name}: rename one`);
      merged[name] = activity;
    }
  return merged;
}

/** The composition root: gives each room what it needs, and nothing else. */
export function createActivities(
  clients: Clients,
  config: Config,
  alertTimes?: Partial<AlertTimes>,
): Activities {
  const { environment, policy } = config;
  const { backupDatabaseUrl, bucket } = environment;
  const service = {
    files: policy.backup.files,
    n8n: policy.backup.n8n,
    vps: environment.vps,
    n8nApi: environment.n8n,
    encryptionKey: environment.n8n?.encryptionKey,
  };
  const { minutes, brakeMinimum } = policy.cleanup;
  const cleaning = { minutes, brakeMinimum };
  const webhook = environment.webhook ? (['webhook'] as const) : [];
  const watches = config.jobs.some(
    ({ scheduleId, ready }) => scheduleId === 'monitoring-disponibilite' && ready,
  );
  const customers = createCustomerNotices(customerDeps(clients, config));
  return mergeActivities(
    createKitActivities({
      ops: clients.ops,
      locale: policy.locale,
      sections: {
        'backup-database': policy.backup,
        'nettoyage-donnees-temporaires': cleaning,
        'nettoyage-logs': cleaning,
        'expiration-essais': policy.trials,
        'relance-essais-inactifs': policy.trials,
        'rapport-quotidien': { waitMinutes: policy.reports.waitMinutes },
        'rapport-hebdomadaire': { waitMinutes: policy.reports.waitMinutes },
        'monitoring-disponibilite': { mode: policy.monitoring.mode },
        'monitoring-performance': { mode: policy.monitoring.mode },
      },
      heartbeats: environment.heartbeatUrls,
      modeOf: (scheduleId) => modeOf(scheduleId, { ops: clients.ops, app: clients.app }),
      databaseOf: (scheduleId) => databaseOf(scheduleId, clients.app),
    }),
    createNotificationActivities(notificationDeps(clients, config)),
    createCustomerActivities(customers, clients),
    createAlertActivities({
      ops: clients.ops,
      channels: {
        ...policy.notifications,
        escalation: [...new Set([...policy.notifications.critical, ...webhook])],
      },
      times: alertTimes,
      searchable: () => hasSearchAttributes(getClient()),
    }),
    createBackupActivities({
      ops: clients.ops,
      missing: config.jobs.find(({ scheduleId }) => scheduleId === 'backup-database')?.missing ?? [],
      settings:
        clients.store && bucket && backupDatabaseUrl
          ? {
              store: clients.store,
              databaseUrl: backupDatabaseUrl,
              verifyDatabaseUrl: environment.verifyDatabaseUrl,
              recipients: environment.ageRecipients,
              databases: environment.furtherDatabases,
              service: hasService(service) ? service : undefined,
              localDir: environment.backupLocalDir,
              timeZone: policy.timeZone,
              endpoint: bucket.endpoint,
              workDir: environment.workDir,
              tools: { pgBin: environment.pgBin, toolDir: environment.toolDir },
            }
          : undefined,
    }),
    createCleanActivities(cleanupDeps(clients, config)),
    createBusinessAlertActivities({
      ...{ app: clients.app, ops: clients.ops, thresholds: policy.alerts, timeZone: policy.timeZone },
      tell: (effect) => tellAlert(getClient(), effect),
    }),
    createMeasureActivities({
      ...{ app: clients.app, ops: clients.ops, timeZone: policy.timeZone },
      pageUrl: environment.appUrl,
    }),
    createStatisticsActivities({
      ...{ app: clients.app, timeZone: policy.timeZone },
      ...{ grossMarginPercent: policy.statistics.grossMarginPercent, views: policy.statistics.refreshViews },
    }),
    createEndingActivities({
      ...{ app: clients.app, ops: clients.ops, customers, timeZone: policy.timeZone },
      offer:
        policy.trials.offer && environment.linkSigningKey
          ? { terms: policy.trials.offer, key: environment.linkSigningKey }
          : undefined,
    }),
    createNudgeActivities({ app: clients.app, ops: clients.ops, customers }),
    createMonitoringActivities(monitoringDeps(clients, config)),
    createTestLoadActivities({ thresholds: policy.alerts, client: () => getClient() }),
    createReportActivities({
      ...{ app: clients.app, ops: clients.ops, timeZone: policy.timeZone },
      render: { locale: policy.locale, timeZone: policy.timeZone },
      archive: reportArchive(clients, config),
      updateStatistics: () => getClient().schedule.getHandle('update-statistiques').trigger('SKIP'),
    }),
    createGuardActivities({
      ops: clients.ops,
      heartbeat: environment.heartbeatUrls['talos-guard']
        ? {
            alive: watches
              ? () =>
                  watchIsAlive({
                    ...{ ops: clients.ops, single: policy.monitoring.mode === 'single' },
                    schedule: () => standingOf(getClient(), 'monitoring-disponibilite'),
                  })
              : undefined,
          }
        : undefined,
      timeZone: policy.timeZone,
      reports: reportWatches(clients, config),
      limits: {
        ...{ backupHours: policy.backup.alertAfterHours, keyCheckDays: policy.backup.keyCheckDays },
        reportMinutes: policy.reports.alertAfterMinutes,
      },
      backup: {
        missing: config.jobs.find(({ scheduleId }) => scheduleId === 'backup-database')?.missing ?? [],
        lastProven: () => readLastProven(clients.ops),
        firstBackup: () => readFirstBackup(clients.ops),
        lastKeyCheck: () => readLastKeyCheck(clients.ops, environment.ageRecipients),
        lastRun: () => readLastRun(clients.ops, 'backup-database'),
        schedule: (id) => standingOf(getClient(), id),
      },
    }),
  );
}
