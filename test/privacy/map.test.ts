import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/config/policy-file.ts';
import { policySchema } from '../../src/config/policy.ts';
import type { Mistake } from '../../src/config/mistakes.ts';
import { readCatalogue } from '../../src/database/index.ts';
import { checkMapAgainst, type Finding } from '../../src/privacy/check.ts';
import { loadMap, type DataMap } from '../../src/privacy/map.ts';
import { deletionOrder } from '../../src/privacy/order.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';

const DEFAULTS = policySchema.parse({}).privacy;
let app: ClonedDatabase;
let map: DataMap;
beforeAll(async () => {
  app = await cloneDatabase('app');
  map = await loadMap(DEFAULTS);
});
afterAll(() => app.drop());

/** What `change` makes wrong, in a transaction that is rolled back. */
async function after(change: string, used: DataMap = map): Promise<Finding[]> {
  const undo = new Error('rolled back');
  let findings: Finding[] = [];
  await app.db
    .transaction(async (tx) => {
      await tx.query(change);
      findings = checkMapAgainst(used, await readCatalogue(tx, used.schemas, [...used.tables.keys()]));
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  return findings;
}

describe('the shipped maps over the demo', () => {
  it('name every column of public, auth and storage', async () => {
    const catalogue = await readCatalogue(app.db, map.schemas, [...map.tables.keys()]);
    expect(map.schemas).toEqual(['auth', 'storage', 'public']);
    expect(catalogue.tables.size).toBeGreaterThan(40);
    expect(checkMapAgainst(map, catalogue)).toEqual([]);
  });

  it.each([
    ['a new column', 'alter table public.accounts add iban text', 'public.accounts.iban', 'unmapped'],
    ['a new table', 'create table public.invitations (id int, email text)', 'public.invitations', 'unmapped'],
    [
      'a new column of Supabase',
      'alter table auth.users add nickname text',
      'auth.users.nickname',
      'unmapped',
    ],
    [
      'a copy in a materialised view',
      'create materialized view public.names as select name from public.accounts',
      'public.names',
      'unmapped',
    ],
    [
      'a column that may no longer be empty',
      `update public.accounts set phone = '-'; alter table public.accounts alter phone set not null`,
      'public.accounts.phone',
      'wrong strategy',
    ],
    [
      'a path that is gone',
      'alter table public.tickets rename account_id to customer_id',
      'public.tickets.account_id',
      'wrong path',
    ],
    [
      'a kept row that points to a deleted one',
      'alter table public.notifications add ticket bigint references public.tickets',
      'public.notifications.ticket',
      'left behind',
    ],
    [
      'a circle of foreign keys',
      `alter table public.tickets add last_message bigint references public.ticket_messages`,
      '',
      'cycle',
    ],
  ])('say no to %s', async (_what, change, object, problem) => {
    const findings = await after(change);
    expect(findings).toContainEqual(
      expect.objectContaining(object === '' ? { problem } : { object, problem }),
    );
  });

  it('open a circle by a column that is unlinked', () => {
    const keys = [
      { from: 'a', to: 'b', columns: ['b'], toColumns: ['id'], onDelete: 'a', nullable: true },
      { from: 'b', to: 'a', columns: ['a'], toColumns: ['id'], onDelete: 'a', nullable: true },
    ];
    expect(deletionOrder(['a', 'b'], keys, () => false)).toBeUndefined();
    expect(deletionOrder(['a', 'b'], keys, ({ from }) => from === 'b')).toEqual(['a', 'b']);
  });

  it('never give an invoice another key', async () => {
    const used = await loadMap(DEFAULTS);
    const id = used.tables.get('public.invoices')?.columns.get('id');
    if (id) id.strategy = { name: 'rekey', argument: '' };
    expect(await after('select 1', used)).toContainEqual(
      expect.objectContaining({ object: 'public.invoices.id', problem: 'issued key' }),
    );
  });

  it('keep no column that holds a person', async () => {
    const used = await loadMap(DEFAULTS);
    const name = used.tables.get('public.accounts')?.columns.get('name');
    if (name) name.strategy = { name: 'keep', argument: '' };
    expect(await after('select 1', used)).toContainEqual(
      expect.objectContaining({ object: 'public.accounts.name', problem: 'kept personal' }),
    );
  });
});

describe('privacy in maintenance.yaml', () => {
  const mistakesOf = (text: string): Mistake[] => {
    const mistakes: Mistake[] = [];
    parsePolicy(text, 'maintenance.yaml', mistakes);
    return mistakes;
  };

  it.each(['hash', 'hmac(sha256)', 'sha256', 'md5', 'encrypt(aes)', 'aes-256', 'pseudonymise'])(
    'refuses %s as anonymisation, and says why',
    (strategy) => {
      const [mistake, ...more] = mistakesOf(
        `privacy:\n  tables:\n    public.x:\n      rows: nobody\n      do: ${strategy}\n      columns: { id: technical }\n`,
      );
      expect(more).toEqual([]);
      expect(mistake?.problem).toMatch(/is no anonymisation: .* the data stay personal/);
    },
  );

  it('replaces a table of a shipped map as a whole', async () => {
    const policy = policySchema.parse({
      privacy: {
        tables: {
          'public.plans': { rows: 'nobody', columns: { id: 'technical' } },
          'public.invitations': {
            rows: { account_id: 'account' },
            do: 'delete_row',
            columns: { email: 'contact' },
          },
        },
      },
    });
    const own = await loadMap(policy.privacy);
    expect([...(own.tables.get('public.plans')?.columns.keys() ?? [])]).toEqual(['id']);
    expect(own.tables.get('public.invitations')?.isDeleted).toBe(true);
    expect(own.tables.get('auth.users')?.isDeleted).toBe(true);
    expect(own.version).not.toBe(map.version);
  });
});
