import type { BusinessAlertsJudged } from './alerts.ts';
import type { Compared } from './compare.ts';
import type { Computed } from './compute.ts';
import type { PageLoadMeasured } from './measures/page-load.ts';
import type { UpdatedMeasures } from './measures/update.ts';
import type { Mirrored } from './mirror.ts';
import type { Refreshed } from './views.ts';

export interface StatisticsResult extends Partial<Computed> {
  computed: string;
  comparison?: Compared;
  mirror?: Mirrored;
  views?: Refreshed;
  alerts?: BusinessAlertsJudged;
  pageLoad?: PageLoadMeasured;
  measures?: UpdatedMeasures;
}

/** For the Web UI. */
export function describeStatistics({
  computed,
  facts,
  periods,
  figures,
  changed,
  comparison,
  mirror,
  views,
  alerts,
  pageLoad,
  measures,
}: StatisticsResult): string {
  if (figures === undefined) return `Computed ${computed}.`;
  return [
    `Computed ${computed}: **${String(figures)} figures** of ${String(periods)} periods, ${String(changed)} of them new or changed.`,
    `Facts built: ${String(facts)} rows. Views refreshed: ${String(views?.refreshed.length ?? 0)}.`,
    ...(comparison?.different === undefined
      ? []
      : [
          `Compared with a full recompute of ${String(comparison.days ?? 0)} days: ${String(comparison.different)} differences.`,
        ]),
    ...(comparison?.differences ?? []).map(
      ({ metric, kind, since, before, after }) =>
        `- **${metric}**, ${kind} ${since.slice(0, 10)}: ${before ?? '–'} → ${after ?? '–'}`,
    ),
    ...(mirror?.rows ? [`Rows written into the application's table: ${String(mirror.rows)}.`] : []),
    ...(mirror?.problem === undefined ? [] : [`- **${mirror.problem}**`]),
    ...(measures
      ? [`Measured: ${String(measures.known)} of ${String(measures.figures)} figures have a value.`]
      : []),
    ...(pageLoad?.ms === undefined
      ? []
      : [`Page and ${String(pageLoad.assets ?? 0)} assets: ${String(pageLoad.ms)} ms.`]),
    ...(alerts?.told ?? []).map((told) => `- alert: **${told}**`),
    ...(views?.failed ?? []).map(({ view, code }) => `- **${view}** was not refreshed (${code})`),
  ].join('\n');
}
