import { heartbeat } from '@temporalio/activity';
import type { Postgres } from '../../clients/postgres.ts';
import type { CustomerNotices } from '../../notifications/index.ts';
import type { Privacy } from '../../privacy/index.ts';
import { cameBack, readFacts } from '../facts.ts';
import { monthsLater, planArchived, planAsked, type Plan } from '../plan.ts';
import type { LifecyclePolicy, LifecycleState } from '../state.ts';
import { claimLifecycle, recordState, stateOf } from '../store.ts';

export interface CustomerLifecycleDeps {
  app: Postgres;
  ops: Postgres;
  customers: CustomerNotices;
  privacy: () => Promise<Privacy>;
  policy: LifecyclePolicy;
  /** Whoever was seen in these last months is asked nothing. */
  inactiveMonths: number;
  timeZone: string;
  searchable: () => Promise<boolean>;
  /** For tests. */
  now?: () => Date;
}

/** What a look, or a step that begins with one, found. `gone`: there is no such customer any more. */
export type Looked =
  { outcome: 'as before'; blocked: string[] } | { outcome: 'came back'; by: string } | { outcome: 'gone' };

/** Answers of `privacy/`, and no failures: what they say is what happens next. */
const ANSWERS: Readonly<Record<string, 'blocked' | 'too late' | 'gone'>> = {
  CustomerBlocked: 'blocked',
  CustomerAnonymized: 'too late',
  AccountUnknown: 'gone',
};

export type Answer = { outcome: 'blocked'; blocked: string[] } | { outcome: 'too late' | 'gone' };

async function answered<Result>(work: Promise<Result>): Promise<Result | Answer> {
  try {
    return await work;
  } catch (error) {
    const { type, details } = error as { type?: string; details?: unknown[] };
    const outcome = ANSWERS[type ?? ''];
    if (outcome === undefined) throw error;
    return outcome === 'blocked' ? { outcome, blocked: (details ?? []).map(String) } : { outcome };
  }
}

/** Whom nobody ever heard of again: accounts that paid once become active; a trial that ran out stays one. */
const BECOMES_ACTIVE: readonly string[] = ['inactive', 'archived'];

export const createCustomerLifecycleActivities = (deps: CustomerLifecycleDeps) => {
  const { app, ops, customers, timeZone, now = () => new Date() } = deps;

  async function look(accountId: string, inactiveSince: string, isArchived: boolean): Promise<Looked> {
    const facts = await readFacts(app, accountId);
    if (!facts || facts.status === 'anonymized') return { outcome: 'gone' };
    const by = cameBack(facts, inactiveSince);
    if (by !== undefined) return { outcome: 'came back', by };
    // Somebody gave the account back in the application itself.
    if (isArchived && facts.status !== 'archived') return { outcome: 'came back', by: 'application' };
    return { outcome: 'as before', blocked: facts.blockers };
  }

  /** As the run that began it found it, or seen since: also where somebody began it by hand. */
  async function lookBeforeAsking(accountId: string, inactiveSince: string): Promise<Looked> {
    const since = monthsLater(now(), -deps.inactiveMonths, timeZone).toISOString();
    return look(accountId, inactiveSince < since ? inactiveSince : since, false);
  }

  return {
    /**
     * The lifecycle as it stands in `ops.lifecycles`, or a new one. Idempotent because an open row is only read, and
     * what is new is claimed under the account's key.
     */
    async openLifecycle({
      accountId,
      policy,
      erase,
    }: {
      accountId: string;
      policy?: Partial<LifecyclePolicy>;
      erase?: boolean;
    }): Promise<LifecycleState> {
      const [row, facts, searchable] = await Promise.all([
        claimLifecycle(ops, { accountId, policy: { ...deps.policy, ...policy }, erase }),
        readFacts(app, accountId),
        deps.searchable().catch(() => false),
      ]);
      const at = now();
      const known = stateOf(row, { now: at, searchable });
      const state = { ...known, policy: { ...deps.policy, ...known.policy } };
      return row.inactive_since === null && facts ? { ...state, inactiveSince: facts.seenAt } : state;
    },

    /** Idempotent because a row only ever takes a newer revision. */
    recordLifecycle: async (state: LifecycleState, runId: string): Promise<void> =>
      recordState(ops, state, runId),

    /** When the phase ends. Idempotent because it only computes. */
    async planLifecycle({
      phase,
      from,
      policy,
    }: {
      phase: 'asked' | 'archived';
      from: string;
      policy: LifecyclePolicy;
    }): Promise<Plan> {
      const plan = phase === 'asked' ? planAsked : planArchived;
      return plan(new Date(from), policy, timeZone);
    },

    /**
     * « Voulez-vous réactiver ? » Idempotent because its key, the account and how often it was asked, is claimed in the
     * ledger before it leaves. The day in it is counted from now: a mail server that was away costs the customer nothing.
     */
    async askToReactivate({
      accountId,
      episode,
      inactiveSince,
      policy,
    }: Pick<LifecycleState, 'accountId' | 'episode' | 'inactiveSince' | 'policy'>): Promise<
      { told: string } | Looked
    > {
      const found = await lookBeforeAsking(accountId, inactiveSince);
      if (found.outcome !== 'as before' || found.blocked.length > 0) return found;
      const { deadline } = planAsked(now(), policy, timeZone);
      const { status, code } = await customers.tell(
        {
          ...{ key: `reactivate-ask/${accountId}/${String(episode)}`, accountId, channel: 'email' },
          template: 'reactivate-ask',
          data: { episode, inactiveSince, deadline, anonymiseAfterMonths: policy.anonymiseAfterMonths },
        },
        () => unlessChanged(lookBeforeAsking(accountId, inactiveSince)),
      );
      if (code === CHANGED) return lookBeforeAsking(accountId, inactiveSince);
      return { told: worded(status, code) };
    },

    /** The reminder. Idempotent as the question is; once the day is over it does not leave any more. */
    async remindToReactivate({
      accountId,
      episode,
      inactiveSince,
      deadline,
      policy,
    }: Pick<LifecycleState, 'accountId' | 'episode' | 'inactiveSince' | 'policy'> & {
      deadline: string;
    }): Promise<{ told: string } | Looked> {
      const found = await look(accountId, inactiveSince, false);
      if (found.outcome !== 'as before') return found;
      const { status, code } = await customers.tell(
        {
          ...{ key: `reactivate-reminder/${accountId}/${String(episode)}`, accountId, channel: 'email' },
          template: 'reactivate-reminder',
          data: { episode, inactiveSince, deadline, anonymiseAfterMonths: policy.anonymiseAfterMonths },
        },
        async () =>
          now().toISOString() >= deadline ? 'Over' : unlessChanged(look(accountId, inactiveSince, false)),
      );
      if (code === CHANGED) return look(accountId, inactiveSince, false);
      return { told: worded(status, code) };
    },

    /** Reads the facts again. Idempotent because it only reads. */
    lookAtCustomer: async ({
      accountId,
      inactiveSince,
      archived,
    }: {
      accountId: string;
      inactiveSince: string;
      archived: boolean;
    }): Promise<Looked> => look(accountId, inactiveSince, archived),

    /**
     * Archives, after a last look. Idempotent because a customer who is archived is found so, and rows that changed
     * meanwhile (`CustomerChanged`) are read again by the next attempt.
     */
    async archiveInactiveCustomer({
      accountId,
      inactiveSince,
    }: {
      accountId: string;
      inactiveSince: string;
    }): Promise<{ outcome: 'archived' } | Looked | Answer> {
      const found = await look(accountId, inactiveSince, false);
      if (found.outcome !== 'as before') return found;
      if (found.blocked.length > 0) return { outcome: 'blocked', blocked: found.blocked };
      const privacy = await deps.privacy();
      const archived = await answered(beating(privacy.archiveCustomer(accountId)));
      return 'outcome' in archived ? archived : { outcome: 'archived' };
    },

    /**
     * Brings everything back. Idempotent because what came back is found so. The status is the one before archiving;
     * who asked for it themselves, and had been a customer, is active again.
     */
    async reactivateCustomer({
      accountId,
      by,
    }: {
      accountId: string;
      by: string;
    }): Promise<{ outcome: 'reactivated' } | Answer> {
      const privacy = await deps.privacy();
      const restored = await answered(beating(privacy.restoreCustomer(accountId)));
      if ('outcome' in restored) return restored;
      if (!OWN_SIGNS.includes(by) && BECOMES_ACTIVE.includes(restored.status))
        await app.query('select saas.set_account_status($1, $2)', [accountId, 'active']);
      return { outcome: 'reactivated' };
    },

    /**
     * Makes the customer anonymous, for good, after a last look unless they asked for it. Idempotent because `privacy/`
     * finishes what a killed attempt began, and what is done is found done.
     */
    async anonymizeInactiveCustomer({
      accountId,
      inactiveSince,
      requested,
      archived,
    }: {
      accountId: string;
      inactiveSince: string;
      requested: boolean;
      archived: boolean;
    }): Promise<{ outcome: 'anonymized'; pending: number } | Looked | Answer> {
      if (!requested) {
        const found = await look(accountId, inactiveSince, archived);
        // `gone`: perhaps a killed attempt was us. What is anonymised is found so.
        if (found.outcome === 'came back') return found;
        if (found.outcome === 'as before' && found.blocked.length > 0)
          return { outcome: 'blocked', blocked: found.blocked };
      }
      const privacy = await deps.privacy();
      const done = await answered(
        beating(privacy.anonymizeCustomer(accountId, { reason: requested ? 'request' : 'inactive' })),
      );
      return 'outcome' in done ? done : { outcome: 'anonymized', pending: done.pending };
    },

    /** Files, messages and the archive. Idempotent because each leaves a list when it is gone. */
    eraseCustomerElsewhere: async (accountId: string): Promise<number> => {
      const privacy = await deps.privacy();
      return beating(privacy.eraseElsewhere(accountId));
    },
  };
};

/** Signs that they are back already: their status is theirs. */
const OWN_SIGNS: readonly string[] = ['activity', 'subscription', 'application'];

const CHANGED = 'Changed';
const unlessChanged = async (looked: Promise<Looked>): Promise<string | undefined> =>
  (await looked).outcome === 'as before' ? undefined : CHANGED;

const worded = (status: string, code: string | undefined): string =>
  code === undefined ? (status === 'already sent' ? 'sent' : status) : `${status}: ${code}`;

const BEAT_MS = 2_000;

/** A sign of life while something takes long. */
async function beating<Result>(work: Promise<Result>): Promise<Result> {
  const timer = setInterval(() => heartbeat(), BEAT_MS);
  return work.finally(() => clearInterval(timer));
}

export type CustomerLifecycleActivities = ReturnType<typeof createCustomerLifecycleActivities>;
