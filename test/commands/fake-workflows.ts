/** Stands in for the real bundle: named as the table names it, steered by its input. */
import { ApplicationFailure, proxyActivities } from '@temporalio/workflow';

const { dump } = proxyActivities<{ dump(): Promise<void> }>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
});

export async function backupDatabase(
  input: { dryRun?: boolean; period?: string } = {},
): Promise<Record<string, unknown>> {
  if (input.period === '2026-01-01')
    throw ApplicationFailure.nonRetryable('the bucket refused the upload', 'Refused');
  if (!input.dryRun) await dump();
  return { proven: true, bytes: 1234, input };
}
