import { waitFor } from './wait.ts';

export interface Address {
  address: string;
  name: string;
}

/** A mail as the inbox gives it (maildev 3). */
export interface Mail {
  id: string;
  subject: string;
  from: Address[];
  to: Address[];
  text?: string;
  html?: string | false;
  messageId?: string;
  /** Every header of the message, names in lower case. */
  headers: Record<string, unknown>;
  attachments?: { fileName?: string; generatedFileName: string; contentType: string }[];
}

/** All mails, in the order they arrived. */
export async function mails(apiUrl: string): Promise<Mail[]> {
  const response = await fetch(apiUrl);
  if (!response.ok) throw new Error(`the inbox answered ${response.status}`);
  return (await response.json()) as Mail[];
}

/** The first mail that fits. Files share one inbox: ask for something that only yours has, such as its recipient. */
export function waitForMail(
  apiUrl: string,
  predicate: (mail: Mail) => boolean,
  timeoutMs = 10_000,
): Promise<Mail> {
  return waitFor(async () => (await mails(apiUrl)).find(predicate), {
    timeoutMs,
    what: 'the mail in the inbox',
  });
}
