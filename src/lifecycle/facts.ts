/** What the application's database says of a customer: when somebody was seen last, and what forbids archiving. */
import type { Queryable } from '../clients/postgres.ts';

export interface Facts {
  status: string;
  /** The latest of several signals, because each alone has been wrong. ISO. */
  seenAt: string;
  /** Codes of `saas.archive_blockers`. */
  blockers: string[];
}

/** Undefined where there is no such account. */
export async function readFacts(app: Queryable, accountId: string): Promise<Facts | undefined> {
  const [row] = await app.query<{ status: string; seen_at: Date; blockers: string[] }>(
    `select a.status,
            greatest(a.created_at, a.last_login_at, a.last_activity_at,
              (select max(e.at) from saas.activity e where e.account_id = a.account_id),
              (select max(p.at) from saas.payments p where p.account_id = a.account_id and p.kind <> 'refund' and p.status = 'succeeded')
            ) as seen_at,
            array(select distinct b.reason from saas.archive_blockers b where b.account_id = a.account_id order by 1) as blockers
       from saas.accounts a where a.account_id = $1`,
    [accountId],
  );
  return row && { status: row.status, seenAt: row.seen_at.toISOString(), blockers: row.blockers };
}

/** Accounts after `after` of which nobody was seen since an instant and which nothing forbids to archive, by id. */
export async function readInactive(
  app: Queryable,
  { before, after, limit }: { before: Date; after: string; limit: number },
): Promise<string[]> {
  const rows = await app.query<{ account_id: string }>(
    `select a.account_id from saas.accounts a
      where a.account_id > $2 and a.status not in ('archived', 'anonymized')
        and greatest(a.created_at, a.last_login_at, a.last_activity_at) < $1
        and not exists (select from saas.activity e where e.account_id = a.account_id and e.at >= $1)
        and not exists (select from saas.payments p
                         where p.account_id = a.account_id and p.at >= $1 and p.kind <> 'refund' and p.status = 'succeeded')
        and not exists (select from saas.archive_blockers b where b.account_id = a.account_id)
      order by a.account_id limit $3`,
    [before, after, limit],
  );
  return rows.map(({ account_id }) => account_id);
}

/** All customers, without archived ones: what the brake compares with. */
export async function countAccounts(app: Queryable): Promise<number> {
  const [row] = await app.query<{ count: number }>(
    `select count(*)::int as count from saas.accounts where status not in ('archived', 'anonymized')`,
  );
  return row?.count ?? 0;
}

const COMES_BACK_FOR_GOOD = ['subscription'];

/** Why this customer is to be left alone from now on: seen again, or subscribed. */
export function cameBack({ seenAt, blockers }: Facts, inactiveSince: string): string | undefined {
  if (seenAt > inactiveSince) return 'activity';
  return COMES_BACK_FOR_GOOD.find((reason) => blockers.includes(reason));
}
