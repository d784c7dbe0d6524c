import type { Level } from '../../notifications/notice.ts';
import type { Rule, RuleSet } from './rule.ts';

/** The thresholds of `maintenance.yaml` (`alerts`) that are judged on the facts of the business, once an hour. */
export interface BusinessThresholds {
  AL8: { level: Level; forHours: number; minimumPerDay: number };
  AL9: { level: Level; abovePercent: number; minimumPayments: number };
  AL10: { level: Level; abovePercent: number; minimumCustomers: number };
}

/** Days over which it is counted how many leads are usual. */
export const USUAL_DAYS = 28;
/** A rate that hovers around its threshold rings once: it clears below this part of it. */
const CLEAR_SHARE = 0.8;
/** The facts are counted over a day or a week: one look is enough. */
const ONE_LOOK = { over: 'each', direction: 'above', forMs: 0, clearForMs: 0 } as const;

const rate = (id: string, metric: string, level: Level, above: number, minimumCount: number): Rule => ({
  ...{ id, metric, level, unit: '%', ...ONE_LOOK },
  ...{ raise: above, clear: above * CLEAR_SHARE, minimumCount },
});

const rules = ({ AL8, AL9, AL10 }: BusinessThresholds): readonly Rule[] => [
  {
    ...{ id: 'AL8', metric: 'hours_without_lead', level: AL8.level, unit: 'h', ...ONE_LOOK },
    ...{ raise: AL8.forHours, clear: AL8.forHours, minimumCount: AL8.minimumPerDay * USUAL_DAYS },
  },
  rate('AL9', 'payment_errors_percent', AL9.level, AL9.abovePercent, AL9.minimumPayments),
  rate('AL10', 'customers_lost_percent', AL10.level, AL10.abovePercent, AL10.minimumCustomers),
];

/** The rules of the business, in the order of the specification: they depend on nothing. Pure. */
export const businessRuleSet = (thresholds: BusinessThresholds): RuleSet => ({
  rules: rules(thresholds),
  dependsOn: {},
  noDataMs: Number.POSITIVE_INFINITY,
});
