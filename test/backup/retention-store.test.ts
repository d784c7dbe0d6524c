import { describe, expect, it } from 'vitest';
import { filesOf, idOf, keysOf, putBackup, readText, wholeFolders, type Fake } from './fake-backups.ts';
import { apply, at, DAY, newStore, policy, unique } from './tier-night.ts';

const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const dayAfter = (day: string, days: number): string => isoDay(Date.parse(day) + days * DAY);
const mondayOf = (day: string): string => dayAfter(day, -((new Date(day).getUTCDay() + 6) % 7));

/** What the tiers must hold, told from the whole history and not from the bucket. */
function expectedFolders(history: Fake[], today: string): string[] {
  const day = (fake: Fake): string => fake.at.slice(0, 10);
  const good = history.filter(({ proof }) => proof !== 'not proven');
  const oldest = unique(good.map(day)).at(-policy.daily) ?? '';
  const folders = history.filter((fake) => day(fake) >= oldest).map((fake) => `daily/${idOf(fake)}`);
  for (const [tier, periodOf] of [
    ['weekly', mondayOf],
    ['monthly', (text: string) => text.slice(0, 7)],
  ] as const) {
    const over = good.filter((fake) => periodOf(day(fake)) < periodOf(today));
    for (const period of unique(over.map((fake) => periodOf(day(fake)))).slice(-policy[tier])) {
      const last = over.filter((fake) => periodOf(day(fake)) === period).at(-1);
      folders.push(`${tier}/${last ? idOf(last) : ''}`);
    }
  }
  return folders.sort();
}

describe('100 days of retention on a real store', () => {
  it('leave exactly the planned backups after each day, whole, and nothing else', async () => {
    const store = newStore();
    const history: Fake[] = [];
    const seen = { deleted: new Set<string>(), copied: 0 };
    for (let index = 0; index < 100; index++) {
      const today = dayAfter('2026-09-01', index);
      if (index % 11 === 4) continue;
      const fake = at(today, index % 7 === 5 ? 'not proven' : index % 5 === 0 ? 'proven except' : 'proven');
      history.push(fake);
      const justMade = await putBackup(store, fake);
      const outcome = await apply(store, `${today}T03:00:00Z`, { justMade });
      expect(outcome.refused, today).toBeUndefined();
      expect(await wholeFolders(store), today).toEqual(expectedFolders(history, today));
      for (const { tier } of outcome.deleted) seen.deleted.add(tier);
      seen.copied += outcome.copied.length;
    }
    expect(unique([...seen.deleted])).toEqual(['daily', 'monthly', 'weekly']);
    expect(seen.copied).toBeGreaterThan(15);
    const folders = await wholeFolders(store);
    expect(await keysOf(store)).toHaveLength(folders.length * 5);
    // A copy is the backup itself, and its guide leads to where it lies.
    const weekly = folders.find((folder) => folder.startsWith('weekly/')) ?? '';
    const original = history.find((fake) => `weekly/${idOf(fake)}` === weekly) ?? at('2026-09-01');
    for (const [name, body] of Object.entries(filesOf({ ...original, tier: 'weekly' })))
      expect(await readText(store, `${weekly}/${name}`), name).toBe(body);
  }, 180_000);
});
