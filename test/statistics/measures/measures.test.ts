/** Measured figures on real databases, against what was worked out by hand or counted from the raw readings. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createOwnSources } from '../../../src/cleanup/own-tables.ts';
import { updateMeasured } from '../../../src/statistics/measures/update.ts';
import { asRole, cloneDatabase, type ClonedDatabase } from '../../support/postgres.ts';
import { randoms } from '../../support/randoms.ts';

/** The Sunday of 23 hours in Paris: 27 March 23:00 UTC to 28 March 22:00 UTC. */
const AT = new Date('2027-03-28T15:30:00Z');
const [DAY, WEEK, MONTH] = ['2027-03-27T23:00:00Z', '2027-03-21T23:00:00Z', '2027-02-28T23:00:00Z'];

interface Figure {
  value: number | null;
  numerator: number | null;
  denominator: number | null;
  unit: string;
  source: string | null;
}

const clones: ClonedDatabase[] = [];
let app: ClonedDatabase;
let ops: ClonedDatabase;
beforeEach(async () => {
  [app, ops] = await Promise.all([cloneDatabase('app'), cloneDatabase('ops')]);
  clones.push(app, ops);
  await app.db.query('truncate public.api_request_logs, public.page_loads');
}, 30_000);
afterAll(() => Promise.all(clones.map((clone) => clone.drop())));

const update = (at: Date = AT, period?: string) =>
  updateMeasured({
    ...{ app: app.db, ops: ops.db, at, timeZone: 'Europe/Paris', beat: () => undefined },
    ...(period === undefined ? {} : { period }),
  });

async function figure(metric: string, kind: string, start: string): Promise<Figure | undefined> {
  const [row] = await app.db.query<Figure>(
    `select value::float8 as value, numerator::float8 as numerator, denominator::float8 as denominator, unit, source
       from maintenance.statistics where metric = $1 and period_kind = $2 and period_start = $3`,
    [metric, kind, start],
  );
  return row;
}

/** `['10:00:20', 40]`: readings of one target on the day. */
const read = (metric: string, target: string, readings: [string, number][], count: number | null = null) =>
  ops.db.query(
    `insert into ops.samples (metric, target, at, value, count, sum)
     select $1, $2, at, value, $5::bigint, case when $5 = 1 then value end from unnest($3::timestamptz[], $4::float8[]) as given(at, value)`,
    [
      metric,
      target,
      readings.map(([time]) => (time.includes('T') ? time : `2027-03-28T${time}Z`)),
      readings.map(([, value]) => value),
      count,
    ],
  );

const everything = () =>
  app.db.query(
    'select metric, period_kind, period_start, value, numerator, denominator, source from maintenance.statistics order by 1, 2, 3',
  );

describe('gauges', () => {
  beforeEach(async () => {
    await read('cpu_percent', 'vps', [
      ['10:00:00', 20],
      ['10:01:00', 40],
      ['10:04:00', 100],
      // Nothing for 86 minutes.
      ['11:30:00', 50],
      ['11:31:00', 50],
    ]);
    await read('ram_percent', 'vps', [
      ['08:59:00', 10],
      ['09:01:00', 90],
    ]);
    await read('disk_percent', 'vps:/', [
      ['10:10:00', 70],
      ['10:50:00', 72],
    ]);
    await read('disk_percent', 'vps:/data', [
      ['10:10:00', 80],
      ['10:50:00', 60],
    ]);
    await read(
      'bandwidth_bytes',
      'vps',
      [
        ['10:01:00', 1000],
        ['10:02:00', 2000],
        ['11:31:00', 500],
      ],
      1,
    );
    await read('availability:app', 'app', [
      ['10:00:00', 1],
      ['10:00:20', 1],
      ['10:00:40', 0],
      ['10:01:00', 0],
      ['10:01:20', 1],
    ]);
  });

  it('weigh each reading by the time since the one before, in sums and never in means of means', async () => {
    await update();
    // 60 s at 40 and 180 s at 100.
    expect(await figure('cpu_percent', 'hour', '2027-03-28T10:00:00Z')).toEqual({
      ...{ value: 85, numerator: 20_400, denominator: 240, unit: 'percent', source: 'monitoring' },
    });
    // And 60 s at 50; the mean of both hours would be 67.5.
    for (const [kind, start] of [
      ['day', DAY],
      ['week', WEEK],
      ['month', MONTH],
    ] as const)
      expect(await figure('cpu_percent', kind, start), kind).toMatchObject({ value: 78, denominator: 300 });
  });

  it('cut a reading at the hour', async () => {
    await update();
    for (const hour of ['08', '09'])
      expect(await figure('ram_percent', 'hour', `2027-03-28T${hour}:00:00Z`)).toMatchObject({
        ...{ value: 90, denominator: 60 },
      });
  });

  it('call a gap a gap: an hour without a reading has no value, and no time', async () => {
    await update();
    expect(await figure('cpu_percent', 'hour', '2027-03-28T11:00:00Z')).toMatchObject({
      ...{ value: 50, denominator: 60 },
    });
    for (const metric of ['cpu_percent', 'disk_percent', 'bandwidth_bytes', 'availability:app'])
      expect(await figure(metric, 'hour', '2027-03-28T12:00:00Z'), metric).toMatchObject({
        ...{ value: null, numerator: null, denominator: null },
      });
  });

  it('take the fullest disk at the end, what came over the line, and the share of time that was up', async () => {
    await update();
    for (const [kind, start] of [
      ['hour', '2027-03-28T10:00:00Z'],
      ['day', DAY],
    ] as const)
      expect((await figure('disk_percent', kind, start))?.value, kind).toBe(72);
    expect(await figure('bandwidth_bytes', 'hour', '2027-03-28T10:00:00Z')).toMatchObject({ value: 3000 });
    expect(await figure('bandwidth_bytes', 'day', DAY)).toMatchObject({ value: 3500, unit: 'bytes' });
    expect(await figure('availability:app', 'day', DAY)).toMatchObject({
      ...{ value: 0.5, numerator: 40, denominator: 80, unit: 'ratio' },
    });
  });

  it('are the same after another run, and after samples have become hourly', async () => {
    await update();
    const before = await everything();
    expect(before.length).toBeGreaterThan(6_000);
    await update();
    expect(await everything()).toEqual(before);
    const later = new Date(AT.getTime() + 40 * 86_400_000);
    const [rollUp] = createOwnSources(ops.db);
    const signal = new AbortController().signal;
    const removed = await rollUp?.remove({
      ...{ at: later, signal, progress: () => undefined, deadline: new Date(Date.now() + 60_000) },
    });
    expect(removed?.count).toBeGreaterThan(0);
    await update(later, '2027-03-28');
    const day = { cpu_percent: 78, disk_percent: 72, bandwidth_bytes: 3500, 'availability:app': 0.5 };
    for (const [metric, value] of Object.entries(day))
      expect(await figure(metric, 'day', DAY), metric).toMatchObject({ value });
  });

  it('go on from where the last run ended, however long ago; an hour that is made up for adds nothing', async () => {
    await update(new Date('2027-03-25T10:00:00Z'));
    await update();
    expect(await figure('cpu_percent', 'hour', '2027-03-28T10:00:00Z')).toMatchObject({ value: 85 });
    expect(await figure('cpu_percent', 'hour', '2027-03-26T10:00:00Z')).toMatchObject({ value: null });
    const before = await everything();
    expect(await update(new Date('2027-03-27T10:00:00Z'))).toMatchObject({ outdated: true, figures: 0 });
    expect(await everything()).toEqual(before);
  });
});

describe('durations', () => {
  const calls = (hour: string, ms: number[]) =>
    app.db.query(
      `insert into public.api_request_logs (at, method, path, status, ms)
       select $1::timestamptz + make_interval(secs => n), 'GET', '/', 200, ms from unnest($2::int[]) with ordinality as given(ms, n)`,
      [hour, ms],
    );
  const nearest = (values: number[], share: number): number =>
    [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] as number;
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

  it('have the mean and percentile of all calls of a period, not of its hours', async () => {
    const random = randoms(7);
    const fast = Array.from({ length: 3000 }, () => 20 + Math.floor(random() * 60));
    const slow = Array.from({ length: 200 }, () => 500 + Math.floor(random() * 9000));
    await calls('2027-03-28T09:00:00Z', fast);
    await calls('2027-03-28T10:00:00Z', slow);
    await update();
    const all = [...fast, ...slow];
    expect((await figure('api_ms_mean', 'day', DAY))?.value).toBeCloseTo(mean(all), 6);
    for (const [kind, start, values] of [
      ['hour', '2027-03-28T09:00:00Z', fast],
      ['hour', '2027-03-28T10:00:00Z', slow],
      ['day', DAY, all],
      ['month', MONTH, all],
    ] as const) {
      const found = await figure('api_ms_p95', kind, start);
      expect(found, kind).toMatchObject({
        denominator: values.length,
        source: 'application',
        unit: 'ms',
      });
      expect(Math.abs((found?.value ?? 0) / nearest([...values], 0.95) - 1), kind).toBeLessThanOrEqual(
        0.0101,
      );
    }
  });

  it('come from our own probes where the application tells nothing, and say so', async () => {
    await read(
      'api_ms',
      'app',
      [
        ...Array.from({ length: 19 }, (_, n) => [`10:00:${String(n + 10)}`, 100] as [string, number]),
        ['10:01:00', 1000],
      ],
      1,
    );
    await update();
    expect(await figure('api_ms_mean', 'hour', '2027-03-28T10:00:00Z')).toEqual({
      ...{ value: 145, numerator: 2900, denominator: 20, unit: 'ms', source: 'probe' },
    });
    expect(
      Math.abs(((await figure('api_ms_p95', 'hour', '2027-03-28T10:00:00Z'))?.value ?? 0) - 100),
    ).toBeLessThan(1);
    expect(await figure('api_ms_mean', 'hour', '2027-03-28T11:00:00Z')).toMatchObject({
      ...{ value: null, source: null },
    });
    await calls('2027-03-28T12:00:00Z', [30]);
    await update();
    expect(await figure('api_ms_mean', 'day', DAY)).toMatchObject({ value: 30, source: 'application' });
  });

  it('of pages are those of 28 days, from browsers before our own fetch', async () => {
    await read('page_load_ms', 'app', [['10:00:00', 900]], 1);
    await update();
    expect(await figure('page_load_ms_p75', 'day', DAY)).toMatchObject({ denominator: 1, source: 'fetch' });
    const load = (at: string, ms: number) =>
      app.db.query(
        `insert into public.page_loads (at, path, device, lcp_ms) values ($1, '/', 'mobile', $2)`,
        [at, ms],
      );
    // The first instant of 1 March in Paris is the 28th day back; one second before is too old.
    await load('2027-02-28T22:59:59Z', 9000);
    for (const ms of [1000, 2000, 3000, 4000]) await load('2027-02-28T23:00:00Z', ms);
    await update(AT, '2027-02-20/2027-03-29');
    const found = await figure('page_load_ms_p75', 'day', DAY);
    expect(found).toMatchObject({ denominator: 4, source: 'application' });
    expect(Math.abs((found?.value ?? 0) / 3000 - 1)).toBeLessThan(0.0101);
    expect(await figure('page_load_ms_p75', 'hour', '2027-03-28T10:00:00Z')).toMatchObject({ value: null });
  });

  it('are all that talos_app may compute', async () => {
    await calls('2027-03-28T09:00:00Z', [40, 50]);
    await asRole(app.db, 'talos_app', async (tx) => {
      const written = await updateMeasured({
        ...{ app: tx, ops: ops.db, at: AT, timeZone: 'Europe/Paris', beat: () => undefined },
      });
      expect(written.known).toBeGreaterThan(0);
    });
  });
});
