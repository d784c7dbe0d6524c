/** What the jobs that reach customers tell when a person has to look. Ids and counts only, as everything in `notice.ts`. */
export interface CustomersNotToldData {
  /** Schedule id. */
  job: 'expiration-essais' | 'relance-essais-inactifs' | 'archivage-clients-inactifs';
  /** ISO instant. */
  scheduledAt: string;
  /** The run ended before it could say what it did; otherwise it went through all trials. */
  cause?: { type: string; message: string };
  /** Lifecycles whose next step is more than two days late. */
  overdue?: number;
  /** Ended, nudged or asked in this run. */
  done: number;
  /** Trials whose message may have left, and is not sent again; the ids are the first ones. */
  unknown: { count: number; trialIds: string[] };
  /** Trials that could not be ended, or told. */
  failed: { count: number; trialIds: string[] };
  workflowId: string;
  runId: string;
}
