/** Killed at every statement and every outside call, before and after it took effect: the same end, and once more changes nothing. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sweepKills } from '../privacy/kill-sweep.ts';
import { startPrivacy, type PrivacySite } from '../privacy/support.ts';

let site: PrivacySite;
beforeAll(async () => (site = await startPrivacy()));
afterAll(() => site.close());

it.each([
  ['anonymise', 100],
  ['archive', 60],
  ['return', 20],
] as const)(
  '%s, killed at each call',
  async (what, least) => {
    const places = await sweepKills(site, what, { every: 1 });
    console.log(`${what}: ${String(places)} places`);
    expect(places).toBeGreaterThan(least);
  },
  1_800_000,
);
