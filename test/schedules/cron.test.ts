import { afterAll, describe, expect, test } from 'vitest';
import { formatCron, parseCron } from '../../src/schedules/cron.ts';
import { settingsOf } from '../../src/schedules/schedule.ts';
import { useNamespace } from './namespace.ts';

const READABLE = [
  ['*/5 * * * *', '*/5 * * * *'],
  ['0-59/5 * * * *', '*/5 * * * *'],
  ['0 3 * * *', '0 3 * * *'],
  ['00  03 * * *', '0 3 * * *'],
  ['0 0 * * 7', '0 0 * * 0'],
  ['0 0 * * 5-7', '0 0 * * 0,5-6'],
  ['0 0 * * SUN', '0 0 * * 0'],
  ['0 9 * jan-MAR MON', '0 9 * 1-3 1'],
  ['5/15 * * * *', '5,20,35,50 * * * *'],
  ['0 0 1,15 * *', '0 0 1,15 * *'],
  ['*/7 3-5 * * *', '*/7 3-5 * * *'],
  ['10-20/3 * * * *', '10,13,16,19 * * * *'],
  ['0 4 1-7 * 0', '0 4 1-7 * 0'],
] as const;

describe('a cron', () => {
  test.each(READABLE)('%s is %s', (cron, canonical) => {
    expect(formatCron(parseCron(cron))).toBe(canonical);
    expect(formatCron(parseCron(canonical))).toBe(canonical);
  });

  test.each([
    ['0 3 * *', /five fields/],
    ['0 0 3 * * *', /five fields/],
    ['60 * * * *', /'60' is not a minute \(0 to 59\)/],
    ['0 3 0 * *', /'0' is not a day of month/],
    ['0 3 ? * *', /'\?' is not a day of month/],
    ['0 5-3 * * *', /'5-3' is not a hour/],
    ['*/0 * * * *', /'\*\/0' is not a minute/],
    ['*-5 * * * *', /'\*-5' is not a minute/],
    ['0 3 * * LUN', /'LUN' is not a day of week/],
    ['1,,2 * * * *', /is not a minute/],
  ])('%s is refused', (cron, message) => {
    expect(() => parseCron(cron)).toThrow(message);
  });
});

describe('Temporal', () => {
  const given = useNamespace();
  const ids: string[] = [];
  afterAll(() => Promise.all(ids.map((id) => given.client.schedule.getHandle(id).delete())));

  test.each(READABLE)('understands %s as we do, and keeps its comment', async (cron, canonical) => {
    const scheduleId = `cron-${ids.length}`;
    ids.push(scheduleId);
    const handle = await given.client.schedule.create({
      scheduleId,
      spec: { cronExpressions: [`${cron} # ${cron}`], timezone: 'Europe/Paris' },
      action: { type: 'startWorkflow', workflowType: 'nothing', taskQueue: 'none' },
      state: { paused: true },
    });
    const { spec, raw } = await handle.describe();
    expect(settingsOf(raw.schedule ?? {})['cron']).toBe(canonical);
    expect(spec.calendars?.[0]?.comment).toBe(cron);
  });
});
