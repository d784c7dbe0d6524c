/** MT1: a processor under load on request, from the measurement to the SMS, marked in every text. */
import { setTimeout as pause } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import {
  alertWorkflowId,
  evaluate,
  ruleSet,
  type AlertEffect,
  type RuleSet,
  type RuleStates,
} from '../alerts/index.ts';
import { createCpuMeter, startLoad } from './load.ts';
import { tellAlert } from './tell.ts';

export interface TestLoadInput {
  /** `synthetic`: invented readings; `real`: the processors of the worker's machine are kept busy. */
  mode: 'synthetic' | 'real';
  seconds: number;
}

export interface TestLoadOutcome {
  /** Id of the alert's workflow. */
  alert: string;
  fired: boolean;
  /** Highest reading (%). */
  peakPercent: number;
}

export interface TestLoadDeps {
  thresholds: Parameters<typeof ruleSet>[0];
  client: () => Client;
}

/** Its own alert: a test must neither hide a real one nor be hidden by it. */
export const TEST_LOAD = { rule: 'AL1', target: 'test-load' } as const;
const EVERY_MS = 30_000;
/** Ten readings at least, however short it is; none closer than the kernel counts well. */
const measureMs = (seconds: number): number => Math.min(2_000, seconds * 100);
/** An alert of a test closes by itself when nobody repeats it for two minutes. */
const REPEAT_MS = 60_000;
/** Of its time a real load must have been seen; the rest is for the first readings. */
const SEEN_SHARE = 0.6;
const MINUTE_MS = 60_000;

export const createTestLoadActivities = ({ thresholds, client }: TestLoadDeps) => {
  const rulesFor = (forMinutes: number): RuleSet =>
    ruleSet({ ...thresholds, AL1: { ...thresholds.AL1, forMinutes } }, {});

  /** One reading through the real evaluator, and what it finds to the alert's workflow. */
  async function feed(rules: RuleSet, before: RuleStates, at: number, value: number) {
    const sample = { metric: 'cpu_percent', target: TEST_LOAD.target, at, value, test: true };
    const { state, effects } = evaluate(rules, before, [sample]);
    for (const effect of effects) await tellAlert(client(), effect);
    return { state, effects };
  }

  async function synthetic(): Promise<TestLoadOutcome> {
    const { forMinutes } = thresholds.AL1;
    const rules = rulesFor(forMinutes);
    const now = Date.now();
    let state: RuleStates = {};
    let fired = false;
    for (let at = now - (forMinutes + 1) * MINUTE_MS; at <= now && !fired; at += EVERY_MS) {
      const seen = await feed(rules, state, at, 99);
      ({ state } = seen);
      fired = seen.effects.some(({ kind }) => kind === 'fire');
    }
    return { alert: alertWorkflowId(TEST_LOAD), fired, peakPercent: 99 };
  }

  async function real(seconds: number): Promise<TestLoadOutcome> {
    const { cancellationSignal: signal, heartbeat } = Context.current();
    const rules = rulesFor((seconds * SEEN_SHARE) / 60);
    const measure = createCpuMeter();
    const load = startLoad(seconds);
    let state: RuleStates = {};
    let [fired, peakPercent, toldAt] = [false, 0, 0];
    let told: AlertEffect | undefined;
    try {
      for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
        await pause(measureMs(seconds), undefined, { signal });
        const percent = measure();
        peakPercent = Math.max(peakPercent, Math.round(percent));
        const at = Date.now();
        const seen = await feed(rules, state, at, percent);
        ({ state } = seen);
        const news = seen.effects.at(-1);
        if (news !== undefined) [told, toldAt] = [news, at];
        else if (told?.kind === 'fire' && at - toldAt >= REPEAT_MS) {
          await tellAlert(client(), { ...told, at: new Date(at).toISOString(), value: percent });
          toldAt = at;
        }
        fired ||= told?.kind === 'fire';
        heartbeat({ percent: Math.round(percent) });
      }
    } finally {
      load.stop();
    }
    return { alert: alertWorkflowId(TEST_LOAD), fired, peakPercent };
  }

  return {
    /** Raises the marked alert. Idempotent: the alert is one workflow, and a load ends with its attempt. */
    raiseTestLoad: ({ mode, seconds }: TestLoadInput): Promise<TestLoadOutcome> =>
      mode === 'synthetic' ? synthetic() : real(seconds),

    /** Ends the marked alert. Idempotent: what is not open is nothing to end. */
    clearTestLoad: (): Promise<void> =>
      tellAlert(client(), { kind: 'clear', ...TEST_LOAD, at: new Date().toISOString() }),
  };
};

export type TestLoadActivities = ReturnType<typeof createTestLoadActivities>;
