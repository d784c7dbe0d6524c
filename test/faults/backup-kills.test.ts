import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, it } from 'vitest';
import type { BackupResult } from '../../src/backup/workflow.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import { end, startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { randoms } from '../support/randoms.ts';
import { waitFor } from '../support/wait.ts';
import { emptyBucket, expectOnly, report, runBackup } from './backup-run.ts';

const KILLS = 20;
/** Most of a kill is waiting for the heartbeat to be missed: two series wait at once. */
const SERIES = 2;
/** The same moments again: `TALOS_TEST_SEED=<seed>`. */
const SEED = Number(process.env['TALOS_TEST_SEED'] ?? randomInt(2 ** 31));

/** Runs one backup and kills its worker again and again; fewer times than asked when the run ends before. */
async function killOften(
  maintenance: Maintenance,
  id: string,
  moments: number[],
): Promise<{ kills: number }> {
  const mailsBefore = (await maintenance.mails()).length;
  const handle = await maintenance.client.workflow.start('backupDatabase', {
    taskQueue: TASK_QUEUE,
    workflowId: id,
    workflowExecutionTimeout: '9 minutes',
  });
  const attempt = async (): Promise<number | 'over'> => {
    const { raw, status } = await handle.describe();
    if (status.name !== 'RUNNING') return 'over';
    const [activity] = raw.pendingActivities ?? [];
    return activity?.activityType?.name === 'takeAndProveBackup' && activity.lastStartedTime
      ? Number(activity.activityId)
      : 0;
  };
  let worker = await maintenance.startWorker();
  let [last, kills] = [0, 0];
  for (const moment of moments) {
    const current = await waitFor(
      async () => {
        const now = await attempt();
        return (now === 'over' || now > last) && now;
      },
      { timeoutMs: 120_000, what: `attempt ${String(kills + 1)}` },
    );
    if (current === 'over') break;
    last = current;
    await delay(moment);
    if ((await attempt()) !== current) break;
    await end(worker, 'SIGKILL');
    kills += 1;
    worker = await maintenance.startWorker();
  }
  const result = (await handle.result()) as BackupResult;
  await end(worker);
  const mails = (await maintenance.mails()).slice(mailsBefore);
  if (!result.proven || mails.length !== 1)
    throw new Error(`${id}: ${JSON.stringify(result.proof)}, ${String(mails.length)} mails`);
  await expectOnly(maintenance, [result]);
  return { kills };
}

describe.concurrent(`a worker killed with -9 at ${String(KILLS)} random moments of backups`, () => {
  it.for(Array.from({ length: SERIES }, (_, index) => index))(
    'series %i: each run ends proven, with one e-mail and no orphan',
    async (series, { expect }) => {
      const maintenance = await startMaintenance();
      const random = randoms(SEED + series);
      const killed: number[] = [];
      const wanted = KILLS / SERIES;
      try {
        const worker = await maintenance.startWorker();
        const { seconds } = await runBackup(maintenance, 'undisturbed');
        await end(worker);
        let runs = 0;
        // A moment after the end of the run kills nothing: another run takes the rest.
        for (; killed.length < wanted && runs < 3 * wanted; runs += 1) {
          await emptyBucket(maintenance);
          const moments = Array.from({ length: wanted - killed.length }, () =>
            Math.round(random() * seconds * 1_000),
          );
          const { kills } = await killOften(maintenance, `killed-${String(runs)}`, moments);
          killed.push(...moments.slice(0, kills));
        }
        report(
          `seed ${String(SEED)}, series ${String(series)}: a backup takes ${String(seconds)} s; killed ${killed.join(', ')} ms after the start, in ${String(runs)} runs`,
        );
        expect(killed).toHaveLength(wanted);
      } finally {
        await maintenance.close();
      }
    },
  );
});
