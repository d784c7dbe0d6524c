import { heartbeat } from '@temporalio/activity';
import type { Postgres } from '../clients/postgres.ts';
import type { CustomerDelivery, CustomerNotices } from '../notifications/index.ts';
import { readConversions, type Conversions } from './conversions.ts';
import { storeOffer, type OfferTerms } from './offer.ts';
import type { Found } from './result.ts';

export interface EndingDeps {
  app: Pick<Postgres, 'query'>;
  ops: Pick<Postgres, 'query'>;
  customers: CustomerNotices;
  /** Absent: the e-mail offers nothing. */
  offer?: { terms: OfferTerms; key: string };
  timeZone: string;
}

/** What became of one trial. `elsewhere`: the application had ended it itself, and told whom it wanted. */
export type Ending = 'ended' | 'converted' | 'elsewhere' | 'running';

const PAGE = 500;

interface Row {
  trial_id: string;
  account_id: string;
  ends_at: Date;
}

export const createEndingActivities = ({ app, ops, customers, offer, timeZone }: EndingDeps) => ({
  /**
   * The trials that are over at an instant, oldest first, at most `limit` by id; all are counted. Also those that an
   * earlier run has begun and not finished. Idempotent because it only reads.
   */
  async findEndedTrials({ at, limit }: { at: string; limit: number }): Promise<Found> {
    const unfinished = await ops.query<{ trial_id: string }>(
      `select trial_id from ops.trial_endings
        where outcome = 'claimed' or (outcome = 'ended' and told_at is null) order by claimed_at limit $1`,
      [limit],
    );
    const trialIds = unfinished.map(({ trial_id }) => trial_id);
    const begun = new Set(trialIds);
    let count = 0;
    let last: Row | undefined;
    for (;;) {
      const page: Row[] = await app.query<Row>(
        `select trial_id, account_id, ends_at from saas.trials
          where expired_at is null and converted_at is null and ends_at <= $1
            and (ends_at, trial_id) > (coalesce($2, '-infinity'::timestamptz), coalesce($3, ''))
          order by ends_at, trial_id limit $4`,
        [at, last?.ends_at ?? null, last?.trial_id ?? null, PAGE],
      );
      last = page.at(-1);
      for (const { trial_id } of page) {
        if (begun.has(trial_id)) continue;
        count += 1;
        if (trialIds.length < limit) trialIds.push(trial_id);
      }
      heartbeat();
      if (page.length < PAGE) break;
    }
    const [accounts] = await app.query<{ count: number }>(
      `select count(*)::int as count from saas.accounts where status not in ('archived', 'anonymized')`,
    );
    return { trialIds, count, unfinished: unfinished.length, accounts: accounts?.count ?? 0 };
  },

  /**
   * Ends one trial at an instant. Idempotent because the instant of the first claim is kept and given to
   * saas.expire_trial, which does it once: whoever finds the trial expired at that very instant ended it.
   */
  async endTrial({ trialId, at }: { trialId: string; at: string }): Promise<Ending> {
    const [trial] = await app.query<Row & { converted_at: Date | null }>(
      'select trial_id, account_id, ends_at, converted_at from saas.trials where trial_id = $1',
      [trialId],
    );
    if (trial === undefined) return 'elsewhere';
    await ops.query(
      `insert into ops.trial_endings (trial_id, account_id, ends_at, due_at) values ($1, $2, $3, $4)
       on conflict (trial_id) do nothing`,
      [trialId, trial.account_id, trial.ends_at, at],
    );
    const [claim] = await ops.query<{ due_at: Date; outcome: 'claimed' | Exclude<Ending, 'running'> }>(
      'select due_at, outcome from ops.trial_endings where trial_id = $1',
      [trialId],
    );
    if (claim === undefined) throw new Error('the claim that was just made is not there');
    if (claim.outcome !== 'claimed') return claim.outcome;
    await app.query('select saas.expire_trial($1, $2)', [trialId, claim.due_at]);
    // What it answers is lost with a killed worker: what stands in the trial is not.
    const [after] = await app.query<{ expired_at: Date | null; converted_at: Date | null }>(
      'select expired_at, converted_at from saas.trials where trial_id = $1',
      [trialId],
    );
    const ending = endingOf(after, claim.due_at);
    if (ending === 'running') {
      // Its end was moved between the look and the claim: the run of that day finds it.
      await ops.query(`delete from ops.trial_endings where trial_id = $1 and outcome = 'claimed'`, [trialId]);
      return ending;
    }
    await ops.query(`update ops.trial_endings set outcome = $2 where trial_id = $1 and outcome = 'claimed'`, [
      trialId,
      ending,
    ]);
    return ending;
  },

  /**
   * The end-of-trial e-mail, with the offer where it may stand. Idempotent because its key is the trial's, claimed in
   * the ledger before it leaves, and the offer's code is always the same.
   */
  async tellTrialEnded({ trialId }: { trialId: string }): Promise<CustomerDelivery> {
    const [row] = await ops.query<{ account_id: string; due_at: Date; ends_at: Date; told: string | null }>(
      `select account_id, due_at, ends_at, told from ops.trial_endings where trial_id = $1 and outcome = 'ended'`,
      [trialId],
    );
    if (row === undefined) return { status: 'skipped', code: 'NotEnded' };
    if (row.told !== null) return { status: row.told === 'sent' ? 'already sent' : (row.told as 'unknown') };
    const accountId = row.account_id;
    const mayStand = offer !== undefined && (await customers.mayOffer(accountId, 'email'));
    const told = await customers.tell(
      {
        ...{ key: `trial-ended/${trialId}`, accountId, channel: 'email', template: 'trial-ended' },
        data: {
          ...{ trialId, endedAt: row.ends_at.toISOString() },
          ...(mayStand && {
            offer: await storeOffer(app, { trialId, accountId, from: row.due_at }, offer.terms, {
              ...{ key: offer.key, timeZone },
            }),
          }),
        },
      },
      async () => {
        const [now] = await app.query<{ converted: boolean }>(
          `select converted_at is not null or status = 'active' as converted
             from saas.trials join saas.accounts using (account_id) where trial_id = $1`,
          [trialId],
        );
        return now?.converted === false ? undefined : 'Converted';
      },
    );
    await ops.query(
      `update ops.trial_endings set told = $2, told_code = $3, told_at = now() where trial_id = $1 and told_at is null`,
      [trialId, told.status === 'already sent' ? 'sent' : told.status, told.code ?? null],
    );
    return told;
  },

  /** Conversions ÷ trials ended, of a day and of thirty. Idempotent because it only reads. */
  async readConversions(at: string): Promise<{ day: Conversions; month: Conversions }> {
    const [day, month] = await Promise.all(
      [1, 30].map((days) => readConversions(app, new Date(at), days, timeZone)),
    );
    if (day === undefined || month === undefined) throw new Error('no figures');
    return { day, month };
  },
});

function endingOf(
  after: { expired_at: Date | null; converted_at: Date | null } | undefined,
  dueAt: Date,
): Ending {
  if (after === undefined) return 'elsewhere';
  if (after.converted_at !== null) return 'converted';
  if (after.expired_at === null) return 'running';
  return after.expired_at.getTime() === dueAt.getTime() ? 'ended' : 'elsewhere';
}

export type EndingActivities = ReturnType<typeof createEndingActivities>;
