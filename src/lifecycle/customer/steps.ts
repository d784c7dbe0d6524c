/** One step of a lifecycle: an activity, and what its answer makes of the state. Sandboxed. */
import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import { causeOf } from '../../workflow-kit/workflow.ts';
import {
  BLOCKED_MS,
  isoAt,
  LOOK_MS,
  phaseBefore,
  planned,
  TROUBLE_MS,
  type LifecycleState,
  type Step,
} from '../state.ts';
import type { Answer, CustomerLifecycleActivities, Looked } from './activities.ts';

const { lookAtCustomer } = proxyActivities<CustomerLifecycleActivities>({
  startToCloseTimeout: '30 seconds',
  retry: { maximumInterval: '10 minutes' },
});

// It only computes: local, so that a changed policy reaches thousands of sleepers within minutes.
const { planLifecycle } = proxyLocalActivities<CustomerLifecycleActivities>({
  startToCloseTimeout: '10 seconds',
});

/** The mail server may be away for days: what is wanted waits, and the days are counted from when it left. */
const { askToReactivate, remindToReactivate } = proxyActivities<CustomerLifecycleActivities>({
  startToCloseTimeout: '3 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '10 minutes' },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

// Bounded: a wish of the customer is heard between two rounds, never beside one that is under way.
const { archiveInactiveCustomer, reactivateCustomer, anonymizeInactiveCustomer } =
  proxyActivities<CustomerLifecycleActivities>({
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: '30 seconds',
    scheduleToCloseTimeout: '1 hour',
    retry: { initialInterval: '1 second', maximumInterval: '2 minutes' },
  });

/** Twilio refuses to delete a message for up to fourteen days. */
const { eraseCustomerElsewhere } = proxyActivities<CustomerLifecycleActivities>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '30 seconds',
  scheduleToCloseTimeout: '30 days',
  retry: { initialInterval: '10 seconds', backoffCoefficient: 2, maximumInterval: '12 hours' },
});

type Doing = Exclude<Step['kind'], 'wait' | 'end'>;

export async function take(
  kind: Doing,
  state: LifecycleState,
  asked: () => boolean,
): Promise<LifecycleState> {
  try {
    const next = await STEPS[kind](state, asked);
    if (next === state) return state;
    return {
      ...next,
      trouble: undefined,
      retryAt: next.retryAt === state.retryAt ? undefined : next.retryAt,
    };
  } catch (error) {
    if (isCancellation(error)) throw error;
    // A person has to mend it; until then it is tried again, and the customer keeps what they have.
    return { ...state, trouble: causeOf(error).type, retryAt: isoAt(Date.now() + TROUBLE_MS) };
  }
}

const STEPS: Readonly<
  Record<Doing, (state: LifecycleState, asked: () => boolean) => Promise<LifecycleState>>
> = {
  async ask(state, asked) {
    const { accountId, episode, inactiveSince, policy } = state;
    const answer = await unlessAsked(
      () => askToReactivate({ accountId, episode, inactiveSince, policy }),
      asked,
    );
    if (answer === undefined) return state;
    if ('outcome' in answer) return afterLook(state, answer);
    return { ...state, phase: 'asked', askedAt: isoAt(Date.now()), told: answer.told };
  },

  async remind(state, asked) {
    const { accountId, episode, inactiveSince, policy, deadline = '' } = state;
    const answer = await unlessAsked(
      () => remindToReactivate({ accountId, episode, inactiveSince, deadline, policy }),
      asked,
      Date.parse(deadline),
    );
    if (answer === undefined)
      return Date.now() >= Date.parse(deadline) ? { ...state, remindAt: undefined } : state;
    if ('outcome' in answer) return { ...afterLook(state, answer), remindAt: undefined };
    return { ...state, remindAt: undefined, remindedAt: isoAt(Date.now()) };
  },

  async plan(state) {
    const { phase, askedAt, archivedAt, policy } = state;
    const from = (phase === 'archived' ? archivedAt : askedAt) ?? isoAt(Date.now());
    const plan = await planLifecycle({ phase: phase === 'archived' ? 'archived' : 'asked', from, policy });
    return planned(state, plan, Date.now());
  },

  async look(state) {
    const { accountId, inactiveSince } = state;
    const found = await lookAtCustomer({ accountId, inactiveSince, archived: isArchived(state) });
    const looked = { ...state, lookAt: isoAt(Date.now() + LOOK_MS) };
    // Whoever asked to be forgotten was seen because of that.
    return state.requested && found.outcome !== 'gone' ? looked : afterLook(looked, found);
  },

  async archive(state) {
    const { accountId, inactiveSince } = state;
    const answer = await archiveInactiveCustomer({ accountId, inactiveSince });
    if (answer.outcome !== 'archived') return afterLook(state, answer);
    return {
      ...{
        ...state,
        phase: 'archived',
        archivedAt: isoAt(Date.now()),
        blocked: undefined,
        retryAt: undefined,
      },
      ...{ deadline: undefined, remindAt: undefined },
    };
  },

  async reactivate(state) {
    const by = state.reactivationBy ?? 'signal';
    const { outcome } = await reactivateCustomer({ accountId: state.accountId, by });
    if (outcome === 'too late')
      return { ...state, phase: 'erasing', erased: true, reactivationBy: undefined };
    return outcome === 'reactivated' ? ended(state, 'reactivated', by) : ended(state, 'ended', 'gone');
  },

  async anonymize(state) {
    const { accountId, inactiveSince, requested = false } = state;
    const answer = await anonymizeInactiveCustomer({
      ...{ accountId, inactiveSince, requested, archived: isArchived(state) },
    });
    if (answer.outcome === 'anonymized')
      return { ...state, phase: 'erasing', erased: true, blocked: undefined, retryAt: undefined };
    const back: LifecycleState = { ...state, phase: phaseBefore(state), requested: undefined };
    const blocked = answer.outcome === 'blocked' ? answer.blocked : undefined;
    // Forbidden, and there was no lifecycle before: nothing goes on by itself.
    if (blocked && back.phase === 'ended') return { ...ended(back, 'ended', 'blocked'), blocked };
    return afterLook(back, answer);
  },

  async 'erase elsewhere'(state) {
    await eraseCustomerElsewhere(state.accountId);
    return ended(state, 'anonymized', state.requested ? 'request' : 'inactive');
  },
};

const isArchived = ({ archivedAt }: LifecycleState): boolean => archivedAt !== undefined;

const ended = (state: LifecycleState, phase: LifecycleState['phase'], endedBy: string): LifecycleState => ({
  ...state,
  phase,
  endedBy,
  endedAt: isoAt(Date.now()),
  ...{ deadline: undefined, remindAt: undefined, retryAt: undefined, blocked: undefined },
});

function afterLook(state: LifecycleState, found: Looked | Answer): LifecycleState {
  switch (found.outcome) {
    case 'gone':
    case 'too late':
      return ended(state, 'ended', 'gone');
    case 'came back':
      return { ...state, reactivationBy: state.reactivationBy ?? found.by, retryAt: undefined };
    case 'as before':
    case 'blocked': {
      const blocked = found.blocked.length > 0 ? found.blocked : undefined;
      return { ...state, blocked, retryAt: blocked && isoAt(Date.now() + BLOCKED_MS) };
    }
  }
}

/** An activity that waits for a mail server, until somebody asks for something, or an instant has come. */
async function unlessAsked<Result>(
  work: () => Promise<Result>,
  asked: () => boolean,
  until?: number,
): Promise<Result | undefined> {
  const scope = new CancellationScope();
  let over = false;
  const done = scope.run(work).finally(() => (over = true));
  const timer = new CancellationScope();
  const interrupted = timer
    .run(async () => {
      if (until === undefined) await condition(() => over || asked());
      else await condition(() => over || asked(), Math.max(1, until - Date.now()));
    })
    .catch(() => undefined)
    .then(() => {
      if (!over) scope.cancel();
    });
  try {
    return await done;
  } catch (error) {
    if (isCancellation(error) && scope.consideredCancelled) return undefined;
    throw error;
  } finally {
    timer.cancel();
    await interrupted;
  }
}
