import { describe, expect, it } from 'vitest';
import { ruleSet, type AlertEffect } from '../../src/alerts/index.ts';
import { policySchema } from '../../src/config/policy.ts';
import { nextTime, slotEnd, type Times } from '../../src/monitoring/slot.ts';
import { carriedOver, EMPTY, emptyTally, reportOf, type WatchState } from '../../src/monitoring/state.ts';
import { rowsOf, createSampleStore } from '../../src/monitoring/store.ts';
import { enqueue, runWatch, type Look, type Progress, type WatchDeps } from '../../src/monitoring/watch.ts';
import { parseCron } from '../../src/schedules/cron.ts';

const rules = ruleSet(policySchema.parse({}).alerts, {});
const MINUTE = 60_000;

const fresh = (forMs: number, state: WatchState = { ...EMPTY }): Progress => ({
  state,
  tally: emptyTally(),
  from: Date.now(),
  until: Date.now() + forMs,
});

/** A full disk rings at the second look after a minute; here its rule needs one look. */
const instant = ruleSet(policySchema.parse({ alerts: { AL3: { forMinutes: 0 } } }).alerts, {});
const diskLook: Look = async (_state, at) => ({
  samples: [{ metric: 'disk_percent', target: 'vps:/', at, value: 99 }],
  times: { app: 5 },
  state: {},
});

const watch = (progress: Progress, deps: Partial<WatchDeps>) =>
  runWatch(progress, {
    look: diskLook,
    rules: instant,
    everyMs: () => 50,
    once: false,
    beat: () => undefined,
    store: () => undefined,
    tell: async () => undefined,
    signal: new AbortController().signal,
    ...deps,
  });

describe('a watch', () => {
  it('looks at its interval until the slot ends, and goes on at it in the next slot', async () => {
    const instants: number[] = [];
    const look: Look = async (_state, at) => {
      instants.push(at);
      return { samples: [], times: {}, state: {} };
    };
    const first = await watch(fresh(220), { look });
    await watch(fresh(220, first.state), { look });
    const steps = instants.slice(1).map((at, index) => at - (instants[index] ?? 0));
    expect(instants.length).toBeGreaterThanOrEqual(7);
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...steps)).toBeLessThan(120);
  });

  it('keeps an effect until it has arrived, in order, and does not hold back other alerts', async () => {
    const told: string[] = [];
    const effects: AlertEffect[] = [
      { kind: 'fire', rule: 'AL4', target: 'app', level: 'critical', since: '', at: '' },
      { kind: 'clear', rule: 'AL4', target: 'app', at: '' },
      { kind: 'fire', rule: 'AL2', target: 'vps', level: 'critical', since: '', at: '' },
    ];
    let refused = 0;
    const progress = fresh(2_500, { ...EMPTY, pending: effects });
    await watch(progress, {
      look: async () => ({ samples: [], times: {}, state: {} }),
      tell: async ({ kind, rule }) => {
        if (rule === 'AL4' && refused < 2) {
          refused += 1;
          throw new Error('unavailable');
        }
        told.push(`${kind} ${rule}`);
      },
    });
    expect(told).toEqual(['fire AL2', 'fire AL4', 'clear AL4']);
    expect(progress.state.pending).toEqual([]);
    expect(progress.tally.told).toBe(3);
  });

  it('carries what did not arrive into its result, and a heartbeat always has it', async () => {
    const beats: number[] = [];
    const progress = await watch(fresh(150), {
      tell: async () => Promise.reject(new Error('unavailable')),
      beat: ({ state }) => beats.push(state.pending.length),
    });
    expect(progress.state.pending).toMatchObject([{ kind: 'fire', rule: 'AL3', target: 'vps:/' }]);
    expect(beats.at(-1)).toBe(1);
  });

  it('goes on from a heartbeat as if nothing had happened', async () => {
    const told: AlertEffect[] = [];
    const before: WatchState = {
      ...EMPTY,
      at: Date.now() - 1_000,
      rules: { rules: { 'AL4/app': { badSince: Date.now() - 61_000 } } },
    };
    const look: Look = async (_state, at) => ({
      samples: [{ metric: 'up', target: 'app', at, value: 0, reason: 'refused' }],
      times: {},
      state: {},
    });
    await watch(fresh(80, before), { look, rules, tell: async (effect) => void told.push(effect) });
    expect(told).toMatchObject([{ kind: 'fire', rule: 'AL4', target: 'app', reason: 'refused' }]);
  });

  it('looks once where it is told so, and stops at once with its signal', async () => {
    const once = await watch(fresh(60_000, { ...EMPTY, at: Date.now() }), { once: true });
    expect(once.tally).toMatchObject({ looks: 1, ok: 1 });
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('stopped')), 50);
    await expect(watch(fresh(60_000), { everyMs: () => 60_000, signal: stop.signal })).rejects.toThrow(
      'stopped',
    );
  });

  it('sends the newest report of an alert in place of one that has not left', () => {
    const fire = (at: string): AlertEffect => ({
      kind: 'fire',
      rule: 'AL1',
      target: 'vps',
      level: 'critical',
      since: '',
      at,
    });
    const clear: AlertEffect = { kind: 'clear', rule: 'AL1', target: 'vps', at: '' };
    expect(enqueue([fire('1')], [fire('2')])).toEqual([fire('2')]);
    expect(enqueue([fire('1'), clear], [fire('2')])).toEqual([fire('1'), clear, fire('2')]);
  });
});

describe('the end of a slot', () => {
  const times: Times = parseCron('*/5 * * * *');
  const id = 'monitoring-disponibilite';
  const noon = Date.parse('2026-11-24T12:00:00Z');
  const end = (scheduled: number, now: number, startedAt = now): string =>
    new Date(slotEnd({ id, scheduledAt: scheduled, startedAt, now, times })).toISOString().slice(11, 19);

  it('is when the next run is due, however late this one begins', () => {
    expect(end(noon, noon + 30)).toBe('12:05:00');
    expect(end(noon, noon + 4 * MINUTE)).toBe('12:05:00');
    // Held back by the run before it: the run of 12:05 may have been dropped.
    expect(end(noon, noon + 5 * MINUTE + 40)).toBe('12:10:00');
    // A worker whose clock is behind.
    expect(end(noon, noon - 200)).toBe('12:05:00');
  });

  it('is before the run timeout, also of an attempt that began late', () => {
    expect(end(noon, noon + 7 * MINUTE, noon)).toBe('12:09:00');
  });

  it('follows another cron', () => {
    const next = (cron: string, after: string) =>
      new Date(nextTime(parseCron(cron), Date.parse(after))).toISOString();
    expect(next('*/7 * * * *', '2026-11-24T12:50:00Z')).toBe('2026-11-24T12:56:00.000Z');
    expect(next('*/7 * * * *', '2026-11-24T12:56:00Z')).toBe('2026-11-24T13:00:00.000Z');
    expect(next('0 6 * * *', '2026-11-24T12:56:00Z')).toBe('2026-11-25T06:00:00.000Z');
  });
});

describe('the state of the run before', () => {
  const state: WatchState = {
    ...EMPTY,
    at: 1_000_000,
    inDoubt: true,
    rules: {
      rules: {
        'AL4/app': { firingSince: 5, firedAt: 6, badSince: 5, recent: [[1, 0]] },
        'AL4/n8n': { badSince: 7 },
      },
      unknown: {
        supabase: { since: 1, told: true, reason: 'auth status 401' },
        vps: { since: 1, reason: 'x' },
      },
    },
    pending: [{ kind: 'clear', rule: 'AL2', target: 'vps', at: '' }],
  };

  it('is taken over whole while it is young', () => {
    expect(carriedOver(state, 1_000_000 + 10 * MINUTE, 10 * MINUTE)).toBe(state);
    expect(carriedOver(undefined, 0, 1)).toEqual(EMPTY);
  });

  it('is too old for what was uncertain, and never for what was told: somebody must say when it is over', () => {
    expect(carriedOver(state, 1_000_001 + 10 * MINUTE, 10 * MINUTE)).toEqual({
      ...EMPTY,
      rules: {
        rules: { 'AL4/app': { firingSince: 5, firedAt: 6, affected: undefined } },
        unknown: { supabase: { since: 1, told: true, reason: 'auth status 401' } },
      },
      pending: state.pending,
      host: undefined,
    });
  });
});

describe('samples', () => {
  it('become rows: availability by target, means with count and sum, nothing of the unknown or of tests', () => {
    expect(
      rowsOf([
        { metric: 'up', target: 'app', at: 1, value: 0, reason: 'refused' },
        { metric: 'api_ms', target: 'app', at: 1, value: 120, count: 1 },
        { metric: 'up', target: 'n8n', at: 1, unknown: 'starting' },
        { metric: 'cpu_percent', target: 'vps', at: 1, value: 99, test: true },
        { metric: 'certificate_days', target: 'app', at: 1, value: 30 },
      ]),
    ).toEqual([
      { metric: 'availability:app', target: 'app', at: 1, value: 0, count: null, sum: null },
      { metric: 'api_ms', target: 'app', at: 1, value: 120, count: 1, sum: 120 },
    ]);
  });

  it('wait in memory while the operations database is away, and the watch waits for nothing', async () => {
    const batches: number[] = [];
    let away = true;
    const total = { stored: 0, lost: 0 };
    const store = createSampleStore(
      {
        query: async (_text, values) => {
          if (away) throw new Error('away');
          batches.push((values?.[0] as string[]).length);
          return [];
        },
      },
      ({ stored, lost }) => {
        total.stored += stored;
        total.lost += lost;
      },
    );
    for (let at = 0; at < 3; at += 1) {
      store.add([{ metric: 'db_ms', target: 'database', at, value: 1 }]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    away = false;
    store.add([{ metric: 'db_ms', target: 'database', at: 3, value: 1 }]);
    await store.flush(1_000);
    expect(batches.reduce((sum, count) => sum + count, 0)).toBe(4);
    expect(total).toEqual({ stored: 4, lost: 0 });
  });
});

it('the report names the slowest and what is uncertain', () => {
  const tally = { ...emptyTally(), looks: 2, ok: 1, bad: 1, times: { app: [10, 500], n8n: [20, 30] } };
  const state: WatchState = { ...EMPTY, rules: { rules: { 'AL4/app': { badSince: 1 } } } };
  expect(
    reportOf(tally, state, { from: 0, until: 60_000 }, { watched: ['app'], notWatched: [] }),
  ).toMatchObject({
    worstP95: { target: 'app', ms: 500 },
    doubts: ['AL4/app'],
    firing: [],
    until: '1970-01-01T00:01:00.000Z',
  });
});
