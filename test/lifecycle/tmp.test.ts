import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startLifecycles, type LifecycleSite } from './support.ts';

/** The thirteen months, day by day, on the real server with its own skipping of time. */

let site: LifecycleSite;
beforeAll(async () => {
  site = await startLifecycles();
}, 60_000);
afterEach(() => {
  site.smtp.faults = {};
});
afterAll(() => site.close());

test('asked, reminded, archived, anonymised', async () => {
  const customer = await site.customer();
  const calendar = await site.start(customer);
  console.log('T', Date.now() % 1000000);
  await site.until(customer, 'asked');
  expect(site.mailsTo(customer)).toHaveLength(1);
  console.log('T', Date.now() % 1000000);
  await calendar.to(29);
  expect(await site.state(customer)).toMatchObject({ phase: 'asked' });
  expect(site.mailsTo(customer)).toHaveLength(2);
  console.log('T', Date.now() % 1000000);
  await calendar.to(31.1);
  console.log('T', Date.now() % 1000000);
  await site.until(customer, 'archived');
  expect(await site.status(customer)).toBe('archived');
  console.log('T', Date.now() % 1000000);
  await calendar.to(31 + 364);
  expect((await site.state(customer)).phase).toBe('archived');
  console.log('T', Date.now() % 1000000);
  await calendar.to(31 + 366.1);
  expect(await site.result(customer)).toMatchObject({ phase: 'anonymized' });
  expect(await site.status(customer)).toBeUndefined();
});
