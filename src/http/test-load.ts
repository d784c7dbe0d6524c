/** MT1: `POST /webhook/test-load`. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { Hono } from 'hono';
import { z } from 'zod';
import { TASK_QUEUE } from '../shared/ids.ts';
import type { HttpDeps } from './app.ts';
import { answerAway, isTemporalAway, refuseStranger } from './webhooks.ts';

/** One test of a kind in so long: each sends real SMS. */
const PERIOD_MS = 5 * 60_000;
const START_MS = 5_000;

const request = z.strictObject({
  mode: z.enum(['synthetic', 'real']).default('synthetic'),
  seconds: z.int().min(10).max(360).default(60),
});

export function testLoads({ config, client, logger }: HttpDeps): Hono {
  const app = new Hono();
  app.post('/test-load', async (context) => {
    const refused = refuseStranger(context, config);
    if (refused) return refused;
    const body = await context.req.text();
    const read = request.safeParse(body.trim() === '' ? {} : parsed(body));
    if (!read.success) {
      const form = '{ "mode": "synthetic" or "real", "seconds": 10 to 360 }';
      return context.json({ error: `the body must be ${form}` }, 400);
    }
    const { mode } = read.data;
    // The id is the limit: it holds for any number of servers, and over their restarts.
    const period = Math.floor(Date.now() / PERIOD_MS);
    const workflowId = `test-load-${mode}-${String(period)}`;
    try {
      const { firstExecutionRunId } = await client.withDeadline(Date.now() + START_MS, () =>
        client.workflow.start('testLoad', {
          ...{ workflowId, taskQueue: TASK_QUEUE, args: [read.data] },
          ...{ workflowIdReusePolicy: 'REJECT_DUPLICATE', workflowRunTimeout: '20 minutes' },
        }),
      );
      logger.info({ workflowId, mode }, 'test load by webhook');
      return context.json({ workflowId, runId: firstExecutionRunId, alert: 'alert/AL1/test-load' }, 202);
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) {
        const seconds = Math.ceil(((period + 1) * PERIOD_MS - Date.now()) / 1000);
        context.header('Retry-After', String(seconds));
        return context.json(
          { error: `one ${mode} test in five minutes; again in ${String(seconds)} s` },
          429,
        );
      }
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
