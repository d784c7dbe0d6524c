import type { Notice } from '../notice.ts';
import type { CustomersNotToldData } from '../trial-notices.ts';

const trialIds = (count: number, from = 1): string[] =>
  Array.from(
    { length: count },
    (_, at) => `${String(from + at).padStart(8, '0')}-5c1e-4a7b-9d2f-3e6a8b0c1d2e`,
  );

const notTold = (data: Partial<CustomersNotToldData>): Notice => ({
  key: 'sample/customers-not-told',
  level: 'important',
  template: 'customers-not-told',
  data: {
    job: 'expiration-essais',
    scheduledAt: '2026-11-24T00:00:00Z',
    done: 31,
    unknown: { count: 0, trialIds: [] },
    failed: { count: 0, trialIds: [] },
    workflowId: 'expiration-essais-2026-11-24T00:00:00Z',
    runId: '01a2b3c4-0000-7000-8000-000000000000',
    ...data,
  },
});

export const customersSamples = {
  'customers-not-told': {
    unknown: notTold({ unknown: { count: 2, trialIds: trialIds(2) } }),
    both: notTold({
      job: 'relance-essais-inactifs',
      failed: { count: 64, trialIds: trialIds(50) },
      unknown: { count: 1, trialIds: trialIds(1, 90) },
    }),
    broken: notTold({
      cause: { type: 'DatabaseUnreachable', message: 'connect ECONNREFUSED' },
      done: 0,
    }),
    late: notTold({ job: 'archivage-clients-inactifs', overdue: 3, done: 12 }),
  },
} satisfies Record<string, Record<string, Notice>>;
