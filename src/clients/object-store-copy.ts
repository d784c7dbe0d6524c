import { ApplicationFailure } from '@temporalio/common';
import { CopyObjectCommand, UploadPartCopyCommand } from '@aws-sdk/client-s3';
import type { Bucket } from './object-store-bucket.ts';
import { objectMissing, objectStoreFailure, statusOf } from './object-store-failure.ts';
import { abortUpload, beginUpload, completeUpload } from './object-store-uploads.ts';
import type { StoreFeatures, UploadedPart } from './object-store.ts';

const MiB = 1024 * 1024;
const MAX_PARTS = 10_000;
const LANES = 4;

export interface CopyLimits {
  /** Above this an object is copied in parts: S3 copies 5 GB in one request. */
  wholeBytes: number;
  /** The least size of a part. */
  partBytes: number;
}

export const COPY_LIMITS: CopyLimits = { wholeBytes: 5_000_000_000, partBytes: 512 * MiB };

/** The ranges of an object of that size, first to last byte: never more than 10,000. */
export function copyRanges(bytes: number, leastPartBytes: number): [first: number, last: number][] {
  const part = Math.max(leastPartBytes, Math.ceil(bytes / MAX_PARTS / MiB) * MiB);
  return Array.from({ length: Math.ceil(bytes / part) }, (_, index) => [
    index * part,
    Math.min(bytes, (index + 1) * part) - 1,
  ]);
}

interface Copy {
  from: string;
  to: string;
  features: StoreFeatures;
  limits: CopyLimits;
  signal?: AbortSignal;
}

/** Writes over what is there: to copy once more, after a lost answer, does no harm. */
export async function copyObject(bucket: Bucket, copy: Copy): Promise<void> {
  const { from, to, features, limits, signal } = copy;
  const source = await bucket.head(from);
  if (!source) throw objectMissing(bucket.name, from);
  const whole = source.bytes <= limits.wholeBytes;
  if (!(whole ? features.serverSideCopy : features.partCopy)) throw unsupported(bucket.name, from);
  try {
    if (whole)
      await bucket.patient.send(
        new CopyObjectCommand({
          Bucket: bucket.name,
          Key: bucket.full(to),
          CopySource: bucket.copySource(from),
        }),
        { abortSignal: signal },
      );
    else await copyInParts(bucket, copy, source.bytes, source.contentType);
  } catch (error) {
    signal?.throwIfAborted();
    if ([405, 501].includes(statusOf(error) ?? 0)) throw unsupported(bucket.name, from);
    throw objectStoreFailure(`copy ${from} to ${to}`, bucket.name, error);
  }
}

async function copyInParts(
  bucket: Bucket,
  { from, to, limits, signal }: Copy,
  bytes: number,
  contentType: string | undefined,
): Promise<void> {
  const upload = await beginUpload(bucket, to, contentType);
  const ranges = copyRanges(bytes, limits.partBytes).entries();
  const parts: UploadedPart[] = [];
  let failed = false;
  // The lanes share one iterator; each takes the next range when it is done.
  const lane = async () => {
    for (const [index, [first, last]] of ranges) {
      if (failed) return;
      const answer = await bucket.patient.send(
        new UploadPartCopyCommand({
          Bucket: bucket.name,
          Key: bucket.full(to),
          UploadId: upload.uploadId,
          PartNumber: index + 1,
          CopySource: bucket.copySource(from),
          CopySourceRange: `bytes=${String(first)}-${String(last)}`,
        }),
        { abortSignal: signal },
      );
      parts.push({ number: index + 1, etag: answer.CopyPartResult?.ETag ?? '' });
    }
  };
  try {
    const ends = await Promise.allSettled(
      Array.from({ length: LANES }, () =>
        lane().catch((error: unknown) => {
          failed = true;
          throw error;
        }),
      ),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    await completeUpload(
      bucket,
      upload,
      parts.sort((a, b) => a.number - b.number),
      false,
    );
  } catch (error) {
    // What cannot be aborted now is aborted by the sweep of the next attempt.
    await abortUpload(bucket, upload).catch(() => undefined);
    throw error;
  }
}

const unsupported = (bucket: string, key: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    `Bucket ${bucket}: the store cannot copy ${key} itself; it must go through this process`,
    'CopyUnsupported',
  );
