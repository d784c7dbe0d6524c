import { beforeAll, describe, expect, test } from 'vitest';
import { applySchedules } from '../../src/schedules/apply.ts';
import { useNamespace } from './namespace.ts';
import { testRow } from './rows.ts';

const given = useNamespace();
const SPRING = '2027-03-28';
const AUTUMN = '2027-10-31';

/** The instants at which Temporal would run the schedule, from the day's midnight to the next in Paris. */
async function runsOn(scheduleId: string, day: string): Promise<string[]> {
  const [from, to] = day === SPRING ? ['+01:00', '+02:00'] : ['+02:00', '+01:00'];
  const seconds = (instant: string, less = 0) => ({ seconds: (Date.parse(instant) / 1000 - less) as never });
  const { startTime } = await given.client.workflowService.listScheduleMatchingTimes({
    namespace: given.namespace,
    scheduleId,
    // The start is exclusive, the end inclusive.
    startTime: seconds(`${day}T00:00:00${from}`, 1),
    endTime: seconds(`${day}T23:59:59${to}`),
  });
  return startTime.map(({ seconds: at }) => new Date(Number(at) * 1000).toISOString().slice(11, 16));
}

beforeAll(async () => {
  const rows = [
    testRow({ scheduleId: 'nightly' }),
    testRow({ scheduleId: 'morning', cron: '0 8 * * *' }),
    testRow({ scheduleId: 'hourly', cron: '0 * * * *', timeZone: 'UTC' }),
    testRow({ scheduleId: 'watch', cron: '*/5 * * * *', timeZone: 'UTC' }),
    testRow({ scheduleId: 'hourly-in-paris', cron: '0 * * * *' }),
  ];
  await applySchedules({ client: given.client, rows });
});

describe('spring, 2027-03-28: 02:00 to 03:00 does not exist in Paris', () => {
  test('a row at 02:00 runs once, at 03:00 (01:00 UTC)', async () => {
    expect(await runsOn('nightly', SPRING)).toEqual(['01:00']);
  });

  test('on the autumn day, when 02:00 comes twice, it runs once: at the second (01:00 UTC)', async () => {
    expect(await runsOn('nightly', AUTUMN)).toEqual(['01:00']);
  });

  test('a row at 08:00 keeps Paris time', async () => {
    expect(await runsOn('morning', SPRING)).toEqual(['06:00']);
    expect(await runsOn('morning', AUTUMN)).toEqual(['07:00']);
  });
});

describe('hourly and faster rows in UTC', () => {
  test('miss none of the 23 hours in spring', async () => {
    expect(await runsOn('hourly', SPRING)).toHaveLength(23);
    expect(await runsOn('watch', SPRING)).toHaveLength(23 * 12);
  });

  test('miss none of the 25 hours in autumn', async () => {
    expect(await runsOn('hourly', AUTUMN)).toHaveLength(25);
    expect(await runsOn('watch', AUTUMN)).toHaveLength(25 * 12);
  });

  test('in Paris they would lose a real hour: why the table has them in UTC', async () => {
    expect(await runsOn('hourly-in-paris', AUTUMN)).toHaveLength(24);
  });
});
