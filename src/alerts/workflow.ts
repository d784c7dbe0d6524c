/**
 * `alert/<rule>/<target>`: one running workflow is one open alert. A thin loop: signals and time go into the machine,
 * and what it says is done. A restart of workers or Temporal loses nothing of it and repeats nothing.
 */
import {
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  log,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { AlertActivities } from './activities.ts';
import type { AlertKey } from './alert.ts';
import { nextWakeAt } from './due.ts';
import { step } from './machine.ts';
import { createLateEntries, type LateEntry } from './late-entries.ts';
import { createOutbox } from './outbox.ts';
import { recordOf } from './record.ts';
import { createRecorder, type Unrecorded } from './recorder.ts';
import { readAlertId, readBy, readCleared, readFiring, readNoData, readSilence } from './signals.ts';
import { isOver, nameOf, newAlert, type AlertCommand, type AlertEvent, type AlertState } from './state.ts';
import { detailsOf, resultOf, viewOf, type AlertResult, type AlertView } from './view.ts';

export interface RaiseAlertInput extends AlertKey {
  /** From the run before this one (continue-as-new). */
  carried?: { state: AlertState; late?: LateEntry[] } & Unrecorded;
}

// Payloads are read by `signals.ts`: a person may have typed them.
export const fireSignal = defineSignal<[unknown]>('fire');
export const clearSignal = defineSignal<[unknown]>('clear');
export const noDataSignal = defineSignal<[unknown]>('noData');
export const dataAgainSignal = defineSignal<[unknown]>('dataAgain');
export const acknowledgeSignal = defineSignal<[unknown]>('acknowledge');
export const silenceSignal = defineSignal<[unknown]>('silence');
export const resolveSignal = defineSignal<[unknown]>('resolve');
export const stateQuery = defineQuery<AlertView>('state');

// It never fails by itself; a worker that is lost with it costs a moment.
const { openAlert } = proxyActivities<AlertActivities>({
  startToCloseTimeout: '8 seconds',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '5 seconds' },
});

// To be told together is a courtesy: without an answer each is told alone.
const { groupAlerts } = proxyActivities<AlertActivities>({
  startToCloseTimeout: '6 seconds',
  scheduleToCloseTimeout: '15 seconds',
});

const ATTRIBUTES = {
  rule: defineSearchAttributeKey('AlertRule', SearchAttributeType.KEYWORD),
  level: defineSearchAttributeKey('AlertLevel', SearchAttributeType.KEYWORD),
  state: defineSearchAttributeKey('AlertState', SearchAttributeType.KEYWORD),
};

/** A worker that starts replays every open alert: about a second for this many events, Temporal suggests four times it. */
const MANY_EVENTS = 1_000;

const isLong = (): boolean => {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength > MANY_EVENTS;
};

export async function raiseAlert(input: RaiseAlertInput): Promise<AlertResult> {
  const { rule, target, carried } = input;
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const queue: AlertEvent[] = [];
  let state = carried?.state ?? newAlert({ rule, target, workflowId, runId: firstExecutionRunId });
  listen({ rule, target }, queue, () => state);

  // Whoever cancels the workflow has closed the alert.
  CancellationScope.current().cancelRequested.catch(() =>
    queue.push({ kind: 'resolve', by: 'cancellation' }, { kind: 'resolve', by: 'cancellation' }),
  );
  return CancellationScope.nonCancellable(async () => {
    const late = createLateEntries(carried?.late, () => queue.push({ kind: 'wake' }));
    const outbox = createOutbox((event) => queue.push(event), late);
    const recorder = createRecorder(carried, (event) => queue.push(event));
    const timer = createTimer(() => queue.push({ kind: 'wake' }));
    const shown = createDisplay();
    for (const send of state.outbox) outbox.send(send);
    timer.set(nextWakeAt(state));
    if (state.episode?.grouping) void group(state);

    for (;;) {
      for (let event = queue.shift(); event; event = queue.shift()) await handle(event);
      recorder.note(state);
      shown.update(state);
      if (isOver(state) && recorder.idle() && late.idle()) return resultOf(state);
      if (isLong() && outbox.mayMove()) {
        const next = { state, late: late.carry(), ...recorder.carry() };
        await continueAsNew<typeof raiseAlert>({ rule, target, carried: next });
      }
      await condition(() => queue.length > 0);
    }

    async function handle(event: AlertEvent): Promise<void> {
      const next = step(state, event, Date.now());
      state = next.state;
      timer.set(next.nextWakeAt);
      for (const command of next.commands) await obey(command);
    }

    async function obey(command: AlertCommand): Promise<void> {
      if (command.kind === 'send') outbox.send(command.send);
      else if (command.kind === 'withdraw') outbox.withdraw(command.id);
      else if (command.kind === 'group') void group(state);
      else if (state.episode) {
        shown.update(state);
        const opened = await openAlert(recordOf(state, state.episode));
        recorder.opened(state.episode, opened.alertId);
        await handle({ kind: 'opened', opened });
      }
    }

    async function group({ episode, times }: AlertState): Promise<void> {
      const alertId = episode?.alertId ?? 0;
      const found =
        alertId === 0
          ? undefined
          : await groupAlerts({ alertId, windowMs: times.group }).catch(
              (error: unknown) =>
                void log.warn('told alone: the operations database does not answer', {
                  error: String(error),
                }),
            );
      queue.push({ kind: 'grouped', ...(found && { group: found }) });
    }
  });
}

function listen(key: AlertKey, queue: AlertEvent[], current: () => AlertState): void {
  setHandler(fireSignal, (given) => {
    queue.push({ kind: 'fire', firing: readFiring(given, key, Date.now()) });
  });
  setHandler(clearSignal, (given) => {
    queue.push({ kind: 'clear', cleared: readCleared(given, key, Date.now()) });
  });
  setHandler(noDataSignal, (given) => {
    queue.push({ kind: 'noData', noData: readNoData(given, key, Date.now()) });
  });
  setHandler(dataAgainSignal, (given) => {
    queue.push({ kind: 'dataAgain', cleared: readCleared(given, key, Date.now()) });
  });
  setHandler(acknowledgeSignal, (given) => {
    queue.push({ kind: 'acknowledge', by: readBy(given), ...readAlertId(given) });
  });
  setHandler(silenceSignal, (given) => {
    const event = readSilence(given);
    if (event) queue.push(event);
    else log.warn('a silence without an end (`until`, an ISO instant) was not taken');
  });
  setHandler(resolveSignal, (given) => {
    queue.push({ kind: 'resolve', by: readBy(given), ...readAlertId(given) });
  });
  setHandler(stateQuery, () => viewOf(current(), Date.now()));
}

/** The one timer of the alert; an unchanged hour costs no event. */
function createTimer(wake: () => void): { set: (at: number | undefined) => void } {
  let armed: number | undefined;
  let scope: CancellationScope | undefined;
  return {
    set(at) {
      if (at === armed) return;
      scope?.cancel();
      armed = at;
      if (at === undefined) return;
      const mine = new CancellationScope();
      scope = mine;
      void mine
        .run(() => sleep(Math.max(1, at - Date.now())))
        .then(() => {
          if (scope === mine) armed = undefined;
          wake();
        })
        .catch(() => undefined);
    },
  };
}

/** Search attributes and details, when they change. */
function createDisplay(): { update: (state: AlertState) => void } {
  let last = '';
  return {
    update(state) {
      const now = Date.now();
      setCurrentDetails(detailsOf(state, now));
      if (!state.searchable || state.episode === undefined) return;
      const { level } = state.episode;
      const name = nameOf(state, now);
      if (last === `${level} ${name}`) return;
      last = `${level} ${name}`;
      upsertSearchAttributes([
        { key: ATTRIBUTES.rule, value: state.rule },
        { key: ATTRIBUTES.level, value: level },
        { key: ATTRIBUTES.state, value: name },
      ]);
    },
  };
}
