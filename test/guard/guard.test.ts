import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { openPostgresSession } from '../../src/clients/postgres.ts';
import type { GuardResult } from '../../src/guard/workflow.ts';
import { applySchedules, INTERNAL_SCHEDULES } from '../../src/schedules/index.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import { JOB_ROWS, startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Noon after tomorrow: later than any limit after the set-up, and far from a day's edge in Paris. */
const LATER = Math.ceil(Date.now() / DAY) * DAY + DAY + 12 * HOUR;

const guard = async ({ client }: Maintenance, at?: number): Promise<Record<string, string>> => {
  const args = at === undefined ? [] : [{ at: new Date(at).toISOString() }];
  const workflowId = `guard-${randomUUID()}`;
  const options = { taskQueue: TASK_QUEUE, workflowId, args };
  const { checks } = (await client.workflow.execute('guardMaintenance', options)) as GuardResult;
  return Object.fromEntries(checks.map(({ check, state }) => [check, state]));
};

const proven = ({ ops }: Maintenance, at: number, result = 'proven') =>
  ops.db.query(
    `insert into ops.proofs (backup_id, workflow_id, run_id, database_name, result, proved_at)
     values ($1, 'w', 'r', 'app', $2, $3)`,
    [`backup-${new Date(at).toISOString()}`, result, new Date(at)],
  );

const checked = ({ ops }: Maintenance, recipient: string, at: number) =>
  ops.db.query(`insert into ops.key_checks values ($1, 'b', $2)`, [recipient, new Date(at)]);

describe('guardMaintenance', () => {
  let maintenance: Maintenance;
  let seen = 0;
  /** The mails since the last look, with plain spaces and without line breaks. */
  const mails = async () => {
    const all = await maintenance.mails();
    const fresh = all.slice(seen);
    seen = all.length;
    const plain = (text = ''): string => text.replace(/\s+/g, ' ');
    return fresh.map(({ subject, text }) => ({ subject: plain(subject), text: plain(text) }));
  };
  const subjects = async () => (await mails()).map(({ subject }) => subject);
  const told = async () =>
    (
      await maintenance.ops.db.query<{ key: string; level: string }>(
        `select key, level from ops.notifications where channel = 'email' order by created_at`,
      )
    ).map(({ key, level }) => `${key} ${level}`);
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  const backupSchedule = () => maintenance.client.schedule.getHandle('backup-database');

  beforeAll(async () => {
    maintenance = await startMaintenance();
    await maintenance.startWorker();
  });
  afterAll(() => maintenance.close());
  beforeEach(async () => {
    await applySchedules({ client: maintenance.client, rows: JOB_ROWS });
    await maintenance.ops.db.query(
      'truncate ops.notifications, ops.proofs, ops.key_checks, ops.runs restart identity',
    );
    await mails();
  });

  it('is silent on a fresh installation', async () => {
    expect(await guard(maintenance)).toEqual({
      ...{ 'no-backup': 'silent', 'key-unchecked': 'silent' },
      ...{ 'daily-report': 'silent', 'weekly-report': 'silent' },
    });
    expect(await subjects()).toEqual([]);
  });

  it('tells of no proven backup once a day, however often it runs', async () => {
    await proven(maintenance, LATER - HOUR, 'not proven');
    for (const minute of [0, 1, 2])
      expect(await guard(maintenance, LATER + minute * 60_000)).toMatchObject({ 'no-backup': 'found' });
    expect(await subjects()).toEqual(['Aucune sauvegarde prouvée n’existe encore']);
    expect(await told()).toEqual([`talos-guard/no-backup/${day(LATER)} critical`]);
    await guard(maintenance, LATER + DAY);
    expect(await subjects()).toHaveLength(1);
  });

  it('names the last proven backup and its age, the failed run, and what to do', async () => {
    await proven(maintenance, LATER - 27 * HOUR, 'proven except');
    await maintenance.ops.db.query(
      `insert into ops.runs (workflow_id, run_id, schedule_id, workflow_type, mode, started_at, outcome, error_type)
       values ('backup-database-x', 'r', 'backup-database', 'backupDatabase', 'armed', $1, 'failed', 'BucketRefused')`,
      [new Date(LATER - HOUR)],
    );
    await guard(maintenance, LATER);
    const [mail] = await mails();
    expect(mail?.subject).toBe('Aucune sauvegarde prouvée depuis 27 h');
    expect(mail?.text).toContain(`talos backup restore backup-${new Date(LATER - 27 * HOUR).toISOString()}`);
    expect(mail?.text).toContain('a échoué : le stockage refuse l’accès');
    expect(mail?.text).toContain('npx talos run backup-database --wait');
  });

  it('is quiet while a backup is proven, and says once when one is again', async () => {
    await proven(maintenance, LATER - 25 * HOUR);
    expect(await guard(maintenance, LATER)).toMatchObject({ 'no-backup': 'fine' });
    expect(await subjects()).toEqual([]);
    await guard(maintenance, LATER + 2 * HOUR);
    expect(await subjects()).toHaveLength(1);
    await proven(maintenance, LATER + 3 * HOUR);
    for (const hour of [4, 5, 6]) await guard(maintenance, LATER + hour * HOUR);
    expect(await subjects()).toEqual(['Rétabli : une sauvegarde prouvée existe de nouveau']);
    // A later alert is one of its own, with an answer of its own.
    await guard(maintenance, LATER + 3 * DAY);
    await proven(maintenance, LATER + 3 * DAY + HOUR);
    await guard(maintenance, LATER + 3 * DAY + 2 * HOUR);
    expect(await subjects()).toHaveLength(2);
    expect(await told()).toEqual([
      `talos-guard/no-backup/${day(LATER)} critical`,
      `talos-guard/no-backup/${day(LATER)}/over important`,
      `talos-guard/no-backup/${day(LATER + 3 * DAY)} critical`,
      `talos-guard/no-backup/${day(LATER + 3 * DAY)}/over important`,
    ]);
  });

  it('names the note of a paused Schedule, and a Schedule that is gone', async () => {
    await proven(maintenance, LATER - 2 * DAY);
    await backupSchedule().pause('The VPS moves on Monday');
    await guard(maintenance, LATER);
    const [paused] = await mails();
    expect(paused?.text).toContain('est en pause');
    expect(paused?.text).toContain('« The VPS moves on Monday »');
    expect(paused?.text).toContain('temporal schedule toggle --schedule-id backup-database --unpause');
    await backupSchedule().delete();
    await guard(maintenance, LATER + DAY);
    const [gone] = await mails();
    expect(gone?.text).toContain('n’existe pas dans Temporal');
    expect(gone?.text).toContain('npx talos schedules apply');
  });

  it('tells weekly of a key that nobody tried for 121 days, until somebody does', async () => {
    const { recipient } = maintenance.key;
    await proven(maintenance, LATER - 300 * DAY);
    await proven(maintenance, LATER - HOUR);
    await checked(maintenance, recipient, LATER - 119 * DAY);
    expect(await guard(maintenance, LATER)).toMatchObject({ 'no-backup': 'fine', 'key-unchecked': 'fine' });
    await maintenance.ops.db.query('truncate ops.key_checks');
    await checked(maintenance, recipient, LATER - 121 * DAY);
    // A key that backups are no longer written for says nothing of tonight's.
    await checked(maintenance, 'age1stranger', LATER - DAY);
    await guard(maintenance, LATER);
    await guard(maintenance, LATER + HOUR);
    const [mail, ...others] = await mails();
    expect(others).toEqual([]);
    expect(mail?.subject).toBe('Clé des sauvegardes : dernier essai il y a 121 jours');
    expect(mail?.text).toContain('npx talos backup check-key --identity');
    expect((await told())[0]).toMatch(/^talos-guard\/key-unchecked\/\d{4}-\d\d-\d\d important$/);
    await proven(maintenance, LATER + 7 * DAY);
    await guard(maintenance, LATER + 7 * DAY);
    expect(await subjects()).toHaveLength(1);
    await checked(maintenance, recipient, LATER + 7 * DAY);
    for (const hour of [1, 2]) await guard(maintenance, LATER + 7 * DAY + hour * HOUR);
    expect(await subjects()).toEqual(['Rétabli : la clé a ouvert une sauvegarde']);
  });

  it('tells of a key never tried, counted from the first backup', async () => {
    await proven(maintenance, LATER - 119 * DAY);
    await proven(maintenance, LATER - HOUR);
    expect(await guard(maintenance, LATER)).toMatchObject({ 'key-unchecked': 'silent' });
    await proven(maintenance, LATER - 121 * DAY);
    expect(await guard(maintenance, LATER)).toMatchObject({ 'key-unchecked': 'found' });
    expect(await subjects()).toEqual(['Clé des sauvegardes : jamais essayée']);
  });

  it('fails within a minute and tells nothing while its database is away: not knowing is no finding', async () => {
    const name = new URL(maintenance.ops.url).pathname.slice(1);
    const admin = await openPostgresSession({ url: inject('postgresUrl'), applicationName: 'talos-test' });
    try {
      await admin.query(`alter database ${name} with allow_connections false`);
      await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
      const began = Date.now();
      const failure = await guard(maintenance, LATER).catch((error: unknown) => error as WorkflowFailedError);
      expect(Date.now() - began).toBeLessThan(60_000);
      const cause = failure instanceof WorkflowFailedError ? failure.cause : undefined;
      expect(cause).toBeInstanceOf(ApplicationFailure);
      expect(cause).not.toBeInstanceOf(ActivityFailure);
      expect(cause).toMatchObject({ type: 'GuardBlind' });
      expect(cause?.message).toMatch(/no-backup: unknown \(no answer \(55000\)\)/);
    } finally {
      await admin.query(`alter database ${name} with allow_connections true`);
      await admin.close();
    }
    expect(await subjects()).toEqual([]);
    expect(await guard(maintenance, LATER)).toMatchObject({ 'no-backup': 'found' });
  });

  it('runs from its Schedule, with few events, and leaves no row among the jobs’ runs', async () => {
    const { client, ops } = maintenance;
    await applySchedules({ client, rows: INTERNAL_SCHEDULES });
    const handle = client.schedule.getHandle('talos-guard');
    try {
      await handle.trigger();
      const workflow = await waitFor(
        async () => (await handle.describe()).info.recentActions.at(-1)?.action.workflow,
        { timeoutMs: 20_000, what: 'the run of the guard' },
      );
      const run = client.workflow.getHandle(workflow.workflowId, workflow.firstExecutionRunId);
      expect(await run.result()).toMatchObject({ told: [] });
      expect((await run.fetchHistory()).events?.length).toBeLessThanOrEqual(11);
      expect(await ops.db.query('select from ops.runs')).toEqual([]);
    } finally {
      await handle.delete();
    }
    expect(await subjects()).toEqual([]);
  });
});

describe('where backup-database is off', () => {
  it('says nothing of backups and keys', async () => {
    const maintenance = await startMaintenance({ BACKUP_BUCKET: '', BACKUP_AGE_RECIPIENTS: '' });
    try {
      await maintenance.startWorker();
      await proven(maintenance, LATER - 300 * DAY);
      expect(await guard(maintenance, LATER)).toMatchObject({
        ...{ 'no-backup': 'silent', 'key-unchecked': 'silent' },
      });
      expect(await maintenance.mails()).toEqual([]);
    } finally {
      await maintenance.close();
    }
  });
});
