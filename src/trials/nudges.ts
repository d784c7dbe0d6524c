import { heartbeat } from '@temporalio/activity';
import type { Postgres } from '../clients/postgres.ts';
import type { CustomerDelivery, CustomerNotices } from '../notifications/index.ts';
import { mayDisturb } from './hours.ts';
import { worded, type Found } from './result.ts';

export interface NudgeDeps {
  app: Pick<Postgres, 'query'>;
  ops: Pick<Postgres, 'query'>;
  customers: CustomerNotices;
  /** For tests. */
  now?: () => Date;
}

/** How often, and after how long. */
export interface Pace {
  inactiveDays: number;
  nudgeEveryDays: number;
  nudgesPerTrial: number;
}

export interface Nudged {
  email: string;
  /** Absent: not tried, because somebody of the account was here before, or the hour forbids it. */
  sms?: string;
}

interface Trial {
  trial_id: string;
  account_id: string;
  started_at: Date;
  ends_at: Date;
  never_seen: boolean;
}

const PAGE = 500;
const LEFT: readonly CustomerDelivery['status'][] = ['sent', 'already sent', 'unknown'];

/**
 * Running trials without a sign of life for more than so many days: no event, no login, no activity of the account.
 * Several signals, because each alone has been wrong: whoever came in any way is left in peace.
 */
const INACTIVE = `
  select t.trial_id, t.account_id, t.started_at, t.ends_at, a.last_login_at is null and seen.at is null as never_seen
    from saas.trials t
    join saas.accounts a using (account_id)
    left join lateral (select max(e.at) as at from saas.activity e where e.account_id = t.account_id) seen on true
   where t.converted_at is null and t.expired_at is null and a.status = 'trial' and t.ends_at > $1
     and greatest(t.started_at, a.last_login_at, a.last_activity_at, seen.at) < $1::timestamptz - make_interval(days => $2)`;

/** Two runs a week apart are 167 hours apart when the clocks change. */
const SLACK_HOURS = 2;

const DUE = `
  select wanted.trial_id from unnest($1::text[]) as wanted(trial_id)
    left join lateral (
      select count(*) as count, max(due_at) as last from ops.trial_nudges n where n.trial_id = wanted.trial_id and counts
    ) before on true
   where before.count < $4
     and coalesce(before.last, '-infinity') <= $2::timestamptz - make_interval(days => $3, hours => -${String(SLACK_HOURS)})`;

export const createNudgeActivities = ({ app, ops, customers, now = () => new Date() }: NudgeDeps) => {
  /** The number of the open nudge; undefined: it is done, or not due any more. */
  async function claim({ trial_id, account_id }: Trial, at: string, pace: Pace): Promise<number | undefined> {
    await ops.query(
      `insert into ops.trial_nudges (trial_id, number, account_id, due_at)
       select due.trial_id, 1 + coalesce((select max(number) from ops.trial_nudges n where n.trial_id = due.trial_id), 0), $5, $2
         from (${DUE}) due
       on conflict do nothing`,
      [[trial_id], at, pace.nudgeEveryDays, pace.nudgesPerTrial, account_id],
    );
    // Also what a lost run has begun: it goes on under its own number.
    const [mine] = await ops.query<{ number: number }>(
      'select number from ops.trial_nudges where trial_id = $1 and closed_at is null order by number limit 1',
      [trial_id],
    );
    return mine?.number;
  }

  return {
    /**
     * The trials to be nudged at an instant: inactive, and not nudged too lately or too often. At most `limit` by id; all
     * are counted. Also those that an earlier run has begun and not finished. Idempotent because it only reads.
     */
    async findInactiveTrials({ at, limit, ...pace }: Pace & { at: string; limit: number }): Promise<Found> {
      const unfinished = await ops.query<{ trial_id: string }>(
        'select distinct trial_id from ops.trial_nudges where closed_at is null limit $1',
        [limit],
      );
      const trialIds = unfinished.map(({ trial_id }) => trial_id);
      const begun = new Set(trialIds);
      let count = 0;
      let last: Trial | undefined;
      for (;;) {
        const page: Trial[] = await app.query<Trial>(
          `${INACTIVE} and (t.started_at, t.trial_id) > (coalesce($3, '-infinity'::timestamptz), coalesce($4, ''))
         order by t.started_at, t.trial_id limit $5`,
          [at, pace.inactiveDays, last?.started_at ?? null, last?.trial_id ?? null, PAGE],
        );
        last = page.at(-1);
        const due = await ops.query<{ trial_id: string }>(DUE, [
          page.map(({ trial_id }) => trial_id),
          ...[at, pace.nudgeEveryDays, pace.nudgesPerTrial],
        ]);
        const fresh = due.filter(({ trial_id }) => !begun.has(trial_id));
        count += fresh.length;
        trialIds.push(...fresh.slice(0, limit - trialIds.length).map(({ trial_id }) => trial_id));
        heartbeat();
        if (page.length < PAGE) break;
      }
      const [accounts] = await app.query<{ count: number }>(
        `select count(*)::int as count from saas.accounts where status not in ('archived', 'anonymized')`,
      );
      return { trialIds, count, unfinished: unfinished.length, accounts: accounts?.count ?? 0 };
    },

    /**
     * « Besoin d'aide ? », by e-mail and, where the person never came and agreed, by SMS. Idempotent because one nudge of
     * a trial has one row for one scheduled instant, and its number is the key of its messages.
     */
    async nudgeTrial({
      trialId,
      at,
      ...pace
    }: Pace & { trialId: string; at: string }): Promise<Nudged | undefined> {
      const look = async (): Promise<Trial | undefined> => {
        const [trial] = await app.query<Trial>(`${INACTIVE} and t.trial_id = $3`, [
          now(),
          pace.inactiveDays,
          trialId,
        ]);
        return trial;
      };
      const trial = await look();
      if (trial === undefined) {
        // Came back, or is over. What a lost run had begun may have left: it goes on counting.
        await ops.query(
          `update ops.trial_nudges set email = 'not finished', closed_at = now() where trial_id = $1 and closed_at is null`,
          [trialId],
        );
        return undefined;
      }
      const number = await claim(trial, at, pace);
      // Was nudged by another run.
      if (number === undefined) return undefined;
      const isQuiet = async () => ((await look()) === undefined ? 'CameBack' : undefined);
      const close = async (nudged: Nudged, left: boolean): Promise<Nudged> => {
        await ops.query(
          `update ops.trial_nudges set email = $3, sms = $4, counts = $5, closed_at = now()
          where trial_id = $1 and number = $2 and closed_at is null`,
          [trialId, number, nudged.email, nudged.sms ?? null, left],
        );
        return nudged;
      };
      const { account_id: accountId, ends_at, never_seen: neverSeen } = trial;
      const notice = {
        ...{ key: `trial-help/${trialId}/${String(number)}`, accountId, template: 'trial-help' as const },
        data: { trialId, endsAt: ends_at.toISOString(), neverSeen },
      };
      const email = await customers.tell({ ...notice, channel: 'email' }, isQuiet);
      const sms =
        neverSeen && mayDisturb(now())
          ? await customers.tell({ ...notice, channel: 'sms' }, async () =>
              mayDisturb(now()) ? isQuiet() : 'QuietHours',
            )
          : undefined;
      const left = [email, sms].some((told) => told !== undefined && LEFT.includes(told.status));
      return close({ email: worded(email), ...(sms && { sms: worded(sms) }) }, left);
    },
  };
};

export type NudgeActivities = ReturnType<typeof createNudgeActivities>;
