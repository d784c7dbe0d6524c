import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../src/clients/object-store.ts';
import { startFaultyS3, type FaultyS3, type S3Request } from '../support/faulty-s3.ts';
import { keysOf, MiB, openStore, read, SERVERS, TYPE, type StartedServer } from './object-store-servers.ts';

const isPartCopy = ({ operation, partNumber }: S3Request) => operation === 'Copy' && partNumber !== undefined;

describe.each(SERVERS)('the object store on $name, over a bad line', ({ features, start }) => {
  let server: StartedServer;
  let proxy: FaultyS3;
  let store: ObjectStore;
  beforeAll(async () => {
    server = await start();
    proxy = await startFaultyS3(server.endpoint);
  });
  beforeEach(() => {
    proxy.mend();
    // With a prefix of its own each, hence with a probe of its own.
    store?.close();
    store = openStore({ ...server, endpoint: proxy.endpoint });
  });
  afterAll(async () => {
    store.close();
    await proxy.close();
    await server.stop();
  });

  it('asks once what the store can do', async () => {
    await Promise.all([store.features(), store.features(), store.put('a', 'b', TYPE, { ifAbsent: true })]);
    const asked = proxy.requests.length;
    expect(await store.features()).toEqual(features);
    expect(proxy.requests).toHaveLength(asked);
  });

  it('asks again after the line was down, and calls nothing a missing feature for that', async () => {
    const down = proxy.inject(() => true, { kind: 'reset' });
    await expect(store.features()).rejects.toMatchObject({
      type: 'ObjectStoreUnavailable',
      nonRetryable: false,
    });
    await expect(store.beginUpload('a')).rejects.toMatchObject({ type: 'ObjectStoreUnavailable' });
    expect(down.hits).toBeGreaterThan(1);
    proxy.mend();
    expect(await store.features()).toEqual(features);
  });

  it('takes what the key may not do for what the store cannot do', async () => {
    // A key for reading alone; about the bucket it may ask nothing.
    proxy.inject(() => true, { kind: 'answer', status: 403, code: 'AccessDenied' });
    expect(Object.values(await store.features())).toEqual(Object.values(features).map(() => false));
  });

  it('asks once only whether it copies parts, unless the store is overloaded', async () => {
    const overloaded = proxy.inject(isPartCopy, { kind: 'answer', status: 503, code: 'SlowDown' });
    await expect(store.features()).rejects.toMatchObject({ type: 'ObjectStoreUnavailable' });
    expect(overloaded.hits).toBe(1);
    proxy.mend();
    const unable = proxy.inject(isPartCopy, { kind: 'answer', status: 503, code: 'InternalError' });
    expect(await store.features()).toMatchObject({ partCopy: false });
    expect(unable.hits).toBe(1);
    expect(await store.openUploads('')).toEqual([]);
  });

  it('knows its own object when the answer to Complete is lost', async () => {
    const upload = await store.beginUpload('whole');
    const part = await store.uploadPart(upload, 1, Buffer.from('all of it'));
    const lost = proxy.inject(({ operation }) => operation === 'CompleteUpload', { kind: 'lost answer' }, 1);
    await store.completeUpload(upload, [part]);
    expect(lost.hits).toBe(1);
    expect(String(await read(store, 'whole'))).toBe('all of it');
    expect(await store.openUploads('')).toEqual([]);
  });

  it.each([
    [412, 'PreconditionFailed', 'ObjectExists'],
    [404, 'NoSuchUpload', 'ObjectStoreUnavailable'],
  ])('takes no other object for its own, at %i %s', async (status, code, type) => {
    const upload = await store.beginUpload('whole');
    const part = await store.uploadPart(upload, 1, Buffer.from('mine'));
    // As long as ours would be.
    await store.put('whole', 'hers', TYPE);
    proxy.inject(({ operation }) => operation === 'CompleteUpload', { kind: 'answer', status, code });
    await expect(store.completeUpload(upload, [part])).rejects.toMatchObject({ type });
    expect(String(await read(store, 'whole'))).toBe('hers');
    await store.abortUpload(upload);
  });

  it.runIf(features.partCopy)('leaves nothing of a copy when a part of it fails', async () => {
    const upload = await store.beginUpload('from');
    const parts = await Promise.all(
      [1, 2, 3].map((number) => store.uploadPart(upload, number, randomBytes(6 * MiB))),
    );
    await store.completeUpload(upload, parts);
    const third = ({ partNumber, ...request }: S3Request) =>
      isPartCopy({ partNumber, ...request }) && partNumber === 3;
    const refused = proxy.inject(third, { kind: 'answer', status: 400, code: 'InvalidRequest' });
    await expect(store.copy('from', 'to')).rejects.toMatchObject({ type: 'ObjectStoreUnavailable' });
    expect(refused.hits).toBe(1);
    expect(await keysOf(store)).toEqual(['from']);
    expect(await store.openUploads('')).toEqual([]);
  });

  it('knows its own object when the answer to a write is lost', async () => {
    await store.features();
    const isOurs = ({ operation, path }: S3Request) => operation === 'PutObject' && path.endsWith('/once');
    const lost = proxy.inject(isOurs, { kind: 'lost answer' }, 1);
    await store.put('once', 'mine', TYPE, { ifAbsent: true });
    expect(lost.hits).toBe(1);
    await expect(store.put('once', 'other', TYPE, { ifAbsent: true })).rejects.toMatchObject({
      type: 'ObjectExists',
    });
    expect(await keysOf(store)).toEqual(['once']);
    expect(String(await read(store, 'once'))).toBe('mine');
  });
});
