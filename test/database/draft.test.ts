/** `talos init` on databases it has never seen: drafts that can be applied as they are, and say what to look at. */
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { databaseCommand } from '../../src/commands/database.ts';
import { initCommand } from '../../src/commands/init.ts';
import { privacyCommand } from '../../src/commands/privacy.ts';
import { policySchema } from '../../src/config/policy.ts';
import { findMapFaults, loadMap } from '../../src/privacy/index.ts';
import { settings, talos, useSettings } from '../commands/talos.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';

/** Invoices, people in a table between, uuids: what a SaaS on Supabase looks like when it is not TalosPrimes. */
const THIRD = `
  create schema auth;
  create table auth.users (id uuid primary key, email text, last_sign_in_at timestamptz);
  create type plan_state as enum ('trialing', 'active', 'past_due');
  create table workspaces (id uuid primary key default gen_random_uuid(), name text not null, billing_email text, "Locale" text,
    status text not null, created_at timestamptz not null default now(), last_seen_at timestamptz);
  create table workspace_members (workspace_id uuid not null references workspaces, user_id uuid not null references auth.users,
    primary key (workspace_id, user_id));
  create table subscriptions (id uuid primary key, workspace_id uuid not null references workspaces, started_at timestamptz not null,
    ended_at timestamptz, state plan_state not null, amount_cents int not null, currency char(3) not null);
  create table invoices (id uuid primary key, workspace_id uuid not null references workspaces, subscription_id uuid references subscriptions,
    number int not null, total_cents int not null, billing_name text, customer_note text not null);
  create table payments (id uuid primary key, invoice_id uuid not null references invoices, created_at timestamptz not null,
    amount_cents int not null, currency char(3) not null, status text not null);
  create table messages (id bigint primary key, workspace_id uuid not null references workspaces, body text, sent_at timestamptz);
  create table attachments (id bigint primary key, message_id bigint not null references messages, file_name text);
  create table countries (code char(2) primary key, label text);`;

let ops: ClonedDatabase;
let folder: string;
beforeAll(async () => {
  ops = await cloneDatabase('ops');
  folder = await mkdtemp(path.join(tmpdir(), 'talos-draft-'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([ops.drop(), rm(folder, { recursive: true })]);
});

const init = (name: string, app: ClonedDatabase) =>
  talos(
    ...[initCommand(), '--yes', '--directory', path.join(folder, name)],
    ...['--database-url', app.url, '--ops-database-url', ops.url],
    ...['--admin-email', 'ops@talosprimes.test', '--smtp-url', 'smtp://127.0.0.1:1'],
  );

describe.each([
  ['second', () => readFile(path.join(import.meta.dirname, 'second-saas/tables.sql'), 'utf8')],
  ['third', () => Promise.resolve(THIRD)],
  // Called as TalosPrimes calls it.
  ['fourth', () => Promise.resolve(THIRD.replaceAll('workspace', 'account'))],
] as const)('another application: %s', (name, tables) => {
  let app: ClonedDatabase;
  beforeAll(async () => {
    await mkdir(path.join(folder, name));
    app = await cloneDatabase('empty');
    await app.db.query(await tables());
    useSettings(settings({ DATABASE_URL: app.url, OPS_DATABASE_URL: ops.url }));
  });
  afterAll(() => app.drop());
  const file = (of: string) => path.join(folder, name, of);

  it('gets both drafts, and is told how much there is to look at', async () => {
    const { code, stdout } = await init(name, app);
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/adapter\.sql +\d+; docs\/adapter\.md/);
    expect(stdout).toContain('talos database apply --adapter adapter.sql');
    expect(await readFile(file('maintenance.yaml'), 'utf8')).toContain(
      'maps: [supabase, ./privacy-map.yaml]',
    );
    // Whatever a person has changed in them is theirs.
    expect((await init(name, app)).code).toBe(2);
  });

  it('has an adapter that can be applied, and keeps every column of the contract', async () => {
    const applied = await talos(databaseCommand(), 'apply', '--adapter', file('adapter.sql'));
    expect(applied.code, applied.stderr).toBe(0);
    const { stdout } = await talos(databaseCommand(), 'check', '--json');
    const { mistakes } = JSON.parse(stdout) as { mistakes: { object: string; problem: string }[] };
    expect(mistakes.filter(({ problem }) => problem === 'wrong type')).toEqual([]);
    expect(mistakes.filter(({ object, problem }) => problem === 'missing' && !object.includes('('))).toEqual(
      [],
    );
  });

  it('has a data map in which nothing is missing or done wrongly', async () => {
    const map = await loadMap({ ...policySchema.parse({}).privacy, maps: [file('privacy-map.yaml')] });
    expect(await findMapFaults({ app: app.db, map })).toEqual([]);
  });
});

it('takes for activity what somebody did, whatever else is called an event', async () => {
  const adapter = await readFile(path.join(folder, 'second/adapter.sql'), 'utf8');
  expect(adapter).toMatch(/t\."user_id"::text as user_id,\n {2}via\."organisation_id"::text as account_id,/);
  expect(adapter).toMatch(
    /from "public"\."visits" t\njoin "public"\."users" via on via\."id" = t\."user_id"/,
  );
});

it('guesses what a person would: accounts, who pays, whose each row is, what the law keeps', async () => {
  const adapter = await readFile(path.join(folder, 'third/adapter.sql'), 'utf8');
  expect(adapter).toContain('t."billing_email"::text as email');
  expect(adapter).toContain('t."Locale"::text as locale');
  expect(adapter).toContain('t."last_seen_at" as last_activity_at');
  expect(adapter).toMatch(
    /'subscription' as reason\nfrom "public"\."subscriptions" t where t\."ended_at" is null/,
  );
  // By way of the invoice.
  expect(adapter).toMatch(
    /via\."workspace_id"::text as account_id,[^;]*from "public"\."payments" t\njoin "public"\."invoices" via/,
  );
  const { tables, subject } = await loadMap({
    ...policySchema.parse({}).privacy,
    maps: [path.join(folder, 'third/privacy-map.yaml')],
  });
  expect(subject).toEqual({
    ...{ table: 'public.workspaces', key: 'id' },
    people: { table: 'public.workspace_members', account: 'workspace_id', person: 'user_id' },
  });
  const of = (table: string, column: string): string =>
    [tables.get(table)?.columns.get(column)].map((one) => `${one?.category} ${one?.strategy.name}`).join();
  expect(of('public.workspaces', 'billing_email')).toBe('contact null');
  expect(of('public.workspaces', 'id')).toBe('technical rekey');
  expect(of('public.workspaces', 'Locale')).toBe('statistic keep');
  expect(of('public.payments', 'status')).toBe('technical keep');
  expect(of('public.messages', 'body')).toBe('free_text delete_row');
  expect(of('public.attachments', 'file_name')).toBe('identity delete_row');
  expect(of('public.invoices', 'total_cents')).toBe('accounting keep');
  expect(of('public.invoices', 'billing_name')).toBe('identity legal_store');
  expect(of('public.invoices', 'customer_note')).toBe('free_text fixed');
  expect(of('public.invoices', 'subscription_id')).toBe('technical unlink');
  expect(tables.get('public.attachments')?.rows).toEqual({ message_id: 'public.messages' });
  expect(tables.get('public.countries')?.rows).toBe('nobody');
});

it('TalosPrimes’ own tables need no drafts; a table that was added is drafted alone', async () => {
  await mkdir(path.join(folder, 'ours'));
  const app = await cloneDatabase('app');
  try {
    await app.db.query(
      'create table public.invitations (id uuid primary key, account_id uuid references public.accounts, invited_email text)',
    );
    const { stdout } = await init('ours', app);
    expect(stdout).toContain('Tables that are not in the data map: 1 (`talos privacy draft` drafts them).');
    expect((await readdir(path.join(folder, 'ours'))).sort()).toEqual(['.env', 'maintenance.yaml']);
    useSettings(settings({ DATABASE_URL: app.url, OPS_DATABASE_URL: ops.url }));
    const draft = await talos(privacyCommand(), 'draft');
    expect(draft.stdout).toContain(
      [
        'tables:',
        '  public.invitations:',
        '    rows: { account_id: account }',
        '    do: delete_row',
        '    archive: yes',
        '    columns:',
        '      id: technical',
        '      account_id: technical',
        '      invited_email: contact',
      ].join('\n'),
    );
  } finally {
    await app.drop();
  }
});

it('a database that does not answer is said so, and nothing is guessed', async () => {
  await mkdir(path.join(folder, 'away'));
  const { code, stdout } = await init('away', { ...ops, url: 'postgresql://app:secret@127.0.0.1:1/app' });
  expect(code).toBe(0);
  expect(stdout).toContain('could not be looked at (ECONNREFUSED)');
  expect(stdout).not.toContain('secret');
});
