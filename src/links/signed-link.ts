import { isToken, signToken } from './token.ts';

/** What a link is for. It opens nothing else. */
export type LinkPurpose = 'reactivate' | 'unsubscribe';

export interface SignedLink {
  purpose: LinkPurpose;
  /** An id, never a name or an address. */
  subject: string;
  expiresAt: Date;
}

export type ReadLink = { subject: string; expired: boolean };

const SUBJECT = /^[A-Za-z0-9_-]{1,64}$/;

const textOf = (purpose: LinkPurpose, subject: string, expires: string): string =>
  `${purpose}|${subject}|${expires}`;

/** `subject.expiry.token`, to stand at the end of a page's path. Made while sending: it stands in no history. */
export function signLink(key: string, { purpose, subject, expiresAt }: SignedLink): string {
  if (!SUBJECT.test(subject)) throw new Error('the subject of a link is an id of letters, digits, - and _');
  const expires = Math.floor(expiresAt.getTime() / 1_000).toString(36);
  return `${subject}.${expires}.${signToken(key, textOf(purpose, subject, expires))}`;
}

/** What the link opens; undefined when it was not signed with this key for this purpose. */
export function readLink(
  key: string,
  purpose: LinkPurpose,
  text: string,
  now = Date.now(),
): ReadLink | undefined {
  const [, subject = '', expires = '', token = ''] =
    /^([A-Za-z0-9_-]{1,64})\.([0-9a-z]{1,9})\.([A-Za-z0-9_-]{22})$/.exec(text) ?? [];
  if (!isToken(key, textOf(purpose, subject, expires), token)) return undefined;
  return { subject, expired: Number.parseInt(expires, 36) * 1_000 <= now };
}
