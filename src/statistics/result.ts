import type { BusinessAlertsJudged } from './alerts.ts';
import type { Computed } from './compute.ts';
import type { Refreshed } from './views.ts';

export interface StatisticsResult extends Partial<Computed> {
  computed: string;
  views?: Refreshed;
  alerts?: BusinessAlertsJudged;
}

/** For the Web UI. */
export function describeStatistics({
  computed,
  facts,
  periods,
  figures,
  changed,
  views,
  alerts,
}: StatisticsResult): string {
  if (figures === undefined) return `Computed ${computed}.`;
  return [
    `Computed ${computed}: **${String(figures)} figures** of ${String(periods)} periods, ${String(changed)} of them new or changed.`,
    `Facts built: ${String(facts)} rows. Views refreshed: ${String(views?.refreshed.length ?? 0)}.`,
    ...(alerts?.told ?? []).map((told) => `- alert: **${told}**`),
    ...(views?.failed ?? []).map(({ view, code }) => `- **${view}** was not refreshed (${code})`),
  ].join('\n');
}
