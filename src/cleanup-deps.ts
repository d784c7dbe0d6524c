import path from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import type { Archive } from './cleanup/archive/index.ts';
import type { CleanActivityDeps, Source } from './cleanup/index.ts';
import {
  createBucketSource,
  createExecutionSource,
  createExecutionTableSource,
  createFolderSource,
  createOwnSources,
  createTableSource,
  expiredRules,
  logRules,
} from './cleanup/index.ts';
import type { Clients } from './clients/index.ts';
import { createN8nApi } from './clients/n8n.ts';
import { createSupabaseStorage } from './clients/supabase-storage.ts';
import type { Config } from './config/index.ts';
import { resolveTools } from './tools/index.ts';

type CleanClients = Pick<Clients, 'app' | 'ops' | 'store' | 'host' | 'n8nDatabase'>;

/** Where applications are known to stand: beside their environment files, and where this program runs. */
function appFoldersOf({ environment, policy }: Config): string[] {
  const named = policy.backup.files.environment.map((file) => path.posix.dirname(file));
  return [...named.filter((folder) => !folder.includes('*')), ...(environment.vps ? [] : [process.cwd()])];
}

/** Through n8n's API, or directly in its database where the policy says so; none where there is no n8n. */
function executionsOf({ n8nDatabase }: CleanClients, { environment, policy }: Config): Source[] {
  const { through, keepDays, perSecond } = policy.cleanup.n8nExecutions;
  if (through === 'database') {
    if (n8nDatabase === undefined)
      throw ApplicationFailure.nonRetryable(
        'cleanup.n8nExecutions.through is database: set N8N_DATABASE_URL, or write api',
        'SettingMissing',
      );
    return [createExecutionTableSource(n8nDatabase, { keepDays, setting: 'N8N_DATABASE_URL' })];
  }
  return environment.n8n
    ? [createExecutionSource(createN8nApi(environment.n8n), { keepDays, perSecond })]
    : [];
}

function bucketsOf({ environment, policy }: Config): Source[] {
  const { buckets, keepDays } = policy.cleanup.temporaryFiles;
  if (buckets.length === 0) return [];
  if (environment.supabase === undefined)
    throw ApplicationFailure.nonRetryable(
      'cleanup.temporaryFiles.buckets names buckets: set SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY, or take them out',
      'SettingMissing',
    );
  const storage = createSupabaseStorage(environment.supabase);
  const setting = 'cleanup.temporaryFiles.buckets';
  return buckets.map((bucket) => createBucketSource(storage, { ...bucket, keepDays, setting }));
}

/** What the two clean-ups delete from, as `cleanup` in maintenance.yaml says. */
export function cleanupDeps(clients: CleanClients, config: Config): CleanActivityDeps {
  const { app, ops, store } = clients;
  const { environment, policy } = config;
  const { expired, logs } = policy.cleanup;
  const archive =
    store && environment.ageRecipients.length > 0
      ? async (): Promise<Archive> => {
          const { toolDir } = environment;
          const { zstd } = await resolveTools(['zstd'], { toolDir });
          return { ops, store, recipients: environment.ageRecipients, zstd };
        }
      : undefined;
  const folders = (kind: 'temporaryFiles' | 'logs', rotated: boolean): Source[] =>
    policy.cleanup[kind].folders.map((folder) =>
      createFolderSource(clients.host, {
        ...{ folder, rotated, setting: `cleanup.${kind}.folders`, keepDays: policy.cleanup[kind].keepDays },
        appFolders: appFoldersOf(config),
      }),
    );
  return {
    ...{ app, ops, archive },
    sources: {
      'nettoyage-donnees-temporaires': async () => [
        ...expiredRules(expired).map((rule) => createTableSource(app, rule)),
        ...folders('temporaryFiles', false),
        ...bucketsOf(config),
        ...createOwnSources(ops),
      ],
      'nettoyage-logs': async () => {
        const opened = await archive?.();
        return [
          ...logRules(logs).map((rule) => createTableSource(app, rule, opened)),
          ...folders('logs', true),
          ...executionsOf(clients, config),
        ];
      },
    },
    tables: logs.tables,
    host: clients.host,
    logFolders: logs.folders,
    timeZone: policy.timeZone,
    keep: { months: logs.archiveMonths, weeks: policy.backup.retention.weekly },
  };
}
