import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { keepLocalCopy, type LocalCopy } from '../../src/backup/local-copy.ts';
import type { ObjectStore } from '../../src/clients/object-store.ts';
import { filesOf, idOf, openStore, putBackup, type Fake } from './fake-backups.ts';

const shell = promisify(execFile);
const monday = { at: '2026-11-23T02:00:00Z' };
const tuesday = { at: '2026-11-24T02:00:00Z' };
const wednesday = { at: '2026-11-25T02:00:00Z' };
const DUMP = 'db.dump.zst.age';

describe('the local copy', () => {
  const root = mkdtemp(path.join(tmpdir(), 'talos-local-'));
  let dir: string;
  let store: ObjectStore;
  beforeEach(async () => {
    const name = randomBytes(4).toString('hex');
    dir = path.join(await root, name);
    store = openStore(`local-${name}`);
    for (const fake of [monday, tuesday]) await putBackup(store, fake);
    return () => store.close();
  });
  afterAll(async () => rm(await root, { recursive: true, force: true }));

  const keep = (fake: Fake, into = dir, signal = new AbortController().signal): Promise<LocalCopy> =>
    keepLocalCopy({ store, folder: `daily/${idOf(fake)}`, dir: into, signal });
  const failure = (work: Promise<unknown>): Promise<{ type?: string; message: string }> =>
    work.then(
      () => expect.fail('it should have failed'),
      (error: unknown) => error as { type?: string; message: string },
    );
  const holds = async (fake: Fake, folder = dir): Promise<void> => {
    expect(await readdir(folder)).toEqual([idOf(fake)]);
    for (const [name, body] of Object.entries(filesOf(fake)))
      expect(await readFile(path.join(folder, idOf(fake), name), 'utf8')).toBe(body);
  };

  it('is the whole last backup, for its owner alone, and the older one goes', async () => {
    const first = await keep(monday);
    await holds(monday);
    const second = await keep(tuesday);
    await holds(tuesday);
    expect([first.folder, second.folder]).toEqual(
      [monday, tuesday].map((fake) => path.join(dir, idOf(fake))),
    );
    expect(second.files).toBe(5);
    for (const folder of [dir, second.folder]) expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(second.folder))
      expect((await stat(path.join(second.folder, name))).mode & 0o777).toBe(0o600);
  });

  it('is made again when repeated, mends a damaged one, and the last stays the last', async () => {
    await keep(tuesday);
    await keep(tuesday);
    await holds(tuesday);
    await writeFile(path.join(dir, idOf(tuesday), DUMP), 'short');
    await keep(tuesday);
    await holds(tuesday);
    await keep(monday);
    await holds(tuesday);
  });

  it('clears what a killed worker left, and touches nothing that is not ours', async () => {
    const ours = path.join(dir, `${idOf(monday)}.partial`);
    const others = ['photos', '2026-11-01', `${idOf(monday)}-copy`, 'notes.partial'];
    for (const name of others) await mkdir(path.join(dir, name), { recursive: true });
    await mkdir(ours, { recursive: true });
    await writeFile(path.join(ours, DUMP), 'half');
    await symlink(path.join(dir, 'photos'), path.join(dir, idOf({ at: '2026-11-01T02:00:00Z' })));
    await keep(tuesday);
    const left = [...others, idOf({ at: '2026-11-01T02:00:00Z' }), idOf(tuesday)];
    expect(await readdir(dir)).toEqual(left.sort());
  });

  it.each([
    ['a changed byte', (body: string) => `${body.slice(0, -1)}!`, /sha256 differs/],
    ['a cut object', (body: string) => body.slice(0, -1), /has 63 bytes instead of 64/],
  ])('is not made of %s: the older one stays', async (_, damage, message) => {
    await keep(monday);
    await store.put(`daily/${idOf(tuesday)}/${DUMP}`, damage(filesOf(tuesday)[DUMP] ?? ''), 'text/plain');
    expect(await failure(keep(tuesday))).toMatchObject({
      type: 'ObjectDamaged',
      message: expect.stringMatching(message) as string,
    });
    await holds(monday);
  });

  it('is not made of a backup without an object or manifest', async () => {
    await keep(monday);
    await store.remove(`daily/${idOf(tuesday)}/globals.sql.zst.age`);
    expect((await failure(keep(tuesday))).type).toBe('ObjectDamaged');
    await store.remove(`daily/${idOf(tuesday)}/manifest.json`);
    expect((await failure(keep(tuesday))).type).toBe('ObjectMissing');
    await holds(monday);
  });

  it('leaves nothing half-done when it is stopped', async () => {
    await keep(monday);
    await expect(keep(tuesday, dir, AbortSignal.abort(new Error('stopped')))).rejects.toThrow();
    await holds(monday);
  });

  it('says that the place is no folder', async () => {
    await mkdir(dir, { recursive: true });
    const file = path.join(dir, 'file');
    await writeFile(file, '');
    expect(await failure(keep(monday, file))).toMatchObject({
      type: 'LocalCopyFailed',
      message: expect.stringContaining('no folder') as string,
    });
  });

  // Root writes everywhere.
  it.skipIf(process.getuid?.() === 0)('says that it may not write there', async () => {
    await mkdir(dir, { recursive: true });
    await chmod(dir, 0o500);
    expect(await failure(keep(monday))).toMatchObject({
      type: 'LocalCopyFailed',
      message: expect.stringContaining('may not write') as string,
    });
  });

  describe('on a small disk', () => {
    /** A real one; only root may mount. */
    async function withDisk(options: string, work: (disk: string) => Promise<void>): Promise<boolean> {
      await mkdir(dir, { recursive: true });
      const mounted = await shell('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', dir]).then(
        () => true,
        () => false,
      );
      if (!mounted) return false;
      await work(path.join(dir, 'copies')).finally(() => shell('umount', [dir]));
      return true;
    }

    it('fails before the first byte when it does not fit, and keeps the older copy', async (context) => {
      const mounted = await withDisk('size=256k', async (disk) => {
        await keep(monday, disk);
        await putBackup(store, { ...wednesday, bytes: 400_000 });
        const error = await failure(keep(wednesday, disk));
        expect(error).toMatchObject({ type: 'LocalDiskFull' });
        expect(error.message).toMatch(/bytes are needed and \d+ free/);
        await holds(monday, disk);
      });
      if (!mounted) context.skip('a disk can only be mounted by root');
    });

    it('fails when the disk fills on the way, and keeps the older copy', async (context) => {
      // Free blocks are there, but not the five files: the disk itself refuses.
      const mounted = await withDisk('size=256k,nr_inodes=12', async (disk) => {
        await keep(monday, disk);
        const error = await failure(keep(tuesday, disk));
        expect(error).toMatchObject({ type: 'LocalDiskFull' });
        expect(error.message).toContain('ENOSPC');
        await holds(monday, disk);
      });
      if (!mounted) context.skip('a disk can only be mounted by root');
    });

    it('says that the disk is read-only', async (context) => {
      const mounted = await withDisk('ro', async (disk) => {
        expect(await failure(keep(monday, path.dirname(disk)))).toMatchObject({
          type: 'LocalCopyFailed',
          message: expect.stringContaining('read-only') as string,
        });
      });
      if (!mounted) context.skip('a disk can only be mounted by root');
    });
  });
});
