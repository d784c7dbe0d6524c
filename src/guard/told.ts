/** What the guard has said: read back from the ledger of notices, so that it needs no state of its own. */
import type { Queryable } from '../clients/postgres.ts';
import type { Alert, Check } from './check.ts';

const DAY_MS = 86_400_000;

/** The day of the instant in the zone, or the Monday of its week: `2026-11-23`. */
export function periodOf(at: Date, repeat: Check['repeat'], timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
  }).formatToParts(at);
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  const day = `${part['year']}-${part['month']}-${part['day']}`;
  if (repeat === 'daily') return day;
  const noon = Date.parse(`${day}T12:00:00Z`);
  const sinceMonday = (new Date(noon).getUTCDay() + 6) % 7;
  return new Date(noon - sinceMonday * DAY_MS).toISOString().slice(0, 10);
}

/** One alert a check and period; one answer an alert. The ledger sends no key twice. */
export const alertKey = (check: string, period: string): string => `talos-guard/${check}/${period}`;
export const answerKey = (check: string, period: string): string => `${alertKey(check, period)}/over`;

/** The alerts that reached somebody and are not yet answered, by check. */
export async function readUnanswered(ops: Queryable): Promise<Map<string, Alert>> {
  const rows = await ops.query<{ check: string; period: string; since: Date }>(
    `with told as (
       select split_part(key, '/', 2) as name, split_part(key, '/', 3) as period,
              split_part(key, '/', 4) = 'over' as is_answer, status, closed_at, created_at
         from ops.notifications where key like 'talos-guard/%')
     select name as check, max(period) as period, min(created_at) as since
       from told as alert
      where not is_answer and status = 'sent'
        and not exists (select from told as answer
                         where answer.name = alert.name and answer.is_answer
                           and answer.closed_at is not null and answer.period >= alert.period)
      group by name`,
  );
  return new Map(rows.map(({ check, period, since }) => [check, { period, since: since.toISOString() }]));
}
