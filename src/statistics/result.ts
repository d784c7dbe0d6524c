import type { Computed } from './compute.ts';
import type { Refreshed } from './views.ts';

export interface StatisticsResult extends Partial<Computed> {
  computed: string;
  views?: Refreshed;
}

/** For the Web UI. */
export function describeStatistics({
  computed,
  facts,
  periods,
  figures,
  changed,
  views,
}: StatisticsResult): string {
  if (figures === undefined) return `Computed ${computed}.`;
  return [
    `Computed ${computed}: **${String(figures)} figures** of ${String(periods)} periods, ${String(changed)} of them new or changed.`,
    `Facts built: ${String(facts)} rows. Views refreshed: ${String(views?.refreshed.length ?? 0)}.`,
    ...(views?.failed ?? []).map(({ view, code }) => `- **${view}** was not refreshed (${code})`),
  ].join('\n');
}
