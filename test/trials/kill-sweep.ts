import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import type { TrialsResult } from '../../src/trials/result.ts';
import { FAULTS, type Step } from '../notifications/smtp-sink.ts';
import { end } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';
import { startTrials, type Trial, type TrialsSite } from './support.ts';

const PRELOAD = pathToFileURL(fileURLToPath(new URL('./die-at.mjs', import.meta.url))).href;

export type Job = 'expireTrials' | 'nudgeInactiveTrials';

/** What one killed run and its repetitions came to. */
export interface Killed {
  /** Where it died; undefined: it ended before, there are no more places. */
  place?: string;
  mails: number;
  texts: number;
  /** Listed as perhaps sent. */
  unknown: boolean;
}

/** A site whose worker is a process that dies where it is told to. */
export interface KillSite extends TrialsSite {
  worker: ChildProcess;
  dieFile: string;
}

export async function startKillSite(): Promise<KillSite> {
  const site = await startTrials();
  const { maintenance } = site;
  const dieFile = path.join(maintenance.workDir, 'die-at');
  await writeFile(dieFile, '0');
  Object.assign(maintenance.environment, {
    NODE_OPTIONS: `--import=${PRELOAD}`,
    TALOS_TEST_DIE_FILE: dieFile,
  });
  return { ...site, dieFile, worker: await maintenance.startWorker() };
}

const due = (site: TrialsSite, job: Job): Promise<Trial> =>
  job === 'expireTrials' ? site.trial() : site.trial({ startedDays: -5, endsDays: 9, sms: true });

/** The lost run goes on, and the job is started again beside it, both on a new worker; then once more. */
async function finish(site: KillSite, job: Job, trial: Trial, lost: Promise<unknown>): Promise<Killed> {
  const { maintenance } = site;
  await writeFile(site.dieFile, '0');
  // The dead worker's claim is not waited for: a lease ends by time alone.
  await maintenance.ops.db.query(
    `update ops.notifications set claimed_at = claimed_at - interval '31 seconds' where status = 'claimed'`,
  );
  site.worker = await maintenance.startWorker();
  const results = (await Promise.all([lost, site.run(job)])) as TrialsResult[];
  expect(await site.run(job)).toMatchObject({ found: 0, count: 0, left: 0, outcomes: {} });
  if (job === 'expireTrials') {
    const [row] = await maintenance.app.db.query<{ status: string; expired: boolean }>(
      `select a.status::text, t.expired_at is not null as expired
         from public.trials t join public.accounts a on a.id = t.account_id where t.id = $1`,
      [trial.trialId],
    );
    expect(row).toEqual({ status: 'expired', expired: true });
  }
  return { ...sentTo(site, trial), unknown: results.some(({ unknown }) => unknown.includes(trial.trialId)) };
}

const sentTo = (site: KillSite, trial: Trial) => ({
  mails: site.mailsTo(trial).length,
  texts: site.sms.messages.filter(({ to }) => to === trial.phone).length,
});

/** Killed at the boundary of this number, of all that a run of one trial passes. */
export async function killAt(site: KillSite, job: Job, at: number): Promise<Killed> {
  const trial = await due(site, job);
  const died = once(site.worker, 'exit').then(() => 'died');
  await writeFile(site.dieFile, `${String(at)} ${trial.trialId}`);
  const result = (await site.start(job)).result();
  if ((await Promise.race([died, result.then(() => 'done')])) === 'done') {
    await writeFile(site.dieFile, '0');
    return { ...sentTo(site, trial), unknown: false };
  }
  const place = await readFile(`${site.dieFile}.place`, 'utf8');
  return { place, ...(await finish(site, job, trial, result)) };
}

/** Killed while the mail server owes an answer to this step. */
export async function killDuring(site: KillSite, job: Job, step: Step): Promise<Killed> {
  const trial = await due(site, job);
  const { smtp } = site;
  const [commands, contents] = [smtp.commands.length, smtp.received.length];
  smtp.faults = { [step]: FAULTS.silence };
  const result = (await site.start(job)).result();
  const isAsked = () =>
    step === 'content'
      ? smtp.received.length > contents
      : smtp.commands.slice(commands).some((line) => line.toUpperCase().startsWith(step));
  await waitFor(isAsked, { timeoutMs: 30_000, what: step });
  await end(site.worker, 'SIGKILL');
  smtp.faults = {};
  return { place: step, ...(await finish(site, job, trial, result)) };
}

/** One message each; where none left, or nobody can know, it is listed and not sent again. */
export function judge({ place = '', mails, unknown }: Killed): void {
  expect(mails, place).toBeLessThanOrEqual(1);
  if (mails === 0) expect(unknown, place).toBe(true);
}
