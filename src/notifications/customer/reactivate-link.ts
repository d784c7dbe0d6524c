import { pageUrl, readLink, signLink } from '../../links/index.ts';
import type { ReactivateData } from './notice.ts';

const MONTH_MS = 31 * 86_400_000;

/** Made while sending: it stands in no history. It opens as long as anything can come back. */
export function reactivateLink(
  { publicUrl, linkSigningKey }: { publicUrl: string; linkSigningKey: string },
  accountId: string,
  { episode, deadline, anonymiseAfterMonths }: ReactivateData,
): string {
  const subject = Buffer.from(`${String(episode)}|${accountId}`).toString('base64url');
  const expiresAt = new Date(Date.parse(deadline) + anonymiseAfterMonths * MONTH_MS);
  return pageUrl(publicUrl, `r/${signLink(linkSigningKey, { purpose: 'reactivate', subject, expiresAt })}`);
}

export interface ReactivateLink {
  accountId: string;
  /** A link of an earlier time opens nothing of a later one. */
  episode: number;
  expired: boolean;
}

/** Undefined when it was not signed with this key for this. */
export function readReactivateLink(key: string, text: string, now?: number): ReactivateLink | undefined {
  const link = readLink(key, 'reactivate', text, now);
  const [, episode, accountId] =
    /^(\d{1,9})\|(.+)$/.exec(Buffer.from(link?.subject ?? '', 'base64url').toString()) ?? [];
  return link && episode && accountId
    ? { accountId, episode: Number(episode), expired: link.expired }
    : undefined;
}
