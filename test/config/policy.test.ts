import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';
import { MINIMUM, errorOf, folderWith } from './support.ts';

const load = async (yaml: string) =>
  loadConfig({ environment: MINIMUM, cwd: await folderWith({ 'maintenance.yaml': yaml }) });
const mistakesOf = async (yaml: string) => (await errorOf(load(yaml))).mistakes;

test('without a file the defaults are the specification’s', async () => {
  const { policy } = await loadConfig({ environment: MINIMUM, cwd: await folderWith() });
  expect(policy).toMatchObject({
    locale: 'fr',
    timeZone: 'Europe/Paris',
    crons: {},
    backup: { retention: { daily: 7, weekly: 4, monthly: 12 }, prove: true, compressionLevel: 3 },
    alerts: {
      AL1: { level: 'critical', abovePercent: 90, forMinutes: 5 },
      AL2: { level: 'critical', abovePercent: 90 },
      AL3: { level: 'critical', abovePercent: 85 },
      AL4: { level: 'critical', forMinutes: 1 },
      AL5: { level: 'critical', abovePercent: 80 },
      AL6: { level: 'critical', aboveSeconds: 5 },
      AL7: { level: 'critical', abovePerMinute: 50 },
      AL8: { level: 'important', forHours: 24, minimumPerDay: 0 },
      AL9: { level: 'important', abovePercent: 10, minimumPayments: 10 },
      AL10: { level: 'critical', abovePercent: 20, minimumCustomers: 10 },
    },
    cleanup: { temporaryFiles: { keepDays: 7 }, logs: { keepDays: 90 }, n8nExecutions: { keepDays: 30 } },
    trials: { inactiveDays: 3 },
    lifecycle: { inactiveMonths: 6, reactivationDays: 30, anonymiseAfterMonths: 12 },
  });
});

test('one key changes one value; an empty section is a section left out', async () => {
  const { policy } = await load(
    'backup:\n  retention: { daily: 14 }\ncleanup:\n  # logs:\nalerts:\ncrons: { backup-database: 30 4 * * * }\n',
  );
  expect(policy.backup.retention).toEqual({ daily: 14, weekly: 4, monthly: 12 });
  expect(policy.cleanup.logs.keepDays).toBe(90);
  expect(policy.alerts.AL3.abovePercent).toBe(85);
  expect(policy.crons).toEqual({ 'backup-database': '30 4 * * *' });
});

describe('mistakes', () => {
  test('an unknown key has its place and what was meant', async () => {
    expect(await mistakesOf('locale: fr\nbackup:\n  retension:\n    daily: 3\nsomething: 1\n')).toEqual([
      {
        setting: 'maintenance.yaml:3:3 backup.retension',
        problem: 'is not a known key',
        mend: 'Did you mean retention?',
      },
      {
        setting: 'maintenance.yaml:5:1 something',
        problem: 'is not a known key',
        mend: expect.stringMatching(/^Known here: locale, timeZone, crons/) as string,
      },
    ]);
  });

  test('a wrong value has its place, what is expected and the default', async () => {
    const yaml =
      'timeZone: Europe/Pari\nbackup:\n  retention:\n    daily: 0\n    weekly: often\nnotifications:\n  info: [sms, pigeon]\ncrons:\n  backup-database: daily\n';
    const mistakes = await mistakesOf(yaml);
    expect(mistakes.map(({ setting }) => setting)).toEqual([
      'maintenance.yaml:1:11 timeZone',
      'maintenance.yaml:9:20 crons.backup-database',
      'maintenance.yaml:4:12 backup.retention.daily',
      'maintenance.yaml:5:13 backup.retention.weekly',
      'maintenance.yaml:7:15 notifications.info.1',
    ]);
    expect(mistakes[2]?.mend).toBe('Expected: Daily backups (days). Default: 7.');
    expect(mistakes[0]?.problem).toBe('is not a time zone name');
  });

  test.each(['backup: {', 'a: 1\na: 2', '\tx: 1', '- 1', 'hello'])('%j is refused in words', async (yaml) => {
    const [mistake] = await mistakesOf(yaml);
    expect(mistake?.setting).toMatch(/^maintenance\.yaml/);
    expect(mistake?.mend).toMatch(/^(?:Expected|Check)/);
  });

  test('a policy file that was named must exist', async () => {
    const cwd = await folderWith();
    const error = await errorOf(loadConfig({ environment: MINIMUM, cwd, policyFile: 'other.yaml' }));
    expect(error.mistakes).toMatchObject([{ setting: join(cwd, 'other.yaml'), problem: 'does not exist' }]);
  });
});
