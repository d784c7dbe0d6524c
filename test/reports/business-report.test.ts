import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { listBackups } from '../../src/backup/index.ts';
import { BUSINESS_REPORTS, type ReportArchive } from '../../src/reports/business-report.ts';
import { createReportActivities } from '../../src/reports/index.ts';
import { periodAt } from '../../src/reports/period.ts';
import type { BusinessReport } from '../../src/reports/result.ts';
import { periodOf } from '../../src/shared/calendar.ts';
import { openSealed } from '../../src/vault/index.ts';
import { startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { asRun, dayNumber, PARIS, writeFigures } from './support.ts';

const FIRST = '2026-11-01T07:00:00Z';

describe("the month's business report", () => {
  let maintenance: Maintenance;
  beforeAll(async () => (maintenance = await startMaintenance()));
  afterAll(() => maintenance.close());
  beforeEach(async () => {
    const { app, ops, store } = maintenance;
    await ops.db.query('truncate ops.report_runs');
    await app.db.query('truncate maintenance.statistics');
    for (const key of await keys()) await store.remove(key);
    await figures(12);
  });

  const keys = async (): Promise<string[]> => (await maintenance.bucket()).keys.sort();
  const figures = (customers: number, computedAt?: Date) => {
    const month = periodOf('monthly', dayNumber('2026-10-15'));
    const months = Array.from({ length: 30 }, (_, at) => periodAt('monthly', month - 29 + at, PARIS));
    return writeFigures(
      maintenance.app.db,
      'month',
      months,
      {
        ...{ mrr: (at) => 5_000_000 + at * 1_000, customers: () => 100, customers_new: () => customers },
        ...{ customers_churned: () => 1, revenue_net: () => 700_000, ltv: () => 90_000 },
      },
      computedAt,
    );
  };
  const archive = (more: Partial<ReportArchive> = {}): ReportArchive => ({
    ...{ store: maintenance.store, recipients: [maintenance.key.recipient] },
    ...{ zstd: inject('tools').zstd, months: 12, ...more },
  });
  const activities = (given: ReportArchive | undefined = archive()) =>
    createReportActivities({
      ...{ app: maintenance.app.db, ops: maintenance.ops.db, timeZone: PARIS },
      render: { locale: 'fr', timeZone: PARIS },
      archive: () => Promise.resolve(given),
      updateStatistics: () => Promise.resolve(),
    });
  const store = (runId: string, at = FIRST, given?: ReportArchive): Promise<BusinessReport | undefined> =>
    asRun(runId, () => activities(given).storeBusinessReport({ at }));
  const open = async (key: string): Promise<string> => {
    const { stage, read } = await openSealed(
      {
        ...{ store: maintenance.store, key, zstd: inject('tools').zstd },
        identities: [maintenance.key.identity],
      },
      'pipe',
    );
    const [content] = await Promise.all([
      text(stage.child.stdout as NodeJS.ReadableStream),
      read,
      stage.done,
    ]);
    return content;
  };
  const of = (month: string) =>
    ['report.html.zst.age', 'report.json.zst.age'].map((name) => `${BUSINESS_REPORTS}${month}/${name}`);

  it('is a page and its figures, sealed for the key of the backups, under keys of the month', async () => {
    expect(await store('a')).toEqual({ is: 'stored', period: '2026-10', objects: of('2026-10') });
    expect(await keys()).toEqual(of('2026-10'));
    const [page = '', data = ''] = await Promise.all(of('2026-10').map(open));
    expect(page.includes('Octobre 2026')).toBe(true);
    expect(page.match(/src="data:image\/png;base64,/g)).toHaveLength(2);
    expect(page.includes('cid:')).toBe(false);
    expect(page.includes('900,00\u00A0€')).toBe(true);
    expect(page.includes('Indicateurs du mois')).toBe(true);
    const parsed = JSON.parse(data) as { format: number; kind: string; figures: { metric: string }[] };
    expect(parsed).toMatchObject({ format: 1, kind: 'monthly', period: '2026-10', revision: 1 });
    expect(parsed.figures).toContainEqual(expect.objectContaining({ metric: 'customers_new', value: 12 }));
    expect(await listBackups(maintenance.store)).toEqual([]);
  });

  it('is stored once, and not made again when its figures move later', async () => {
    await store('a');
    await figures(99);
    expect(await store('b')).toBeUndefined();
    expect(await store('c', '2026-11-17T07:00:00Z')).toBeUndefined();
    expect(JSON.parse(await open(of('2026-10')[1] ?? ''))).toMatchObject({ revision: 1 });
  });

  it('has the same contents whoever writes it: interrupted half-way with other figures since, five at once', async () => {
    await store('a');
    const before = await Promise.all(of('2026-10').map(open));
    await maintenance.store.remove(of('2026-10')[1] ?? '');
    await figures(99);
    await Promise.all(Array.from({ length: 5 }, (_, at) => store(`run-${String(at)}`)));
    expect(await Promise.all(of('2026-10').map(open))).toEqual(before);
  });

  it('waits for figures computed after the month; a later run of the month stores it', async () => {
    await figures(12, new Date('2026-10-31T12:00:00Z'));
    expect(await store('a')).toEqual({ is: 'waiting', period: '2026-10' });
    expect(await keys()).toEqual([]);
    await figures(12);
    expect(await store('b', '2026-11-02T07:00:00Z')).toMatchObject({ is: 'stored', period: '2026-10' });
  });

  it('stays as long as so many newer ones are not there; what is not ours stays for ever', async () => {
    const foreign = `${BUSINESS_REPORTS}2020-01/notes.txt`;
    await maintenance.store.put(foreign, 'x', 'text/plain');
    const year = Array.from({ length: 5 }, (_, at) =>
      periodAt('monthly', periodOf('monthly', dayNumber('2025-09-15')) + at, PARIS),
    );
    for (const { to } of year)
      await store(
        `at-${to.toISOString()}`,
        new Date(to.getTime() + 8 * 3_600_000).toISOString(),
        archive({ months: 3 }),
      );
    expect(await keys()).toEqual([foreign, ...year.slice(2).flatMap(({ name }) => of(name))].sort());
    // A backfill of a month that would go at once makes nothing.
    expect(await store('old', '2025-10-01T07:00:00Z', archive({ months: 3 }))).toBeUndefined();
  });

  it('is left out where there is no bucket, and fails where the bucket refuses', async () => {
    expect(
      await asRun('a', () =>
        createReportActivities({
          ...{ app: maintenance.app.db, ops: maintenance.ops.db, timeZone: PARIS, render: { locale: 'fr' } },
          updateStatistics: () => Promise.resolve(),
        }).storeBusinessReport({ at: FIRST }),
      ),
    ).toBeUndefined();
    const refusing = { ...maintenance.store, beginUpload: () => Promise.reject(new Error('no')) };
    await expect(store('b', FIRST, archive({ store: refusing }))).rejects.toThrow('no');
  });
});
