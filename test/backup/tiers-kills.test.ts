import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { sweepOrphans } from '../../src/backup/orphans.ts';
import type { ObjectStore } from '../../src/clients/object-store.ts';
import { keysOf, wholeFolders } from './fake-backups.ts';
import { after, apply, fill, idAt, newStore, NIGHT, policy } from './tier-night.ts';

/**
 * Dies before writing call `index`, and so after the one before: a dead process calls nothing more. Between two
 * writes all points leave the same bucket.
 */
function dyingStore(store: ObjectStore, index: number): { store: ObjectStore; calls(): number } {
  let calls = 0;
  const died = new Error('killed');
  const step = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (calls++ >= index) throw died;
    return await work();
  };
  const dying: ObjectStore = {
    ...store,
    put: (...input) => step(() => store.put(...input)),
    remove: (...input) => step(() => store.remove(...input)),
    copy: (...input) => step(() => store.copy(...input)),
    beginUpload: (...input) => step(() => store.beginUpload(...input)),
    completeUpload: (...input) => step(() => store.completeUpload(...input)),
  };
  return { store: dying, calls: () => calls };
}

/** The store of the tests now and then answers 500 to a copy when it is busy: tried again, as Temporal does. */
async function applyAgain(store: ObjectStore): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return void (await apply(store, NIGHT));
    } catch (error) {
      const away = error instanceof ApplicationFailure && error.type === 'ObjectStoreUnavailable';
      if (!away || attempt === 3) throw error;
    }
  }
}

describe('a worker killed between any two writes', () => {
  it('leaves enough proven backups, and the next run ends as if nothing had been', async () => {
    const whole = newStore();
    await fill(whole);
    const counting = dyingStore(whole, Infinity);
    await applyAgain(counting.store);
    const calls = counting.calls();
    expect(calls).toBeGreaterThan(25);

    const dieAt = async (index: number): Promise<void> => {
      const what = `before write ${String(index)}`;
      const store = newStore();
      await fill(store);
      await expect(applyAgain(dyingStore(store, index).store), what).rejects.toThrow('killed');
      const left = await wholeFolders(store);
      // What has a manifest is whole: neither half a copy nor half a removal calls itself a backup.
      const named = (await keysOf(store)).filter((key) => key.endsWith('/manifest.json'));
      expect(named, what).toEqual(left.map((folder) => `${folder}/manifest.json`));
      const proven = left.filter((folder) => folder !== `daily/${idAt('2041-03-28')}`);
      for (const [tier, kept] of Object.entries(policy))
        expect(proven.filter((folder) => folder.startsWith(tier)).length, what).toBeGreaterThanOrEqual(kept);
      await sweepOrphans(store, { now: new Date(NIGHT), liveRunIds: [] });
      await applyAgain(store);
      expect(await wholeFolders(store), what).toEqual(after);
      expect(await keysOf(store), what).toHaveLength(after.length * 5);
    };
    // Four at a time, each in a prefix of its own.
    const points = Array.from({ length: calls }, (_, index) => index);
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let index = points.shift(); index !== undefined; index = points.shift()) await dieAt(index);
      }),
    );
  }, 240_000);
});
