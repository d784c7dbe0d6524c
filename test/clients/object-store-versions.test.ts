import { DeleteObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../src/clients/object-store.ts';
import { waitFor } from '../support/wait.ts';
import {
  eachOf,
  hasVersitygw,
  keysOf,
  openStore,
  read,
  TYPE,
  VERSIONED,
  type StartedServer,
} from './object-store-servers.ts';

describe.runIf(hasVersitygw)('a bucket that keeps versions', () => {
  let server: StartedServer;
  let s3: S3Client;
  let store: ObjectStore;
  beforeAll(async () => {
    server = await VERSIONED.start();
    s3 = new S3Client({ ...server, credentials: server, region: 'us-east-1', forcePathStyle: true });
    store = openStore(server);
  });
  afterAll(async () => {
    store.close();
    s3.destroy();
    await server.stop();
  });

  /** The keys of all that lies in the bucket, hidden or not. */
  const everything = async (): Promise<string[]> => {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket: server.bucket }));
    return [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ Key = '' }) => Key);
  };
  const hide = async (key: string): Promise<void> => {
    const [, path = ''] = /^s3:\/\/[^/]+\/(.*)$/.exec(store.url(key)) ?? [];
    await s3.send(new DeleteObjectCommand({ Bucket: server.bucket, Key: path }));
  };

  it('keeps no version of the probe', async () => {
    await store.features();
    expect(await everything()).toEqual([]);
  });

  it('is rid of every version and delete marker of the key, and of no other key', async () => {
    await store.put('daily/a', 'one', TYPE);
    await store.put('daily/a', 'two', TYPE);
    await hide('daily/a');
    await store.put('daily/a', 'three', TYPE);
    await hide('daily/a');
    await store.put('daily/a.sums', 'neighbour', TYPE);
    expect(await everything()).toHaveLength(6);

    await store.remove('daily/a');
    expect((await everything()).map((key) => key.split('/').pop())).toEqual(['a.sums']);
    await store.remove('daily/a');
    await store.remove('daily/a.sums');
    expect(await everything()).toEqual([]);
  });

  it('is rid of more versions than one page lists', async () => {
    await eachOf(1_010, (index) => store.put('often', String(index), TYPE));
    await store.remove('often');
    expect(await everything()).toEqual([]);
  });

  it('keeps a locked object until its date, and says until when', async () => {
    await store.put('monthly/locked', 'kept', TYPE);
    const until = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 3_000);
    await store.lock('monthly/locked', until, 'governance');
    // Repeated, as after a lost answer.
    await store.lock('monthly/locked', until, 'governance');
    const refused = store.remove('monthly/locked');
    await expect(refused).rejects.toMatchObject({ type: 'ObjectLocked', nonRetryable: true });
    await expect(refused).rejects.toThrow(until.toISOString());
    expect(String(await read(store, 'monthly/locked'))).toBe('kept');

    await waitFor(() => store.remove('monthly/locked').then(() => true), {
      timeoutMs: 15_000,
      what: 'the end of the lock',
    });
    expect(Date.now()).toBeGreaterThanOrEqual(until.getTime());
    expect(await everything()).toEqual([]);
  });

  it('never lets a lock for compliance be shortened', async () => {
    await store.put('yearly/locked', 'kept', TYPE);
    await store.lock('yearly/locked', new Date(Date.now() + 3_600_000), 'compliance');
    await expect(
      store.lock('yearly/locked', new Date(Date.now() + 60_000), 'compliance'),
    ).rejects.toMatchObject({ type: 'ObjectLocked' });
    await expect(store.remove('yearly/locked')).rejects.toMatchObject({ type: 'ObjectLocked' });
    expect(await keysOf(store, 'yearly/')).toEqual(['yearly/locked']);
  });

  it('says that there is nothing to lock', async () => {
    await expect(store.lock('nothing', new Date(Date.now() + 60_000), 'governance')).rejects.toMatchObject({
      type: 'ObjectMissing',
    });
  });
});
