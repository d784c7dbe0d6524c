import { describe, expect, it } from 'vitest';
import { sweepOrphans } from '../../src/backup/orphans.ts';
import { idOf, keysOf, putBackup, wholeFolders } from './fake-backups.ts';
import { at, DAY, newStore, unique } from './tier-night.ts';

describe('what dead runs left', () => {
  const dead = { at: '2041-03-31T02:00:00Z', run: 'dddddddd' };
  const live = { at: '2041-03-31T02:00:00Z', run: 'eeeeeeee' };
  const LIVE_RUN = '11111111-1111-4111-8111-1111eeeeeeee';
  const inDays = (days: number): Date => new Date(Date.now() + days * DAY);

  it('is removed with its uploads; a living run, a complete backup and a young folder stay', async () => {
    const store = newStore();
    const complete = await putBackup(store, at('2041-03-30'));
    for (const run of [dead, live]) {
      await store.put(`daily/${idOf(run)}/db.dump.zst.age`, 'half', 'text/plain');
      await store.put(`daily/${idOf(run)}/SHA256SUMS`, 'half', 'text/plain');
      await store.beginUpload(`daily/${idOf(run)}/globals.sql.zst.age`);
    }
    await store.beginUpload('elsewhere/upload');
    const young = await sweepOrphans(store, { now: new Date(), liveRunIds: [LIVE_RUN] });
    expect(young).toEqual({ folders: [], uploads: [], locked: [] });

    const swept = await sweepOrphans(store, { now: inDays(1), liveRunIds: [LIVE_RUN] });
    expect(swept).toEqual({
      folders: [`daily/${idOf(dead)}`],
      uploads: [`daily/${idOf(dead)}/globals.sql.zst.age`],
      locked: [],
    });
    const folders = unique((await keysOf(store)).map((key) => key.split('/')[1] ?? ''));
    expect(folders).toEqual([complete, idOf(live)].sort());
    expect((await store.openUploads('')).map(({ key }) => key).sort()).toEqual([
      `daily/${idOf(live)}/globals.sql.zst.age`,
      'elsewhere/upload',
    ]);
    for (const upload of await store.openUploads('')) await store.abortUpload(upload);
  });

  it('goes too when only an upload is left, beside a complete backup as well', async () => {
    const store = newStore();
    await putBackup(store, dead);
    await store.beginUpload(`daily/${idOf(dead)}/extra.age`);
    await store.beginUpload(`daily/${idOf({ ...dead, at: '2041-03-30T02:00:00Z' })}/db.dump.zst.age`);
    const swept = await sweepOrphans(store, { now: inDays(3650 * 3), liveRunIds: [] });
    expect(swept.folders).toEqual([]);
    expect(swept.uploads).toHaveLength(2);
    expect(await wholeFolders(store)).toEqual([`daily/${idOf(dead)}`]);
    expect(await store.openUploads('')).toEqual([]);
  });

  it('of a copy between tiers waits for hours: it bears the name of another run', async () => {
    const store = newStore();
    await store.put(`weekly/${idOf(dead)}/db.dump.zst.age`, 'half', 'text/plain');
    const inHours = (hours: number) => sweepOrphans(store, { now: inDays(hours / 24), liveRunIds: [] });
    expect((await inHours(5)).folders).toEqual([]);
    expect((await inHours(7)).folders).toEqual([`weekly/${idOf(dead)}`]);
  });
});
