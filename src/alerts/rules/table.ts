import type { Level } from '../../notifications/notice.ts';
import type { Rule, RuleSet } from './rule.ts';

/** The thresholds of `maintenance.yaml` (`alerts`), as far as the watch judges them. */
export interface Thresholds {
  AL1: { level: Level; abovePercent: number; forMinutes: number };
  AL2: { level: Level; abovePercent: number; forMinutes: number };
  AL3: { level: Level; abovePercent: number; forMinutes: number };
  AL4: { level: Level; forMinutes: number };
  AL5: { level: Level; abovePercent: number; forMinutes: number };
  AL6: { level: Level; aboveSeconds: number };
  AL7: { level: Level; abovePerMinute: number };
  PF4: { level: Level; aboveSeconds: number; forMinutes: number; minimumSamples: number };
  PF5: { level: Level; aboveSeconds: number; forMinutes: number; minimumSamples: number };
  certificate: { level: Level; belowDays: number };
  restarts: { level: Level; above: number };
  noData: { forMinutes: number };
}

const MINUTE = 60_000;
/** How far below its threshold a percentage must fall: without a gap a value that hovers there rings each minute. */
const HYSTERESIS = 5;
const CPU_NEAR = 5;
const CPU_CLEAR = 10;
const UNSTABLE_MS = 10 * MINUTE;
const CERTIFICATE_CRITICAL_DAYS = 3;

const percent = (id: string, metric: string, t: Thresholds['AL2']): Rule => ({
  ...{ id, metric, level: t.level, unit: '%', direction: 'above', over: 'each' },
  ...{ raise: t.abovePercent, clear: t.abovePercent - HYSTERESIS },
  ...{ forMs: t.forMinutes * MINUTE, clearForMs: MINUTE },
});

const slow = (id: string, metric: string, t: Thresholds['PF4']): Rule => ({
  ...{ id, metric, level: t.level, unit: 'ms', direction: 'above', over: 'p95' },
  ...{ raise: t.aboveSeconds * 1000, clear: t.aboveSeconds * 800 },
  ...{ forMs: t.forMinutes * MINUTE, clearForMs: 0, minimumSamples: t.minimumSamples },
});

/** The rules that the watch judges, in the order of the specification. Pure. */
export const ruleTable = (t: Thresholds): readonly Rule[] => [
  {
    ...{ id: 'AL1', metric: 'cpu_percent', level: t.AL1.level, unit: '%', direction: 'above', over: 'mean' },
    ...{
      raise: t.AL1.abovePercent,
      near: t.AL1.abovePercent - CPU_NEAR,
      clear: t.AL1.abovePercent - CPU_CLEAR,
    },
    ...{ forMs: t.AL1.forMinutes * MINUTE, clearForMs: 0, ownJobLevel: 'important' },
  },
  percent('AL2', 'ram_percent', t.AL2),
  percent('AL3', 'disk_percent', t.AL3),
  percent('AL3-inodes', 'inodes_percent', t.AL3),
  {
    ...{ id: 'AL3-read-only', metric: 'read_only', level: t.AL3.level, direction: 'above', over: 'each' },
    ...{ raise: 0.5, clear: 0.5, forMs: MINUTE, clearForMs: MINUTE },
  },
  {
    ...{ id: 'AL4', metric: 'up', level: t.AL4.level, direction: 'below', over: 'each', urgent: true },
    ...{ raise: 0.5, clear: 0.5, forMs: t.AL4.forMinutes * MINUTE, clearForMs: MINUTE / 2 },
    unstableForMs: UNSTABLE_MS,
  },
  percent('AL5', 'db_connections_percent', t.AL5),
  {
    ...{ id: 'AL6', metric: 'slow_query_seconds', level: t.AL6.level, unit: 's', direction: 'above' },
    ...{ over: 'each', raise: t.AL6.aboveSeconds, clear: t.AL6.aboveSeconds, forMs: 0, clearForMs: MINUTE },
  },
  {
    ...{ id: 'AL7', metric: 'db_errors_per_minute', level: t.AL7.level, unit: '/min', direction: 'above' },
    ...{ over: 'mean', raise: t.AL7.abovePerMinute, near: 0, clear: t.AL7.abovePerMinute / 2 },
    ...{ forMs: MINUTE, clearForMs: MINUTE },
  },
  slow('PF4', 'api_ms', t.PF4),
  slow('PF5', 'db_ms', t.PF5),
  {
    ...{ id: 'certificate', metric: 'certificate_days', level: t.certificate.level, unit: 'days' },
    ...{ direction: 'below', over: 'each', raise: t.certificate.belowDays, clear: t.certificate.belowDays },
    ...{ forMs: 0, clearForMs: 0, worse: { from: CERTIFICATE_CRITICAL_DAYS, level: 'critical' } },
  },
  {
    ...{ id: 'restarts', metric: 'restarts', level: t.restarts.level, direction: 'above', over: 'each' },
    ...{ raise: t.restarts.above, clear: t.restarts.above, forMs: 0, clearForMs: 10 * MINUTE },
  },
];

export const ruleSet = (thresholds: Thresholds, dependsOn: RuleSet['dependsOn']): RuleSet => ({
  rules: ruleTable(thresholds),
  dependsOn,
  noDataMs: thresholds.noData.forMinutes * MINUTE,
});
