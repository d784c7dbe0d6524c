import { readdir } from 'node:fs/promises';
import { expect } from 'vitest';
import { sweepOrphans } from '../../src/backup/orphans.ts';
import type { BackupResult } from '../../src/backup/workflow.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import type { Mail } from '../support/inbox.ts';
import type { Maintenance } from '../support/maintenance.ts';

export interface RunOutcome {
  /** Undefined when the run failed. */
  result?: BackupResult;
  seconds: number;
  /** Mails of this run alone. */
  mails: Mail[];
}

/** Runs one backup from its start to its end, well or not. */
export async function runBackup(
  maintenance: Maintenance,
  workflowId: string,
  timeoutMs = 500_000,
): Promise<RunOutcome> {
  const before = (await maintenance.mails()).length;
  const begun = performance.now();
  const handle = await maintenance.client.workflow.start('backupDatabase', {
    taskQueue: TASK_QUEUE,
    workflowId,
    // A run that hangs ends, without a result.
    workflowExecutionTimeout: timeoutMs,
  });
  const result = await handle.result().then(
    (value) => value as BackupResult,
    () => undefined,
  );
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  return { result, seconds, mails: (await maintenance.mails()).slice(before) };
}

let starting: Promise<unknown> = Promise.resolve();

/** Starts workers of concurrent cases one after the other: eight at once take longer than any of them may. */
export function startWorkerInTurn(maintenance: Maintenance): Promise<unknown> {
  const started = starting.then(() => maintenance.startWorker());
  starting = started.catch(() => undefined);
  return started;
}

/** Says a measured figure where the person who runs the suite sees it. */
export const report = (line: string): void => void process.stderr.write(`  ${line}\n`);

/** What the sweep of the next night removes: a day later nothing of a dead run is young any more. */
export const sweepTomorrow = ({ store }: Maintenance) =>
  sweepOrphans(store, { now: new Date(Date.now() + 86_400_000), liveRunIds: [] });

/** Exactly these backups are in the bucket, whole; no other object, no open upload, no plain text on the disk. */
export async function expectOnly(maintenance: Maintenance, backups: (BackupResult | undefined)[]) {
  const { keys, openUploads } = await maintenance.bucket();
  const wanted = backups.flatMap((backup) => backup?.keys ?? []);
  expect(keys.sort()).toEqual(wanted.sort());
  expect(openUploads).toBe(0);
  const scratch = (await readdir(maintenance.environment['TALOS_WORK_DIR'] ?? '')).filter((name) =>
    name.startsWith('verify-'),
  );
  expect(scratch).toEqual([]);
}

/** So that a case that failed does not spoil the next. */
export async function emptyBucket({ store }: Maintenance): Promise<void> {
  for (const upload of await store.openUploads('')) await store.abortUpload(upload);
  for await (const { key } of store.list('')) await store.remove(key);
}

/** The run ended well, with one e-mail that says proven. */
export function expectProven({ result, mails }: RunOutcome): void {
  expect(result?.proof).toMatchObject({ result: 'proven', differences: [] });
  expect(mails).toHaveLength(1);
  expect(mails[0]?.subject).toMatch(/prouvée/i);
}

/** Makes a dump of several parts: text that hardly compresses, of about so many stored megabytes. */
export const ballast = (megabytes: number): string => `
  create table public.ballast (id integer primary key, t text not null);
  insert into public.ballast
    select i, (select string_agg(md5(random()::text || i || j), '') from generate_series(1, 32) j)
      from generate_series(1, ${String(Math.ceil((megabytes * 1_000_000) / 570))}) i`;
