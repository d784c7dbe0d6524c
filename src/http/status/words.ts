import type { Locale } from '../../notifications/index.ts';
import type { JobConcern } from './concerns.ts';
import type { JobState } from './jobs.ts';
import type { Run } from './read-runs.ts';
import { EN } from './words-en.ts';
import { FR } from './words-fr.ts';

type Outcome = Run['outcome'] | 'lost' | 'braked';

/** All that the status page says. Numbers, instants and durations come as words. */
export interface StatusWords {
  title: string;
  asOf: (at: string) => string;
  well: string;
  wellLine: string;
  needed: (count: number) => string;
  // What needs a person.
  silent: Record<'temporal' | 'ops' | 'app', { title: string; line: string }>;
  noWorker: { title: string; line: string };
  noBackup: (since: string | undefined) => string;
  noBackupLine: string;
  blind: (since: string) => string;
  blindLine: string;
  jobs: Record<JobConcern, { title: string; line: string }>;
  unsent: (count: number) => string;
  unsentLine: string;
  halted: (count: number) => string;
  haltedLine: string;
  acknowledge: string;
  acknowledgeNote: string;
  alertSince: (id: string, age: string, since: string) => string;
  // What is up.
  services: string;
  up: string;
  down: string;
  unknown: string;
  since: (since: string, age: string) => string;
  sinceAtLeast: (since: string) => string;
  notSeenSince: (since: string) => string;
  days: (count: number) => string;
  availability: (share: string, days: number) => string;
  noDays: string;
  barsLabel: (target: string, summary: string) => string;
  today: string;
  outageDays: (count: number) => string;
  outageDay: (day: string, share: string) => string;
  noTargets: string;
  systems: Record<'temporal' | 'workers' | 'ops' | 'app', string>;
  answers: string;
  silentNow: string;
  polling: (count: number) => string;
  // Alerts in hand.
  alerts: string;
  noAlerts: string;
  alertsAbove: (count: number) => string;
  alertStates: Record<'acknowledged' | 'silenced' | 'recovering', string>;
  // Backup.
  backup: string;
  proofs: Record<'proven' | 'proven except' | 'not proven', string>;
  ago: (age: string) => string;
  size: string;
  took: (backup: string, proof: string) => string;
  lasted: string;
  lastProven: (age: string) => string;
  neverProven: string;
  noBackups: string;
  // Jobs.
  jobsTitle: string;
  states: Record<JobState['state'], string>;
  outcomes: Record<Outcome, string>;
  preview: string;
  last: string;
  next: string;
  never: string;
  duration: (duration: string) => string;
  trendLabel: (count: number, low: string, high: string) => string;
  open: (job: string) => string;
  openShort: string;
  misses: string;
  // Figures.
  figures: string;
  figuresNote: string;
  sparkLabel: (low: string, high: string) => string;
  lifecycles: string;
  phases: Readonly<Record<string, string>>;
  nextOne: (at: string) => string;
  notKnown: Record<'temporal' | 'ops' | 'app', string>;
  // At the end.
  refreshes: (seconds: number) => string;
  stopRefresh: string;
  paused: string;
  startRefresh: string;
  zone: (zone: string) => string;
  other: { locale: Locale; label: string };
  test: string;
}

export const STATUS_WORDS: Readonly<Record<Locale, StatusWords>> = { fr: FR, en: EN };
