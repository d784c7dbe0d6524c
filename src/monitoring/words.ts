/** What the Web UI shows of a run. Pure. */
import type { WatchReport } from './state.ts';

const list = (title: string, items: readonly string[]): string[] =>
  items.length > 0 ? [`- ${title}: ${items.join(', ')}`] : [];

export const describeWatch = (report: WatchReport): string =>
  [
    `${String(report.looks)} looks: ${String(report.ok)} ok, ${String(report.bad)} bad, ${String(report.unknown)} unknown`,
    ...list('watched', report.watched),
    ...list('firing', report.firing),
    ...list('in doubt', report.doubts),
    ...list('unknown', report.unknownTargets),
    ...(report.worstP95 ? [`- slowest p95: ${report.worstP95.target} ${String(report.worstP95.ms)} ms`] : []),
    ...(report.samplesNotStored > 0 ? [`- samples not stored: ${String(report.samplesNotStored)}`] : []),
    ...list('not watched', report.notWatched),
  ].join('\n');
