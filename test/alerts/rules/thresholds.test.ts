import { describe, expect, it } from 'vitest';
import { kinds, MINUTE, SECOND, START, watch } from './simulation.ts';

const EVERY = 30 * SECOND;
/** One metric of one target, by the minute. */
const series = (metric: string, target: string, value: (minute: number) => number, length = 60) =>
  watch({
    every: EVERY,
    length: length * MINUTE,
    world: (at) => [{ metric, target, at, value: value((at - START) / MINUTE) }],
  }).effects;
const once = (effects: ReturnType<typeof series>) => [...new Set(kinds(effects))];

describe('thresholds', () => {
  it.each([
    ['AL2', 'ram_percent', 'vps', 91, 88, 84],
    ['AL3', 'disk_percent', 'vps:/', 86, 84, 79],
    ['AL3-inodes', 'inodes_percent', 'vps:/', 86, 84, 79],
    ['AL3-read-only', 'read_only', 'vps:/', 1, 1, 0],
    ['AL5', 'db_connections_percent', 'postgres', 81, 79, 74],
    ['AL6', 'slow_query_seconds', 'postgres', 5.1, 6, 0],
    ['AL7', 'db_errors_per_minute', 'postgres', 51, 40, 0],
    ['restarts', 'restarts', 'pm2:app', 4, 4, 0],
    ['certificate', 'certificate_days', 'app', 20, 20, 80],
  ])(
    '%s fires beyond its threshold, stays between, clears below',
    (id, metric, target, bad, middle, good) => {
      const effects = series(metric, target, (minute) =>
        minute < 5 ? good : minute < 15 ? bad : minute < 25 ? middle : good,
      );
      expect(once(effects)).toEqual([`fire ${id}/${target}`, `clear ${id}/${target}`]);
      expect(Date.parse(effects.at(-1)?.at ?? '') - START).toBeGreaterThanOrEqual(25 * MINUTE);
      expect(series(metric, target, () => good)).toEqual([]);
    },
  );

  it('a value that hovers around its threshold rings once', () => {
    const effects = series('ram_percent', 'vps', (minute) =>
      minute < 3 ? 91 : 89.9 + 0.3 * Math.sin(minute * 9),
    );
    expect(once(effects)).toEqual(['fire AL2/vps']);
  });

  it.each([
    ['PF4', 'api_ms', 'app', 2500],
    ['PF5', 'db_ms', 'postgres', 1200],
  ])(
    '%s is the 95th percentile of ten minutes: two slow answers are none, lasting slowness is one',
    (id, metric, target, slow) => {
      expect(series(metric, target, (minute) => (minute === 20 || minute === 20.5 ? slow : 100))).toEqual([]);
      const effects = series(metric, target, (minute) => (minute >= 20 && minute < 35 ? slow : 100));
      expect(once(effects)).toEqual([`fire ${id}/${target}`, `clear ${id}/${target}`]);
      expect(effects[0]).toMatchObject({ level: 'important', unit: 'ms' });
    },
  );

  it('a certificate becomes critical in its last three days', () => {
    const [first] = series('certificate_days', 'app', () => 3, 1);
    expect(first).toMatchObject({ level: 'critical', value: 3, threshold: 21 });
  });

  it('reports a lasting condition every five minutes, so that its alert shows the newest value', () => {
    const fires = series('disk_percent', 'vps:/', (minute) => 86 + minute / 60, 61).filter(
      ({ kind }) => kind === 'fire',
    );
    expect(fires.length).toBeGreaterThanOrEqual(11);
    expect(fires.length).toBeLessThanOrEqual(13);
  });
});
