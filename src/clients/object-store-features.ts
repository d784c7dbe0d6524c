import { createHash, randomUUID } from 'node:crypto';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { type Bucket, md5 } from './object-store-bucket.ts';
import { codeOf, isMisconfigured, statusOf } from './object-store-failure.ts';
import { abortUpload, beginUpload } from './object-store-uploads.ts';
import { removeCurrent, removeVersions } from './object-store-versions.ts';
import type { StoreFeatures } from './object-store.ts';

/** Below it lie the objects of the probe; a listing does not show them. */
export const PROBE_PREFIX = '.talos-probe/';
const ABANDONED_MS = 60 * 60_000;
const BODY = 'talos';
/** Of a key that may not write; what only a writer finds out. */
const READ_ONLY = { conditionalWrites: false, checksums: false, serverSideCopy: false, partCopy: false };
const sha256 = (body: string): string => createHash('sha256').update(body).digest('base64');

/** The store's answer, or its refusal: a missing permission, an unknown header, a feature it has not. */
type Answer<Result> = { done: Result } | { refused: number };

/** Throws what says nothing about the store: no answer, overload, a wrong key or bucket. */
async function ask<Result>(work: Promise<Result>): Promise<Answer<Result>> {
  try {
    return { done: await work };
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined || isMisconfigured(error) || status === 429) throw error;
    if (status >= 500 && status !== 501) throw error;
    return { refused: status };
  }
}

const did = (answer: Answer<unknown>): boolean => 'done' in answer;

/**
 * Finds out by trying, on small objects under keys of its own, all removed after. One request after the other: some
 * stores (rclone) do not bear a copy beside a write of its source.
 */
export async function probeFeatures(bucket: Bucket): Promise<StoreFeatures> {
  const { name: Bucket, s3, full, call } = bucket;
  const id = `${PROBE_PREFIX}${randomUUID()}`;
  const [source, checked, copy] = [`${id}-source`, `${id}-checked`, `${id}-copy`];
  const put = (key: string, more: { IfNoneMatch?: string; ChecksumSHA256?: string } = {}) =>
    ask(
      s3.send(new PutObjectCommand({ Bucket, Key: full(key), Body: BODY, ContentMD5: md5(BODY), ...more })),
    );
  let versioning = false;
  const remove = (key: string) => (versioning ? removeVersions : removeCurrent)(bucket, key);

  return call('find out what the store can do', async () => {
    try {
      const written = await put(source);
      const status = await ask(s3.send(new GetBucketVersioningCommand({ Bucket })));
      versioning =
        // Suspended, it keeps the versions of before.
        ('done' in status && status.done.Status !== undefined) ||
        ('done' in written && ![undefined, 'null'].includes(written.done.VersionId));
      const lock = await ask(s3.send(new GetObjectLockConfigurationCommand({ Bucket })));
      const objectLock = 'done' in lock && lock.done.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled';
      if (!did(written)) return { ...READ_ONLY, versioning, objectLock };

      // Refused for the object's sake; any other refusal is about the header.
      const again = await put(source, { IfNoneMatch: '*' });
      const conditionalWrites = 'refused' in again && again.refused === 412;
      // A store that refuses each SHA-256 would seem to check it.
      const checksums =
        did(await put(checked, { ChecksumSHA256: sha256(BODY) })) &&
        !did(await put(checked, { ChecksumSHA256: sha256(`not ${BODY}`) }));
      const serverSideCopy = await canCopy(bucket, source, copy);
      const partCopy = await canCopyParts(bucket, source, `${id}-parts`);
      if (!versioning) {
        const removed = await ask(s3.send(new DeleteObjectCommand({ Bucket, Key: full(source) })));
        versioning = 'done' in removed && removed.done.DeleteMarker === true;
      }
      return { conditionalWrites, checksums, versioning, objectLock, serverSideCopy, partCopy };
    } finally {
      // A key that may not delete, or a bucket that locks all, can still take backups.
      await Promise.allSettled([source, checked, copy].map(remove));
      await sweep(bucket, remove).catch(() => undefined);
    }
  });
}

async function canCopy({ name: Bucket, s3, full, copySource }: Bucket, from: string, to: string) {
  return did(
    await ask(s3.send(new CopyObjectCommand({ Bucket, Key: full(to), CopySource: copySource(from) }))),
  );
}

/** rclone answers 503 and not 501: asked once only, any error but overload means that it cannot. */
async function canCopyParts(bucket: Bucket, from: string, to: string): Promise<boolean> {
  const s3 = bucket.onlyOnce();
  const upload = await beginUpload(bucket, to);
  try {
    await s3.send(
      new UploadPartCopyCommand({
        Bucket: bucket.name,
        Key: bucket.full(to),
        UploadId: upload.uploadId,
        PartNumber: 1,
        CopySource: bucket.copySource(from),
      }),
    );
    return true;
  } catch (error) {
    if (statusOf(error) === undefined || ['SlowDown', 'RequestLimitExceeded'].includes(codeOf(error)))
      throw error;
    return false;
  } finally {
    s3.destroy();
    await abortUpload(bucket, upload).catch(() => undefined);
  }
}

/** What a killed process left. */
async function sweep(
  { name: Bucket, s3, full, relative }: Bucket,
  remove: (key: string) => Promise<void>,
): Promise<void> {
  const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: full(PROBE_PREFIX) }));
  for (const { Key, LastModified } of page.Contents ?? [])
    if (Key && LastModified && LastModified.getTime() < Date.now() - ABANDONED_MS)
      await remove(relative(Key));
}
