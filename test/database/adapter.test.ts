import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_NOW, asRole, cloneDatabase } from '../support/postgres.ts';
import type { ClonedDatabase } from '../support/postgres.ts';

let app: ClonedDatabase;
beforeAll(async () => {
  app = await cloneDatabase('app');
});
afterAll(() => app.drop());

const call = async (sql: string, ...values: unknown[]): Promise<unknown> =>
  (await app.db.query<{ done: unknown }>(`select ${sql} as done`, values))[0]?.done;
const idOf = async (sql: string): Promise<string> => {
  const [row] = await app.db.query<{ id: string }>(sql);
  if (row === undefined) throw new Error(`the demo has none: ${sql}`);
  return row.id;
};

describe('the functions of the adapter', () => {
  const expire = (trial: string): Promise<unknown> => call('saas.expire_trial($1, $2)', trial, DEMO_NOW);
  const open = 'expired_at is null and converted_at is null';

  it('expire a trial that is over once, with its account', async () => {
    const trial = await idOf(
      `select trial_id as id from saas.trials where ${open} and ends_at < '${DEMO_NOW.toISOString()}'`,
    );
    expect([await expire(trial), await expire(trial)]).toEqual([true, false]);
    expect(
      await app.db.query(
        `select a.status, t.expired_at from saas.trials t join saas.accounts a using (account_id) where trial_id = $1`,
        [trial],
      ),
    ).toEqual([{ status: 'expired', expired_at: DEMO_NOW }]);
  });

  it('leave alone a trial that has converted, or was given more time', async () => {
    expect(
      await expire(await idOf('select trial_id as id from saas.trials where converted_at is not null')),
    ).toBe(false);
    expect(
      await expire(
        await idOf(
          `select trial_id as id from saas.trials where ${open} and ends_at > '${DEMO_NOW.toISOString()}'`,
        ),
      ),
    ).toBe(false);
  });

  it('archive, reactivate and anonymise an account, and nothing after that', async () => {
    const account = await idOf(`select account_id as id from saas.accounts where status = 'inactive'`);
    const set = (status: string): Promise<unknown> =>
      call('saas.set_account_status($1, $2)', account, status);
    expect([await set('archived'), await set('archived'), await set('active')]).toEqual([true, false, true]);
    expect([await set('anonymized'), await set('active')]).toEqual([true, false]);
    await expect(set('gone')).rejects.toThrow(/no status "gone"; there are: \{trial,active/);
  });

  it('withdraw a permission also where none was ever given', async () => {
    const account = await idOf(
      `select account_id as id from saas.accounts a where status = 'active'
       and not exists (select from saas.contact_permissions p where p.account_id = a.account_id and channel = 'sms')`,
    );
    const withdraw = (): Promise<unknown> =>
      call(`saas.withdraw_permission($1, 'sms', $2)`, account, DEMO_NOW);
    expect([await withdraw(), await withdraw()]).toEqual([true, false]);
    expect(
      await app.db.query(
        `select basis, withdrawn_at from saas.contact_permissions where account_id = $1 and channel = 'sms'`,
        [account],
      ),
    ).toEqual([{ basis: 'none', withdrawn_at: DEMO_NOW }]);
  });

  it('show a notification once per key', async () => {
    const insert = (): Promise<unknown> =>
      call(`saas.insert_notification('info', 'Titre', 'Texte', 'test:1')`);
    expect([await insert(), await insert()]).toEqual([true, false]);
  });
});

describe('rights', () => {
  const refused = (role: string, sql: string): Promise<void> =>
    asRole(app.db, role, async (tx) => {
      await expect(tx.query(sql), `${role}: ${sql}`).rejects.toThrow(/permission denied/);
    });

  it('keep the API roles of Supabase out of saas and maintenance', async () => {
    for (const role of ['anon', 'authenticated', 'service_role']) {
      await refused(role, 'select * from saas.accounts');
      await refused(role, `select saas.set_account_status('1', 'active')`);
      await refused(role, 'select * from maintenance.statistics');
    }
  });

  it('let talos_app do its work, and read no table of the application', async () => {
    await asRole(app.db, 'talos_app', async (tx) => {
      const [row] = await tx.query<{ accounts: number; terms: number }>(
        `select (select count(*) from saas.accounts) as accounts, (select count(*) from saas.subscription_terms) as terms`,
      );
      expect(row?.accounts).toBe(2000);
      expect(row?.terms).toBeGreaterThan(800);
      await tx.query(
        `insert into maintenance.statistics (metric, period_kind, period_start, value, unit, rule_version) values ('mrr', 'day', now(), 1, 'cents', 1)`,
      );
      await tx.query(`select saas.insert_notification('info', 'a', 'b', 'test:app')`);
    });
    for (const table of ['auth.users', 'public.accounts', 'public.payments'])
      await refused('talos_app', `select * from ${table}`);
    // `talos doctor` reads which migrations have run; only talos_owner says so.
    await refused('talos_app', 'delete from maintenance.migrations');
    await refused('talos_app', 'update maintenance.kpi_snapshots set value = 0');
    await refused('talos_owner', 'select encrypted_password from auth.users');
  });

  it('let talos_backup read every row of every table, and write none', async () => {
    await asRole(app.db, 'talos_backup', async (tx) => {
      const [row] = await tx.query<{ users: number }>('select count(*) as users from auth.users');
      expect(row?.users).toBeGreaterThan(2000);
    });
    await refused('talos_backup', 'delete from public.leads');
  });

  it('let talos_app keep the ledger in ops', async () => {
    const ops = await cloneDatabase('ops');
    await asRole(ops.db, 'talos_app', async (tx) => {
      await tx.query(
        `insert into ops.notifications (key, channel, level, template, status) values ('k', 'email', 'info', 't', 'claimed')`,
      );
    });
    await asRole(ops.db, 'talos_app', async (tx) => {
      await expect(tx.query('drop table ops.notifications')).rejects.toThrow(/must be owner/);
    });
    await ops.drop();
  });
});
