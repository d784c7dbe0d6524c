import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createObjectStore, type ObjectStore } from '../../src/clients/object-store.ts';
import { copyObject } from '../../src/vault/copy.ts';
import { uploadStream } from '../../src/vault/upload.ts';
import {
  eachOf,
  keysOf,
  MiB,
  openStore,
  read,
  SERVERS,
  TYPE,
  type StartedServer,
} from './object-store-servers.ts';

/** One set of behaviours; what a server cannot do is said in its features and nowhere else. */
describe.each(SERVERS)('the object store on $name', ({ features, manyUploads, start }) => {
  let server: StartedServer;
  let store: ObjectStore;
  beforeAll(async () => {
    server = await start();
    store = openStore(server);
  });
  afterAll(async () => {
    store.close();
    await server.stop();
  });

  const upload = async (key: string, body: Buffer, options?: { overwrite: boolean }) => {
    const open = await store.beginUpload(key);
    const part = await store.uploadPart(open, 1, body);
    return store
      .completeUpload(open, [part], options)
      .finally(() => store.abortUpload(open).catch(() => null));
  };

  it('knows what the store can do, and leaves nothing of the probe', async () => {
    const own = openStore(server);
    expect(await own.features()).toEqual(features);
    expect(await own.openUploads('')).toEqual([]);
    expect(await keysOf(own)).toEqual([]);
    own.close();
  });

  it('keeps an object as it was given, under any key', async () => {
    const body = randomBytes(100_000);
    const key = 'daily/2026 été+1/a=b&c.zst';
    await store.put(key, body, TYPE);
    expect(await read(store, key)).toEqual(body);
    for await (const found of store.list('daily/')) expect(found).toMatchObject({ key, bytes: body.length });
    expect(await keysOf(store, 'daily/')).toEqual([key]);
    await store.remove(key);
    expect(await read(store, key)).toBeUndefined();
    expect(await keysOf(store, 'daily/')).toEqual([]);
  });

  it('takes the removal of what is not there for done', async () => {
    await expect(store.remove('never/was')).resolves.toBeUndefined();
  });

  it('refuses to write over an object when asked', async () => {
    await store.put('once', 'first', TYPE, { ifAbsent: true });
    await expect(store.put('once', 'second', TYPE, { ifAbsent: true })).rejects.toMatchObject({
      type: 'ObjectExists',
      nonRetryable: true,
    });
    expect(String(await read(store, 'once'))).toBe('first');
    await store.put('once', 'third', TYPE);
    expect(String(await read(store, 'once'))).toBe('third');
  });

  it.runIf(features.conditionalWrites)('lets one of ten win who write the same key at once', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => store.put('race', String(index), TYPE, { ifAbsent: true })),
    );
    const winners = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [String(index)] : []));
    expect(winners).toHaveLength(1);
    expect(String(await read(store, 'race'))).toBe(winners[0]);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ type: 'ObjectExists' });
  });

  it('lists more than one page', async () => {
    const count = 1_050;
    const keyOf = (index: number) => `many/${String(index).padStart(4, '0')}`;
    await eachOf(count, (index) => store.put(keyOf(index), 'x', TYPE));
    expect((await keysOf(store, 'many/')).sort()).toEqual(
      Array.from({ length: count }, (_, index) => keyOf(index)),
    );
  });

  it.runIf(manyUploads)('lists more open uploads than one page, with their beginning', async () => {
    const count = 1_010;
    const before = Date.now() - 2_000;
    await eachOf(count, (index) => store.beginUpload(`pending/${String(index)}`));
    const open = await store.openUploads('pending/');
    expect(new Set(open.map(({ key }) => key)).size).toBe(count);
    for (const { initiatedAt } of open) expect(initiatedAt?.getTime()).toBeGreaterThan(before);
    await eachOf(count, (index) => store.abortUpload(open[index]!));
    expect(await store.openUploads('pending/')).toEqual([]);
  });

  it('makes an object of parts that came in any order', async () => {
    const body = randomBytes(12 * MiB);
    const open = await store.beginUpload('parts');
    const cut = (number: number) => body.subarray((number - 1) * 5 * MiB, number * 5 * MiB);
    // rclone streams the first part on: the others may overtake each other, not that one.
    const first = await store.uploadPart(open, 1, cut(1));
    const rest = await Promise.all([3, 2].map((number) => store.uploadPart(open, number, cut(number))));
    await store.completeUpload(
      open,
      [first, ...rest].sort((a, b) => a.number - b.number),
    );
    expect((await read(store, 'parts'))?.equals(body)).toBe(true);
    expect(await store.openUploads('')).toEqual([]);
  });

  it('makes no object by an upload where one is, where the store can refuse it', async () => {
    await upload('unique', Buffer.from('first'));
    const second = upload('unique', Buffer.from('second'));
    if (features.conditionalWrites) await expect(second).rejects.toMatchObject({ type: 'ObjectExists' });
    else await second;
    expect(String(await read(store, 'unique'))).toBe(features.conditionalWrites ? 'first' : 'second');
    await upload('unique', Buffer.from('third'), { overwrite: true });
    expect(String(await read(store, 'unique'))).toBe('third');
  });

  it('leaves nothing of an upload that is given up', async () => {
    const open = await store.beginUpload('given/up');
    await store.uploadPart(open, 1, randomBytes(5 * MiB));
    expect(await store.openUploads('given/')).toMatchObject([{ key: 'given/up', uploadId: open.uploadId }]);
    await store.abortUpload(open);
    expect(await store.openUploads('given/')).toEqual([]);
    expect(await keysOf(store, 'given/')).toEqual([]);
  });

  it('leaves nothing of a stream when the store refuses a part', async () => {
    let firstStored = (): void => undefined;
    const stored = new Promise<void>((resolve) => (firstStored = resolve));
    async function* source() {
      yield randomBytes(9 * MiB);
      await stored;
      // Away under the hands of who fills it, as after a sweep.
      for (const open of await store.openUploads('refused/')) await store.abortUpload(open);
      yield randomBytes(20 * MiB);
    }
    const uploading = uploadStream(source(), {
      store,
      key: 'refused/stream',
      onStored: firstStored,
      beforeComplete: () => Promise.resolve(),
    });
    await expect(uploading).rejects.toMatchObject({ type: 'ObjectStoreUnavailable' });
    expect(await store.openUploads('refused/')).toEqual([]);
    expect(await keysOf(store, 'refused/')).toEqual([]);
  });

  it('copies a small object', async () => {
    await store.put('copy/é from', 'small', TYPE);
    await store.copy('copy/é from', 'copy/to');
    await store.copy('copy/é from', 'copy/to');
    expect(String(await read(store, 'copy/to'))).toBe('small');
  });

  it('copies a large object in parts, or through this process where the store cannot', async () => {
    const body = randomBytes(17 * MiB);
    await upload('large/from', body);
    if (!features.partCopy)
      await expect(store.copy('large/from', 'large/to')).rejects.toMatchObject({ type: 'CopyUnsupported' });
    for (const attempt of ['large/to', 'large/to again', 'large/to again']) {
      expect(await copyObject(store, 'large/from', attempt)).toBe(features.partCopy ? 'copied' : 'streamed');
      expect((await read(store, attempt))?.equals(body)).toBe(true);
    }
    expect(await store.openUploads('')).toEqual([]);
  });

  it('leaves nothing of a copy that is cancelled', async () => {
    await upload('cancel/from', randomBytes(17 * MiB));
    const stop = AbortSignal.abort(new Error('stopped'));
    await expect(copyObject(store, 'cancel/from', 'cancel/to', stop)).rejects.toThrow();
    expect(await keysOf(store, 'cancel/')).toEqual(['cancel/from']);
    expect(await store.openUploads('')).toEqual([]);
  });

  it('says that there is nothing to copy', async () => {
    await expect(copyObject(store, 'nothing', 'to')).rejects.toMatchObject({ type: 'ObjectMissing' });
  });

  it.runIf(!features.objectLock)(
    'refuses a lock where the bucket has none, and keeps the object whole',
    async () => {
      await store.put('unlockable', 'whole', TYPE);
      await expect(
        store.lock('unlockable', new Date(Date.now() + 60_000), 'governance'),
      ).rejects.toMatchObject({
        type: 'ObjectLockUnsupported',
        nonRetryable: true,
      });
      expect(String(await read(store, 'unlockable'))).toBe('whole');
    },
  );

  it.each([
    ['the secret', { secretAccessKey: 'wrong-secret' }],
    ['the bucket', { bucket: 'there-is-none' }],
  ])('tells at once that %s is wrong', async (_, wrong) => {
    const other = { ...server, ...wrong };
    const mistaken = createObjectStore({ ...other, name: other.bucket, prefix: 'x', region: 'us-east-1' });
    const refused = { type: 'ObjectStoreRefused', nonRetryable: true };
    await expect(mistaken.features()).rejects.toMatchObject(refused);
    await expect(mistaken.put('a', 'b', TYPE)).rejects.toMatchObject(refused);
    await expect(mistaken.remove('a')).rejects.toMatchObject(refused);
    mistaken.close();
  });
});
