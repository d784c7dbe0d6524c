import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolder } from '../../src/backup/folder.ts';
import { lockBackup } from '../../src/backup/lock.ts';
import { sweepOrphans } from '../../src/backup/orphans.ts';
import { createObjectStore, type ObjectStore } from '../../src/clients/object-store.ts';
import { findVersitygw, startVersitygw, type Versitygw } from '../support/versitygw.ts';
import { idOf, keysOf, putBackup, type Fake } from './fake-backups.ts';
import { apply, DAY, newStore, fill, NIGHT } from './tier-night.ts';

const versitygw = await findVersitygw();
const HOUR = DAY / 24;
// The store goes by the real clock, so these backups are of today and the days before.
const now = new Date();
const daysAgo = (days: number): Fake => ({
  at: new Date(now.getTime() - days * DAY - HOUR).toISOString(),
});
const folderOfDay = (days: number): string => `daily/${idOf(daysAgo(days))}`;

describe.skipIf(!versitygw)('retention in a bucket with object lock', () => {
  let server: Versitygw;
  let store: ObjectStore;
  beforeAll(async () => {
    server = await startVersitygw(versitygw ?? '');
    await server.createBucket('locked', { objectLock: true });
    const { endpoint, accessKeyId, secretAccessKey } = server;
    store = createObjectStore({
      ...{ name: 'locked', prefix: 'lock', accessKeyId, secretAccessKey, region: 'us-east-1', endpoint },
    });
    for (const days of [4, 3, 2, 1, 0]) await putBackup(store, daysAgo(days));
  });
  afterAll(async () => {
    store.close();
    await server.stop();
  });
  const run = (daily = 3) =>
    apply(store, now, { policy: { daily, weekly: 2, monthly: 2 }, objectLock: 'governance' });
  const filesIn = async (folder: string): Promise<number> =>
    (await keysOf(store)).filter((key) => key.startsWith(`${folder}/`)).length;

  it('locks what is kept, lets the rest go, and leaves a locked backup whole until later', async () => {
    // Cut short after its first object, the manifest: enough to guard the whole.
    await store.lock(`${folderOfDay(4)}/manifest.json`, new Date(Date.now() + HOUR), 'governance');
    const outcome = await run();
    expect(outcome).toMatchObject({ locked: [folderOfDay(4)] });
    expect(outcome.refused).toBeUndefined();
    expect(outcome.lockProblem).toBeUndefined();
    expect(outcome.deleted).toContainEqual({ tier: 'daily', backupId: idOf(daysAgo(3)) });
    expect(await filesIn(folderOfDay(3))).toBe(0);
    expect(await filesIn(folderOfDay(4))).toBe(5);
    expect(outcome.kept[0]).toMatchObject({ tier: 'daily', count: 4, nextBackupId: idOf(daysAgo(2)) });

    for (const key of await keysOf(store))
      if (!key.startsWith(folderOfDay(4)))
        await expect(store.remove(key), key).rejects.toMatchObject({ type: 'ObjectLocked' });
    for (const days of [2, 1, 0]) expect(await filesIn(folderOfDay(days))).toBe(5);
  });

  it('does nothing more when repeated, and goes on when the policy keeps less than is locked', async () => {
    const keys = await keysOf(store);
    const again = await run();
    expect(again).toMatchObject({ copied: [], deleted: [], locked: [folderOfDay(4)] });
    expect(again.lockProblem).toBeUndefined();
    const fewer = await run(1);
    expect(fewer.refused).toBeUndefined();
    expect(fewer.locked).toEqual(expect.arrayContaining([4, 2, 1].map(folderOfDay)));
    expect(await keysOf(store)).toEqual(keys);
  });

  it('locks a backup just made, and says which dead attempt is locked', async () => {
    const made = { ...daysAgo(0), run: 'bbbbbbbb' };
    await putBackup(store, made);
    const until = new Date(Date.now() + HOUR);
    const dying: ObjectStore = {
      ...store,
      lock: async (key, ...rest) => {
        await store.lock(key, ...rest);
        throw new Error('killed');
      },
    };
    await expect(lockBackup(dying, `daily/${idOf(made)}`, until, 'governance')).rejects.toThrow('killed');
    await expect(removeFolder(store, `daily/${idOf(made)}`)).rejects.toMatchObject({ type: 'ObjectLocked' });
    expect(await filesIn(`daily/${idOf(made)}`)).toBe(5);
    await lockBackup(store, `daily/${idOf(made)}`, until, 'governance');
    await expect(store.remove(`daily/${idOf(made)}/db.dump.zst.age`)).rejects.toMatchObject({
      type: 'ObjectLocked',
    });
    const dead = `daily/${idOf({ ...daysAgo(1), run: 'cccccccc' })}`;
    await store.put(`${dead}/db.dump.zst.age`, 'half', 'text/plain');
    await store.lock(`${dead}/db.dump.zst.age`, new Date(Date.now() + HOUR), 'governance');
    const swept = await sweepOrphans(store, { now: new Date(Date.now() + HOUR), liveRunIds: [] });
    expect(swept).toEqual({ folders: [], uploads: [], locked: [dead] });
  });
});

describe('retention in a bucket without object lock', () => {
  it('does its work, and says that nothing is locked where somebody decided that it must be', async () => {
    const store = newStore();
    await fill(store);
    const outcome = await apply(store, NIGHT, { objectLock: 'governance' });
    expect(outcome.lockProblem).toBeUndefined();
    expect(outcome.deleted).toHaveLength(4);
    const strict = await apply(store, NIGHT, { objectLock: 'compliance' });
    expect(strict.lockProblem).toContain('has no Object Lock');
  });
});
