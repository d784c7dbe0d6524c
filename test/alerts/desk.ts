import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { activityInfo, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { createAlertActivities } from '../../src/alerts/activities.ts';
import { alertWorkflowId, type AlertKey, type Firing } from '../../src/alerts/alert.ts';
import type { AlertTimes } from '../../src/alerts/times.ts';
import type { AlertView } from '../../src/alerts/view.ts';
import type { Postgres } from '../../src/clients/postgres.ts';
import type { AlertData, ChannelName, Notice, NotifyResult } from '../../src/notifications/notice.ts';
import { hasSearchAttributes } from '../../src/schedules/index.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import { waitFor } from '../support/wait.ts';

export interface Left {
  channel: ChannelName;
  key: string;
  template: string;
  event: string;
  data: AlertData;
  at: number;
}

export const CHANNELS = {
  critical: ['sms', 'email'],
  important: ['email'],
  info: [],
  escalation: ['sms', 'email'],
} as const;

let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;
const bundled = () =>
  (bundle ??= bundleWorkflowCode({
    workflowsPath: path.resolve(import.meta.dirname, '../../src/workflows.ts'),
    logger: new DefaultLogger('ERROR'),
  }));

export interface DeskOptions {
  address: string;
  namespace: string;
  ops: Postgres;
  times?: Partial<AlertTimes>;
  /** Instead of the channels that are written down here. */
  activities?: Record<string, (...input: never[]) => Promise<unknown>>;
}

/** A worker for alerts in this process, and channels that are written down instead of sent. */
export class Desk {
  readonly left: Left[] = [];
  readonly down = new Set<ChannelName>();
  /** Attempts on channels that are down. */
  refused = 0;
  client!: Client;
  #connection!: NativeConnection;
  #clientConnection!: Connection;
  #worker: { worker: Worker; run: Promise<void> } | undefined;
  readonly #options: DeskOptions;
  readonly #known = new Set<string>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  async open(): Promise<this> {
    const { address, namespace } = this.#options;
    this.#connection = await NativeConnection.connect({ address });
    this.#clientConnection = await Connection.connect({ address });
    this.client = new Client({ connection: this.#clientConnection, namespace });
    await this.start();
    return this;
  }

  async start(): Promise<void> {
    const { namespace, ops, times } = this.#options;
    const worker = await Worker.create({
      connection: this.#connection,
      namespace,
      taskQueue: TASK_QUEUE,
      workflowBundle: await bundled(),
      activities: {
        ...createAlertActivities({
          ops,
          channels: CHANNELS,
          times,
          searchable: () => hasSearchAttributes(this.client),
        }),
        ...(this.#options.activities ?? { notify: (notice: Notice) => this.#notify(notice) }),
      },
      maxHeartbeatThrottleInterval: '1 second',
      shutdownGraceTime: '1 second',
    });
    this.#worker = { worker, run: worker.run() };
  }

  /** Ends the worker; the next one has an empty cache and replays. */
  async stop(): Promise<void> {
    const { worker, run } = this.#worker ?? {};
    this.#worker = undefined;
    worker?.shutdown();
    await run;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#connection.close();
    await this.#clientConnection.close();
  }

  /** As the real one: once for each key and channel, tried again while the channel is down. */
  async #notify(notice: Notice): Promise<NotifyResult> {
    const [channel] = notice.channels ?? [];
    if (channel === undefined) throw new Error('no channel');
    heartbeat();
    if (this.down.has(channel)) {
      this.refused += 1;
      throw ApplicationFailure.create({ message: 'down', type: 'ChannelUnavailable' });
    }
    const { key, template } = notice;
    const id = `${key} ${channel}`;
    const again = this.#known.has(id);
    if (!again) {
      this.#known.add(id);
      const data = notice.data as AlertData;
      this.left.push({ channel, key, template, event: data.event, data, at: Date.now() });
    }
    const status = again ? 'already sent' : 'sent';
    return { key, deliveries: [{ channel, status, attempts: activityInfo().attempt }] };
  }

  heard(key: AlertKey): string[] {
    const id = alertWorkflowId(key);
    return this.left
      .filter(({ data }) => data.workflowId === id)
      .map(({ channel, event }) => `${channel} ${event}`)
      .sort();
  }

  fire(key: AlertKey, more: Partial<Firing> = {}) {
    const at = new Date().toISOString();
    const firing: Firing = { ...key, level: 'critical', since: at, at, ...more };
    return this.signalled(key, 'fire', firing);
  }

  signalled(key: AlertKey, signal: string, payload: unknown) {
    return this.client.workflow.signalWithStart('raiseAlert', {
      workflowId: alertWorkflowId(key),
      taskQueue: TASK_QUEUE,
      args: [key],
      signal,
      signalArgs: [payload],
    });
  }

  handle(key: AlertKey) {
    return this.client.workflow.getHandle(alertWorkflowId(key));
  }

  clear(key: AlertKey) {
    return this.handle(key).signal('clear', { ...key, at: new Date().toISOString() });
  }

  view(key: AlertKey): Promise<AlertView> {
    return this.handle(key).query<AlertView>('state');
  }

  until(key: AlertKey, what: (view: AlertView) => boolean, timeoutMs = 20_000): Promise<AlertView> {
    return waitFor(
      async () => {
        const view = await this.view(key);
        return what(view) ? view : undefined;
      },
      { timeoutMs, what: `alert ${alertWorkflowId(key)}` },
    );
  }

  waitHeard(key: AlertKey, count: number, timeoutMs = 20_000): Promise<string[]> {
    return waitFor(() => (this.heard(key).length >= count ? this.heard(key) : undefined), {
      timeoutMs,
      what: `${count} messages of ${alertWorkflowId(key)}`,
    });
  }
}
