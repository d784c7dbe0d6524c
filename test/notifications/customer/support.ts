import { randomBytes, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMailer, type Mailer } from '../../../src/clients/mail.ts';
import { createSmsSender } from '../../../src/clients/twilio.ts';
import { policySchema } from '../../../src/config/policy.ts';
import { choosePorts } from '../../../src/dev/ports.ts';
import { startSmsSink, type SmsSink } from '../../../src/dev/sms-sink.ts';
import { createCustomerNotices } from '../../../src/notifications/index.ts';
import type { CustomerDeps, CustomerNotice } from '../../../src/notifications/index.ts';
import { cloneDatabase, type ClonedDatabase } from '../../support/postgres.ts';
import { startSmtpSink, type SmtpSink } from '../smtp-sink.ts';

export const KEY = 'a-key-that-signs-links-of-the-tests-0123456789';
export const PUBLIC_URL = 'https://talos.example.com';
export const OFFER = { code: 'ESSAI-TESTS-12345', percent: 20, months: 3, until: '2026-12-07T23:00:00Z' };

/** Customers of one's own, a mail server and an SMS provider that fail on request. */
export interface Desk {
  app: ClonedDatabase;
  ops: ClonedDatabase;
  smtp: SmtpSink;
  sms: SmsSink;
  notices(changes?: Partial<CustomerDeps>): ReturnType<typeof createCustomerNotices>;
  account(facts?: { kind?: string; status?: string; locale?: string; name?: string }): Promise<Account>;
  permit(accountId: string, channel: 'email' | 'sms', basis: string, withdrawn?: boolean): Promise<void>;
  row(key: string): Promise<{ status: string; error_code: string | null; data: object } | undefined>;
  expireLease(key: string): Promise<void>;
  close(): Promise<void>;
}

export interface Account {
  accountId: string;
  name: string;
  email: string;
  phone: string;
}

export async function openDesk(): Promise<Desk> {
  const file = path.join(tmpdir(), `talos-customers-${randomBytes(4).toString('hex')}.jsonl`);
  const { sms: port } = await choosePorts('free');
  const accountSid = `AC${randomBytes(16).toString('hex')}`;
  const authToken = randomBytes(16).toString('hex');
  const [app, ops, smtp, sms] = await Promise.all([
    cloneDatabase('app'),
    cloneDatabase('ops'),
    startSmtpSink(),
    startSmsSink({ port, file, accountSid, authToken }),
  ]);
  const mailers: Mailer[] = [];
  const sender = createSmsSender({
    accountSid,
    authToken,
    from: '+33639980000',
    apiUrl: sms.url,
    timeoutMs: 2_000,
  });
  const { customers, timeZone } = policySchema.parse({});
  let phones = 0;
  return {
    ...{ app, ops, smtp, sms },
    notices(changes = {}) {
      const mailer = createMailer({ smtpUrl: smtp.url, from: 'Talos <hello@example.com>', patience: 0.1 });
      mailers.push(mailer);
      return createCustomerNotices({
        ...{ app: app.db, ops: ops.db, mailer, brand: 'TalosPrimes', timeZone },
        prospecting: customers.prospecting,
        urls: {
          app: 'https://app.example.com',
          subscribe: 'https://app.example.com/abo',
          booking: 'https://cal.example.com/demo',
        },
        sms: { sender, answerable: true },
        links: { publicUrl: PUBLIC_URL, linkSigningKey: KEY },
        ...changes,
      });
    },
    async account({ kind = 'b2b', status = 'trial', locale = 'fr-FR', name = 'Canari Zéphyrine' } = {}) {
      const accountId = randomUUID();
      const email = `canari.${accountId.slice(0, 8)}@zephyrine.example`;
      const phone = `+336399${String((phones += 1)).padStart(5, '0')}`;
      await app.db.query(
        `insert into public.accounts (id, name, kind, status, email, phone, locale, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, now() - interval '10 days', now())`,
        [accountId, name, kind, status, email, phone, locale],
      );
      return { accountId, name, email, phone };
    },
    async permit(accountId, channel, basis, withdrawn = false) {
      await app.db.query(
        `insert into public.contact_permissions (account_id, channel, basis, granted_at, withdrawn_at)
         values ($1, $2, $3, now() - interval '1 day', $4)`,
        [accountId, channel, basis, withdrawn ? new Date() : null],
      );
    },
    async row(key) {
      const rows = await ops.db.query<{ status: string; error_code: string | null; data: object }>(
        'select * from ops.notifications where key = $1',
        [key],
      );
      return rows[0];
    },
    async expireLease(key) {
      await ops.db.query(
        `update ops.notifications set claimed_at = claimed_at - interval '31 seconds' where key = $1`,
        [key],
      );
    },
    async close() {
      await Promise.all(mailers.map((mailer) => mailer.close()));
      await Promise.all([app.drop(), ops.drop(), smtp.close(), sms.stop(), rm(file, { force: true })]);
    },
  };
}

let count = 0;
const fresh = (what: string) => `test-${what}-${String((count += 1))}`;

export const ended = (accountId: string, offer: typeof OFFER | null = OFFER): CustomerNotice => ({
  ...{ key: fresh('ended'), accountId, channel: 'email', template: 'trial-ended' },
  data: { trialId: 'trial-1', endedAt: '2026-11-23T00:00:00Z', ...(offer && { offer }) },
});

export const help = (accountId: string, channel: 'email' | 'sms' = 'email'): CustomerNotice => ({
  ...{ key: fresh('help'), accountId, channel, template: 'trial-help' },
  data: { trialId: 'trial-1', endsAt: '2026-11-30T12:00:00Z', neverSeen: true },
});
