import { expect, it } from 'vitest';
import { showChange, showValue } from '../../src/notifications/emails/report-figures.ts';
import { createFormatter } from '../../src/notifications/format.ts';

const fr = createFormatter('fr');
const en = createFormatter('en');

it.each([
  ['leads', 87, 79, '+8', '+8'],
  ['mrr', 5_873_217.333, 5_801_000, '+722,17\u00A0€', '+€722.17'],
  ['revenue_net', -31_200, 98_000, '\u22121\u202F292,00\u00A0€', '\u2212€1,292.00'],
  ['customer_churn_rate', 0.024, 0, '+2,4\u00A0pt', '+2.4\u00A0pp'],
  // Durations and sizes that went down: once told as nothing.
  ['first_reply_minutes_median', 48, 55, '\u22127\u00A0min', '\u22127\u00A0min'],
  ['bandwidth_bytes', 81e9, 86.4e9, '\u22125,40\u00A0Go', '\u22125.40\u00A0GB'],
  ['api_ms_p95', 412, 455, '\u221243\u00A0ms', '\u221243\u00A0ms'],
  ['cpu_percent', 34.2, 31, '+3\u00A0pt', '+3\u00A0pp'],
  ['mrr_fx', 0.2, 0, '0,00\u00A0€', '€0.00'],
])('a change of %s from %d to %d', (metric, now, before, french, english) => {
  expect(showChange(metric, now, before, fr)).toBe(french);
  expect(showChange(metric, now, before, en)).toBe(english);
});

it('of something that is not known is none', () => {
  expect(showChange('mrr', null, 1, fr)).toBeUndefined();
  expect(showValue('mrr', null, fr)).toBe('\u2014');
});
