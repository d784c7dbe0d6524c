import { expect } from 'vitest';
import type { AlertKey } from '../../src/alerts/alert.ts';
import { waitFor } from '../support/wait.ts';
import type { Desk } from './desk.ts';

const HOUR = 3_600_000;

export const keysOf = (count: number): AlertKey[] =>
  Array.from({ length: count }, (_, at) => ({ rule: 'AL4', target: `service-${at + 1}` }));

/** Opens them all: the first quarter silenced, the second acknowledged. Until when the silences last. */
export async function openAll(desk: Desk, keys: readonly AlertKey[]): Promise<string> {
  const quarter = keys.length / 4;
  await Promise.all(keys.map((key) => desk.fire(key)));
  for (const key of keys) await desk.waitHeard(key, 2, 60_000);
  const until = new Date(Date.now() + HOUR).toISOString();
  for (const key of keys.slice(0, quarter)) await desk.handle(key).signal('silence', { until, by: 'cli' });
  for (const key of keys.slice(quarter, 2 * quarter))
    await desk.handle(key).signal('acknowledge', { by: 'cli' });
  for (const key of keys.slice(0, quarter)) await desk.until(key, ({ state }) => state === 'silenced');
  for (const key of keys.slice(quarter, 2 * quarter))
    await desk.until(key, ({ state }) => state === 'acknowledged');
  return until;
}

/** All are open as they were, and a report each opens and tells nothing. */
export async function expectKept(desk: Desk, keys: readonly AlertKey[], until: string): Promise<void> {
  for (const key of keys)
    await waitFor(() => desk.fire(key).then(() => true), { timeoutMs: 60_000, what: 'a report' });
  const states: string[] = [];
  for (const key of keys) {
    const view = await desk.until(key, ({ alertId }) => alertId > 0, 60_000);
    states.push(view.state);
    if (view.state === 'silenced') expect(view.silenced?.until).toBe(until);
  }
  const quarter = keys.length / 4;
  expect(states).toEqual([
    ...Array.from({ length: quarter }, () => 'silenced'),
    ...Array.from({ length: quarter }, () => 'acknowledged'),
    ...Array.from({ length: 2 * quarter }, () => 'firing'),
  ]);
  expect(desk.left).toHaveLength(2 * keys.length);
}
