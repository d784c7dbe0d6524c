import type { SourceCheck } from './activities.ts';
import type { BackupSummary } from './summary.ts';

const MB = 1_000_000;
const megabytes = (bytes: number): string => `${(bytes / MB).toFixed(1)} MB`;

/** The result in a few lines of Markdown, as the Web UI shows it. Pure. */
export function describeBackup(result: BackupSummary | SourceCheck): string {
  if (!('proof' in result))
    return `**Dry run**: ${result.database} (PostgreSQL ${result.serverVersion}, ${megabytes(result.databaseBytes)}) would be stored under ${result.location}, with ${result.parts.join(', ')}.`;
  const { proof } = result;
  const lines = [
    result.proven
      ? `**Proven**: restored in ${String(proof.restoreSeconds ?? 0)} s and equal to the source${proof.exceptions ? `, except: ${proof.exceptions.join('; ')}` : ''}.`
      : `**Not proven**: ${proof.reason ?? proof.differences.join('; ')}`,
    `${result.database}: ${String(result.tables)} tables, ${String(result.rows)} rows, ${megabytes(result.rawBytes)} stored as ${megabytes(result.storedBytes)} in ${String(result.seconds)} s.`,
    `\`${result.location}\``,
    ...result.parts.map(
      ({ part, result: how, warnings }) =>
        `${part}: ${how}${warnings.length > 0 ? ` (${warnings.join('; ')})` : ''}`,
    ),
  ];
  return lines.join('\n\n');
}
