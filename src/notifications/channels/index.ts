import type { Mailer } from '../../clients/mail.ts';
import type { Queryable } from '../../clients/postgres.ts';
import type { SmsSender } from '../../clients/twilio.ts';
import type { WebhookSender } from '../../clients/webhook.ts';
import type { Channels } from '../channel.ts';
import type { RenderOptions } from '../emails/render.ts';
import { emailChannel, type LookUp } from './email.ts';
import { smsText } from '../sms/text.ts';
import { inAppChannel } from './in-app.ts';
import { smsChannel } from './sms.ts';
import { webhookChannel } from './webhook.ts';

export interface ChannelDeps extends RenderOptions {
  mailer: Mailer;
  admin: { email: string; sms?: string };
  /** The application's database, for notices inside it. */
  app?: Pick<Queryable, 'query'>;
  sms?: {
    sender: SmsSender;
    /** Where Twilio reports what became of an SMS; absent where it could not reach us. */
    callbackUrl?: string;
    /** For tests: how long a callback is waited for (ms). */
    callbackMs?: number;
  };
  webhook?: WebhookSender;
  /** Left out, a mail names what it cannot look up by its id. */
  lookUp?: LookUp;
}

/** The channels that are configured. A notice for one that is not is neither sent nor written down. */
export function createChannels({
  mailer,
  admin,
  app,
  sms,
  webhook,
  lookUp,
  ...options
}: ChannelDeps): Channels {
  const channels: Channels = { email: emailChannel(mailer, admin.email, { ...options, lookUp }) };
  if (sms !== undefined) {
    const { sender, callbackUrl, callbackMs } = sms;
    channels.sms = smsChannel(sender, admin.sms ?? '', {
      ...{ callbackUrl, callbackMs },
      text: (notice) => smsText(notice, options),
    });
  }
  if (app !== undefined) channels['in-app'] = inAppChannel(app, options);
  if (webhook !== undefined) channels.webhook = webhookChannel(webhook, options);
  return channels;
}
