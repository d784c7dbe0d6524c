import { WebhookRejected, WebhookUnavailable } from '../../clients/webhook.ts';
import type { WebhookSender } from '../../clients/webhook.ts';
import { deterministicId, unexpected } from '../channel.ts';
import type { Channel } from '../channel.ts';
import { renderPlain } from '../emails/render.ts';
import type { RenderOptions } from '../emails/render.ts';

/** JSON with `text` for a person, as Slack, Mattermost and Telegram want it, and the data for a program. */
export function webhookChannel(sender: WebhookSender, options: RenderOptions): Channel {
  return {
    ready: true,
    messageId: ({ key }) => deterministicId(key, 'webhook'),
    prepare: async (notice) => {
      const { title, body, acknowledge } = renderPlain(notice, options);
      const { key, level, template, data } = notice;
      // The same in every attempt: the receiver recognises a repetition by it.
      const id = deterministicId(key, 'webhook');
      const text = [title, body, ...(acknowledge === undefined ? [] : [acknowledge])].join('\n');
      return () => sender.send({ id, body: { id, key, level, template, title, text, acknowledge, data } });
    },
    explain(error) {
      if (error instanceof WebhookRejected || error instanceof WebhookUnavailable) {
        const { code, message } = error;
        return { code, permanent: error instanceof WebhookRejected, message };
      }
      return unexpected;
    },
  };
}
