/** Who made the MRR move. The kinds are those of `maintenance.mrr_figures`, so that each kind's sum is the figure. */
import type { Queryable } from '../clients/postgres.ts';
import type { Movement, Movements } from '../notifications/notice.ts';
import { firstDayOf, isoDay } from '../shared/calendar.ts';
import type { Period } from './period.ts';

/** A mail has 30 KB at most. */
const SHOWN = 8;

/** The largest first. Ids alone: names are read while the mail is made, and kept nowhere. */
export async function movementsOf(
  app: Queryable,
  { kind, number }: Period,
  shown = SHOWN,
): Promise<Movements> {
  const rows = await app.query<Movement>(
    `select account_id as id, kind, sum(change)::float8 as cents
       from (select m.account_id, m.closing - m.opening - m.fx as change,
                    case when not m.is_customer then 'churn'
                         when not m.was_customer then case when m.paid_before then 'reactivation' else 'new' end
                         when m.closing - m.opening - m.fx > 0 then 'expansion' else 'contraction' end as kind
               from maintenance.mrr_movements m
              where m.day between $1 and $2
                and (m.was_customer <> m.is_customer or m.closing - m.opening <> m.fx)) as moved
      group by 1, 2 order by abs(sum(change)) desc, 1, 2`,
    [isoDay(firstDayOf(kind, number)), isoDay(firstDayOf(kind, number + 1) - 1)],
  );
  return { rows: rows.slice(0, shown), more: Math.max(0, rows.length - shown) };
}
