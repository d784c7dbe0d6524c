import { afterAll, beforeAll, expect, it } from 'vitest';

import { judge, killAt, killDuring, startKillSite, type KillSite } from './kill-sweep.ts';

/** A real worker ended with -9, at some places; at every one: test/faults/trials-kills.test.ts. */

let site: KillSite;
beforeAll(async () => {
  site = await startKillSite();
}, 60_000);
afterAll(() => site.close());

it('with the content of a mail under way: it is not sent again, and listed as unknown', async () => {
  const killed = await killDuring(site, 'expireTrials', 'content');
  expect(killed).toMatchObject({ mails: 1, unknown: true });
}, 120_000);

it.each([
  ['expireTrials', 31],
  ['nudgeInactiveTrials', 25],
] as const)(
  '%s, at boundary %i: one mail, not two',
  async (job, at) => {
    const killed = await killAt(site, job, at);
    expect(killed.place).toBeDefined();
    judge(killed);
  },
  120_000,
);
