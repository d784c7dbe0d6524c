import type { CleanResult, SourceOutcome } from './result.ts';

/** A run's result in a few lines of Markdown, for the Web UI. */
export function describeClean({ mode, count, bytes, sources, brake }: CleanResult): string {
  const verb = mode === 'armed' ? 'Deleted' : 'Would delete';
  return [
    `**${verb} ${String(count)} rows and files (${megabytes(bytes)})**`,
    ...(mode === 'observe' ? ['', 'Observing: nothing was changed. `talos enable` arms this job.'] : []),
    ...(brake ? ['', `The brake held: ${brake.answer}.`] : []),
    '',
    ...sources.map((source) => `- ${source.name}: ${ofSource(source)}`),
  ].join('\n');
}

function ofSource({ found, removed, held, failure }: SourceOutcome): string {
  if (failure) return `failed, ${failure.type}: ${failure.message}`;
  if (held) return `${String(found?.count ?? 0)} held by the brake`;
  if (!removed) return String(found?.count ?? 0);
  return [
    String(removed.count),
    ...(removed.archived ? [`${String(removed.archived)} of them archived`] : []),
    ...Object.entries(removed.left ?? {}).map(([reason, count]) => `${String(count)} left (${reason})`),
    ...(removed.finished ? [] : ['the rest goes with the next run']),
  ].join(', ');
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
