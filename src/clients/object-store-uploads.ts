import { randomUUID } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type Bucket, md5, UPLOAD_MARK } from './object-store-bucket.ts';
import { codeOf, objectExists, objectStoreFailure, statusOf } from './object-store-failure.ts';
import type { OpenUpload, UploadedPart } from './object-store.ts';

export const DEFAULT_CONTENT_TYPE = 'application/octet-stream';

export function beginUpload(
  { name: Bucket, s3, full, call }: Bucket,
  key: string,
  contentType = DEFAULT_CONTENT_TYPE,
): Promise<OpenUpload> {
  return call(`open an upload of ${key}`, async () => {
    const mark = randomUUID();
    const answer = await s3.send(
      new CreateMultipartUploadCommand({
        Bucket,
        Key: full(key),
        ContentType: contentType,
        Metadata: { [UPLOAD_MARK]: mark },
      }),
    );
    return { key, uploadId: answer.UploadId ?? '', mark };
  });
}

export function uploadPart(
  { name: Bucket, s3, full, call }: Bucket,
  upload: OpenUpload,
  number: number,
  body: Uint8Array,
  signal?: AbortSignal,
): Promise<UploadedPart> {
  return call(`upload part ${String(number)} of ${upload.key}`, async () => {
    // No checksum header by SHA-256 beside it: the driver signs each body by its SHA-256 already, also over TLS. One
    // more digest of each byte costs 4 ms of CPU a MiB and proves nothing new: the truth is our own, by reading back.
    const answer = await s3.send(
      new UploadPartCommand({
        Bucket,
        Key: full(upload.key),
        UploadId: upload.uploadId,
        PartNumber: number,
        Body: body,
        ContentMD5: md5(body),
      }),
      { abortSignal: signal },
    );
    return { number, etag: answer.ETag ?? '' };
  });
}

/**
 * The driver repeats a Complete whose answer was lost, and then meets its own work: the upload is gone, or the
 * object exists. So the object is asked for the mark of this very upload; equal size would prove less.
 */
export async function completeUpload(
  { name: Bucket, patient, full, head }: Bucket,
  upload: OpenUpload,
  parts: readonly UploadedPart[],
  ifAbsent: boolean,
): Promise<void> {
  try {
    await patient.send(
      new CompleteMultipartUploadCommand({
        Bucket,
        Key: full(upload.key),
        UploadId: upload.uploadId,
        MultipartUpload: { Parts: parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag })) },
        ...(ifAbsent ? { IfNoneMatch: '*' } : {}),
      }),
    );
  } catch (error) {
    const taken = statusOf(error) === 412;
    if (taken || codeOf(error) === 'NoSuchUpload') {
      const mark = (await head(upload.key))?.mark;
      if (mark !== undefined && mark === upload.mark) return;
    }
    throw taken
      ? objectExists(Bucket, upload.key)
      : objectStoreFailure(`complete the upload of ${upload.key}`, Bucket, error);
  }
}

export function abortUpload({ name: Bucket, s3, full, call }: Bucket, upload: OpenUpload): Promise<void> {
  return call(`abort the upload of ${upload.key}`, async () => {
    await s3.send(
      new AbortMultipartUploadCommand({ Bucket, Key: full(upload.key), UploadId: upload.uploadId }),
    );
  });
}

/** Every upload under the prefix that was neither completed nor aborted. */
export async function openUploads(bucket: Bucket, prefix: string): Promise<OpenUpload[]> {
  const { name, relative } = bucket;
  const what = `list the open uploads of ${prefix}`;
  const found = new Map<string, OpenUpload>();
  let after: Marker = {};
  try {
    for (;;) {
      const page = await uploadsAfter(bucket, prefix, after);
      const known = found.size;
      for (const { Key = '', UploadId = '', Initiated } of page.Uploads ?? [])
        found.set(`${UploadId} ${Key}`, { key: relative(Key), uploadId: UploadId, initiatedAt: Initiated });
      if (!page.IsTruncated) return [...found.values()];
      // Without a marker, or with nothing new, the rest would stay hidden, or be asked for without end.
      if (!page.NextKeyMarker || found.size === known)
        throw objectStoreFailure(what, name, new Error('the store cut a listing without a marker'));
      after = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
  } catch (error) {
    // rclone's way of saying that there is none.
    if (codeOf(error) === 'NoSuchUpload') return [...found.values()];
    throw objectStoreFailure(what, name, error);
  }
}

interface Marker {
  KeyMarker?: string;
  UploadIdMarker?: string;
}

async function uploadsAfter(
  { name: Bucket, s3, full }: Bucket,
  prefix: string,
  { KeyMarker, UploadIdMarker }: Marker,
): Promise<ListMultipartUploadsCommandOutput> {
  const wanted = { Bucket, Prefix: full(prefix), KeyMarker };
  try {
    return await s3.send(new ListMultipartUploadsCommand({ ...wanted, UploadIdMarker }));
  } catch (error) {
    // versitygw 1.8 does not find again the id that it gave itself. By the key alone, other uploads of that key are
    // left out; the next sweep finds them.
    if (UploadIdMarker === undefined || codeOf(error) !== 'InvalidArgument') throw error;
    return s3.send(new ListMultipartUploadsCommand(wanted));
  }
}
