/**
 * `lifecycle/<accountId>`: one inactive customer, asked, archived and anonymised over thirteen months. A thin loop: pure
 * rules say what is next, activities do it, and people change what it knows. Until anonymisation everything comes back.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { readBy, readDeadline, refusal, withRequest, type LifecycleRequest } from '../requests.ts';
import { isOver, nextActionAt, nextStep, type LifecyclePolicy, type LifecycleState } from '../state.ts';
import type { CustomerLifecycleActivities } from './activities.ts';
import { take } from './steps.ts';
import { detailsOf, viewOf, type LifecycleView } from './view.ts';

export interface LifecycleInput {
  accountId: string;
  /** Instead of `lifecycle` in `maintenance.yaml`. */
  policy?: Partial<LifecyclePolicy>;
  /** Anonymise now: an erasure request of a customer without a lifecycle. The way it came. */
  erase?: string;
  /** From the run before this one (continue-as-new). */
  carried?: LifecycleState;
}

// Payloads are read by `requests.ts`: a person may have typed them.
export const reactivateSignal = defineSignal<[unknown]>('reactivate');
export const setDeadlineSignal = defineSignal<[unknown]>('setDeadline');
export const holdSignal = defineSignal<[unknown]>('hold');
export const releaseSignal = defineSignal('release');
/** Ends when the customer is back; refused with `TooLate`. */
export const reactivateUpdate = defineUpdate<LifecycleView, [unknown]>('reactivate');
/** Ends when the customer is gone from the database, or with what forbids it. */
export const eraseUpdate = defineUpdate<LifecycleView, [unknown]>('erase');
export const stateQuery = defineQuery<LifecycleView | undefined>('state');

const { openLifecycle, recordLifecycle } = proxyActivities<CustomerLifecycleActivities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '10 minutes' },
});

const ATTRIBUTES = {
  account: defineSearchAttributeKey('AccountId', SearchAttributeType.KEYWORD),
  phase: defineSearchAttributeKey('Phase', SearchAttributeType.KEYWORD),
  next: defineSearchAttributeKey('NextActionAt', SearchAttributeType.DATETIME),
};

/** A worker that starts replays what is woken: Temporal suggests four times as many. */
const MANY_EVENTS = 1_000;

export async function customerLifecycle(input: LifecycleInput): Promise<LifecycleView> {
  const { accountId, policy, erase } = input;
  const { runId } = workflowInfo();
  const requests: LifecycleRequest[] = [];
  let state = input.carried;
  const isAsked = () => requests.length > 0;
  listen(requests, () => state);
  const display = createDisplay();

  const opened = state ?? (await openLifecycle({ accountId, policy, erase: erase !== undefined }));
  state = opened;
  // A lifecycle that was under way: the request is for it.
  if (erase !== undefined && opened.phase !== 'erasing' && !isOver(opened))
    requests.push({ kind: 'erase', by: erase });
  // A row that was only read needs no writing.
  let recorded = opened;
  for (;;) {
    for (let request = requests.shift(); request; request = requests.shift())
      state = withRequest(state, request, Date.now());
    const step = nextStep(state, Date.now());
    // From here on a reactivation is told that it comes too late.
    if (step.kind === 'anonymize') state = state.phase === 'erasing' ? state : { ...state, phase: 'erasing' };
    if (step.kind === 'wait' || step.kind === 'end' || state.phase === 'erasing') {
      display(state);
      if (state !== recorded) {
        state = { ...state, revision: state.revision + 1 };
        recorded = state;
        await recordLifecycle(state, runId);
        // What was asked meanwhile comes first.
        if (isAsked()) continue;
      }
    }
    if (step.kind === 'end') break;
    if (step.kind === 'wait') {
      if (isLong() && allHandlersFinished())
        await continueAsNew<typeof customerLifecycle>({ accountId, carried: state });
      await condition(isAsked, Math.max(1, step.until - Date.now()));
    } else state = await take(step.kind, state, isAsked);
  }
  await condition(allHandlersFinished);
  return viewOf(state);
}

const isLong = (): boolean => {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength > MANY_EVENTS;
};

function listen(requests: LifecycleRequest[], current: () => LifecycleState | undefined): void {
  setHandler(reactivateSignal, (given) => {
    requests.push({ kind: 'reactivate', by: readBy(given, 'signal') });
  });
  setHandler(holdSignal, (given) => {
    requests.push({ kind: 'hold', by: readBy(given, 'operator') });
  });
  setHandler(releaseSignal, () => {
    requests.push({ kind: 'release' });
  });
  setHandler(setDeadlineSignal, (given) => {
    const request = readDeadline(given);
    if (request) requests.push(request);
    else log.warn('a deadline without an instant (`at`) or numbers of the policy was not taken');
  });
  const validator =
    (kind: 'reactivate' | 'erase'): ((given: unknown) => void) =>
    () => {
      // What is waiting to be taken up counts already.
      const state = current();
      const then = state && requests.reduce((before, next) => withRequest(before, next, Date.now()), state);
      const why = refusal(then, kind);
      if (why !== undefined) throw ApplicationFailure.nonRetryable(why, why === 'held' ? 'Held' : 'TooLate');
    };
  const settled = async (request: LifecycleRequest): Promise<LifecycleView> => {
    requests.push(request);
    await condition(() => {
      const state = current();
      if (state === undefined || requests.includes(request)) return false;
      if (isOver(state) || state.trouble !== undefined) return true;
      return request.kind === 'erase'
        ? state.phase !== 'erasing' || state.erased === true
        : state.reactivationBy === undefined;
    });
    return viewOf(current() as LifecycleState);
  };
  setHandler(reactivateUpdate, (given) => settled({ kind: 'reactivate', by: readBy(given, 'update') }), {
    validator: validator('reactivate'),
    description: 'Bring the customer back; refused once anonymisation has begun',
  });
  setHandler(eraseUpdate, (given) => settled({ kind: 'erase', by: readBy(given, 'request') }), {
    validator: validator('erase'),
    description: 'Anonymise now, for good, unless something forbids it',
  });
  setHandler(stateQuery, () => {
    const state = current();
    return state && viewOf(state);
  });
}

/** Search attributes and details, when they change. */
function createDisplay(): (state: LifecycleState) => void {
  let last = '';
  return (state) => {
    setCurrentDetails(detailsOf(state));
    const next = nextActionAt(state);
    const shown = `${state.phase} ${next ?? ''}`;
    if (!state.searchable || shown === last) return;
    last = shown;
    upsertSearchAttributes([
      { key: ATTRIBUTES.account, value: state.accountId },
      { key: ATTRIBUTES.phase, value: state.phase },
      { key: ATTRIBUTES.next, value: next === undefined ? null : new Date(next) },
    ]);
  };
}
