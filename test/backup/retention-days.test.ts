import { describe, expect, it } from 'vitest';
import { planRetention, type TierBackup } from '../../src/backup/retention.ts';

const policy = { daily: 7, weekly: 4, monthly: 12 };
const timeZone = 'Europe/Paris';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** mulberry32: the same days on every machine. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The Paris day, week and month of a taken backup are known by construction here, from the EU's rule and plain dates. */
interface Taken extends TierBackup {
  day: string;
  week: string;
  month: string;
}
const dayText = (index: number): string =>
  new Date(Date.UTC(2026, 0, 1) + index * DAY).toISOString().slice(0, 10);
const lastSunday = (year: number, month: number): number => {
  let day = Date.UTC(year, month, 31);
  while (new Date(day).getUTCDay() !== 0) day -= DAY;
  return day + HOUR;
};
/** The instant of a local time; the skipped hour reads as the one after it, the doubled hour as the second. */
function parisInstant(day: string, minutes: number): Date {
  const asWinter = Date.parse(`${day}T00:00:00Z`) + minutes * 60_000 - HOUR;
  const asSummer = asWinter - HOUR;
  const year = Number(day.slice(0, 4));
  const isSummer = asSummer >= lastSunday(year, 2) && asWinter < lastSunday(year, 9);
  return new Date(isSummer ? asSummer : asWinter);
}
/** The Monday names the week as well as its number would. */
function mondayOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  while (date.getUTCDay() !== 1) date.setTime(date.getTime() - DAY);
  return date.toISOString().slice(0, 10);
}

const isGood = (backup: TierBackup): boolean => backup.proof !== 'not proven';
const unique = (values: string[]): string[] => [...new Set(values)].sort();

/** The rule told from the whole history, bucket or not: what each tier must hold when a plan was carried out today. */
function expectedBucket(history: Taken[], today: string): string[] {
  const good = history.filter(isGood);
  const seventh = unique(good.map(({ day }) => day)).at(-7) ?? '';
  const names = history.filter(({ day }) => day >= seventh).map(({ backupId }) => `daily ${backupId}`);
  const current = { week: mondayOf(today), month: today.slice(0, 7) };
  for (const [tier, field, kept] of [
    ['weekly', 'week', 4],
    ['monthly', 'month', 12],
  ] as const) {
    const over = good.filter((backup) => backup[field] < current[field]);
    for (const period of unique(over.map((backup) => backup[field])).slice(-kept)) {
      const last = over.filter((backup) => backup[field] === period).at(-1);
      names.push(`${tier} ${last?.backupId ?? ''}`);
    }
  }
  return names.sort();
}

/** The clock and listing checks, told from the history. */
function expectsRefusal(history: Taken[], today: string, now: Date): boolean {
  const newest = history.filter(isGood).at(-1);
  if (!newest || now.getTime() - Date.parse(newest.takenAt) > 3 * DAY) return true;
  const days = unique(history.filter(isGood).map(({ day }) => day)).slice(-8);
  return days.some((day, i) => i > 0 && Date.parse(day) - Date.parse(days[i - 1] ?? day) > 30 * DAY);
}

const nameOf = ({ tier, backupId }: { tier: string; backupId: string }): string => `${tier} ${backupId}`;

describe('800 simulated days', () => {
  it.each([1, 2, 3, 4, 5, 6])('hold exactly the backups of the rule at each day (seed %i)', (seed) => {
    const random = randomOf(seed);
    const history: Taken[] = [];
    let bucket: TierBackup[] = [];
    let silentUntil = -1;
    const longSilence = 200 + Math.floor(random() * 300);
    const seen = { refused: 0, carriedOut: 0, unproven: 0, several: 0, copies: 0, deletions: 0 };

    for (let index = 0; index < 800; index++) {
      const today = dayText(index);
      if (index === longSilence) silentUntil = index + 40;
      else if (random() < 0.02) silentUntil = Math.max(silentUntil, index + Math.floor(random() * 12));
      const fails = index < silentUntil || random() < 0.08;
      const minutes = [120 + Math.floor(random() * 60)];
      while (random() < 0.15) minutes.push(Math.floor(random() * 24 * 60));
      if (!fails && minutes.length > 1) seen.several++;
      for (const minute of fails ? [] : minutes.sort((a, b) => a - b)) {
        const takenAt = new Date(parisInstant(today, minute).getTime() + history.length).toISOString();
        const luck = random();
        const proof = luck < 0.12 ? 'not proven' : luck < 0.3 ? 'proven except' : 'proven';
        if (proof === 'not proven') seen.unproven++;
        const backup: TierBackup = { tier: 'daily', backupId: `b${String(history.length)}`, takenAt, proof };
        bucket.push(backup);
        history.push({ ...backup, day: today, week: mondayOf(today), month: today.slice(0, 7) });
      }

      const now = parisInstant(today, 24 * 60 - 1);
      now.setTime(now.getTime() + 59_000);
      const before = bucket.map(nameOf).sort();
      const run = () => planRetention({ backups: bucket, now, policy, timeZone });
      const first = run();
      expect(first.refused !== undefined, today).toBe(expectsRefusal(history, today, now));
      for (const { backupId, to } of first.copy) {
        const source = bucket.find((backup) => backup.tier === 'daily' && backup.backupId === backupId);
        expect(source && isGood(source), `${today}: ${backupId}`).toBe(true);
        if (source) bucket.push({ ...source, tier: to });
      }
      const second = run();
      expect(second.copy, today).toEqual([]);
      expect([...second.delete, ...second.keep].map(nameOf).sort(), today).toEqual(bucket.map(nameOf).sort());
      // The first plan alone is as safe: it deletes nothing that the second would keep.
      const gone = new Set(second.delete.map(nameOf));
      expect(first.delete.every((backup) => gone.has(nameOf(backup)))).toBe(true);

      if (!second.refused) {
        // A listing with holes deletes no more than the whole one.
        const holes = planRetention({ backups: bucket.filter(() => random() < 0.8), now, policy, timeZone });
        expect(holes.delete.every((backup) => gone.has(nameOf(backup)))).toBe(true);
      }
      bucket = bucket.filter((backup) => !gone.has(nameOf(backup)));
      seen.copies += first.copy.length;
      seen.deletions += gone.size;

      const after = bucket.map(nameOf).sort();
      if (second.refused) {
        seen.refused++;
        expect(after, today).toEqual(before);
      } else {
        seen.carriedOut++;
        expect(after, today).toEqual(expectedBucket(history, today));
        for (const { expiresOn } of second.keep) expect(expiresOn && expiresOn >= today, today).toBe(true);
      }

      const goodDays = unique(history.filter(isGood).map(({ day }) => day));
      const held = new Set(bucket.map(({ tier, backupId }) => `${tier} ${backupId}`));
      const heldDays = history.filter((taken) => isGood(taken) && held.has(nameOf(taken)));
      expect(unique(heldDays.map(({ day }) => day)).length).toBeGreaterThanOrEqual(
        Math.min(7, goodDays.length),
      );
      const newest = history.filter(isGood).at(-1);
      if (newest) expect(held.has(nameOf(newest)), today).toBe(true);
      for (const tier of ['weekly', 'monthly'] as const) {
        const last = before
          .filter((name) => name.startsWith(tier))
          .map((name) => Number(name.split(' b')[1]));
        if (last.length) expect(held.has(`${tier} b${String(Math.max(...last))}`), today).toBe(true);
      }
    }
    // The days were as varied as the title says.
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(10);
  });
});
