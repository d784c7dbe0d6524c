import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { Command } from 'commander';
import { rowOf } from '../schedules/rows.ts';
import { withTemporal } from './connect.ts';
import { print, printJson, runAction, UsageError } from './output.ts';
import { readScheduleId } from './schedule-id.ts';
import { readSettings, withSettings } from './settings.ts';
import type { SettingsOptions } from './settings.ts';

type Options = SettingsOptions & { json?: boolean };
type Verb = 'approve' | 'reject';

const command = (verb: Verb, description: string): Command =>
  withSettings(new Command(verb))
    .description(description)
    .argument('<schedule-id>')
    .option('--json', 'print JSON')
    .action(runAction((id: string, options: Options) => answer(verb, id, options)));

export const approveCommand = (): Command =>
  command('approve', 'let a run go on that the brake holds, after looking at what it would do');

export const rejectCommand = (): Command =>
  command('reject', 'end a run that the brake holds: what it holds stays as it is');

async function answer(verb: Verb, id: string, options: Options): Promise<void> {
  const scheduleId = readScheduleId(id);
  const config = await readSettings(options);
  await withTemporal(config, async (client) => {
    const answered: string[] = [];
    let why = 'no run of it is under way';
    for (const { workflowId, runId } of await openRuns(client, scheduleId)) {
      try {
        await client.workflow.getHandle(workflowId, runId).executeUpdate(verb);
        answered.push(workflowId);
      } catch (error) {
        if (!(error instanceof WorkflowUpdateFailedError || error instanceof WorkflowNotFoundError))
          throw error;
        why = error.cause instanceof Error ? error.cause.message : error.message;
      }
    }
    if (answered.length === 0) throw new UsageError(`${scheduleId}: ${why}`);
    if (options.json) printJson({ scheduleId, answer: verb, workflowIds: answered });
    else
      for (const workflowId of answered)
        print(`${workflowId} goes on: ${verb}${verb === 'reject' ? 'ed' : 'd'}`);
  });
}

async function openRuns(
  client: Client,
  scheduleId: ReturnType<typeof readScheduleId>,
): Promise<{ workflowId: string; runId: string }[]> {
  const type = rowOf(scheduleId).workflow;
  const runs = [];
  for await (const { workflowId, runId } of client.workflow.list({
    query: `WorkflowType = '${type}' and ExecutionStatus = 'Running'`,
  }))
    runs.push({ workflowId, runId });
  return runs;
}
