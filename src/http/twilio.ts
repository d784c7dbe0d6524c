import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { Hono } from 'hono';
import { createSmsSender } from '../clients/twilio.ts';
import { recordProviderStatus } from '../notifications/index.ts';
import { TASK_QUEUE } from '../shared/ids.ts';
import type { HttpDeps } from './app.ts';

/** What became of our SMS, told by Twilio. Answered at once: it waits 15 s and does not ask twice. */
export function twilioCallbacks({ config, client, ops, logger }: HttpDeps): Hono {
  const app = new Hono();
  const { twilio, publicUrl } = config.environment;
  if (twilio === undefined || publicUrl === undefined) return app;
  const sms = createSmsSender(twilio);
  app.post('/status/:callback', async (context) => {
    const callback = context.req.param('callback');
    const form = Object.fromEntries(new URLSearchParams(await context.req.text()));
    const signature = context.req.header('x-twilio-signature') ?? '';
    if (!(await sms.isGenuine(signature, `${publicUrl}/twilio/status/${callback}`, form))) {
      return context.json({ error: 'this was not signed by Twilio' }, 403);
    }
    const { MessageSid: providerId = '', MessageStatus: status = '', ErrorCode: errorCode } = form;
    const outcome = await recordProviderStatus(ops, { callback, providerId, status, errorCode });
    if (outcome?.undelivered !== undefined) {
      logger.info({ key: outcome.key, code: outcome.undelivered }, 'an SMS was accepted and never delivered');
      await follow(client, callback, { key: outcome.key, code: outcome.undelivered });
    }
    return context.body(null, 204);
  });
  return app;
}

/** Once a message: its number is the workflow's. */
async function follow(client: Client, callback: string, sms: { key: string; code: string }): Promise<void> {
  const workflowId = `sms-undelivered/${callback.split('.')[0]}`;
  try {
    const args = [sms];
    const once = { workflowIdReusePolicy: 'REJECT_DUPLICATE', taskQueue: TASK_QUEUE } as const;
    await client.workflow.start('followUndelivered', { workflowId, args, ...once });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
