import { Hono } from 'hono';
import { createSmsSender } from '../clients/twilio.ts';
import { isStop, stopSms } from '../notifications/index.ts';
import type { HttpDeps } from './app.ts';

const PATH = '/twilio/sms';
/** Nothing is answered: Twilio confirms a STOP by itself, and a second text would be one too many. */
const NO_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';

/**
 * What customers answer to an SMS, told by Twilio. A STOP counts at once, here and in the application; Twilio itself
 * sends that number nothing more. A repetition changes nothing.
 */
export function twilioReplies({ config, app: saas, ops, logger }: HttpDeps): Hono {
  const app = new Hono();
  const { twilio, publicUrl } = config.environment;
  if (twilio === undefined || publicUrl === undefined) return app;
  const sms = createSmsSender(twilio);
  app.post(PATH, async (context) => {
    const form = Object.fromEntries(new URLSearchParams(await context.req.text()));
    const signature = context.req.header('x-twilio-signature') ?? '';
    if (!(await sms.isGenuine(signature, `${publicUrl}/webhook${PATH}`, form))) {
      return context.json({ error: 'this was not signed by Twilio' }, 403);
    }
    const { From: from = '', Body: body = '', OptOutType: optOut } = form;
    if (optOut === 'STOP' || isStop(body)) {
      try {
        const { accountIds } = await stopSms({ app: saas, ops }, { from, at: new Date() });
        logger.info({ accountIds }, 'STOP by SMS');
      } catch (error) {
        // Not the error's text: it may quote the number. Twilio blocks the number all the same.
        logger.error({ code: (error as { code?: unknown }).code }, 'a STOP by SMS could not be recorded');
        context.header('Retry-After', '60');
        return context.json({ error: 'it could not be recorded; repeat' }, 503);
      }
    }
    return context.body(NO_ANSWER, 200, { 'Content-Type': 'text/xml' });
  });
  return app;
}
