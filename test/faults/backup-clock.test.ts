import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, inject, it } from 'vitest';
import { createObjectStore, type ObjectStore } from '../../src/clients/object-store.ts';
import { idOf, keysOf, putBackup } from '../backup/fake-backups.ts';
import { end, startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { findVersitygw, startVersitygw } from '../support/versitygw.ts';
import { report, runBackup, type RunOutcome } from './backup-run.ts';

const DAY = 86_400_000;
const YEAR = 365 * DAY;
/** Days that hold a backup before today's; the policy keeps 7, today's among them. */
const DAYS = 10;
const TOO_OLD = [7, 8, 9, 10];

const versitygw = await findVersitygw();

interface Place {
  store: ObjectStore;
  settings: Record<string, string>;
  close(): Promise<void>;
}

function placeIn(
  s3: { endpoint: string; accessKeyId: string; secretAccessKey: string },
  name: string,
  stop: () => Promise<void>,
): Place {
  const prefix = `clock-${randomBytes(4).toString('hex')}`;
  const { endpoint, accessKeyId, secretAccessKey } = s3;
  const store = createObjectStore({
    ...{ name, prefix, endpoint, accessKeyId, secretAccessKey, region: 'us-east-1' },
  });
  return {
    store,
    settings: {
      S3_ENDPOINT: endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      BACKUP_BUCKET: `s3://${name}/${prefix}`,
    },
    async close() {
      store.close();
      await stop();
    },
  };
}

/** Looks away from the clock of its callers: signatures of any time are good. */
const onRclone = (): Promise<Place> =>
  Promise.resolve(placeIn(inject('s3'), 'talos-backups', () => Promise.resolve()));

/** As AWS, it refuses a signature of another hour. */
async function onVersitygw(): Promise<Place> {
  if (!versitygw) throw new Error('versitygw is not there');
  const server = await startVersitygw(versitygw);
  await server.createBucket('talos');
  const { endpoint, accessKeyId, secretAccessKey } = server;
  const skewed = new S3Client({
    ...{ endpoint, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1, systemClockOffset: YEAR },
    credentials: { accessKeyId, secretAccessKey },
  });
  await expect(skewed.send(new ListBucketsCommand({}))).rejects.toMatchObject({
    name: 'RequestTimeTooSkewed',
  });
  skewed.destroy();
  return placeIn(server, 'talos', () => server.stop());
}

const dayBefore = (days: number, now: number): { at: string } => ({
  at: `${new Date(now - days * DAY).toISOString().slice(0, 10)}T02:00:00Z`,
});

/** Ten nights of backups, and the first object of a run that has just begun. */
async function fill(store: ObjectStore, now: number): Promise<string[]> {
  for (let days = 1; days <= DAYS; days += 1) await putBackup(store, dayBefore(days, now));
  const begun = idOf({ at: new Date(now).toISOString(), run: 'bbbbbbbb' });
  await store.put(`daily/${begun}/db.dump.zst.age`, 'of another run', 'application/octet-stream');
  return keysOf(store);
}

/** Everything that this machine's programs in Node know of the time is shifted. */
async function shiftClock({ environment, workDir }: Maintenance, byMs: number): Promise<void> {
  const file = path.join(workDir, 'clock.mjs');
  await writeFile(
    file,
    `const Real = Date;
const now = () => Real.now() + ${String(byMs)};
globalThis.Date = new Proxy(Real, {
  construct: (target, args, as) => Reflect.construct(target, args.length > 0 ? args : [now()], as),
  apply: () => String(new Real(now())),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
`,
  );
  environment['NODE_OPTIONS'] = `--import=${pathToFileURL(file).href}`;
}

/** The backup itself is good, nothing was pruned, and the one mail says what is wrong. */
async function expectNothingPruned(
  { store }: Place,
  { result, mails }: RunOutcome,
  before: string[],
  why: RegExp,
): Promise<void> {
  const [mail, ...others] = mails;
  expect(result?.proof).toMatchObject({ result: 'proven', differences: [] });
  expect(result?.retention).toMatchObject({ copied: [], deleted: [], locked: [], cleared: 0 });
  expect(result?.retention?.refused).toMatch(why);
  expect(await keysOf(store)).toEqual([...before, ...(result?.keys ?? [])].sort());
  expect(others).toEqual([]);
  expect(mail?.subject).toMatch(/prouvée, mais/i);
  // The mail breaks its lines.
  const text = mail?.text?.replaceAll(/\s+/g, ' ');
  expect(text).toMatch(/rétention suspendue : rien n.a été copié ni effacé/i);
  expect(text).toMatch(why);
}

describe('the clock one year ahead', () => {
  it.each<[string, () => Promise<Place>]>([
    ['a store that does not look at it', onRclone],
    ...(versitygw
      ? [['a store that refuses its signatures', onVersitygw] satisfies [string, () => Promise<Place>]]
      : []),
  ])('of the worker, with %s: nothing is pruned, and the mended clock prunes as ever', async (what, open) => {
    const place = await open();
    const maintenance = await startMaintenance(place.settings);
    try {
      const now = Date.now();
      const before = await fill(place.store, now);
      await shiftClock(maintenance, YEAR);
      const ahead = await maintenance.startWorker();
      const wrong = await runBackup(maintenance, 'backup-clock-ahead');
      report(
        `${what}: ${wrong.result?.retention?.refused ?? ''} | ${wrong.mails[0]?.subject ?? 'no mail'} | ${String(wrong.seconds)} s`,
      );
      await expectNothingPruned(place, wrong, before, /no proven daily backup of the last 3 days is listed/);
      await end(ahead);

      delete maintenance.environment['NODE_OPTIONS'];
      await maintenance.startWorker();
      const right = await runBackup(maintenance, 'backup-clock-mended');
      expect(right.result?.retention?.refused).toBeUndefined();
      expect(right.result?.retention?.deleted.map(({ backupId }) => backupId).sort()).toEqual(
        TOO_OLD.map((days) => idOf(dayBefore(days, now))).sort(),
      );
    } finally {
      await maintenance.close();
      await place.close();
    }
  });

  it('of worker and database both, night after night: nothing of the year before is pruned', async () => {
    const place = await onRclone();
    const maintenance = await startMaintenance(place.settings);
    try {
      // A jump of every clock, seen from behind it: what was taken last night lies a year back.
      let before = await fill(place.store, Date.now() - YEAR);
      await maintenance.startWorker();
      for (const night of ['first', 'second']) {
        const outcome = await runBackup(maintenance, `backup-all-ahead-${night}`);
        report(`both clocks, ${night} run: ${outcome.result?.retention?.refused ?? ''}`);
        await expectNothingPruned(place, outcome, before, /no proven backup in the 30 days before/);
        before = [...before, ...(outcome.result?.keys ?? [])];
      }
    } finally {
      await maintenance.close();
      await place.close();
    }
  });
});
