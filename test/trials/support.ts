import { randomBytes, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPostgres, type Postgres } from '../../src/clients/postgres.ts';
import { choosePorts } from '../../src/dev/ports.ts';
import { startSmsSink, type SmsSink } from '../../src/dev/sms-sink.ts';
import { arm } from '../../src/schedules/index.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import type { TrialsResult } from '../../src/trials/result.ts';
import { writePolicy } from '../monitoring/support.ts';
import { headerOf, startSmtpSink, type SmtpSink } from '../notifications/smtp-sink.ts';
import { startMaintenance, type Maintenance } from '../support/maintenance.ts';

/** A name that nothing but the application's database and the messages may hold. */
export const CANARY = 'Zéphyrine';

export interface Trial {
  trialId: string;
  accountId: string;
  email: string;
  phone: string;
}

export interface TrialsSite {
  maintenance: Maintenance;
  smtp: SmtpSink;
  sms: SmsSink;
  /** Days from now: when it began, when it ends, when somebody of it was seen last. */
  trial(facts?: {
    startedDays?: number;
    endsDays?: number;
    seenDays?: number;
    kind?: string;
    sms?: boolean;
  }): Promise<Trial>;
  start(
    type: 'expireTrials' | 'nudgeInactiveTrials',
    input?: object,
  ): ReturnType<Maintenance['client']['workflow']['start']>;
  run(type: 'expireTrials' | 'nudgeInactiveTrials', input?: object): Promise<TrialsResult>;
  mailsTo(trial: Trial): string[];
  close(): Promise<void>;
}

const JOBS = ['expiration-essais', 'relance-essais-inactifs'] as const;

/** Rights of the worker's role, not of a superuser. */
export async function asWorker({ app, environment }: Maintenance): Promise<Postgres> {
  const url = new URL(environment['DATABASE_URL'] ?? '');
  [url.username, url.password] = [`trials_${randomBytes(4).toString('hex')}`, 'test'];
  await app.db.query(`create role ${url.username} login password 'test' in role talos_app`);
  environment['DATABASE_URL'] = url.href;
  return createPostgres({ url: url.href, applicationName: 'talos-test' });
}

export async function startTrials(policy: object = {}): Promise<TrialsSite> {
  const { sms: port } = await choosePorts('free');
  const file = path.join(tmpdir(), `talos-trials-${randomBytes(4).toString('hex')}.jsonl`);
  const twilio = {
    accountSid: `AC${randomBytes(16).toString('hex')}`,
    authToken: randomBytes(16).toString('hex'),
  };
  const [smtp, sms] = await Promise.all([startSmtpSink(), startSmsSink({ port, file, ...twilio })]);
  const maintenance = await startMaintenance({
    ...{
      SMTP_URL: smtp.url,
      PUBLIC_URL: 'https://talos.example.com',
      LINK_SIGNING_KEY: randomBytes(24).toString('hex'),
    },
    ...{ TWILIO_ACCOUNT_SID: twilio.accountSid, TWILIO_AUTH_TOKEN: twilio.authToken },
    ...{ TWILIO_FROM: '+33639980000', TWILIO_API_URL: sms.url },
  });
  const { app, ops, client } = maintenance;
  await writePolicy(maintenance, {
    customers: { bookingUrl: 'https://cal.example.com/demo', appUrl: 'https://app.example.com' },
    trials: { offer: { percent: 20, months: 3 }, brakePercent: 100, ...policy },
  });
  (await asWorker(maintenance)).close().catch(() => undefined);
  // The demo's own trials depend on today's date: only what a test makes is due.
  await app.db.query(
    'update public.trials set expired_at = ends_at where expired_at is null and converted_at is null',
  );
  for (const scheduleId of JOBS) await arm({ app: app.db, ops: ops.db }, { scheduleId, by: 'test' });
  let phones = 0;
  const start: TrialsSite['start'] = (type, input = {}) =>
    client.workflow.start(type, {
      workflowId: `${type}-${randomUUID()}`,
      taskQueue: TASK_QUEUE,
      args: [input],
    });
  return {
    ...{ maintenance, smtp, sms, start },
    async trial({ startedDays = -20, endsDays = -0.01, seenDays, kind = 'b2b', sms: consents = false } = {}) {
      const [accountId, trialId] = [randomUUID(), randomUUID()];
      const email = `${trialId.slice(0, 8)}@zephyrine.example`;
      const phone = `+336399${String((phones += 1)).padStart(5, '0')}`;
      const days = (of: number | undefined) =>
        of === undefined ? null : new Date(Date.now() + of * 86_400_000);
      await app.db.query(
        `insert into public.accounts (id, name, kind, status, email, phone, locale, created_at, updated_at, last_activity_at)
         values ($1, $2, $3, 'trial', $4, $5, 'fr-FR', $6, $6, $7)`,
        [
          accountId,
          `${CANARY} ${trialId.slice(0, 4)}`,
          kind,
          email,
          phone,
          days(startedDays),
          days(seenDays) ?? days(startedDays),
        ],
      );
      await app.db.query(
        'insert into public.trials (id, account_id, started_at, ends_at) values ($1, $2, $3, $4)',
        [trialId, accountId, days(startedDays), days(endsDays)],
      );
      if (consents)
        await app.db.query(
          `insert into public.contact_permissions (account_id, channel, basis, granted_at) values ($1, 'sms', 'consent', now())`,
          [accountId],
        );
      return { trialId, accountId, email, phone };
    },
    run: async (type, input = {}) => (await (await start(type, input)).result()) as TrialsResult,
    mailsTo: ({ email }) => smtp.received.filter((mail) => headerOf(mail, 'To')?.includes(email)),
    async close() {
      await maintenance.close();
      await Promise.all([smtp.close(), sms.stop(), rm(file, { force: true })]);
    },
  };
}
