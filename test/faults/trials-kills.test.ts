import { describe, it } from 'vitest';
import type { ScheduleId } from '../../src/shared/ids.ts';
import {
  judge,
  killAt,
  killDuring,
  startKillSite,
  type Job,
  type Killed,
  type KillSite,
} from '../trials/kill-sweep.ts';
import { waitFor } from '../support/wait.ts';

/**
 * A real worker ended with -9 at every SQL statement and every call to the mail server and to Twilio, before it leaves
 * and when its answer is there. After each kill the lost run goes on, beside a second one. In the end both days are
 * backfilled. One site a lane: most of it is waiting for timeouts.
 */
const LANES = 2;
const STEPS = ['EHLO', 'MAIL', 'RCPT', 'DATA', 'content'] as const;
const SCHEDULES: Record<Job, ScheduleId> = {
  expireTrials: 'expiration-essais',
  nudgeInactiveTrials: 'relance-essais-inactifs',
};

/** As a person does it after an outage: the runs of the last days, all at once. */
async function backfill({ maintenance }: KillSite, job: Job): Promise<number> {
  const { client } = maintenance;
  const now = Date.now();
  const id = SCHEDULES[job];
  await client.schedule
    .getHandle(id)
    .backfill({ start: new Date(now - 2 * 86_400_000), end: new Date(now), overlap: 'ALLOW_ALL' });
  const runs = async () => {
    const found: string[] = [];
    for await (const { workflowId, status } of client.workflow.list({
      query: `WorkflowId STARTS_WITH '${id}-2'`,
    }))
      if (status.name === 'COMPLETED') found.push(workflowId);
    return found.length;
  };
  return waitFor(async () => ((await runs()) >= 2 ? runs() : undefined), {
    ...{ timeoutMs: 120_000, what: 'the backfilled runs' },
  });
}

describe.concurrent.each(['expireTrials', 'nudgeInactiveTrials'] as const)('%s, killed with -9', (job) => {
  it.for(Array.from({ length: LANES }, (_, lane) => lane))(
    'at each boundary: none lost, none twice (lane %i)',
    { timeout: 40 * 60_000 },
    async (lane, { expect }) => {
      const site = await startKillSite();
      const all: Killed[] = [];
      try {
        for (let at = lane + 1; ; at += LANES) {
          const killed = await killAt(site, job, at);
          if (killed.place === undefined) break;
          judge(killed);
          all.push(killed);
        }
        for (const step of STEPS.filter((_step, at) => at % LANES === lane)) {
          const killed = await killDuring(site, job, step);
          judge(killed);
          all.push(killed);
        }
        const before = site.smtp.received.length;
        expect(await backfill(site, job)).toBeGreaterThanOrEqual(2);
        expect(site.smtp.received).toHaveLength(before);
      } finally {
        await site.close();
      }
      const places = (which: (killed: Killed) => boolean) =>
        all.flatMap((killed) => (which(killed) ? [killed.place] : []));
      const none = places(({ mails }) => mails === 0);
      console.log(
        `${job}, lane ${String(lane)}: ${String(all.length)} kills; twice 0; left once ${String(places(({ mails }) => mails === 1).length)}, ` +
          `of them listed as unknown ${String(places(({ mails, unknown }) => mails === 1 && unknown).length)}; ` +
          `not left and listed as unknown ${String(none.length)}: ${none.join('; ')}`,
      );
      // Between the note that the content leaves and its first byte: the price of never twice.
      expect(none.length).toBeLessThanOrEqual(3);
      expect(Math.max(...all.map(({ texts }) => texts))).toBeLessThanOrEqual(1);
      expect(all.length).toBeGreaterThan(30);
    },
  );
});
