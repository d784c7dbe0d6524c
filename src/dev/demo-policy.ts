/** The demo is watched as an installation is, with shorter times: a newcomer sees a whole alert within two minutes. */
import type { AlertTimes } from '../alerts/times.ts';
import type { Policy } from '../config/index.ts';

const SECOND = 1_000;
const SMS_PER_HOUR = 200;

export const DEMO_ALERT_TIMES: Partial<AlertTimes> = { hold: 10 * SECOND, escalate: 30 * SECOND };

/** Seconds, as far as people are told of them. */
export const DEMO_SECONDS = { probe: 5, inDoubt: 2, read: 5, down: 15, processor: 40, other: 20 } as const;

const DEMO_TOKENS = [{ table: 'public.api_tokens', expiredWhen: `expires_at < :now - interval '30 days'` }];
const DEMO_LOGS = [
  {
    ...{ table: 'public.app_logs', timestamp: 'at', importantWhen: `level = 'error'` },
    ...{ level: 'level', source: 'source', message: 'message' },
  },
  {
    ...{ table: 'public.api_request_logs', timestamp: 'at', importantWhen: 'status >= 500' },
    ...{
      level: `left(status::text, 1) || 'xx'`,
      source: 'path',
      message: `method || ' ' || path || ' ' || status`,
    },
  },
];

/** Nobody answers at these addresses: they stand for the pages of an application. */
const DEMO_PAGES = {
  appUrl: 'https://app.talosprimes.test',
  subscribeUrl: 'https://app.talosprimes.test/abonnement',
  bookingUrl: 'https://rdv.talosprimes.test/demonstration',
};
const DEMO_OFFER = { percent: 20, months: 3, validDays: 14 };

/** Shortens what is longer; what somebody wrote into the state folder's `maintenance.yaml` stays where it is shorter. */
export function demoPolicy(policy: Policy): Policy {
  const { cleanup, monitoring, alerts, notifications } = policy;
  const { probe, inDoubt, read, down, processor, other } = DEMO_SECONDS;
  const lasting = <Rule extends { forMinutes: number }>(rule: Rule, seconds: number): Rule => ({
    ...rule,
    forMinutes: Math.min(rule.forMinutes, seconds / 60),
  });
  return {
    ...policy,
    cleanup: {
      ...cleanup,
      expired: { ...cleanup.expired, tables: [...DEMO_TOKENS, ...cleanup.expired.tables] },
      logs: { ...cleanup.logs, tables: [...DEMO_LOGS, ...cleanup.logs.tables] },
    },
    monitoring: {
      ...monitoring,
      everySeconds: Math.min(monitoring.everySeconds, probe),
      inDoubtSeconds: Math.min(monitoring.inDoubtSeconds, inDoubt),
      readEverySeconds: Math.min(monitoring.readEverySeconds, read),
      app: { path: '/health', ...monitoring.app },
      supabase: { table: 'plans', ...monitoring.supabase },
      // Nothing is opened outside this machine, and all that is watched stands on it.
      controls: [],
    },
    customers: { ...DEMO_PAGES, ...policy.customers },
    trials: { offer: DEMO_OFFER, ...policy.trials },
    // Whoever breaks one part after the other would else meet the cap, and wonder where the SMS are.
    notifications: { ...notifications, smsPerHour: Math.max(notifications.smsPerHour, SMS_PER_HOUR) },
    alerts: {
      ...alerts,
      AL1: lasting(alerts.AL1, processor),
      AL3: lasting(alerts.AL3, other),
      AL4: lasting(alerts.AL4, down),
      AL5: lasting(alerts.AL5, other),
    },
  };
}
