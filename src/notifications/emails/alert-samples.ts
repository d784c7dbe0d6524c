import type { AlertData, AlertDigestData, Notice } from '../notice.ts';

/** Invented alerts: every event, every rule that has words, and what a rule may carry. */

const RUN_ID = '019ab7ea-8d1e-7a3b-9c55-1f0e6d2b8a44';

const down: AlertData = {
  event: 'firing',
  alertId: 17,
  rule: 'AL4',
  target: 'app',
  since: '2026-11-23T14:03:05Z',
  at: '2026-11-23T14:04:05Z',
  reason: 'refused',
  evidence: [
    { name: 'probe', value: 'GET /api/health' },
    { name: 'phase', value: 'TCP' },
    { name: 'total', value: '3 ms' },
  ],
  workflowId: 'alert/AL4/app',
  runId: RUN_ID,
};

const alert = (data: Partial<AlertData> = {}): Notice => {
  const whole: AlertData = { ...down, ...data };
  const workflowId = `alert/${whole.rule}/${whole.target}`;
  return {
    key: `${workflowId}/${whole.event}`,
    level: whole.event === 'no-data' || whole.event === 'data-again' ? 'important' : 'critical',
    template: 'alert',
    data: { ...whole, workflowId },
  };
};

const LATER = '2026-11-23T14:48:05Z';
const over = (by: NonNullable<AlertData['resolved']>['by'], late?: boolean): Partial<AlertData> => ({
  event: 'resolved',
  at: '2026-11-23T14:09:20Z',
  resolved: { at: '2026-11-23T14:09:00Z', seconds: 355, by, ...(late ? { late } : {}) },
});

/** A threshold that was crossed; without the evidence of a probe. */
const crossed = (
  rule: string,
  target: string,
  value: number,
  threshold: number,
  unit: AlertData['unit'],
  more: Partial<AlertData> = {},
) => alert({ rule, target, value, threshold, unit, reason: undefined, evidence: undefined, ...more });

const events = {
  firing: alert(),
  reminder: alert({ event: 'reminder', at: LATER, count: 2 }),
  'reminder-sms-down': alert({ event: 'reminder', count: 1, undelivered: ['sms'] }),
  escalated: alert({ event: 'escalated', at: LATER, count: 1 }),
  flapping: alert({ event: 'flapping', at: LATER, flaps: 7 }),
  resolved: alert(over('recovery')),
  'resolved-flaps': alert({ ...over('recovery'), flaps: 7 }),
  'resolved-late': alert(over('recovery', true)),
  'resolved-by-operator': alert(over('operator')),
  'no-data': alert({ event: 'no-data', target: 'vps', reason: 'auth', evidence: undefined }),
  'data-again': alert({
    event: 'data-again',
    target: 'vps',
    reason: undefined,
    at: LATER,
    evidence: undefined,
  }),
  test: alert({
    test: true,
    target: 'vps',
    rule: 'AL1',
    value: 97.4,
    threshold: 90,
    unit: '%',
    reason: undefined,
  }),
  'test-over': alert({ ...over('test over'), test: true }),
  'without-number': alert({ alertId: 0 }),
} satisfies Record<string, Notice>;

const rules = {
  'AL1-own-job': crossed('AL1', 'vps', 97.4, 90, '%', {
    alertId: 1204,
    ownJob: 'backup-database',
    evidence: [
      { name: 'load', value: '7.92 / 2' },
      { name: 'iowait', value: '3.1 %' },
      { name: 'steal', value: '0.4 %' },
      { name: 'process', value: 'zstd (talos), 96.0 % of one core for 6 min, started by backup-database' },
    ],
  }),
  AL2: crossed('AL2', 'vps', 93.2, 90, '%'),
  AL3: crossed('AL3', 'vps:/var/lib/docker', 91, 85, '%'),
  'AL3-inodes': crossed('AL3-inodes', 'vps:/', 88.4, 85, '%'),
  'AL3-read-only': alert({ rule: 'AL3-read-only', target: 'vps:/', reason: undefined, evidence: undefined }),
  'AL4-n8n': alert({ target: 'n8n', reason: 'status 503' }),
  'AL4-supabase': alert({ target: 'supabase', reason: 'timeout' }),
  'AL4-database': alert({ target: 'database', reason: 'dns' }),
  'AL4-outside': alert({ target: 'outside:778812345', reason: undefined, evidence: undefined }),
  'AL4-vps': alert({
    target: 'vps',
    reason: 'timeout',
    affected: ['app', 'n8n', 'supabase', 'database', 'redis', 'docs'],
  }),
  'AL4-other': alert({ target: 'redis', reason: 'reset' }),
  AL5: crossed('AL5', 'database', 86, 80, '%'),
  AL6: crossed('AL6', 'database', 48.2, 5, 's'),
  AL7: crossed('AL7', 'database', 212, 50, '/min'),
  AL8: crossed('AL8', 'leads', 26, 24, 'h', {
    since: '2026-11-22T12:04:00Z',
    evidence: [{ name: 'usual leads', value: '11' }],
  }),
  AL9: crossed('AL9', 'payments', 31.25, 10, '%', {
    evidence: [{ name: 'failed payments', value: '10 / 32' }],
  }),
  AL10: crossed('AL10', 'customers', 22.5, 20, '%', {
    evidence: [{ name: 'customers lost', value: '18 / 80' }],
  }),
  PF4: crossed('PF4', 'app', 3_480, 2_000, 'ms'),
  PF5: crossed('PF5', 'database', 1_620, 1_000, 'ms'),
  certificate: crossed('certificate', 'app', 3, 21, 'days'),
  restarts: crossed('restarts', 'app', 14, 5, undefined),
  figures: crossed('figures', 'statistics', 2, 0, undefined, {
    evidence: [{ name: 'revenue_net day 2026-11-19', value: '48210 → 51110' }],
  }),
  'own-network': alert({
    event: 'data-again',
    rule: 'no-data',
    target: 'own-network',
    reason: undefined,
    at: LATER,
  }),
  unknown: crossed('XY9', 'queue', 1_250, 1_000, undefined),
} satisfies Record<string, Notice>;

const digest = (data: AlertDigestData): Notice => ({
  key: `sample/digest/${data.why}`,
  level: 'critical',
  template: 'alert-digest',
  data,
});

const several = [
  { ...down, alertId: 17 },
  { ...down, alertId: 18, target: 'n8n', since: '2026-11-23T14:03:25Z' },
  { ...down, alertId: 19, target: 'supabase', since: '2026-11-23T14:03:45Z' },
  {
    ...down,
    alertId: 20,
    rule: 'AL2',
    target: 'vps',
    value: 93,
    unit: '%' as const,
    since: '2026-11-22T23:50:00Z',
  },
];

export const alertSamples = {
  alert: { ...events, ...rules },
  'alert-digest': {
    grouped: digest({ why: 'grouped', at: down.at, alerts: several }),
    capped: digest({ why: 'capped', at: '2026-11-23T14:58:00Z', alerts: [down] }),
  },
};
