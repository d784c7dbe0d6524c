import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { createObjectStore, type ObjectStore, type StoreFeatures } from '../../src/clients/object-store.ts';
import { findVersitygw, startVersitygw } from '../support/versitygw.ts';

export const MiB = 1024 * 1024;
/** Small enough that a test copies in parts. */
const COPY_LIMITS = { wholeBytes: 6 * MiB, partBytes: 5 * MiB };

export interface Account {
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
}

export interface StartedServer extends Account {
  bucket: string;
  stop: () => Promise<void>;
}

export interface Server {
  name: string;
  features: StoreFeatures;
  start: () => Promise<StartedServer>;
  /** rclone answers SlowDown to the 1,000th open upload. */
  manyUploads: boolean;
}

const versitygw = await findVersitygw();

async function startGateway(objectLock: boolean): Promise<StartedServer> {
  if (!versitygw) throw new Error('versitygw is not there');
  const server = await startVersitygw(versitygw);
  await server.createBucket('talos', { objectLock });
  return { ...server, bucket: 'talos' };
}

const everything: StoreFeatures = {
  conditionalWrites: true,
  checksums: true,
  versioning: true,
  objectLock: true,
  serverSideCopy: true,
  partCopy: true,
};

export const VERSIONED: Server = {
  name: 'versitygw, a bucket with object lock',
  manyUploads: true,
  features: everything,
  start: () => startGateway(true),
};

/** What this machine can start. */
export const SERVERS: Server[] = [
  {
    name: 'rclone',
    manyUploads: false,
    features: {
      conditionalWrites: false,
      checksums: false,
      versioning: false,
      objectLock: false,
      serverSideCopy: true,
      partCopy: false,
    },
    start: () => Promise.resolve({ ...inject('s3'), bucket: 'talos-backups', stop: () => Promise.resolve() }),
  },
  ...(versitygw
    ? [
        {
          name: 'versitygw, a plain bucket',
          manyUploads: true,
          features: { ...everything, versioning: false, objectLock: false },
          start: () => startGateway(false),
        },
        VERSIONED,
      ]
    : []),
];

export const hasVersitygw = versitygw !== undefined;

/** Under a prefix of its own, hence with a probe of its own. */
export function openStore({ bucket, ...account }: Account & { bucket: string }): ObjectStore {
  return createObjectStore({
    endpoint: account.endpoint,
    accessKeyId: account.accessKeyId,
    secretAccessKey: account.secretAccessKey,
    name: bucket,
    prefix: `contract-${randomBytes(4).toString('hex')}`,
    region: 'us-east-1',
    copyLimits: COPY_LIMITS,
  });
}

export const TYPE = 'application/octet-stream';

export async function read(store: ObjectStore, key: string): Promise<Buffer | undefined> {
  const body = await store.get(key);
  return body && Buffer.concat((await body.toArray()) as Buffer[]);
}

export async function keysOf(store: ObjectStore, prefix = ''): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

/** A few at a time, as a server bears it. */
export async function eachOf(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  const indexes = Array.from({ length: count }, (_, index) => index).values();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const index of indexes) await work(index);
    }),
  );
}
