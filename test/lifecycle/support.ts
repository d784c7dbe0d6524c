import { randomBytes, randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { pino } from 'pino';
import { createPostgres, type Postgres } from '../../src/clients/postgres.ts';
import { loadConfig } from '../../src/config/index.ts';
import { createApp } from '../../src/http/app.ts';
import type { ArchiveResult } from '../../src/lifecycle/result.ts';
import type { LifecycleView } from '../../src/lifecycle/customer/view.ts';
import { startLifecycle } from '../../src/lifecycle/start.ts';
import { reactivateLink } from '../../src/notifications/customer/reactivate-link.ts';
import { createLedger } from '../../src/privacy/index.ts';
import { arm } from '../../src/schedules/index.ts';
import { ensureSearchAttributes } from '../../src/schedules/search-attributes.ts';
import { lifecycleId, TASK_QUEUE } from '../../src/shared/ids.ts';
import { workHere, writePolicy } from '../monitoring/support.ts';
import { headerOf, startSmtpSink, type SmtpSink } from '../notifications/smtp-sink.ts';
import { grantPrivacy } from '../support/grants.ts';
import { startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';
import { calendarOf, type Calendar } from './calendar.ts';

/** A name that nothing but the application's database, the archive and the messages may hold. */
export const CANARY = 'Zéphyrine';

const PUBLIC_URL = 'https://talos.example.com';

export interface Customer {
  accountId: string;
  email: string;
}

export interface LifecycleSite {
  maintenance: Maintenance;
  smtp: SmtpSink;
  /** The worker's own role, not a superuser. */
  worker: Postgres;
  /** Months since somebody was seen. */
  customer(facts?: { months?: number; status?: string; kind?: string; locale?: string }): Promise<Customer>;
  start(customer: Customer, input?: { erase?: string }): Promise<Calendar>;
  state(customer: Customer): Promise<LifecycleView>;
  /** Waits until the lifecycle sleeps in a phase; fails when it does not come to it. */
  until(
    customer: Customer,
    phase: LifecycleView['phase'],
    more?: (view: LifecycleView) => boolean,
  ): Promise<LifecycleView>;
  signal(customer: Customer, name: string, payload?: object): Promise<void>;
  update(customer: Customer, name: string, payload?: object): Promise<LifecycleView>;
  result(customer: Customer): Promise<LifecycleView>;
  begin(input?: object): Promise<WorkflowHandle<() => Promise<ArchiveResult>>>;
  run(input?: object): Promise<ArchiveResult>;
  status(customer: Customer): Promise<string | undefined>;
  /** As the application has it; undefined where the account is gone. */
  nameOf(customer: Customer): Promise<string | undefined>;
  /** The page behind the link of the message: pressed, or looked at. */
  press(customer: Customer, form?: Record<string, string>): Promise<Response>;
  look(customer: Customer, headers?: Record<string, string>): Promise<Response>;
  /** Something of the customer lies elsewhere and cannot be erased, until it is let go. */
  keepElsewhere(customer: Customer): Promise<void>;
  letGo(customer: Customer): Promise<void>;
  mailsTo(customer: Customer): string[];
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
  close(): Promise<void>;
}

export async function startLifecycles(policy: object = {}): Promise<LifecycleSite> {
  const smtp = await startSmtpSink();
  const maintenance = await startMaintenance({
    ...{
      SMTP_URL: smtp.url,
      PUBLIC_URL,
      LINK_SIGNING_KEY: randomBytes(24).toString('hex'),
    },
    ARCHIVE_MASTER_KEY: randomBytes(24).toString('hex'),
    ERASURE_LEDGER_KEY: randomBytes(24).toString('hex'),
  });
  const { app, ops, client, environment } = maintenance;
  await writePolicy(maintenance, {
    customers: { appUrl: 'https://app.example.com' },
    lifecycle: { brakePercent: 100, ...policy },
  });
  await grantPrivacy(app.db);
  const url = new URL(environment['DATABASE_URL'] ?? '');
  [url.username, url.password] = [`lifecycle_${randomBytes(4).toString('hex')}`, 'test'];
  await app.db.query(`create role ${url.username} login password 'test' in role talos_app`);
  environment['DATABASE_URL'] = url.href;
  const workerDb = createPostgres({ url: url.href, applicationName: 'talos-test' });
  // The demo's own customers: only those whom a test makes are inactive. Its Storage is not there.
  await app.db.query(
    `update public.accounts set last_activity_at = now() where status not in ('archived', 'anonymized')`,
  );
  await arm({ app: app.db, ops: ops.db }, { scheduleId: 'archivage-clients-inactifs', by: 'test' });
  await ensureSearchAttributes(client);
  let running: Awaited<ReturnType<typeof workHere>> | undefined = await workHere(maintenance);

  const config = await loadConfig({ environment, cwd: maintenance.workDir, local: false });
  const logger = pino({ level: 'silent' });
  const pages = createApp({ config, client, ops: ops.db, app: app.db, logger });
  const linkTo = async ({ accountId }: Customer): Promise<string> => {
    const [row] = await ops.db.query<{ episode: number }>(
      'select episode from ops.lifecycles where account_id = $1',
      [accountId],
    );
    const data = {
      episode: row?.episode ?? 1,
      inactiveSince: '',
      deadline: new Date().toISOString(),
      anonymiseAfterMonths: 12,
    };
    const links = { publicUrl: PUBLIC_URL, linkSigningKey: environment['LINK_SIGNING_KEY'] ?? '' };
    return new URL(reactivateLink(links, accountId, data)).pathname;
  };

  const handle = ({ accountId }: Customer) => client.workflow.getHandle(lifecycleId(accountId));
  const site: LifecycleSite = {
    ...{ maintenance, smtp, worker: workerDb },
    async customer({ months = 8, status = 'inactive', kind = 'b2b', locale = 'fr-FR' } = {}) {
      const accountId = randomUUID();
      const email = `${accountId.slice(0, 8)}@zephyrine.example`;
      await app.db.query(
        `insert into public.accounts (id, name, kind, status, email, locale, created_at, updated_at, last_activity_at)
         values ($1, $2, $3, $4, $5, $6, now() - make_interval(months => $7 + 12), now(), now() - make_interval(months => $7))`,
        [accountId, `${CANARY} ${accountId.slice(0, 4)}`, kind, status, email, locale, months],
      );
      return { accountId, email };
    },
    async start({ accountId }, input = {}) {
      await startLifecycle(client, { accountId, ...input });
      return calendarOf(client, lifecycleId(accountId));
    },
    state: (customer) => handle(customer).query<LifecycleView>('state'),
    async until(customer, phase, more = () => true) {
      let view: LifecycleView | undefined;
      await waitFor(
        async () => {
          view = await site.state(customer).catch(() => undefined);
          return view?.phase === phase && more(view);
        },
        { timeoutMs: 60_000, what: `the phase ${phase}` },
      ).catch((error: Error) => {
        throw new Error(`${error.message}: ${JSON.stringify(view)}`);
      });
      return view as LifecycleView;
    },
    signal: (customer, name, payload) =>
      payload === undefined ? handle(customer).signal(name) : handle(customer).signal(name, payload),
    update: (customer, name, payload = {}) => handle(customer).executeUpdate(name, { args: [payload] }),
    result: (customer) => handle(customer).result() as Promise<LifecycleView>,
    begin: (input = {}) =>
      client.workflow.start<() => Promise<ArchiveResult>>('archiveInactiveCustomers', {
        workflowId: `archive-${randomUUID()}`,
        taskQueue: TASK_QUEUE,
        args: [input] as never,
      }),
    run: async (input = {}) => (await site.begin(input)).result(),
    async status({ accountId }) {
      const [row] = await app.db.query<{ status: string }>(
        'select status::text from public.accounts where id = $1',
        [accountId],
      );
      return row?.status;
    },
    async nameOf({ accountId }) {
      const [row] = await app.db.query<{ name: string }>('select name from public.accounts where id = $1', [
        accountId,
      ]);
      return row?.name;
    },
    press: async (customer, form = {}) =>
      pages.request(await linkTo(customer), {
        method: 'POST',
        body: new URLSearchParams(form).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
    look: async (customer, headers = {}) => pages.request(await linkTo(customer), { headers }),
    async keepElsewhere({ accountId }) {
      const ledger = createLedger(environment['ERASURE_LEDGER_KEY'] ?? '');
      const subject = ledger.subjectOf(accountId);
      await ops.db.query('insert into ops.erasures (subject, key_id) values ($1, $2)', [
        subject,
        ledger.keyId,
      ]);
      // Without Twilio nobody can delete a message there.
      await ops.db.query(
        `insert into ops.erasure_steps (subject, kind, target) values ($1, 'message', 'SM0')`,
        [subject],
      );
    },
    async letGo({ accountId }) {
      const subject = createLedger(environment['ERASURE_LEDGER_KEY'] ?? '').subjectOf(accountId);
      await ops.db.query('delete from ops.erasure_steps where subject = $1', [subject]);
    },
    mailsTo: ({ email }) => smtp.received.filter((mail) => headerOf(mail, 'To')?.includes(email)),
    async stopWorker() {
      await running?.stop();
      running = undefined;
    },
    async startWorker() {
      running = await workHere(maintenance);
    },
    async close() {
      await running?.stop();
      await workerDb.close();
      await maintenance.close();
      await smtp.close();
    },
  };
  return site;
}
