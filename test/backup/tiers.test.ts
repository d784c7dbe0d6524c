import { beforeEach, describe, expect, it } from 'vitest';
import { sweepOrphans } from '../../src/backup/orphans.ts';
import type { RetentionOptions } from '../../src/backup/tiers.ts';
import type { ObjectStore } from '../../src/clients/object-store.ts';
import { filesOf, idOf, keysOf, putBackup, readText, wholeFolders } from './fake-backups.ts';
import { after, apply, at, before, fill, idAt, newStore, NIGHT } from './tier-night.ts';

describe('one night with copies and deletions', () => {
  let store: ObjectStore;
  beforeEach(async () => {
    store = newStore();
    await fill(store);
  });
  const untouched = async (): Promise<void> => {
    expect(await wholeFolders(store)).toEqual(
      before.map((fake) => `${fake.tier ?? 'daily'}/${idOf(fake)}`).sort(),
    );
    expect(await keysOf(store)).toHaveLength(before.length * 5);
  };

  it('tells what it did and what goes next', async () => {
    const outcome = await apply(store, NIGHT);
    expect(await wholeFolders(store)).toEqual(after);
    const sunday = idAt('2041-03-31');
    expect(outcome.copied).toEqual([
      { backupId: sunday, to: 'weekly', period: '2041-W13' },
      { backupId: sunday, to: 'monthly', period: '2041-03' },
    ]);
    expect(outcome.deleted.map(({ tier, backupId }) => `${tier}/${backupId}`).sort()).toEqual(
      ['daily/2041-03-28', 'daily/2041-03-29', 'monthly/2041-01-31', 'weekly/2041-03-17'].map(
        (name) => `${name.split('/')[0] ?? ''}/${idAt(name.split('/')[1] ?? '')}`,
      ),
    );
    expect(outcome.kept).toEqual([
      { tier: 'daily', count: 3, nextExpiry: '2041-04-02', nextBackupId: idAt('2041-03-30') },
      { tier: 'weekly', count: 2, nextExpiry: '2041-04-08', nextBackupId: idAt('2041-03-24') },
      { tier: 'monthly', count: 2, nextExpiry: '2041-05-01', nextBackupId: idAt('2041-02-28') },
    ]);
    expect(outcome.locked).toEqual([]);
  });

  it('with --dry-run says the same and changes nothing', async () => {
    const said = await apply(store, NIGHT, { dryRun: true });
    await untouched();
    expect(said).toEqual(await apply(store, NIGHT));
  });

  it('does nothing when repeated, and two at once end as one', async () => {
    await Promise.all([apply(store, NIGHT), apply(store, NIGHT)]);
    expect(await wholeFolders(store)).toEqual(after);
    expect(await keysOf(store)).toHaveLength(after.length * 5);
    expect(await apply(store, NIGHT)).toMatchObject({ copied: [], deleted: [], locked: [] });
  });

  const bad = `daily/${idAt('2041-03-30')}/manifest.json`;
  const refusals: [string, string, () => Promise<unknown>, Partial<RetentionOptions>, RegExp][] = [
    ['our clock is one year ahead', '2042-04-01T03:00:00Z', async () => undefined, {}, /last 3 days/],
    ['our clock is one day behind', '2041-03-31T03:00:00Z', async () => undefined, {}, /after now/],
    [
      'both clocks jumped a year',
      '2042-04-01T03:00:00Z',
      () => putBackup(store, at('2042-04-01')),
      {},
      /no proven backup in the 30 days before/,
    ],
    [
      'the backup just made is not listed',
      NIGHT,
      async () => undefined,
      { justMade: idAt('2041-04-02') },
      /the listing lacks daily/,
    ],
    [
      'a manifest is no JSON',
      NIGHT,
      () => store.put(bad, '{"format": 1, "ba', 'text/plain'),
      {},
      /manifest\.json cannot be read/,
    ],
    [
      'a manifest is of a later version',
      NIGHT,
      () => store.put(bad, '{"format":2}', 'text/plain'),
      {},
      /manifest\.json has format 2/,
    ],
    [
      'a manifest lacks its content',
      NIGHT,
      () => store.put(bad, '{"format":1}', 'text/plain'),
      {},
      /manifest\.json lacks/,
    ],
    [
      'a manifest is that of another day',
      NIGHT,
      () => store.put(bad, filesOf(at('2041-03-29'))['manifest.json'] ?? '', 'text/plain'),
      {},
      /manifest\.json is the one of/,
    ],
  ];
  it.each(refusals)('refuses when %s, and touches nothing', async (_, now, wrong, options, reason) => {
    await wrong();
    const keys = await keysOf(store);
    const outcome = await apply(store, now, options);
    expect(outcome.refused).toMatch(reason);
    expect(outcome).toMatchObject({ copied: [], deleted: [], locked: [] });
    expect(await keysOf(store)).toEqual(keys);
    if (reason.source.startsWith('manifest')) expect(outcome.refused).toContain(bad);
  });

  it('lets nothing go for backups that are not proven', async () => {
    for (const day of ['2041-03-31', '2041-04-01']) await putBackup(store, at(day, 'not proven'));
    const outcome = await apply(store, NIGHT);
    expect(outcome.refused).toBeUndefined();
    expect(outcome.deleted.filter(({ tier }) => tier === 'daily')).toEqual([]);
    const folders = await wholeFolders(store);
    expect(folders).toContain(`daily/${idAt('2041-03-29')}`);
    // The newest proven one of the week is the one to keep.
    expect(folders).toContain(`weekly/${idAt('2041-03-30')}`);
  });

  it('does not count a backup that lost an object, whatever its manifest says', async () => {
    await store.remove(`daily/${idAt('2041-04-01')}/db.dump.zst.age`);
    await store.put(`daily/${idAt('2041-03-31')}/globals.sql.zst.age`, 'cut', 'text/plain');
    const outcome = await apply(store, NIGHT);
    expect(outcome.deleted.filter(({ tier }) => tier === 'daily')).toEqual([]);
    expect(outcome.copied.map(({ backupId }) => backupId)).toEqual([idAt('2041-03-30'), idAt('2041-03-30')]);
  });

  it('never touches what it did not write', async () => {
    const foreign = [
      'daily/readme.txt',
      'daily/2041-03-28T020000Z-mine/manifest.json',
      'daily/2041-03-28T020000Z-AAAAAAAA-00000001/manifest.json',
      `daily/${idAt('2041-03-29')}/holiday.jpg`,
      `daily/${idAt('2041-03-29')}/old/manifest.json`,
      `weekly/${idAt('2041-03-17')}-copy/db.dump.zst.age`,
      'weekly/notes/manifest.json',
      'yearly/2041-01-01/manifest.json',
    ];
    for (const key of foreign) await store.put(key, 'not ours', 'text/plain');
    const outcome = await apply(store, NIGHT);
    await sweepOrphans(store, { now: new Date('2045-01-01'), liveRunIds: [] });
    expect(outcome.deleted).toHaveLength(4);
    const keys = await keysOf(store);
    expect(keys.filter((key) => foreign.includes(key))).toEqual(foreign.toSorted());
    expect(keys).toHaveLength(after.length * 5 + foreign.length);
  });

  it('completes an interrupted copy, and clears one that no plan wants', async () => {
    const sunday = idAt('2041-03-31');
    const dump = filesOf(at('2041-03-31'))['db.dump.zst.age'] ?? '';
    await store.put(`weekly/${sunday}/db.dump.zst.age`, dump, 'text/plain');
    await store.put(`monthly/${sunday}/db.dump.zst.age`, dump.slice(1), 'text/plain');
    await store.put(`weekly/${idAt('2041-03-10')}/db.dump.zst.age`, dump, 'text/plain');
    await apply(store, NIGHT);
    expect(await wholeFolders(store)).toEqual(after);
    expect(await keysOf(store)).toHaveLength(after.length * 5);
    expect(await readText(store, `monthly/${sunday}/db.dump.zst.age`)).toBe(dump);
  });

  it('does not call a cut copy a backup', async () => {
    const cutting: ObjectStore = {
      ...store,
      copy: (from, to, signal) =>
        to.endsWith('globals.sql.zst.age')
          ? store.put(to, 'cut', 'text/plain')
          : store.copy(from, to, signal),
    };
    await expect(apply(cutting, NIGHT)).rejects.toMatchObject({
      type: 'CopyIncomplete',
      message: expect.stringContaining('3 bytes after copying') as string,
    });
    expect(await wholeFolders(store)).toHaveLength(before.length);
    expect(await keysOf(store)).not.toContain(`weekly/${idAt('2041-03-31')}/manifest.json`);
  });

  it('with holes in the listing deletes nothing that it would not delete with all of it', async () => {
    const due = (await apply(store, NIGHT, { dryRun: true })).deleted.map(
      ({ tier, backupId }) => `${tier}/${backupId}`,
    );
    for (const hole of await keysOf(store)) {
      const holed: ObjectStore = {
        ...store,
        async *list(prefix) {
          for await (const object of store.list(prefix)) if (object.key !== hole) yield object;
        },
      };
      const { deleted } = await apply(holed, NIGHT, { dryRun: true });
      for (const { tier, backupId } of deleted) expect(due, hole).toContain(`${tier}/${backupId}`);
    }
    const newest: ObjectStore = {
      ...store,
      async *list(prefix) {
        for await (const object of store.list(prefix))
          if (!object.key.endsWith('/manifest.json')) yield object;
      },
    };
    // Not even the sweep believes a listing that shows no manifest.
    expect((await apply(newest, NIGHT)).refused).toBeDefined();
    const swept = await sweepOrphans(newest, { now: new Date(NIGHT), liveRunIds: [] });
    expect(swept.folders).toEqual([]);
    await untouched();
  });
});
