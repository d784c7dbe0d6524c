/** A worker killed with -9 before and after each activity of the two reports and of update-statistiques. */
import { expect, it } from 'vitest';
import {
  cutAlways,
  killAt,
  nameOf,
  startKillSite,
  undisturbed,
  type KillPoint,
} from '../reports/kill-site.ts';
import { report } from './backup-run.ts';

/** Most of a kill is waiting for a timeout: these wait beside each other. */
const SITES = 3;

/** Activities in their order, with how long Temporal waits for a lost one (seconds): the longest begin first. */
const ACTIVITIES = {
  'rapport-quotidien': {
    ...{ 'resolvePolicy 1': 10, 'recordRun 1': 10, 'planReport 1': 30, 'composeDailyReport 1': 30 },
    ...{ 'notify 1': 35, 'storeBusinessReport 1': 120, 'recordRun 2': 10 },
  },
  'rapport-hebdomadaire': {
    ...{ 'resolvePolicy 1': 10, 'recordRun 1': 10, 'planReport 1': 30, 'composeWeeklyReport 1': 30 },
    ...{ 'notify 1': 35, 'recordRun 2': 10 },
  },
  'update-statistiques': {
    ...{
      'resolvePolicy 1': 10,
      'recordRun 1': 10,
      'computeFigures 1': 30,
      'refreshMaterializedViews 1': 300,
    },
    ...{ 'checkBusinessAlerts 1': 120, 'measurePageLoad 1': 45, 'updateMeasures 1': 120, 'recordRun 2': 10 },
  },
} as const;

const ofActivities = Object.entries(ACTIVITIES).flatMap(([job, activities]) =>
  Object.entries(activities).flatMap(([place, seconds]) =>
    (['before', 'after'] as const).map((when) => {
      const [activity = '', nth] = place.split(' ');
      return { job: job as KillPoint['job'], activity, nth: Number(nth), when, seconds };
    }),
  ),
);
const unready = (['before', 'after'] as const).map((when) => ({
  ...({
    job: 'rapport-quotidien',
    activity: 'askForStatistics',
    nth: 1,
    when,
    unready: true,
    seconds: 60,
  } as const),
}));
const ofMails = (['rapport-quotidien', 'rapport-hebdomadaire'] as const).flatMap((job) =>
  (['MAIL', 'RCPT', 'DATA'] as const).map((step) => ({ job, step, seconds: 35 })),
);
const POINTS: readonly (KillPoint & { seconds: number })[] = [...ofActivities, ...unready, ...ofMails].sort(
  (a, b) => b.seconds - a.seconds,
);

it(`${String(POINTS.length)} kill points: no report is lost, none comes twice, no figure is another`, async () => {
  expect(POINTS.length).toBeGreaterThanOrEqual(40);
  const queue = [...POINTS];
  const tally = { killed: 0, lost: 0, twice: 0, otherFigures: 0, monthsMissing: 0 };
  const work = async () => {
    const site = await startKillSite();
    try {
      const figures = await undisturbed(site, 'update-statistiques');
      for (let point = queue.shift(); point; point = queue.shift()) {
        const begun = performance.now();
        const { messageIds, digest, keys } = await killAt(site, point);
        const seconds = Math.round((performance.now() - begun) / 1_000);
        tally.killed += 1;
        report(
          `${nameOf(point)}: ${String(messageIds.length)} mails, ${digest.split(' ')[0] ?? ''} figures, ${String(seconds)} s`,
        );
        if (point.job === 'update-statistiques') {
          if (digest !== figures) tally.otherFigures += 1;
          continue;
        }
        if (messageIds.length === 0) tally.lost += 1;
        if (messageIds.length > 1) tally.twice += 1;
        if (point.job === 'rapport-quotidien' && keys.length !== 2) tally.monthsMissing += 1;
      }
    } finally {
      await site.close();
    }
  };
  await Promise.all(Array.from({ length: SITES }, work));
  report(`${JSON.stringify(tally)}; each report backfilled 3 times`);
  expect(tally).toEqual({ killed: POINTS.length, lost: 0, twice: 0, otherFigures: 0, monthsMissing: 0 });
}, 3_000_000);

it('the undecidable case, cut between DATA and 250: once more with the same Message-ID, and not a third time', async () => {
  const site = await startKillSite();
  try {
    for (const job of ['rapport-quotidien', 'rapport-hebdomadaire'] as const) {
      const once = await killAt(site, { job, step: 'content' });
      expect(once.messageIds).toHaveLength(2);
      expect(new Set(once.messageIds).size).toBe(1);
      expect(once.different).toBe(1);
      expect(once.result).toMatchObject({ mail: 'sent' });
      report(`${job}: worker killed between DATA and 250: 2 mails, one Message-ID, the same bytes`);
    }
    const always = await cutAlways(site, 'rapport-quotidien');
    expect(always).toMatchObject({ different: 1, result: { mail: 'unknown' } });
    expect(always.messageIds).toHaveLength(2);
    report(
      'rapport-quotidien: each connection cut between DATA and 250: 2 mails, one Message-ID, then unknown',
    );
  } finally {
    await site.close();
  }
}, 600_000);
