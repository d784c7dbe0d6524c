import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND, seeded, START, watch } from './simulation.ts';

const EPISODES = 300;
const EVERY = 30 * SECOND;

/** CPU use (%) at one second; cumulated and differenced as the kernel's counters are. */
const meanOf = (use: (second: number) => number, from: number, to: number): number => {
  let sum = 0;
  for (let at = from; at < to; at += SECOND) sum += use(at);
  return sum / ((to - from) / SECOND);
};
const world = (use: (at: number) => number) => (at: number, before: number) => [
  { metric: 'cpu_percent', target: 'vps', at, value: meanOf(use, before, at) },
];
/** A quiet server with a cron burst of a minute each quarter of an hour. */
const healthy = (random: () => number) => (at: number) =>
  at % (15 * MINUTE) < MINUTE ? 100 : 20 + 30 * random();

describe('AL1, processor above 90 % for 5 minutes, read each 30 s', () => {
  it('sees every one of 300 episodes of 6 minutes, within 6 minutes, wherever they begin', () => {
    const random = seeded(1);
    const latencies: number[] = [];
    for (let episode = 0; episode < EPISODES; episode += 1) {
      const begin = START + 20 * MINUTE + Math.floor(random() * 15 * MINUTE);
      const calm = healthy(random);
      const use = (at: number) => (at >= begin && at < begin + 6 * MINUTE ? 93 + 7 * random() : calm(at));
      const { effects } = watch({ every: EVERY, length: 60 * MINUTE, world: world(use) });
      const [fired] = effects.filter(({ kind }) => kind === 'fire');
      if (fired) latencies.push((Date.parse(fired.at) - begin) / MINUTE);
      expect(effects.filter(({ kind }) => kind === 'clear')).toHaveLength(1);
    }
    expect(latencies).toHaveLength(EPISODES);
    expect(Math.max(...latencies)).toBeLessThanOrEqual(6);
    const mean = latencies.reduce((sum, one) => sum + one, 0) / EPISODES;
    expect(mean).toBeGreaterThan(4);
    expect(mean).toBeLessThan(5.5);
  });

  it('says nothing in two healthy days with a cron burst each quarter of an hour', () => {
    const { effects } = watch({ every: EVERY, length: 2 * 1440 * MINUTE, world: world(healthy(seeded(2))) });
    expect(effects).toEqual([]);
  });

  it('takes one spike of 100 % between calm readings for what it is', () => {
    const use = (at: number) => (at >= START + 10 * MINUTE && at < START + 14 * MINUTE ? 100 : 60);
    expect(watch({ every: EVERY, length: 40 * MINUTE, world: world(use) }).effects).toEqual([]);
  });

  it('is important and names the cause while a job of ours runs', () => {
    const { effects } = watch({
      every: EVERY,
      length: 10 * MINUTE,
      world: (at) => [{ metric: 'cpu_percent', target: 'vps', at, value: 99, ownJob: 'backup-database' }],
    });
    expect(effects[0]).toMatchObject({ level: 'important', ownJob: 'backup-database' });
  });

  it('goes on from its state when readings fail for a while', () => {
    const { effects } = watch({
      every: EVERY,
      length: 30 * MINUTE,
      world: (at) => {
        const minute = (at - START) / MINUTE;
        if (minute > 3 && minute < 5)
          return [{ metric: 'cpu_percent', target: 'vps', at, unknown: 'timeout' }];
        return [{ metric: 'cpu_percent', target: 'vps', at, value: minute < 20 ? 99 : 10 }];
      },
    });
    expect(effects.filter(({ kind }) => kind !== 'fire').map(({ kind }) => kind)).toEqual(['clear']);
    // Cumulative counters: the reading after the gap speaks for all of it.
    expect(Date.parse(effects[0]?.at ?? '') - START).toBeLessThanOrEqual(5 * MINUTE);
  });
});
