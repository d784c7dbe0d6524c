import { describe, expect, it } from 'vitest';
import { OWN_NETWORK, type Sample } from '../../../src/alerts/rules/index.ts';
import { kinds, MINUTE, SECOND, seeded, set, START, up, watch } from './simulation.ts';

const EVERY = 20 * SECOND;
const between = (at: number, from: number, to: number) => at >= START + from && at < START + to;

describe('AL4, down for more than a minute, probed each 20 s', () => {
  it('is told between 60 and 85 s after the outage began, whenever that was', () => {
    const random = seeded(3);
    for (let run = 0; run < 300; run += 1) {
      const begin = START + 5 * MINUTE + Math.floor(random() * MINUTE);
      const { effects } = watch({
        every: EVERY,
        length: 15 * MINUTE,
        world: (at) => [up('app', at, at < begin || at >= begin + 5 * MINUTE)],
      });
      expect(kinds(effects)).toEqual(['fire AL4/app', 'clear AL4/app']);
      const latency = (Date.parse(effects[0]?.at ?? '') - begin) / SECOND;
      expect(latency).toBeGreaterThanOrEqual(60);
      expect(latency).toBeLessThanOrEqual(85);
    }
  });

  it('says nothing of 200 blips shorter than 60 s', () => {
    const random = seeded(4);
    for (let blip = 0; blip < 200; blip += 1) {
      const begin = START + MINUTE + Math.floor(random() * MINUTE);
      const length = 1 + Math.floor(random() * 58 * SECOND);
      const { effects } = watch({
        every: EVERY,
        length: 5 * MINUTE,
        world: (at) => [up('app', at, at < begin || at >= begin + length)],
      });
      expect(effects).toEqual([]);
    }
  });

  it('survives a watch that is killed at any look: the state holds instants, not counters', () => {
    const random = seeded(5);
    const { effects } = watch({
      every: EVERY,
      length: 10 * MINUTE,
      world: (at) => (random() < 0.6 ? [] : [up('app', at, at < START + MINUTE)]),
    });
    expect(effects[0]).toMatchObject({ kind: 'fire', rule: 'AL4' });
    expect(Date.parse(effects[0]?.at ?? '') - START).toBeLessThan(4 * MINUTE);
  });

  it('rings for what fails half of the time for ten minutes, though never for a whole one', () => {
    const { effects } = watch({
      every: EVERY,
      length: 60 * MINUTE,
      world: (at) => [up('app', at, (at - START) % (40 * SECOND) >= 25 * SECOND)],
    });
    expect(kinds(effects).filter((kind) => kind.startsWith('clear'))).toEqual([]);
    expect(Date.parse(effects[0]?.at ?? '') - START).toBeLessThan(12 * MINUTE);
  });

  it('tells one alert that names its services when the host is down', () => {
    const services = ['app', 'n8n', 'auth', 'rest', 'storage', 'database'];
    const dependsOn = Object.fromEntries(services.map((service) => [service, ['vps']]));
    const isUp = (at: number) => !between(at, 5 * MINUTE, 15 * MINUTE);
    const { effects } = watch({
      rules: set(dependsOn),
      every: EVERY,
      length: 30 * MINUTE,
      world: (at) => [...services, 'vps'].map((target) => up(target, at, isUp(at))),
    });
    expect([...new Set(kinds(effects))]).toEqual(['fire AL4/vps', 'clear AL4/vps']);
    expect(effects[0]).toMatchObject({ affected: [...services].sort() });
  });

  it('tells of a service that stays down when its host is back', () => {
    const { effects } = watch({
      rules: set({ app: ['vps'] }),
      every: EVERY,
      length: 30 * MINUTE,
      world: (at) => [
        up('vps', at, !between(at, 5 * MINUTE, 10 * MINUTE)),
        up('app', at, !between(at, 5 * MINUTE, 20 * MINUTE)),
      ],
    });
    const fired = kinds(effects).filter((kind, index, all) => all.indexOf(kind) === index);
    expect(fired).toEqual(['fire AL4/vps', 'clear AL4/vps', 'fire AL4/app', 'clear AL4/app']);
  });

  it('calls nothing down while its own network is, and says once for how long nobody watched', () => {
    const { effects } = watch({
      every: EVERY,
      length: 30 * MINUTE,
      world: (at): Sample[] =>
        between(at, 5 * MINUTE, 15 * MINUTE)
          ? [
              ...['app', 'n8n'].map((target) => ({ metric: 'up', target, at, unknown: OWN_NETWORK })),
              up('local', at, true),
            ]
          : [up('app', at, true), up('n8n', at, true)],
    });
    expect(kinds(effects)).toEqual([`nodata no-data/${OWN_NETWORK}`, `data no-data/${OWN_NETWORK}`]);
  });

  it('tells once of a target of which nothing is known, and when it is seen again; never that it is down', () => {
    const { effects } = watch({
      every: EVERY,
      length: 60 * MINUTE,
      world: (at): Sample[] =>
        between(at, 5 * MINUTE, 30 * MINUTE)
          ? [{ metric: 'up', target: 'rest', at, unknown: 'status 401' }]
          : [up('rest', at, true)],
    });
    expect(kinds(effects)).toEqual(['nodata no-data/rest', 'data no-data/rest']);
    expect(effects[0]).toMatchObject({ level: 'important', reason: 'status 401' });
  });
});
