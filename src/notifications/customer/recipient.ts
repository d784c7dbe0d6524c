import type { Queryable } from '../../clients/postgres.ts';
import type { Locale } from '../format.ts';
import type { CustomerChannel } from './notice.ts';
import type { Standing } from './permission.ts';

/** A person, as read for one message: never logged, stored or returned by an activity. */
export interface Recipient extends Standing {
  name: string;
  /** The channel's address or number. */
  to: string;
  locale: Locale;
}

interface Row {
  name: string | null;
  email: string | null;
  phone: string | null;
  locale: string | null;
  kind: string | null;
  bases: string[];
  granted_at: Date | null;
  withdrawn: boolean;
}

/** A status in which nobody is written to: the person asked to be forgotten, or left long ago. */
const SILENT = ['anonymized'];

/** A driver's message may quote what was read; the code is enough to look it up. */
export class CustomersUnavailable extends Error {
  override readonly name = 'CustomersUnavailable';
  constructor(error: unknown) {
    const { code } = (error ?? {}) as { code?: unknown };
    super(
      `The application's database did not say whom to write to (${typeof code === 'string' ? code : 'no answer'})`,
    );
  }
}

/** Undefined: there is nobody to write to. */
export async function readRecipient(
  { app, ops }: { app: Queryable; ops: Queryable },
  accountId: string,
  channel: CustomerChannel,
): Promise<Recipient | undefined> {
  try {
    const [[row], [refusal]] = await Promise.all([
      app.query<Row>(
        `select a.name, a.email, a.phone, a.locale, a.kind,
                coalesce(array_agg(p.basis) filter (where p.withdrawn_at is null and p.basis <> 'none'), '{}') as bases,
                max(p.granted_at) as granted_at, coalesce(bool_or(p.withdrawn_at is not null), false) as withdrawn
           from saas.accounts a
           left join saas.contact_permissions p on p.account_id = a.account_id and p.channel = $2
          where a.account_id = $1 and a.status <> all ($3)
          group by a.name, a.email, a.phone, a.locale, a.kind`,
        [accountId, channel, SILENT],
      ),
      ops.query<{ refused_at: Date }>(
        'select refused_at from ops.contact_refusals where account_id = $1 and channel = $2',
        [accountId, channel],
      ),
    ]);
    const to = channel === 'email' ? row?.email : row?.phone;
    if (row === undefined || !to) return undefined;
    // Whoever agrees again later has changed their mind.
    const refused =
      refusal !== undefined && !(row.granted_at !== null && row.granted_at > refusal.refused_at);
    return {
      ...{ name: row.name ?? '', to, kind: row.kind ?? '', bases: row.bases },
      withdrawn: row.withdrawn || refused,
      locale: row.locale?.toLowerCase().startsWith('en') ? 'en' : 'fr',
    };
  } catch (error) {
    throw new CustomersUnavailable(error);
  }
}
