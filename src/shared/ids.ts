/** Every id that people and programs rely on. Pure: usable on both sides of the sandbox. */

export const TASK_QUEUE = 'maintenance';

/** The owner's names of the eleven jobs, in the order of the specification. */
export const SCHEDULE_IDS = [
  'monitoring-disponibilite',
  'monitoring-performance',
  'update-statistiques',
  'expiration-essais',
  'nettoyage-donnees-temporaires',
  'backup-database',
  'rapport-quotidien',
  'relance-essais-inactifs',
  'nettoyage-logs',
  'rapport-hebdomadaire',
  'archivage-clients-inactifs',
] as const;

export type ScheduleId = (typeof SCHEDULE_IDS)[number];

export const isScheduleId = (text: string): text is ScheduleId =>
  (SCHEDULE_IDS as readonly string[]).includes(text);

/** A run outside the Schedule (webhook, `talos run` with overrides). The same key is the same run. */
export const manualWorkflowId = (scheduleId: ScheduleId, key: string): string =>
  `${scheduleId}-manual-${key}`;

/** What may stand in a caller's key: it becomes part of a workflow id, which is plain text everywhere. */
export const MANUAL_KEY = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** MT1 with a real load: the watch asks whether it runs. */
export const TEST_LOAD_REAL = 'test-load-real';

/** One workflow a customer: asked, archived, anonymised, or back. */
export const lifecycleId = (accountId: string): string => `lifecycle/${accountId}`;
