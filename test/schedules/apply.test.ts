import type { ScheduleUpdateOptions } from '@temporalio/client';
import { afterEach, expect, test } from 'vitest';
import { applySchedules } from '../../src/schedules/apply.ts';
import { diffSchedules } from '../../src/schedules/diff.ts';
import { listSchedules } from '../../src/schedules/list.ts';
import { SEARCH_ATTRIBUTES, ensureSearchAttributes } from '../../src/schedules/search-attributes.ts';
import { INTERNAL_SCHEDULES, SCHEDULES, type ScheduleRow } from '../../src/schedules/table.ts';
import { waitFor } from '../support/wait.ts';
import { useNamespace } from './namespace.ts';
import { testRow } from './rows.ts';

const given = useNamespace();
const handle = (id = 'test-nightly') => given.client.schedule.getHandle(id);
const apply = (rows: ScheduleRow[] = [testRow()]) => applySchedules({ client: given.client, rows });
const diff = async (rows: ScheduleRow[] = [testRow()]) => diffSchedules({ client: given.client, rows });
const done = async (rows?: ScheduleRow[]) => (await apply(rows)).map((report) => report.done);

/** What an operator does with the Web UI or the `temporal` CLI. */
const editByHand = (change: (options: ScheduleUpdateOptions) => ScheduleUpdateOptions) =>
  handle().update((current) => change(current as ScheduleUpdateOptions));

afterEach(() =>
  handle()
    .delete()
    .catch(() => undefined),
);

test('creates what is missing; a second apply changes nothing', async () => {
  expect(await diff()).toMatchObject([{ status: 'missing', drift: true }]);
  expect(await done()).toEqual(['created']);
  const { info, raw } = await handle().describe();
  expect(await done()).toEqual(['none']);
  expect(await diff()).toMatchObject([{ status: 'in step', drift: false, differences: [] }]);
  const after = await handle().describe();
  expect(after.info.lastUpdatedAt).toEqual(info.lastUpdatedAt);
  expect(after.raw.conflictToken).toEqual(raw.conflictToken);
});

test('registers all that a row says', async () => {
  await apply([testRow({ overlap: 'BUFFER_ONE', pauseOnFailure: true })]);
  const { spec, action, policies, state } = await handle().describe();
  expect(spec.timezone).toBe('Europe/Paris');
  expect(spec.calendars?.map(({ comment }) => comment)).toEqual(['0 2 * * *', '0 3 25-31 3 0']);
  expect(policies).toEqual({ overlap: 'BUFFER_ONE', catchupWindow: 43_200_000, pauseOnFailure: true });
  expect(state).toMatchObject({ paused: false, note: 'A row of the tests' });
  expect(action).toMatchObject({
    workflowId: 'test-nightly',
    workflowType: 'nothing',
    taskQueue: 'maintenance',
    args: [],
    workflowRunTimeout: 3_600_000,
    staticSummary: 'A row of the tests',
  });
});

test('keeps an operator’s pause and note while it mends the rest', async () => {
  await apply();
  await handle().pause('The VPS moves on Monday (Anne)');
  expect(await done()).toEqual(['none']);
  expect(await done([testRow({ cron: '0 5 * * *' })])).toEqual(['updated']);
  const { state, spec } = await handle().describe();
  expect(state).toMatchObject({ paused: true, note: 'The VPS moves on Monday (Anne)' });
  expect(spec.calendars?.map(({ comment }) => comment)).toEqual(['0 5 * * *']);
});

test.each([
  [
    'cron',
    'another hour',
    { spec: { cronExpressions: ['0 4 * * * # 0 2 * * *'], timezone: 'Europe/Paris' } },
  ],
  [
    'cron',
    'a calendar with our comment',
    { spec: { calendars: [{ hour: 2, minute: 1, comment: '0 2 * * *' }], timezone: 'Europe/Paris' } },
  ],
  [
    'cron',
    'a jitter',
    { spec: { cronExpressions: ['0 2 * * *'], jitter: '10 s', timezone: 'Europe/Paris' } },
  ],
  ['time zone', 'UTC', { spec: { cronExpressions: ['0 2 * * *', '0 3 25-31 3 0'], timezone: 'UTC' } }],
  ['overlap', 'another', { policies: { overlap: 'ALLOW_ALL', catchupWindow: '12 hours' } }],
  ['catch-up window', 'a year', { policies: { overlap: 'SKIP' } }],
  [
    'arguments',
    'a dry run for ever',
    {
      action: {
        type: 'startWorkflow',
        workflowType: 'nothing',
        taskQueue: 'maintenance',
        args: [{ dryRun: true }],
      },
    },
  ],
] as const)('shows and mends a hand-changed %s (%s)', async (setting, _, change) => {
  await apply();
  await editByHand((current) => ({ ...current, ...(change as object) }));
  const [found] = await diff();
  expect(found).toMatchObject({ status: 'differs', drift: true });
  expect(found?.differences.map((difference) => difference.setting)).toContain(setting);
  expect(await done()).toEqual(['updated']);
  expect(await diff()).toMatchObject([{ status: 'in step' }]);
});

test('takes the same times in another spelling for the same', async () => {
  const row = testRow({ cron: '*/15 8-9 * * 1-5', timeZone: 'UTC' });
  await apply([row]);
  const calendars = [
    {
      minute: [0, 15, 30, 45],
      hour: [8, 9],
      dayOfWeek: [{ start: 'MONDAY' as const, end: 'FRIDAY' as const }],
    },
  ];
  await editByHand((current) => ({ ...current, spec: { calendars, timezone: 'UTC' } }));
  expect(await diff([row])).toMatchObject([{ status: 'in step' }]);
});

test('two applies at once create one schedule, and agree', async () => {
  const rows = [testRow()];
  const reports = await Promise.all(Array.from({ length: 4 }, () => done(rows)));
  expect(reports.flat().filter((report) => report === 'created')).toHaveLength(1);
  await handle().pause('by hand');
  const changed = [testRow({ overlap: 'BUFFER_ONE' })];
  await Promise.all(Array.from({ length: 4 }, () => apply(changed)));
  expect(await diff(changed)).toMatchObject([{ status: 'in step' }]);
  expect((await handle().describe()).state).toMatchObject({ paused: true, note: 'by hand' });
});

test('a pause made between an apply’s look and its update is not undone', async () => {
  await apply();
  const { workflowService } = given.client;
  const service = new Proxy(workflowService, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (name !== 'updateSchedule') return value;
      return async (request: never) => {
        if (!(await handle().describe()).state.paused) await handle().pause('at the worst moment');
        return target.updateSchedule(request);
      };
    },
  });
  const client = new Proxy(given.client, {
    get: (target, name) =>
      name === 'workflowService' ? service : (Reflect.get(target, name, target) as unknown),
  });
  const rows = [testRow({ cron: '0 6 * * *' })];
  expect((await applySchedules({ client, rows }))[0]?.done).toBe('updated');
  expect((await handle().describe()).state).toMatchObject({ paused: true, note: 'at the worst moment' });
  expect(await diff(rows)).toMatchObject([{ status: 'in step' }]);
});

test('reports strays of our task queue, and deletes none', async () => {
  const create = (scheduleId: string, taskQueue: string) =>
    given.client.schedule.create({
      scheduleId,
      spec: {},
      action: { type: 'startWorkflow', workflowType: 'nothing', taskQueue },
    });
  await Promise.all([
    create('left-behind', 'maintenance'),
    create('talos-guard', 'maintenance'),
    create('of-another-program', 'other'),
  ]);
  await waitFor(async () => (await apply()).some(({ scheduleId }) => scheduleId === 'left-behind'), {
    timeoutMs: 10_000,
    what: 'the stray in the list',
  });
  expect((await apply()).map(({ scheduleId, status }) => `${scheduleId} ${status}`)).toEqual([
    'test-nightly in step',
    'left-behind stray',
  ]);
  for (const id of ['left-behind', 'talos-guard', 'of-another-program']) {
    await handle(id).describe();
    await handle(id).delete();
  }
});

test('our own schedule is applied, mended and paused like the others, and marked as internal', async () => {
  const client = given.client;
  const guard = <Report extends { scheduleId: string }>(reports: Report[]) =>
    reports.find(({ scheduleId }) => scheduleId === 'talos-guard');
  const list = () => listSchedules({ client, modeOf: () => Promise.resolve('armed') });
  expect(guard(await diffSchedules({ client }))).toMatchObject({ status: 'missing', internal: true });
  expect(guard(await applySchedules({ client }))).toMatchObject({ done: 'created' });
  expect(guard(await applySchedules({ client }))).toMatchObject({ done: 'none', status: 'in step' });
  const listed = await list();
  expect(listed.filter(({ internal }) => internal)).toHaveLength(1);
  expect(listed.at(-1)).toMatchObject({
    ...{ scheduleId: 'talos-guard', cron: '* * * * *', timeZone: 'UTC', state: 'active' },
    remarks: ['internal: watches over the jobs above, and is none of them'],
  });

  await handle('talos-guard').pause('Quiet while the VPS moves (Anne)');
  await handle('talos-guard').update((current) => ({ ...current, spec: { intervals: [{ every: '1h' }] } }));
  expect(guard(await applySchedules({ client }))).toMatchObject({ done: 'updated' });
  const { state, spec, action } = await handle('talos-guard').describe();
  expect(state).toMatchObject({ paused: true, note: 'Quiet while the VPS moves (Anne)' });
  expect(spec.calendars?.map(({ comment }) => comment)).toEqual(['* * * * *']);
  expect(action).toMatchObject({ workflowType: 'guardMaintenance', workflowRunTimeout: 120_000 });
  expect((await list()).at(-1)).toMatchObject({ state: 'paused' });
  for (const { scheduleId } of [...SCHEDULES, ...INTERNAL_SCHEDULES]) await handle(scheduleId).delete();
});

test('does not register a job that is off, and says so', async () => {
  const jobs = [{ scheduleId: 'test-nightly', missing: ['BACKUP_BUCKET'] }];
  const reports = await applySchedules({ client: given.client, rows: [testRow()], jobs });
  expect(reports).toMatchObject([
    { scheduleId: 'test-nightly', status: 'off', missing: ['BACKUP_BUCKET'], done: 'none', drift: false },
  ]);
  await expect(handle().describe()).rejects.toThrow('not found');
});

test('a job that is turned off stays registered: drift, until somebody pauses it', async () => {
  await apply();
  const settings = {
    client: given.client,
    rows: [testRow()],
    jobs: [{ scheduleId: 'test-nightly', missing: ['X'] }],
  };
  expect(await applySchedules(settings)).toMatchObject([{ status: 'off', done: 'none', drift: true }]);
  await handle().pause('off for now');
  expect(await diffSchedules(settings)).toMatchObject([{ status: 'off', drift: false }]);
});

test('adds the search attributes that are missing', async () => {
  await apply();
  const { customAttributes } = await given.client.connection.operatorService.listSearchAttributes({
    namespace: given.namespace,
  });
  expect(customAttributes).toMatchObject(SEARCH_ATTRIBUTES);
  expect(await ensureSearchAttributes(given.client)).toEqual([]);
});
