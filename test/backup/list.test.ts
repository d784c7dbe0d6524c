import { beforeEach, describe, expect, it } from 'vitest';
import { findBackup, findBackupAt, listBackups } from '../../src/backup/list.ts';
import type { ObjectStore } from '../../src/clients/object-store.ts';
import { putBackup } from './fake-backups.ts';
import { apply, at, fill, idAt, newStore, NIGHT } from './tier-night.ts';

describe('finding a backup in all tiers', () => {
  let store: ObjectStore;
  const sunday = idAt('2041-03-31');
  beforeEach(async () => {
    store = newStore();
    await fill(store);
    await apply(store, NIGHT);
    await putBackup(store, at('2041-04-02', 'not proven'));
  });

  it('lists each once, the newest first, with its tiers', async () => {
    const listed = await listBackups(store);
    expect(listed.map(({ backupId, tiers }) => `${backupId} ${tiers.join('+')}`)).toEqual([
      `${idAt('2041-04-02')} daily`,
      `${idAt('2041-04-01')} daily`,
      `${sunday} daily+weekly+monthly`,
      `${idAt('2041-03-30')} daily`,
      `${idAt('2041-03-24')} weekly`,
      `${idAt('2041-02-28')} monthly`,
    ]);
    expect(listed[2]?.location).toBe(store.url(`daily/${sunday}`));
  });

  it('finds an id, the beginning of one, and the newest proven one', async () => {
    const folder = async (wanted: string) => (await findBackup(store, wanted)).folder;
    expect(await folder('latest')).toBe(`daily/${idAt('2041-04-01')}`);
    expect(await folder(sunday)).toBe(`daily/${sunday}`);
    expect(await folder('2041-03-24')).toBe(`weekly/${idAt('2041-03-24')}`);
    expect(await folder('2041-02')).toBe(`monthly/${idAt('2041-02-28')}`);
    await expect(folder('2041-03')).rejects.toThrow(/beginning of 3 backups/);
    await expect(folder('2040')).rejects.toThrow(/no backup '2040'/);
    await store.remove(`daily/${sunday}/manifest.json`);
    expect(await folder(sunday)).toBe(`weekly/${sunday}`);
  });

  it('counts "proven except" as proven', async () => {
    const id = await putBackup(store, at('2041-04-03', 'proven except'));
    expect((await findBackup(store, 'latest')).folder).toBe(`daily/${id}`);
  });

  it('finds the newest proven one at a moment, and says which is the oldest when there is none', async () => {
    const folder = async (moment: string) => (await findBackupAt(store, new Date(moment))).folder;
    expect(await folder('2041-05-01')).toBe(`daily/${idAt('2041-04-01')}`);
    expect(await folder('2041-03-31T02:00:30Z')).toBe(`daily/${sunday}`);
    expect(await folder('2041-03-31T02:00:29Z')).toBe(`daily/${idAt('2041-03-30')}`);
    expect(await folder('2041-03-29')).toBe(`weekly/${idAt('2041-03-24')}`);
    await expect(folder('2041-02-28')).rejects.toThrow(`the oldest is ${idAt('2041-02-28')}`);
    await expect(findBackupAt(newStore(), new Date())).rejects.toThrow(/no proven backup under/);
  });

  it('shows one with an unreadable manifest as such; the others are found all the same', async () => {
    const id = idAt('2041-04-01');
    await store.put(`daily/${id}/manifest.json`, 'nonsense', 'text/plain');
    const listed = (await listBackups(store)).find(({ backupId }) => backupId === id);
    expect(listed).toMatchObject({ proof: 'not proven', takenAt: '2041-04-01T02:00:00.000Z' });
    expect(listed?.unreadable).toContain(`daily/${id}/manifest.json`);
    expect((await findBackup(store, 'latest')).folder).toBe(`daily/${sunday}`);
    await expect(findBackup(store, id)).rejects.toMatchObject({ type: 'ManifestUnreadable' });
  });
});
