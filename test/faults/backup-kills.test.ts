import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { BackupResult } from '../../src/backup/workflow.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import { end, startMaintenance } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';

const KILLS = 10;
/** A backup of the demo takes some 4 s here: moments over its whole length, and beyond the store of the dump. */
const LATEST_MOMENT_MS = 3_000;

it(`a backup whose worker is killed at ${String(KILLS)} random moments ends proven, with one e-mail and no orphan`, async () => {
  const maintenance = await startMaintenance();
  const moments: number[] = [];
  try {
    let worker = await maintenance.startWorker();
    const handle = await maintenance.client.workflow.start('backupDatabase', {
      taskQueue: TASK_QUEUE,
      workflowId: 'backup-killed-often',
    });
    const attempts = async (): Promise<number> => {
      const { raw } = await handle.describe();
      const [activity] = raw.pendingActivities ?? [];
      return activity?.activityType?.name === 'takeAndProveBackup' && activity.lastStartedTime
        ? Number(activity.activityId)
        : 0;
    };
    let last = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      last = await waitFor(
        async () => {
          const current = await attempts();
          return current > last && current;
        },
        { timeoutMs: 60_000, what: `attempt ${String(kill + 1)}` },
      );
      const moment = randomInt(LATEST_MOMENT_MS);
      moments.push(moment);
      await delay(moment);
      await end(worker, 'SIGKILL');
      worker = await maintenance.startWorker();
      // A moment after the end of the activity: the run is over, or soon will be.
      if ((await attempts()) === 0) break;
    }
    const result = (await handle.result()) as BackupResult;
    expect(result.proof, `killed ${moments.join(', ')} ms after each start`).toMatchObject({
      result: 'proven',
    });
    const { keys, openUploads } = await maintenance.bucket();
    expect(keys).toHaveLength(4);
    expect(keys.every((key) => key.startsWith(`daily/${result.backupId}/`))).toBe(true);
    expect(openUploads).toBe(0);
    expect(await maintenance.mails()).toHaveLength(1);
    expect(moments.length).toBeGreaterThan(1);
  } finally {
    process.stderr.write(`killed ${moments.join(', ')} ms after each start\n`);
    await maintenance.close();
  }
});
