import type { Archive } from './cleanup/archive/index.ts';
import type { CleanActivityDeps, Source } from './cleanup/index.ts';
import { authRules, createOwnSources, createTableSource, expiredRules, logRules } from './cleanup/index.ts';
import type { Clients } from './clients/index.ts';
import type { Config } from './config/index.ts';
import { resolveTools } from './tools/index.ts';

/** What the two clean-ups delete from, as `cleanup` in maintenance.yaml says. */
export function cleanupDeps(
  { app, ops, store }: Pick<Clients, 'app' | 'ops' | 'store'>,
  { environment, policy }: Config,
): CleanActivityDeps {
  const { expired, logs } = policy.cleanup;
  const archive =
    store && environment.ageRecipients.length > 0
      ? async (): Promise<Archive> => {
          const { toolDir } = environment;
          const { zstd } = await resolveTools(['zstd'], { toolDir });
          return { ops, store, recipients: environment.ageRecipients, zstd };
        }
      : undefined;
  const expiring = [
    ...(expired.auth ? authRules(expired.sessionIdleDays) : []),
    ...expiredRules(expired.tables),
  ];
  const temporary: Source[] = [
    ...expiring.map((rule) => createTableSource(app, rule)),
    ...createOwnSources(ops),
  ];
  return {
    ...{ app, ops, archive },
    sources: {
      'nettoyage-donnees-temporaires': () => Promise.resolve(temporary),
      'nettoyage-logs': async () => {
        const opened = await archive?.();
        return logRules(logs).map((rule) => createTableSource(app, rule, opened));
      },
    },
    tables: logs.tables,
    timeZone: policy.timeZone,
    keep: { months: logs.archiveMonths, weeks: policy.backup.retention.weekly },
  };
}
