import { step } from '../../src/alerts/machine.ts';
import {
  newAlert,
  type AlertEvent,
  type AlertState,
  type Outcome,
  type Send,
} from '../../src/alerts/state.ts';
import { ALERT_TIMES, type AlertTimes } from '../../src/alerts/times.ts';
import type { Firing } from '../../src/alerts/alert.ts';
import type { AlertData, ChannelName } from '../../src/notifications/notice.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
/** Where the virtual time begins. */
export const START = Date.parse('2026-11-23T14:00:00Z');

export interface Sent {
  /** Seconds since the start. */
  at: number;
  channel: ChannelName;
  event: AlertData['event'] | 'digest';
  key: string;
  data: AlertData;
}

const CHANNELS = {
  critical: ['sms', 'email'],
  important: ['email'],
  info: [],
  escalation: ['sms', 'email', 'webhook'],
} as const;

/** Plays an alert in virtual time: what a worker would do around the machine, and channels that can be down. */
export class Play {
  state: AlertState;
  now = START;
  sent: Sent[] = [];
  down = new Set<ChannelName>();
  refusing = new Set<ChannelName>();
  wakeAt: number | undefined;
  opens = 0;
  silencedBefore: { until: number; at: string; by: string } | undefined;
  /** How long a message takes, and a withdrawal is decided. */
  latency = 40;
  /** From one attempt on a channel that is down to the next. */
  retry = 10 * SECOND;
  #settling: { at: number; id: string; outcome: () => Outcome | undefined }[] = [];
  #times: AlertTimes;

  constructor(times: Partial<AlertTimes> = {}) {
    this.#times = { ...ALERT_TIMES, ...times };
    this.state = newAlert({
      rule: 'AL4',
      target: 'app',
      workflowId: 'alert/AL4/app',
      runId: '01234567-89ab',
    });
  }

  firing(more: Partial<Firing> = {}): AlertEvent {
    const at = new Date(this.now).toISOString();
    return {
      kind: 'fire',
      firing: { rule: 'AL4', target: 'app', level: 'critical', since: at, at, ...more },
    };
  }

  cleared(kind: 'clear' | 'dataAgain' = 'clear'): AlertEvent {
    return { kind, cleared: { rule: 'AL4', target: 'app', at: new Date(this.now).toISOString() } };
  }

  /** Hands one event to the machine, and does what it says. */
  give(event: AlertEvent): this {
    const { state, commands, nextWakeAt } = step(this.state, event, this.now);
    this.state = state;
    this.wakeAt = nextWakeAt;
    for (const command of commands) {
      if (command.kind === 'open') {
        this.opens += 1;
        const opened = {
          alertId: this.opens,
          channels: CHANNELS,
          times: this.#times,
          recentEnds: [],
          searchable: true,
        };
        this.give({ kind: 'opened', opened: { ...opened, silenced: this.silencedBefore } });
      } else if (command.kind === 'group') this.give({ kind: 'grouped' });
      else if (command.kind === 'send') this.#send(command.send);
      else this.#withdraw(command.id);
    }
    return this;
  }

  #send(send: Send): void {
    this.#settling.push({
      at: this.now + this.latency,
      id: send.id,
      outcome: () => {
        if (this.refusing.has(send.channel)) return 'failed';
        if (this.down.has(send.channel)) return undefined;
        const { notice, channel } = send;
        const event = notice.template === 'alert' ? notice.data.event : 'digest';
        this.sent.push({
          at: (this.now - START) / SECOND,
          channel,
          event,
          key: notice.key,
          data: notice.data as AlertData,
        });
        return 'told';
      },
    });
  }

  /** Between two attempts it is given up at once; a message under way leaves all the same. */
  #withdraw(id: string): void {
    const found = this.#settling.find((one) => one.id === id);
    if (found === undefined) return;
    const { outcome } = found;
    found.outcome = () => outcome() ?? 'withdrawn';
    found.at = Math.min(found.at, this.now + this.latency);
  }

  /** Lets the time pass. */
  pass(ms: number): this {
    const end = this.now + ms;
    for (;;) {
      const at = Math.min(this.wakeAt ?? Infinity, ...this.#settling.map((one) => one.at));
      if (at > end) break;
      this.now = Math.max(this.now, at);
      const ready = this.#settling.find((one) => one.at <= this.now);
      if (ready === undefined) {
        this.give({ kind: 'wake' });
        continue;
      }
      const outcome = ready.outcome();
      if (outcome === undefined) {
        ready.at = this.now + this.retry;
        continue;
      }
      this.#settling = this.#settling.filter((one) => one !== ready);
      this.give({ kind: 'settled', id: ready.id, outcome });
    }
    this.now = end;
    return this;
  }

  /** What arrived, as `0 sms firing`. */
  heard(): string[] {
    return this.sent.map(({ at, channel, event }) => `${Math.round(at)} ${channel} ${event}`);
  }

  /** Notices, one however many channels it went through. */
  notices(): string[] {
    return [...new Set(this.sent.map(({ key }) => key))].map((key) => key.split('/').at(-1) ?? '');
  }
}
