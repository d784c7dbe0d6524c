/** The short form; every place of every activity: test/faults/report-kills.test.ts. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { killAt, startKillSite, type KillSite } from './kill-site.ts';

let site: KillSite;
beforeAll(async () => (site = await startKillSite()));
afterAll(() => site.close());

it('killed after the mail left and before anybody knows: sent once, and by no backfill again', async () => {
  const { messageIds, result } = await killAt(site, {
    ...{ job: 'rapport-quotidien', activity: 'notify', nth: 1, when: 'after' },
  });
  expect(messageIds).toHaveLength(1);
  expect(result).toMatchObject({ mail: 'already sent', revision: 1 });
}, 120_000);
