import { randomBytes } from 'node:crypto';
import { afterAll } from 'vitest';
import { applyRetention, type RetentionOptions, type RetentionOutcome } from '../../src/backup/tiers.ts';
import type { ObjectStore } from '../../src/clients/object-store.ts';
import { idOf, openStore, putBackup, type Fake } from './fake-backups.ts';

export const policy = { daily: 3, weekly: 2, monthly: 2 };
export const DAY = 86_400_000;

const stores: ObjectStore[] = [];
/** An empty prefix of its own, closed after the file. */
export const newStore = (): ObjectStore => {
  const store = openStore(`tiers-${randomBytes(4).toString('hex')}`);
  stores.push(store);
  return store;
};
afterAll(() => {
  for (const store of stores.splice(0)) store.close();
});

export const apply = (
  store: ObjectStore,
  now: string | Date,
  options: Partial<RetentionOptions> = {},
): Promise<RetentionOutcome> =>
  applyRetention({
    ...{ store, policy, timeZone: 'Europe/Paris', now: new Date(now), dryRun: false, objectLock: 'off' },
    ...{ signal: new AbortController().signal, onProgress: () => undefined, ...options },
  });

export const at = (day: string, proof: Fake['proof'] = 'proven'): Fake => ({ at: `${day}T02:00:00Z`, proof });
export const unique = (values: string[]): string[] => [...new Set(values)].sort();

// 2041-04-01 is a Monday: in this night a week and a month are over, and all tiers have something to let go.
export const NIGHT = '2041-04-01T03:00:00Z';
export const before: Fake[] = [
  ...['2041-03-29', '2041-03-30', '2041-03-31', '2041-04-01'].map((day) => at(day)),
  at('2041-03-28', 'not proven'),
  { ...at('2041-03-17'), tier: 'weekly' },
  { ...at('2041-03-24'), tier: 'weekly' },
  { ...at('2041-01-31'), tier: 'monthly' },
  { ...at('2041-02-28'), tier: 'monthly' },
];
export const idAt = (day: string): string => idOf(at(day));
export const after = [
  ...['2041-03-30', '2041-03-31', '2041-04-01'].map((day) => `daily/${idAt(day)}`),
  ...['2041-03-24', '2041-03-31'].map((day) => `weekly/${idAt(day)}`),
  ...['2041-02-28', '2041-03-31'].map((day) => `monthly/${idAt(day)}`),
].sort();
export const fill = async (store: ObjectStore): Promise<void> => {
  await Promise.all(before.map((fake) => putBackup(store, fake)));
};
