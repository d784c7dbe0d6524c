import { describe, expect, test } from 'vitest';
import { parseCron } from '../../src/schedules/cron.ts';
import { effectiveRows, springDay } from '../../src/schedules/rows.ts';
import { INTERNAL_SCHEDULES, SCHEDULES } from '../../src/schedules/table.ts';
import { SCHEDULE_IDS } from '../../src/shared/ids.ts';
import { testRow } from './rows.ts';

// The owner's table, word for word (spec.md, "The eleven workflows").
const OWNERS = [
  ['monitoring-disponibilite', '*/5 * * * *', 'UTC', 'monitorAvailability'],
  ['monitoring-performance', '*/15 * * * *', 'UTC', 'monitorPerformance'],
  ['update-statistiques', '0 * * * *', 'UTC', 'updateStatistics'],
  ['expiration-essais', '0 1 * * *', 'Europe/Paris', 'expireTrials'],
  ['nettoyage-donnees-temporaires', '0 2 * * *', 'Europe/Paris', 'cleanTemporaryData'],
  ['backup-database', '0 3 * * *', 'Europe/Paris', 'backupDatabase'],
  ['rapport-quotidien', '0 8 * * *', 'Europe/Paris', 'sendDailyReport'],
  ['relance-essais-inactifs', '0 10 * * *', 'Europe/Paris', 'nudgeInactiveTrials'],
  ['nettoyage-logs', '0 4 * * 0', 'Europe/Paris', 'cleanLogs'],
  ['rapport-hebdomadaire', '0 9 * * 1', 'Europe/Paris', 'sendWeeklyReport'],
  ['archivage-clients-inactifs', '0 0 1 * *', 'Europe/Paris', 'archiveInactiveCustomers'],
];

describe('the table', () => {
  test('is the owner’s', () => {
    const table = SCHEDULES.map((row) => [row.scheduleId, row.cron, row.timeZone, row.workflow]);
    expect(table).toEqual(OWNERS);
    expect(SCHEDULES.map((row) => row.scheduleId)).toEqual([...SCHEDULE_IDS]);
  });

  test('observes where customers are touched or data is deleted', () => {
    expect(SCHEDULES.filter((row) => row.observe).map((row) => row.scheduleId)).toEqual([
      'expiration-essais',
      'nettoyage-donnees-temporaires',
      'relance-essais-inactifs',
      'nettoyage-logs',
      'archivage-clients-inactifs',
    ]);
  });

  test('has overlap and catch-up as designed', () => {
    const policies = Object.fromEntries(
      SCHEDULES.map((row) => [row.scheduleId, `${row.overlap} ${String(row.catchupWindow)}`]),
    );
    expect(policies).toEqual({
      'monitoring-disponibilite': 'BUFFER_ONE 1 minute',
      'monitoring-performance': 'BUFFER_ONE 1 minute',
      'update-statistiques': 'SKIP 1 hour',
      'expiration-essais': 'SKIP 12 hours',
      'nettoyage-donnees-temporaires': 'SKIP 12 hours',
      'backup-database': 'SKIP 12 hours',
      'rapport-quotidien': 'ALLOW_ALL 6 hours',
      'relance-essais-inactifs': 'SKIP 12 hours',
      'nettoyage-logs': 'SKIP 12 hours',
      'rapport-hebdomadaire': 'ALLOW_ALL 3 days',
      'archivage-clients-inactifs': 'SKIP 7 days',
    });
  });

  test('pauses after a failure only the job that leads to what cannot be undone', () => {
    const pausing = SCHEDULES.filter((row) => row.pauseOnFailure).map((row) => row.scheduleId);
    expect(pausing).toEqual(['archivage-clients-inactifs']);
  });

  test('does not compile with a workflow that does not exist', () => {
    const [row] = SCHEDULES;
    // @ts-expect-error `npm run check` fails when this compiles
    const wrong: (typeof SCHEDULES)[number] = { ...row!, workflow: 'backupDatabaze' };
    expect(wrong).toBeDefined();
  });
});

describe('the list of our own', () => {
  test('is the guard, every minute, and apart from the owner’s table', () => {
    expect(INTERNAL_SCHEDULES).toMatchObject([
      {
        scheduleId: 'talos-guard',
        cron: '* * * * *',
        timeZone: 'UTC',
        workflow: 'guardMaintenance',
        overlap: 'SKIP',
      },
    ]);
    expect(SCHEDULES.map((row) => row.scheduleId)).not.toContain('talos-guard');
    expect(effectiveRows({}).map((row) => row.scheduleId)).toEqual([...SCHEDULE_IDS, 'talos-guard']);
  });
});

describe('the policy', () => {
  const crons = { 'backup-database': '30 4 * * *' };

  test('changes a cron, and the zone of daily and rarer jobs', () => {
    const rows = effectiveRows({ policy: { crons, timeZone: 'Europe/Berlin' } });
    const zones = new Map(rows.map((row) => [row.scheduleId, `${row.cron} ${row.timeZone}`]));
    expect(zones.get('backup-database')).toBe('30 4 * * * Europe/Berlin');
    expect(zones.get('update-statistiques')).toBe('0 * * * * UTC');
  });

  test('names the key of a cron that cannot be read', () => {
    const policy = { crons: { 'backup-database': '0 25 * * *' }, timeZone: 'Europe/Paris' };
    expect(() => effectiveRows({ policy })).toThrow(
      /maintenance\.yaml crons\.backup-database.*'25' is not a hour/s,
    );
  });
});

describe('the spring day', () => {
  test.each([
    ['0 2 * * *', 'Europe/Paris', ['0 3 25-31 3 0']],
    ['30 2 * * *', 'Europe/Berlin', ['0 3 25-31 3 0']],
    ['*/10 0-4 * * *', 'Europe/Paris', ['0 3 25-31 3 0']],
    ['0 2 * * 0', 'Europe/Paris', ['0 3 25-31 3 0']],
    ['0 2 28 * *', 'Europe/Paris', ['0 3 28 3 0']],
    ['0 2 * * 1', 'Europe/Paris', []],
    ['0 2 1 * *', 'Europe/Paris', []],
    ['0 2 * 4-12 *', 'Europe/Paris', []],
    ['0 3 * * *', 'Europe/Paris', []],
    ['0 2 * * *', 'UTC', []],
    ['0 2 * * *', 'Europe/London', []],
    ['0 2 * * *', 'America/New_York', []],
  ])('%s in %s: %j', (cron, timeZone, expected) => {
    expect(springDay(testRow({ cron, timeZone }))).toEqual(expected);
  });

  test('of the table is one row’s', () => {
    const rows = SCHEDULES.filter((row) => springDay(row).length > 0);
    expect(rows.map((row) => row.scheduleId)).toEqual(['nettoyage-donnees-temporaires']);
    expect(parseCron('0 3 25-31 3 0').dayOfMonth).toHaveLength(7);
  });
});
