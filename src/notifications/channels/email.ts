import type { Mailer } from '../../clients/mail.ts';
import { MailRejected, MailUnavailable } from '../../clients/mail.ts';
import { deterministicId, unexpected } from '../channel.ts';
import type { Channel } from '../channel.ts';
import { renderEmail } from '../emails/render.ts';
import type { Person } from '../emails/letter.ts';
import type { RenderOptions } from '../emails/render.ts';
import { alertThread } from '../notice.ts';
import type { Notice } from '../notice.ts';

/** Reads what a notice may not hold, because it stands in histories. */
export interface LookUp {
  /** Texts of log messages by their MD5. */
  messages(hashes: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Names and numbers of leads by their id. */
  leads(ids: readonly string[]): Promise<ReadonlyMap<string, Person>>;
  /** Names of customers by their id. */
  accounts(ids: readonly string[]): Promise<ReadonlyMap<string, Person>>;
}

/** Each mail about an alert answers the one that told of its begin: mail programs show them as one conversation. */
export function emailChannel(
  mailer: Mailer,
  to: string,
  options: RenderOptions & { lookUp?: LookUp },
): Channel {
  const idOf = (key: string) => `<${deterministicId(key, 'email')}@${mailer.domain}>`;
  const threadOf = (notice: Notice) =>
    notice.template === 'alert' ? idOf(alertThread(notice.data)) : undefined;
  const messageId = (notice: Notice): string =>
    notice.template === 'alert' && notice.data.event === 'firing'
      ? idOf(alertThread(notice.data))
      : idOf(notice.key);
  return {
    ready: to !== '',
    // The undecidable boundary: one repetition with the same Message-ID, then the answer stays unknown.
    unknownAtMost: 1,
    messageId,
    async prepare(notice) {
      const { subject, html, text, pictures } = await renderEmail(notice, await withTexts(notice, options));
      const id = messageId(notice);
      const thread = threadOf(notice);
      const headers: Record<string, string> =
        thread === undefined || thread === id ? {} : { 'In-Reply-To': thread, References: thread };
      const attachments = pictures.map(({ name, png }) => ({
        ...{ filename: `${name}.png`, content: png, contentType: 'image/png', cid: name },
      }));
      return ({ messageId: claimed, createdAt }) =>
        mailer.send({ to, subject, html, text, attachments, headers, messageId: claimed, date: createdAt });
    },
    explain(error) {
      if (error instanceof MailRejected) return { code: error.code, permanent: true, message: error.message };
      if (error instanceof MailUnavailable) {
        const { code, undecided, message } = error;
        return { code, permanent: false, undecided, message };
      }
      return unexpected;
    },
  };
}

async function withTexts(
  notice: Notice,
  { lookUp, ...options }: RenderOptions & { lookUp?: LookUp },
): Promise<RenderOptions> {
  if (lookUp === undefined) return options;
  if (notice.template === 'daily-report') {
    const leads = await lookUp.leads(notice.data.callBack.ids);
    return { ...options, personOf: (id) => leads.get(id) };
  }
  if (notice.template === 'weekly-report') {
    const accounts = await lookUp.accounts((notice.data.movements?.rows ?? []).map(({ id }) => id));
    return { ...options, personOf: (id) => accounts.get(id) };
  }
  if (notice.template !== 'clean-report') return options;
  const tables = notice.data.logs?.tables ?? [];
  const hashes = tables.flatMap(({ messages }) => messages.map(({ name }) => name));
  if (hashes.length === 0) return options;
  const texts = await lookUp.messages(hashes);
  return { ...options, messageText: (hash) => texts.get(hash) };
}
