/** Temporal: reachable, keeps histories long enough, Schedules equal to the table, workers that poll, honest time. */
import { randomUUID } from 'node:crypto';
import { isGrpcServiceError, type Client } from '@temporalio/client';
import type { Config } from '../config/index.ts';
import { diffSchedules, hasSearchAttributes } from '../schedules/index.ts';
import { TASK_QUEUE } from '../shared/ids.ts';
import { failed, fine, warning, type Answer, type Check } from './finding.ts';

/** A run that failed on a Friday evening should still be readable on Monday. */
const LEAST_RETENTION_DAYS = 3;
const DAY_SECONDS = 86_400;
/** temporal.api.enums.v1.TaskQueueType: workflows. */
const WORKFLOW_QUEUE = 1;

export const temporalChecks = (
  config: Config,
  withClient: <Result>(work: (client: Client) => Promise<Result>) => Promise<Result>,
): Check[] => [
  {
    area: 'temporal',
    run: () =>
      withClient(async (client) => [
        ...(await namespaceOf(client)),
        ...(await schedules(client, config)),
        ...(await workers(client)),
        ...(await skipsTime(client)),
      ]),
  },
];

async function namespaceOf(client: Client): Promise<Answer[]> {
  const { namespace } = client.options;
  const { config } = await client.workflowService.describeNamespace({ namespace });
  const days = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / DAY_SECONDS;
  const short = days < LEAST_RETENTION_DAYS;
  return [
    short
      ? warning(
          `namespace ${namespace} forgets a run ${days.toFixed(1)} days after its end`,
          `\`temporal operator namespace update --retention 7d -n ${namespace}\``,
        )
      : fine(`namespace ${namespace}, histories kept ${days.toFixed(0)} days`),
    ...((await hasSearchAttributes(client))
      ? []
      : [failed('search attributes are missing', 'Run `talos schedules apply`, which adds them.')]),
  ];
}

/** gRPC status NOT_FOUND. */
const NOT_FOUND = 5;

/**
 * A server that may skip time would let a customer's thirty days pass in a second. No capability tells: a server that
 * may not refuses the wish itself, one that may looks for the workflow, which is none.
 */
async function skipsTime(client: Client): Promise<Answer[]> {
  try {
    await client.workflowService.updateWorkflowExecutionOptions({
      namespace: client.options.namespace,
      workflowExecution: { workflowId: `talos-doctor-${randomUUID()}` },
      workflowExecutionOptions: { timeSkippingConfig: { enabled: true } },
      updateMask: { paths: ['time_skipping_config'] },
    });
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) !== NOT_FOUND) return [];
    if (!isGrpcServiceError(error)) throw error;
  }
  return [
    failed(
      'the server may skip time (frontend.WorkflowTimeSkippingEnabled)',
      'Take the flag out of its dynamic configuration: it is for tests.',
    ),
  ];
}

async function schedules(client: Client, config: Config): Promise<Answer[]> {
  const diffs = await diffSchedules({ client, policy: config.policy, jobs: config.jobs });
  const drift = diffs
    .filter((diff) => diff.drift)
    .map(({ scheduleId, status }) => `${scheduleId} (${status})`);
  const paused = diffs.filter(({ found }) => found?.state.paused).map(({ scheduleId }) => scheduleId);
  const inStep = diffs.filter(({ status }) => status === 'in step').length;
  return [
    drift.length === 0
      ? fine(`${String(inStep)} Schedules are as the table says`)
      : failed(`Schedules are not as the table says: ${drift.join(', ')}`, 'Run `talos schedules apply`.'),
    ...(paused.length === 0
      ? []
      : [
          warning(
            `paused: ${paused.join(', ')}`,
            'When it is time: `temporal schedule toggle --unpause --schedule-id …`.',
          ),
        ]),
  ];
}

async function workers(client: Client): Promise<Answer[]> {
  const { namespace } = client.options;
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: TASK_QUEUE },
    taskQueueType: WORKFLOW_QUEUE,
  });
  const count = pollers?.length ?? 0;
  return [
    count === 0
      ? failed('no worker polls: nothing runs', 'Start `talos worker --http` under a service manager.')
      : fine(`${String(count)} ${count === 1 ? 'worker polls' : 'workers poll'}`),
  ];
}
