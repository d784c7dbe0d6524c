import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { SCHEDULES } from '../../src/schedules/table.ts';

const folder = path.join(import.meta.dirname, 'histories');
const histories = readdirSync(folder).filter((file) => file.endsWith('.json'));

const read = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Record<string, unknown>;

/** Histories of released shapes: a change that would break a run under way fails here. See docs/contribute.md. */
describe('replay', () => {
  let workflowBundle: WorkflowBundleWithSourceMap;
  beforeAll(async () => {
    workflowBundle = await bundleWorkflowCode({
      workflowsPath: path.resolve(import.meta.dirname, '../../src/workflows.ts'),
      logger: new DefaultLogger('ERROR'),
    });
  });

  const replay = (history: unknown): Promise<void> =>
    Worker.runReplayHistory({ workflowBundle, replayName: 'test' }, historyFromJSON(history), 'replayed');

  it('has a history of each workflow', () => {
    for (const { scheduleId: job } of SCHEDULES)
      expect(
        histories.some((file) => file.startsWith(job)),
        job,
      ).toBe(true);
  });

  it.each(histories)('goes through %s as it was', async (file) => {
    await expect(replay(read(file))).resolves.toBeUndefined();
  });

  it('notices a history that the code would not have made', async () => {
    const history = JSON.stringify(read('backup-database-proven.json')).replaceAll(
      'takeAndProveBackup',
      'somethingElse',
    );
    await expect(replay(JSON.parse(history))).rejects.toThrow(/nondeterminism/i);
  });
});
