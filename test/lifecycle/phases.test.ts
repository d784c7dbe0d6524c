import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { localDays, startOfDay } from '../../src/shared/calendar.ts';
import { createLives, planned, type Life } from './lives.ts';
import { startLifecycles, type LifecycleSite } from './support.ts';

/** The thirteen months on the real server with its own skipping of time: each scenario is one customer. */

// A busy machine: a scenario is a second or two of a quiet one.
vi.setConfig({ testTimeout: 180_000 });

let site: LifecycleSite;
beforeAll(async () => {
  site = await startLifecycles();
}, 120_000);
afterAll(() => site.close());

const { asked, archived, seen } = createLives(() => site);
const LIVES = { asked, archived } as const;
type Standing = keyof typeof LIVES;

describe('the days', () => {
  test('day 0: one message, and the whole of day 30 belongs to the customer', async () => {
    const { customer, view } = await asked();
    expect(site.mailsTo(customer)).toHaveLength(1);
    const day = localDays('Europe/Paris')(new Date(view.askedAt ?? ''));
    expect(view.deadline).toBe(startOfDay('Europe/Paris', day + 31).toISOString());
    expect(await site.status(customer)).toBe('inactive');
  });

  test.each([
    [22, 1],
    [24, 2],
    [29, 2],
    [30, 2],
  ])('day %i: asked, %i messages', async (day, mails) => {
    const { customer, calendar } = await asked();
    await calendar.to(day);
    expect((await site.state(customer)).phase).toBe('asked');
    expect(site.mailsTo(customer)).toHaveLength(mails);
  });

  test('day 31: archived, and out of the database', async () => {
    const { customer, calendar } = await asked();
    await calendar.to(31);
    await site.until(customer, 'archived');
    expect(await site.status(customer)).toBe('archived');
    expect(site.mailsTo(customer)).toHaveLength(2);
  });

  test.each([
    ['a minute before the deadline: asked', -60, 'asked'],
    ['a minute after it: archived', 60, 'archived'],
  ] as const)('%s', async (_when, seconds, phase) => {
    const { customer, calendar, view } = await asked();
    await calendar.at(view.deadline, seconds);
    await site.until(customer, phase);
  });

  test.each([
    ['364 days after archiving: still there', 364, 'archived'],
    ['365 days after archiving: anonymised', 365, 'anonymized'],
  ] as const)('%s', async (_when, days, phase) => {
    const { customer, calendar, view } = await archived();
    await calendar.at(view.archivedAt, days * 86_400 + 60);
    await site.until(customer, phase);
    expect(await site.status(customer)).toBe(phase === 'archived' ? 'archived' : undefined);
  });

  test('thirteen months in one go: two messages, no row of ours names the account', async () => {
    const { customer, calendar } = await asked();
    await calendar.through();
    expect(await site.result(customer)).toMatchObject({ phase: 'anonymized', endedBy: 'inactive' });
    expect(site.mailsTo(customer)).toHaveLength(2);
    expect(
      await site.maintenance.ops.db.query('select from ops.lifecycles where account_id = $1', [
        customer.accountId,
      ]),
    ).toEqual([]);
  });

  test('a missing address stops nothing: nobody can be asked', async () => {
    const customer = await site.customer();
    await site.maintenance.app.db.query('update public.accounts set email = null where id = $1', [
      customer.accountId,
    ]);
    const calendar = await site.start(customer);
    const view = await site.until(customer, 'asked', planned);
    expect(view.told).toBe('skipped: NoRecipient');
    await calendar.at(view.deadline, 60);
    await site.until(customer, 'archived');
  });
});

describe('reactivation', () => {
  const WAYS = {
    signal: (life: Life) => site.signal(life.customer, 'reactivate'),
    update: (life: Life) => site.update(life.customer, 'reactivate').then(() => undefined),
    link: (life: Life) => site.press(life.customer).then(() => undefined),
    async activity({ customer, calendar, view }: Life) {
      await seen(customer);
      await calendar.at(view.deadline, 60);
    },
  };
  const cases = (Object.keys(LIVES) as Standing[]).flatMap((standing) =>
    (Object.keys(WAYS) as (keyof typeof WAYS)[]).map((way) => [standing, way] as const),
  );
  test.each(cases)('while %s, by %s', async (standing, way) => {
    const life = await LIVES[standing]();
    await WAYS[way](life);
    expect(await site.result(life.customer)).toMatchObject({ phase: 'reactivated' });
    // By their own activity the status is the one before; who asked is active again.
    expect(await site.status(life.customer)).toBe(way === 'activity' ? 'inactive' : 'active');
    expect(await site.nameOf(life.customer)).toContain('Zéphyrine');
  });

  test.each(['asked', 'archived'] as const)('while %s and held, by update', async (standing) => {
    const { customer } = await LIVES[standing]();
    await site.signal(customer, 'hold');
    expect(await site.update(customer, 'reactivate')).toMatchObject({ phase: 'reactivated' });
  });

  test('activity is seen within 30 days, also long before the deadline', async () => {
    const { customer, calendar } = await archived();
    await seen(customer);
    await calendar.to(31 + 31);
    expect(await site.result(customer)).toMatchObject({ phase: 'reactivated', endedBy: 'activity' });
  });

  test('the application gave the account back by itself', async () => {
    const { customer, calendar } = await archived();
    await site.maintenance.app.db.query(`select saas.set_account_status($1, 'active')`, [customer.accountId]);
    await calendar.to(31 + 31);
    expect(await site.result(customer)).toMatchObject({ phase: 'reactivated', endedBy: 'application' });
    expect(await site.nameOf(customer)).toContain('Zéphyrine');
  });

  test('a trial that ran out stays one, with its data back', async () => {
    const { customer } = await asked({ status: 'expired' });
    await site.update(customer, 'reactivate');
    expect(await site.status(customer)).toBe('expired');
  });

  test('too late: « trop tard », by update; a signal and the link find nobody', async () => {
    const { customer, calendar, view } = await archived();
    await site.keepElsewhere(customer);
    await calendar.at(view.deadline, 60);
    await site.until(customer, 'erasing', ({ trouble }) => trouble === 'SettingMissing');
    await expect(site.update(customer, 'reactivate')).rejects.toMatchObject({
      cause: { message: expect.stringContaining('trop tard') as string, type: 'TooLate' },
    });
    expect((await site.press(customer)).status).toBe(410);
    await site.signal(customer, 'reactivate');
    await site.letGo(customer);
    await calendar.through();
    expect(await site.result(customer)).toMatchObject({ phase: 'anonymized' });
    await expect(site.signal(customer, 'reactivate')).rejects.toThrow();
    expect((await site.press(customer)).status).toBe(410);
  });
});

describe('hold and deadlines', () => {
  test('held past the deadline, archived when it is released', async () => {
    const { customer, calendar } = await asked();
    await site.signal(customer, 'hold', { by: 'litigation' });
    await calendar.to(70);
    expect(await site.state(customer)).toMatchObject({ phase: 'asked', held: { by: 'litigation' } });
    // Nothing was sent meanwhile.
    expect(site.mailsTo(customer)).toHaveLength(1);
    await site.signal(customer, 'release');
    await site.until(customer, 'archived');
  });

  test('held and released before the deadline: on its day', async () => {
    const { customer, calendar, view } = await asked();
    await site.signal(customer, 'hold');
    await calendar.to(10);
    await site.signal(customer, 'release');
    await calendar.at(view.deadline, -60);
    expect((await site.state(customer)).phase).toBe('asked');
    await calendar.at(view.deadline, 60);
    await site.until(customer, 'archived');
  });

  test('held while archived: not anonymised until it is released', async () => {
    const { customer, calendar } = await archived();
    await site.signal(customer, 'hold');
    await calendar.to(31 + 400);
    expect((await site.state(customer)).phase).toBe('archived');
    await site.signal(customer, 'release');
    await calendar.through();
    expect(await site.result(customer)).toMatchObject({ phase: 'anonymized' });
  });

  test.each([
    ['later', 60, 'asked'],
    ['tomorrow', 1, 'archived'],
  ] as const)('another day: %s', async (_which, days, phase) => {
    const { customer, calendar } = await asked();
    const at = new Date(Date.now() + days * 86_400_000).toISOString();
    await site.signal(customer, 'setDeadline', { at });
    await site.until(customer, 'asked', ({ deadline }) => deadline === at);
    await calendar.to(40);
    await site.until(customer, phase);
  });

  test('a longer policy reaches who was asked; a shorter one never shortens the day they were told', async () => {
    const { customer, view } = await asked();
    await site.signal(customer, 'setDeadline', { reactivationDays: 45 });
    const longer = await site.until(
      customer,
      'asked',
      ({ deadline = '' }) => deadline > (view.deadline ?? ''),
    );
    const days = (Date.parse(longer.deadline ?? '') - Date.parse(view.deadline ?? '')) / 86_400_000;
    expect(Math.round(days)).toBe(15);
    await site.signal(customer, 'setDeadline', { reactivationDays: 10 });
    const kept = await site.until(customer, 'asked', ({ policy }) => policy.reactivationDays === 10);
    expect(kept.deadline).toBe(longer.deadline);
  });

  test('a longer policy reaches who is archived', async () => {
    const { customer, calendar } = await archived();
    await site.signal(customer, 'setDeadline', { anonymiseAfterMonths: 24 });
    await site.until(customer, 'archived', ({ policy }) => policy.anonymiseAfterMonths === 24);
    await calendar.to(31 + 380);
    expect((await site.state(customer)).phase).toBe('archived');
  });

  test('what cannot be read changes nothing', async () => {
    const { customer, view } = await asked();
    for (const payload of [
      {},
      { at: 'soon' },
      { reactivationDays: -1 },
      { by: 'Jeanne <jeanne@example.com>' },
    ])
      await site.signal(customer, 'setDeadline', payload);
    await site.signal(customer, 'hold', { by: 'jeanne@example.com' });
    const held = await site.until(customer, 'asked', ({ held }) => held !== undefined);
    expect(held).toMatchObject({ deadline: view.deadline, held: { by: 'operator' } });
  });
});
