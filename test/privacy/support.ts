/** A demo of one's own with the privacy role, seen as the worker sees it; and customers with a canary in every column. */
import { randomBytes, randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { createObjectStore, type ObjectStore } from '../../src/clients/object-store.ts';
import { createPostgres, type Postgres, type Queryable } from '../../src/clients/postgres.ts';
import { policySchema } from '../../src/config/policy.ts';
import {
  createLedger,
  createPrivacy,
  loadMap,
  type Privacy,
  type PrivacyDeps,
} from '../../src/privacy/index.ts';
import { resolveTools } from '../../src/tools/index.ts';
import { grantPrivacy } from '../support/grants.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';

export const LEDGER_KEY = 'ledger-key-of-the-tests-0123456789abcdef';
export const MASTER_KEY = 'master-key-of-the-tests-0123456789abcdef';

export interface PrivacySite {
  app: ClonedDatabase;
  ops: ClonedDatabase;
  store: ObjectStore;
  deps: PrivacyDeps;
  privacy: Privacy;
  /** What Storage would give, by bucket/name. */
  files: Map<string, Buffer>;
  /** Files of Storage and messages of Twilio that are gone. */
  gone: { files: string[]; messages: string[] };
  close(): Promise<void>;
}

export async function startPrivacy(): Promise<PrivacySite> {
  const [app, ops] = await Promise.all([cloneDatabase('app'), cloneDatabase('ops')]);
  const map = await loadMap(policySchema.parse({}).privacy);
  await grantPrivacy(app.db);
  const role = `privacy_${randomBytes(4).toString('hex')}`;
  await app.db.query(`create role ${role} login password 'test' in role talos_app`);
  const url = new URL(app.url);
  Object.assign(url, { username: role, password: 'test' });
  const worker = createPostgres({ url: url.href, applicationName: 'talos-test', max: 8 });
  const s3 = inject('s3');
  const store = createObjectStore({
    ...{ name: 'talos-backups', prefix: `privacy-${randomBytes(4).toString('hex')}`, region: 'us-east-1' },
    ...{ accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey, endpoint: s3.endpoint },
  });
  const files: PrivacySite['files'] = new Map();
  const gone: PrivacySite['gone'] = { files: [], messages: [] };
  const deps: PrivacyDeps = {
    ...{ app: worker, ops: ops.db, map, store, role: 'talos_privacy' },
    ledger: createLedger(LEDGER_KEY),
    masterKey: MASTER_KEY,
    zstd: async () => (await resolveTools(['zstd'], {})).zstd,
    // As the Storage API does it: the file, and its row.
    storage: {
      remove: (bucket, names) =>
        app.db.transaction(async (tx) => {
          await tx.query(`select set_config('storage.allow_delete_query', 'true', true)`);
          await tx.query('delete from storage.objects where bucket_id = $1 and name = any ($2)', [
            bucket,
            names,
          ]);
          gone.files.push(...names.map((name) => `${bucket}/${name}`));
          return [...names];
        }),
    },
    download: (bucket, name) => Promise.resolve(files.get(`${bucket}/${name}`)),
    sms: { remove: (sid) => Promise.resolve(void gone.messages.push(sid)) },
  };
  return {
    ...{ app, ops, store, deps, gone, files, privacy: createPrivacy(deps) },
    async close() {
      await worker.close();
      store.close();
      await Promise.all([app.drop(), ops.drop()]);
      const admin = createPostgres({ url: inject('postgresUrl'), applicationName: 'talos-test', max: 1 });
      await admin.query(`drop role ${role}`).finally(() => admin.close());
    },
  };
}

export const CANARY = 'CANARI';

/** Values with a canary in them, by type; undefined: the type cannot hold one. */
function canaryOf(type: string, where: string): string | undefined {
  const text = `${CANARY} ${where} ${randomBytes(3).toString('hex')}`;
  if (/email_address$/.test(type))
    return `'${CANARY}.${randomBytes(4).toString('hex')}@example.test'::${type}`;
  if (/postal_address$/.test(type)) return `row('${text}', '75001', '${CANARY}', 'FR')::${type}`;
  if (type === 'text[]') return `array['${text}']`;
  if (/^jsonb?$/.test(type)) return `'{"${CANARY} key": "${text}"}'::${type}`;
  if (type === 'text' || type === 'character varying(255)') return `'${text}'`;
  if (type === 'character varying(64)') return `'${CANARY}'`;
  return undefined;
}

/** Columns that only take words of a list, keys of other tables, or numbers written as text. */
const NO_CANARY = new Set([
  ...['accounts.siren', 'account_members.role', 'contact_permissions.channel', 'contact_permissions.basis'],
  ...[
    'subscriptions.plan_id',
    'subscriptions.coupon_code',
    'subscription_history.plan_id',
    'ticket_messages.author',
  ],
  ...['messages.channel', 'refresh_tokens.user_id', 'objects.bucket_id', 'objects.owner_id'],
  // The number of an invoice is what the law wants kept.
  ...['trial_offers.account_id', 'audit_log_entries.payload', 'invoices.number'],
]);

/**
 * Puts a canary into every column of every row of the account that can hold one; returns the columns that have one, as
 * `schema.table.column`. Triggers that would notice are off.
 */
export async function fillWithCanaries(site: PrivacySite, accountId: string): Promise<string[]> {
  const { readCatalogue } = await import('../../src/database/index.ts');
  const { createScope } = await import('../../src/privacy/scope.ts');
  const { map } = site.deps;
  const catalogue = await readCatalogue(site.app.db, map.schemas, [...map.tables.keys()]);
  const filled: string[] = [];
  await site.app.db.transaction(async (tx) => {
    await tx.query(`set local session_replication_role = replica`);
    const scope = await createScope(tx, { map, catalogue }, accountId);
    for (const { name, columns } of catalogue.tables.values()) {
      const where = await scope(name);
      if (!where) continue;
      const sets = [...columns.values()].flatMap((column) => {
        const id = `${name.split('.')[1] ?? ''}.${column.name}`;
        const value = column.generated || NO_CANARY.has(id) ? undefined : canaryOf(column.type, id);
        return value === undefined ? [] : [{ column: column.name, value }];
      });
      if (sets.length === 0) continue;
      // Unique columns: a row of its own each.
      const rows = await tx.query<{ ctid: string }>(
        `select ctid::text from ${name} where ${where.sql}`,
        where.values,
      );
      for (const { ctid } of rows)
        await tx.execute(
          `update ${name} set ${sets.map(({ column, value }) => `"${column}" = ${value.replace(/[0-9a-f]{6}(?=')/, randomBytes(3).toString('hex'))}`).join(', ')} where ctid = $1::text::tid`,
          [ctid],
        );
      if (rows.length > 0) filled.push(...sets.map(({ column }) => `${name}.${column}`));
    }
    if (filled.some((column) => column.startsWith('auth.users.')))
      await tx.query(
        `update auth.audit_log_entries set payload = jsonb_set(payload::jsonb, '{actor_username}', '"${CANARY}"')
          where payload ->> 'actor_id' in (select user_id::text from public.account_members where account_id = $1)`,
        [accountId],
      );
  });
  return filled;
}

/** Tables, whatever their schema, in which a text still stands, with how many rows. */
export async function tablesWith(db: Queryable, text: string): Promise<Record<string, number>> {
  const tables = await db.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`,
  );
  const found: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await db.query<{ count: number }>(
      `select count(*) as count from ${name} t where t::text ilike '%' || $1 || '%'`,
      [text],
    );
    if (row && row.count > 0) found[name] = row.count;
  }
  return found;
}

/** Customers whom nothing forbids to erase, those with the most rows first; `paying`: with invoices. */
export const erasable = async (db: Postgres, limit: number): Promise<string[]> =>
  (
    await db.query<{ id: string }>(
      `select a.id::text from public.accounts a
        where a.status in ('inactive', 'archived') and not exists (select from saas.archive_blockers b where b.account_id = a.id::text)
        order by exists (select from public.invoices i where i.account_id = a.id) desc,
                 exists (select from auth.mfa_factors f join public.account_members m using (user_id) where m.account_id = a.id) desc,
                 a.id limit $1`,
      [limit],
    )
  ).map(({ id }) => id);

/** Gives the account at least one row in every table that can hold one of it. */
export async function giveEverything(db: Postgres, accountId: string): Promise<void> {
  const [member] = await db.query<{ user_id: string }>(
    'select user_id::text from public.account_members where account_id = $1 order by role desc limit 1',
    [accountId],
  );
  const userId = member?.user_id ?? randomUUID();
  const [session, flow, factor, sso] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const statements: [string, unknown[]][] = [
    [`insert into public.profiles (id, created_at) values ($1, now()) on conflict do nothing`, [userId]],
    [`insert into public.leads (account_id, source) values ($1, 'web')`, [accountId]],
    [
      `insert into public.legal_holds (account_id, reason, opened_at, released_at) values ($1, '-', now(), now())`,
      [accountId],
    ],
    [`insert into public.account_status_history (account_id, new_status) values ($1, 'active')`, [accountId]],
    [
      `insert into public.contact_permissions (account_id, channel, basis) values ($1, 'email', 'none') on conflict do nothing`,
      [accountId],
    ],
    [
      `insert into public.api_tokens values (gen_random_uuid(), $1, sha256(random()::text::bytea), '{a}', now(), now())`,
      [accountId],
    ],
    [
      `insert into public.messages (account_id, channel, recipient, template, provider_sid, sent_at) values ($1, 'sms', '-', '-', '-', now())`,
      [accountId],
    ],
    [
      `insert into public.api_request_logs (at, method, path, status, ms, account_id, ip) values (now(), 'GET', '/', 200, 1, $1, '203.0.113.7')`,
      [accountId],
    ],
    [
      `insert into public.activity_events (user_id, account_id, kind, at) values ($2, $1, 'login', now())`,
      [accountId, userId],
    ],
    [
      `with t as (insert into public.tickets (account_id, subject) values ($1, '-') returning id)
      insert into public.ticket_messages (ticket_id, author, body, created_at) select id, 'customer', '-', now() from t`,
      [accountId],
    ],
    [
      `insert into maintenance.trial_offers (code, trial_id, account_id, percent, months, expires_at)
      values (gen_random_uuid(), gen_random_uuid(), $1, 10, 1, now())`,
      [accountId],
    ],
    [`insert into auth.sessions (id, user_id, ip) values ($1, $2, '203.0.113.8')`, [session, userId]],
    [`insert into auth.mfa_amr_claims values ($1, now(), now(), 'password', gen_random_uuid())`, [session]],
    [
      `insert into auth.refresh_tokens (token, user_id, session_id) values (gen_random_uuid(), $2::text, $1)`,
      [session, userId],
    ],
    [
      `insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to)
      values (gen_random_uuid(), $1, 'phone_change_token', '-', '-') on conflict do nothing`,
      [userId],
    ],
    [
      `insert into auth.flow_state (id, user_id, auth_code, code_challenge_method, code_challenge, provider_type, authentication_method)
      values ($1, $2, '-', 's256', '-', 'email', '-')`,
      [flow, userId],
    ],
    [`insert into auth.sso_providers (id) values ($1)`, [sso]],
    [
      `insert into auth.saml_relay_states (id, sso_provider_id, request_id, flow_state_id) values (gen_random_uuid(), $1, '-', $2)`,
      [sso, flow],
    ],
    [
      `insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at) values ($1, $2, 'phone', 'verified', now(), now())`,
      [factor, userId],
    ],
    [
      `insert into auth.mfa_challenges (id, factor_id, created_at, ip_address) values (gen_random_uuid(), $1, now(), '203.0.113.9')`,
      [factor],
    ],
    [
      `insert into auth.audit_log_entries (id, payload, created_at) values (gen_random_uuid(), json_build_object('actor_id', $1::text), now())`,
      [userId],
    ],
    [
      `insert into storage.objects (bucket_id, name, owner_id) values ('tmp', 'exports/' || $1 || '.csv', $1::text)`,
      [userId],
    ],
  ];
  for (const [sql, values] of statements) await db.query(sql, values);
}
