import type { AlertData, Notice } from '../notice.ts';

/** Invented alerts: every event and rule its template can show. */

const firing: AlertData = {
  event: 'firing',
  alertId: 17,
  rule: 'AL4',
  target: 'app',
  since: '2026-11-23T14:03:05Z',
  at: '2026-11-23T14:04:05Z',
  reason: 'refused',
  workflowId: 'alert/AL4/app',
  runId: '019ab7ea-8d1e-7a3b-9c55-1f0e6d2b8a44',
};

export const alertSamples = {
  alert: {
    firing: { key: 'alert/AL4/app/17/firing', level: 'critical', template: 'alert', data: firing },
  },
  'alert-digest': {
    grouped: {
      key: 'sample/digest',
      level: 'critical',
      template: 'alert-digest',
      data: { why: 'grouped', at: firing.at, alerts: [firing] },
    },
  },
} satisfies Record<string, Record<string, Notice>>;
