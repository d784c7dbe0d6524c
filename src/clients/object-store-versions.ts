import { ApplicationFailure } from '@temporalio/common';
import {
  DeleteObjectCommand,
  GetObjectRetentionCommand,
  ListObjectVersionsCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import { type Bucket, md5 } from './object-store-bucket.ts';
import { codeOf, objectMissing, objectStoreFailure, statusOf } from './object-store-failure.ts';
import type { LockMode } from './object-store.ts';

export function removeCurrent({ name: Bucket, s3, full, call }: Bucket, key: string): Promise<void> {
  return call(`delete ${key}`, async () => {
    await s3.send(new DeleteObjectCommand({ Bucket, Key: full(key) }));
  });
}

/** Every version and delete marker of exactly this key, the newest first. */
async function versionsOf({ name: Bucket, s3, full, call }: Bucket, key: string): Promise<string[]> {
  const versions: { id: string; at: number }[] = [];
  let after: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  while (after) {
    const markers: { KeyMarker?: string; VersionIdMarker?: string } = after;
    const page = await call(`list the versions of ${key}`, () =>
      s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: full(key), ...markers })),
    );
    for (const { Key, VersionId, LastModified } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])])
      if (Key === full(key) && VersionId) versions.push({ id: VersionId, at: LastModified?.getTime() ?? 0 });
    if (!page.IsTruncated) break;
    const { NextKeyMarker, NextVersionIdMarker } = page;
    if (
      !NextKeyMarker ||
      (NextKeyMarker === after.KeyMarker && NextVersionIdMarker === after.VersionIdMarker)
    )
      throw objectStoreFailure(
        `list the versions of ${key}`,
        Bucket,
        new Error('the store cut a listing without a marker'),
      );
    after = { KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker };
  }
  return versions.sort((a, b) => b.at - a.at).map(({ id }) => id);
}

/**
 * Deletes by version id, so that no hidden bytes stay. The oldest goes first: a removal that is cut off leaves the
 * newest under the key, never an older content than before.
 */
export async function removeVersions(bucket: Bucket, key: string): Promise<void> {
  const { name: Bucket, s3, full } = bucket;
  for (const VersionId of (await versionsOf(bucket, key)).reverse()) {
    try {
      await s3.send(new DeleteObjectCommand({ Bucket, Key: full(key), VersionId }));
    } catch (error) {
      const status = statusOf(error) ?? 500;
      const lock = status >= 400 && status < 500 ? await lockOf(bucket, key, VersionId) : undefined;
      // A lock without a date is a legal hold, or one that the key may not look at.
      if (lock === undefined && !/object.?lock|worm/i.test(error instanceof Error ? error.message : ''))
        throw objectStoreFailure(`delete ${key}`, Bucket, error);
      throw ApplicationFailure.nonRetryable(
        `Bucket ${Bucket}: ${key} is locked${lock ? ` until ${lock.toISOString()}` : ''} and cannot be deleted`,
        'ObjectLocked',
      );
    }
  }
}

async function lockOf(
  { name: Bucket, s3, full }: Bucket,
  key: string,
  VersionId?: string,
): Promise<Date | undefined> {
  try {
    const answer = await s3.send(new GetObjectRetentionCommand({ Bucket, Key: full(key), VersionId }));
    const until = answer.Retention?.RetainUntilDate;
    return until && until > new Date() ? until : undefined;
  } catch {
    // Only makes the message better: the refusal itself is told in any case.
    return undefined;
  }
}

export async function lockObject(bucket: Bucket, key: string, until: Date, mode: LockMode): Promise<void> {
  const { name: Bucket, s3, full } = bucket;
  const command = new PutObjectRetentionCommand({
    Bucket,
    Key: full(key),
    Retention: { Mode: mode === 'compliance' ? 'COMPLIANCE' : 'GOVERNANCE', RetainUntilDate: until },
  });
  // S3 wants a digest with a lock. The driver sends CRC32, which not every store knows; Content-MD5 each one does.
  command.middlewareStack.add(
    (next) => (args) => {
      const { headers, body } = args.request as { headers: Record<string, string>; body: string };
      for (const name of Object.keys(headers))
        if (/^x-amz-(sdk-)?checksum-/i.test(name)) delete headers[name];
      headers['content-md5'] = md5(body);
      return next(args);
    },
    { step: 'build', priority: 'low' },
  );
  try {
    await s3.send(command);
  } catch (error) {
    if (codeOf(error) === 'NoSuchKey') throw objectMissing(Bucket, key);
    const current = await lockOf(bucket, key);
    if (current !== undefined && current >= until)
      throw ApplicationFailure.nonRetryable(
        `Bucket ${Bucket}: ${key} is locked until ${current.toISOString()}, and a lock is not shortened`,
        'ObjectLocked',
      );
    throw objectStoreFailure(`lock ${key}`, Bucket, error);
  }
}
