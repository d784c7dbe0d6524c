import type { Clients } from './clients/index.ts';
import type { Config } from './config/index.ts';
import type { ReportDeps } from './reports/index.ts';
import { resolveTools } from './tools/index.ts';

/** Where a month's business report goes: the bucket of the backups, sealed and kept as long as their monthly tier. */
export function reportArchive(
  { store }: Pick<Clients, 'store'>,
  { environment: { ageRecipients: recipients, toolDir }, policy }: Config,
): ReportDeps['archive'] {
  if (store === undefined || recipients.length === 0) return undefined;
  return async () => {
    const { zstd } = await resolveTools(['zstd'], { toolDir });
    return { ...{ store, recipients, zstd }, months: policy.backup.retention.monthly };
  };
}
