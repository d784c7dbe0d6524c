import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { choosePorts } from '../../src/dev/ports.ts';
import { startSmsSink, type SmsSink } from '../../src/dev/sms-sink.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import { startFakeApp, writePolicy, type FakeApp } from '../monitoring/support.ts';
import { startSmtpSink, type SmtpSink } from '../notifications/smtp-sink.ts';
import { startMaintenance, type Maintenance } from './maintenance.ts';
import { waitFor } from './wait.ts';

/** An application that is watched by a real worker, with an SMS and a mail server of its own. */
export interface Site {
  app: FakeApp;
  maintenance: Maintenance;
  sms: SmsSink;
  smtp: SmtpSink;
  /** A watch of an hour that has looked at least once. */
  watch(): Promise<WorkflowHandle>;
  /** Waits for the SMS number `count` (from 1), and says when it was accepted (ms). */
  smsAt(count: number, timeoutMs: number): Promise<number>;
  close(): Promise<void>;
}

/** `policy`: `monitoring` beside the defaults, `also`: the other sections; nothing outside the loopback is asked. */
export async function startSite(options: {
  policy?: object;
  also?: object;
  settings?: Record<string, string>;
  /** False: the test starts its own. */
  worker?: false;
}): Promise<Site> {
  const ports = await choosePorts('free');
  const id = randomBytes(4).toString('hex');
  const file = path.join(tmpdir(), `talos-site-${id}.jsonl`);
  const accountSid = `AC${randomBytes(16).toString('hex')}`;
  const authToken = randomBytes(16).toString('hex');
  const [app, sms, smtp] = await Promise.all([
    startFakeApp(),
    startSmsSink({ port: ports.sms, file, accountSid, authToken }),
    startSmtpSink(),
  ]);
  const maintenance = await startMaintenance({
    ...{ APP_URL: app.url, SMTP_URL: smtp.url, ADMIN_SMS: '+33639980001' },
    ...{ TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_FROM: '+33639980000' },
    ...{ TWILIO_API_URL: sms.url, ...options.settings },
  });
  const monitoring = { controls: [], dependsOn: {}, ...options.policy };
  await writePolicy(maintenance, { ...options.also, monitoring });
  if (options.worker !== false) await maintenance.startWorker();
  return {
    ...{ app, maintenance, sms, smtp },
    async watch() {
      const handle = await maintenance.client.workflow.start('monitorAvailability', {
        workflowId: 'watch',
        taskQueue: TASK_QUEUE,
        args: [{ slotSeconds: 3600 }],
      });
      const looked = () =>
        maintenance.ops.db.query("select from ops.samples where metric = 'availability:app'");
      await waitFor(async () => (await looked()).length > 0, { timeoutMs: 60_000, what: 'the first look' });
      return handle;
    },
    async smsAt(count, timeoutMs) {
      await waitFor(() => sms.messages.length >= count, { timeoutMs, what: `SMS number ${String(count)}` });
      return Date.parse(sms.messages[count - 1]?.at ?? '');
    },
    async close() {
      await maintenance.close();
      await Promise.all([sms.stop(), smtp.close(), app.down(), rm(file, { force: true })]);
    },
  };
}
