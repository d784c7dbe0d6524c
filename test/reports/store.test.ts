import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ComposeInput, Composed } from '../../src/reports/activities.ts';
import { createReportActivities } from '../../src/reports/index.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';
import { asRun, dayNumber, daysUpTo, PARIS, TILES, writeFigures } from './support.ts';

const DAY = '2026-10-20';
type Ready = Extract<Composed, { ready: true }>;

describe('a stored report', () => {
  let app: ClonedDatabase;
  let ops: ClonedDatabase;
  beforeAll(async () => {
    [app, ops] = await Promise.all([cloneDatabase('app'), cloneDatabase('ops')]);
  });
  afterAll(() => Promise.all([app.drop(), ops.drop()]));
  beforeEach(async () => {
    await ops.db.query('truncate ops.report_runs');
    await app.db.query('truncate maintenance.statistics');
    await writeFigures(app.db, 'day', daysUpTo(DAY, 40), TILES);
  });

  async function compose(runId: string, input: Partial<ComposeInput> = {}, day = DAY): Promise<Composed> {
    const reports = createReportActivities({
      ...{ app: app.db, ops: ops.db, timeZone: PARIS, render: { locale: 'fr' } },
      updateStatistics: () => Promise.resolve(),
    });
    return asRun(runId, () =>
      reports.composeDailyReport({
        period: { kind: 'daily', number: dayNumber(day), name: day },
        ...{ goesOnWithout: false, intent: 'automatic', dryRun: false },
        ...input,
      }),
    );
  }
  const ready = async (...input: Parameters<typeof compose>) => (await compose(...input)) as Ready;
  const move = (leads: number) => writeFigures(app.db, 'day', daysUpTo(DAY, 1), { leads: () => leads });

  it('is the same for the same figures: same revision, same bytes', async () => {
    const first = await ready('a');
    const second = await ready('b');
    expect(JSON.stringify(second.notice)).toBe(JSON.stringify(first.notice));
    expect(first.notice?.key).toBe(`report/daily/${DAY}/1`);
    expect(await ops.db.query('select revision from ops.report_runs')).toEqual([{ revision: 1 }]);
  });

  it('is stored once by ten runs at the same moment', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, (_, at) => ready(`run-${String(at)}`)));
    expect(new Set(all.map(({ notice }) => JSON.stringify(notice))).size).toBe(1);
  });

  it('has a second revision with what moved, which leaves only when asked for', async () => {
    await ready('a');
    await move(99);
    // By itself the period's first revision is what leaves, whoever sends it.
    expect(await ready('b')).toMatchObject({
      revision: 2,
      mailedRevision: 1,
      notice: { key: `report/daily/${DAY}/1` },
    });
    const asked = await ready('c', { intent: 'asked' });
    expect(asked.notice).toMatchObject({
      key: `report/daily/${DAY}/2`,
      data: { revision: 2, moved: [{ metric: 'leads', before: 13, after: 99 }] },
    });
  });

  it('keeps the revision a run stored, though figures move before it is repeated', async () => {
    const first = await ready('a');
    await move(99);
    expect(await ready('a')).toMatchObject({ revision: 1, notice: first.notice });
  });

  it('of a backfill is kept and not mailed; nor is one older than a report that was', async () => {
    expect(await ready('a', { intent: 'none' })).not.toHaveProperty('notice');
    await ready('b', {}, '2026-10-20');
    expect(await ready('c', {}, '2026-10-19')).not.toHaveProperty('notice');
    expect(await ready('d', { intent: 'asked' }, '2026-10-19')).toHaveProperty('notice');
    // A backfill that came first does not keep the day's own report from leaving.
    expect(await ready('e', {}, '2026-10-20')).toHaveProperty('notice.key', 'report/daily/2026-10-20/1');
  });

  it('waits for figures computed before midnight, and says so when they do not come', async () => {
    const [day] = daysUpTo(DAY, 1);
    await writeFigures(app.db, 'day', daysUpTo(DAY, 1), TILES, day?.from);
    expect(await compose('a')).toEqual({ ready: false });
    expect(await ready('a', { goesOnWithout: true })).toMatchObject({
      late: true,
      notice: { data: { late: true } },
    });
  });

  it('changes nothing in a dry run', async () => {
    expect(await ready('a', { dryRun: true })).not.toHaveProperty('revision');
    expect(await ops.db.query('select from ops.report_runs')).toEqual([]);
  });

  it('holds ids of leads and never who they are', async () => {
    const [{ day } = { day: '' }] = await app.db.query<{ day: string }>(
      `select (created_at at time zone 'Europe/Paris')::date::text as day from saas.leads where account_id is null
        order by created_at desc limit 1`,
    );
    await writeFigures(app.db, 'day', daysUpTo(day, 40), TILES);
    const { notice } = await ready('a', {}, day);
    const people = await app.db.query<{ id: string; name: string; phone: string | null }>(
      `select lead_id as id, name, phone from saas.leads
        where account_id is null and (created_at at time zone 'Europe/Paris')::date = $1`,
      [day],
    );
    const text = JSON.stringify(notice) + JSON.stringify(await ops.db.query('select * from ops.report_runs'));
    expect(people.length).toBeGreaterThan(0);
    for (const { id, name, phone } of people) {
      expect(text).toContain(id);
      expect(text).not.toContain(name);
      if (phone) expect(text).not.toContain(phone);
    }
  });
});
