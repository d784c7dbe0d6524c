import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Hono } from 'hono';
import { createMailer } from '../../src/clients/mail.ts';
import { createSmsSender } from '../../src/clients/twilio.ts';
import type { Config } from '../../src/config/index.ts';
import { policySchema } from '../../src/config/policy.ts';
import { serveLoopback } from '../../src/dev/loopback.ts';
import { choosePorts } from '../../src/dev/ports.ts';
import { startSmsSink } from '../../src/dev/sms-sink.ts';
import type { SmsSink } from '../../src/dev/sms-sink.ts';
import type { HttpDeps } from '../../src/http/app.ts';
import { twilioCallbacks } from '../../src/http/twilio.ts';
import { createNotificationActivities, samples } from '../../src/notifications/index.ts';
import type { Notice, NotificationDeps, NotifyResult } from '../../src/notifications/index.ts';
import { cloneDatabase } from '../support/postgres.ts';
import { startSmtpSink } from './smtp-sink.ts';

export const AUTH_TOKEN = 'token-of-the-test';
export const ACCOUNT = `AC${'0'.repeat(32)}`;
export const ADMIN_SMS = '+33639980001';
export const POLICY = policySchema.parse({}).notifications;
/** Waits of seconds, as milliseconds. */
export const SHORT = { ledgerMs: 200, possibleDoubleMs: 300 };

export type Bench = Awaited<ReturnType<typeof startBench>>;

/** The real sender against the sink, its callbacks through the real route, and a mail server. */
export async function startBench() {
  const folder = await mkdtemp(path.join(tmpdir(), 'talos-sms-'));
  const [ops, ports, smtp] = await Promise.all([cloneDatabase('ops'), choosePorts('free'), startSmtpSink()]);
  const start = () =>
    startSmsSink({
      ...{ port: ports.sms, file: path.join(folder, 'sms.jsonl') },
      ...{ accountSid: ACCOUNT, authToken: AUTH_TOKEN },
    });
  let sink: SmsSink = await start();
  const publicUrl = `http://127.0.0.1:${ports.http}`;
  const started: { workflowId: string; args: unknown[] }[] = [];
  const client = {
    workflow: {
      start: async (_type: string, options: { workflowId: string; args: unknown[] }) =>
        void started.push({ workflowId: options.workflowId, args: options.args }),
    },
  } as unknown as HttpDeps['client'];
  const twilio = { accountSid: ACCOUNT, authToken: AUTH_TOKEN, from: '+33639980000', apiUrl: sink.url };
  const app = new Hono();
  const logger = { info: () => undefined, error: () => undefined };
  const config = { environment: { twilio, publicUrl } } as unknown as Config;
  app.route('/twilio', twilioCallbacks({ config, client, ops: ops.db, app: ops.db, logger }));
  const http = await serveLoopback(app, ports.http);
  const mailer = createMailer({ smtpUrl: smtp.url, from: 'Talos <talos@example.com>', patience: 0.1 });
  const sender = createSmsSender({ ...twilio, timeoutMs: 2_000 });
  let count = 0;

  const bench = {
    ops,
    smtp,
    sender,
    publicUrl,
    started,
    get sink() {
      return sink;
    },
    deps: (changes: Partial<NotificationDeps> = {}): NotificationDeps => ({
      ops: ops.db,
      mailer,
      sms: { sender, callbackUrl: `${publicUrl}/twilio/status`, callbackMs: 400 },
      admin: { email: 'admin@somewhere.example', sms: ADMIN_SMS },
      policy: POLICY,
      locale: 'fr',
      waits: SHORT,
      ...changes,
    }),
    notify: (notice: Notice, changes?: Partial<NotificationDeps>): Promise<NotifyResult> =>
      createNotificationActivities(bench.deps(changes)).notify(notice),
    /** Again and again, as the workflow's retries do; at most so many times. */
    async untilDone(notice: Notice, changes?: Partial<NotificationDeps>, times = 60): Promise<NotifyResult> {
      const { notify } = createNotificationActivities(bench.deps(changes));
      for (let left = times; ; left -= 1) {
        try {
          return await notify(notice);
        } catch (error) {
          if (left === 0) throw error;
          await pause(50);
        }
      }
    },
    /** An alert of its own: number, key and text. */
    alert: (changes: Partial<Notice> = {}): Notice => {
      const firing = samples.alert['firing'] as Extract<Notice, { template: 'alert' }>;
      count += 1;
      const data = { ...firing.data, alertId: 1_000 + count };
      return { ...firing, key: `test/${count}`, data, channels: ['sms'], ...changes } as Notice;
    },
    /** What arrived on the phone about one alert. */
    arrived: (notice: Notice) => {
      const { alertId } = notice.data as { alertId: number };
      return sink.messages.filter(({ body }) => body.includes(`A${alertId} `));
    },
    row: async ({ key }: Notice, channel = 'sms') =>
      (
        await ops.db.query<Record<string, unknown>>(
          'select * from ops.notifications where key = $1 and channel = $2',
          [key, channel],
        )
      )[0],
    async stopSink() {
      await sink.stop();
    },
    async startSink() {
      sink = await start();
    },
    /** Makes a claim as old as one whose attempt died. */
    expireLease: ({ key }: Notice) =>
      ops.db.query(
        `update ops.notifications set claimed_at = claimed_at - interval '31 seconds' where key = $1`,
        [key],
      ),
    async close() {
      await Promise.all([mailer.close(), sink.stop(), http.stop(), smtp.close()]);
      await ops.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return bench;
}
