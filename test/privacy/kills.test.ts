/** Killed at any statement and any outside call, and done again: the same end as undisturbed. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sweepKills } from './kill-sweep.ts';
import { startPrivacy, type PrivacySite } from './support.ts';

let site: PrivacySite;
beforeAll(async () => (site = await startPrivacy()));
afterAll(() => site.close());

// Every call, before and after it took effect: test/faults/privacy-kills.test.ts.
it.each([
  ['anonymise', 41],
  ['archive', 23],
  ['return', 9],
] as const)(
  '%s, killed at some calls',
  async (what, every) => expect(await sweepKills(site, what, { every })).toBeGreaterThan(2),
  120_000,
);
