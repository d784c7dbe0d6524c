import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createLives } from './lives.ts';
import { startLifecycles, type LifecycleSite } from './support.ts';

/** What forbids a step, and customers who want to be forgotten now. */

// A busy machine: a scenario is a second or two of a quiet one.
vi.setConfig({ testTimeout: 180_000 });

let site: LifecycleSite;
beforeAll(async () => {
  site = await startLifecycles();
}, 120_000);
afterAll(() => site.close());

const { asked, archived, block, unblock } = createLives(() => site);
const LIVES = { asked, archived } as const;

describe('what forbids a step', () => {
  test('a legal hold of the application: tried again each week', async () => {
    const { customer, calendar, view } = await asked();
    await block(customer);
    await calendar.at(view.deadline, 86_400);
    expect(await site.until(customer, 'asked', ({ blocked }) => blocked !== undefined)).toMatchObject({
      blocked: ['legal_hold'],
    });
    await unblock(customer);
    await calendar.to(31 + 9);
    await site.until(customer, 'archived');
  });

  test('the same before anonymisation', async () => {
    const { customer, calendar } = await archived();
    await block(customer);
    await calendar.to(31 + 370);
    expect(await site.until(customer, 'archived', ({ blocked }) => blocked !== undefined)).toBeTruthy();
    await unblock(customer);
    await calendar.through();
    expect(await site.result(customer)).toMatchObject({ phase: 'anonymized' });
  });
});

describe('to be forgotten now', () => {
  test.each(['asked', 'archived'] as const)('while %s', async (standing) => {
    const { customer } = await LIVES[standing]();
    expect(await site.update(customer, 'erase')).toMatchObject({ erased: true });
    expect(await site.result(customer)).toMatchObject({ phase: 'anonymized', endedBy: 'request' });
    expect(await site.status(customer)).toBeUndefined();
  });

  test('without a lifecycle', async () => {
    const customer = await site.customer({ months: 1 });
    await site.start(customer, { erase: 'cli' });
    expect(await site.result(customer)).toMatchObject({ phase: 'anonymized' });
    expect(site.mailsTo(customer)).toEqual([]);
  });

  test('held: refused; forbidden: it stays as it is', async () => {
    const { customer, view } = await asked();
    await site.signal(customer, 'hold');
    await expect(site.update(customer, 'erase')).rejects.toMatchObject({ cause: { type: 'Held' } });
    await site.signal(customer, 'release');
    await block(customer);
    expect(await site.update(customer, 'erase')).toMatchObject({
      ...{ phase: 'asked', deadline: view.deadline, blocked: ['legal_hold'] },
    });
    expect(await site.status(customer)).toBe('inactive');
  });

  test('forbidden, without a lifecycle: nothing begins', async () => {
    const customer = await site.customer();
    await block(customer);
    await site.start(customer, { erase: 'cli' });
    expect(await site.result(customer)).toMatchObject({ phase: 'ended', blocked: ['legal_hold'] });
    expect(site.mailsTo(customer)).toEqual([]);
  });
});
