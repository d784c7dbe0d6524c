/** MT1: `POST /webhook/test-load`. */
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { Hono } from 'hono';
import { z } from 'zod';
import { TASK_QUEUE } from '../shared/ids.ts';
import type { HttpDeps } from './app.ts';
import { answerAway, isTemporalAway, refuseStranger } from './webhooks.ts';

/** One test of a kind in so long: each sends real SMS. */
const PERIOD_MS = 5 * 60_000;
const START_MS = 5_000;
const BUSY_SECONDS = 60;

const request = z.strictObject({
  mode: z.enum(['synthetic', 'real']).default('synthetic'),
  seconds: z.int().min(1).max(360).default(60),
});

export function testLoads({ config, client, logger }: HttpDeps): Hono {
  const app = new Hono();

  /** Milliseconds since 1970; long ago when none is known. */
  async function lastStart(workflowId: string): Promise<number> {
    try {
      return (await client.workflow.getHandle(workflowId).describe()).startTime.getTime();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 0;
      throw error;
    }
  }

  app.post('/test-load', async (context) => {
    const refused = refuseStranger(context, config);
    if (refused) return refused;
    const body = await context.req.text();
    const read = request.safeParse(body.trim() === '' ? {} : parsed(body));
    if (!read.success) {
      const form = '{ "mode": "synthetic" or "real", "seconds": 1 to 360 }';
      return context.json({ error: `the body must be ${form}` }, 400);
    }
    const { mode } = read.data;
    const workflowId = `test-load-${mode}`;
    const refuse = (seconds: number) => {
      context.header('Retry-After', String(seconds));
      const again = `one ${mode} test in five minutes; again in ${String(seconds)} s`;
      return context.json({ error: again }, 429);
    };
    try {
      return await client.withDeadline(Date.now() + START_MS, async () => {
        // The workflow is the limit: it holds for any number of servers, and over their restarts.
        const next = (await lastStart(workflowId)) + PERIOD_MS;
        if (next > Date.now()) return refuse(Math.ceil((next - Date.now()) / 1000));
        const { firstExecutionRunId: runId } = await client.workflow.start('testLoad', {
          ...{ workflowId, taskQueue: TASK_QUEUE, args: [read.data], workflowRunTimeout: '20 minutes' },
        });
        logger.info({ workflowId, mode }, 'test load by webhook');
        return context.json({ workflowId, runId, alert: 'alert/AL1/test-load' }, 202);
      });
    } catch (error) {
      // Two at once, or one that takes longer than the period.
      if (error instanceof WorkflowExecutionAlreadyStartedError) return refuse(BUSY_SECONDS);
      if (!isTemporalAway(error)) throw error;
      return answerAway(context);
    }
  });
  return app;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
