import type { Queryable } from '../../clients/postgres.ts';
import { pageUrl, readLink, signLink, type ReadLink } from '../../links/index.ts';
import type { CustomerChannel } from './notice.ts';

/** A person may look for the way out long after the message. */
const VALID_DAYS = 400;
const DAY_MS = 86_400_000;

/** Made while sending: it stands in no history. Counted from the notice, so that every attempt makes the same bytes. */
export function unsubscribeLink(
  { publicUrl, linkSigningKey }: { publicUrl: string; linkSigningKey: string },
  accountId: string,
  since: Date,
): string {
  const subject = Buffer.from(accountId).toString('base64url');
  const expiresAt = new Date(since.getTime() + VALID_DAYS * DAY_MS);
  return pageUrl(publicUrl, `u/${signLink(linkSigningKey, { purpose: 'unsubscribe', subject, expiresAt })}`);
}

/** The account that a link unsubscribes; undefined when it was not signed with this key for this. */
export function readUnsubscribeLink(key: string, text: string): ReadLink | undefined {
  const link = readLink(key, 'unsubscribe', text);
  return link && { ...link, subject: Buffer.from(link.subject, 'base64url').toString() };
}

/**
 * Counts at once: the next message looks here. The application is told too; while it is away, `passOnRefusals` does it
 * later. Idempotent because a refusal has one row, and the first instant stays.
 */
export async function refuseContact(
  { app, ops }: { app: Queryable; ops: Queryable },
  { accountId, channel, at }: { accountId: string; channel: CustomerChannel; at: Date },
): Promise<{ passedOn: boolean }> {
  // Again after a new consent: the newer refusal counts.
  await ops.query(
    `insert into ops.contact_refusals (account_id, channel, refused_at) values ($1, $2, $3)
     on conflict (account_id, channel) do update set refused_at = excluded.refused_at, passed_on_at = null`,
    [accountId, channel, at],
  );
  return { passedOn: await passOn({ app, ops }, { accountId, channel, at }).catch(() => false) };
}

/** Tells the application of refusals it has not taken yet; how many it took. Idempotent because it keeps the first. */
export async function passOnRefusals({ app, ops }: { app: Queryable; ops: Queryable }): Promise<number> {
  const waiting = await ops.query<{ accountId: string; channel: CustomerChannel; at: Date }>(
    `select account_id as "accountId", channel, refused_at as at from ops.contact_refusals
      where passed_on_at is null order by refused_at limit 500`,
  );
  let taken = 0;
  for (const refusal of waiting) if (await passOn({ app, ops }, refusal).catch(() => false)) taken += 1;
  return taken;
}

async function passOn(
  { app, ops }: { app: Queryable; ops: Queryable },
  { accountId, channel, at }: { accountId: string; channel: CustomerChannel; at: Date },
): Promise<boolean> {
  await app.query('select saas.withdraw_permission($1, $2, $3)', [accountId, channel, at]);
  await ops.query(
    `update ops.contact_refusals set passed_on_at = now()
      where account_id = $1 and channel = $2 and refused_at = $3`,
    [accountId, channel, at],
  );
  return true;
}
