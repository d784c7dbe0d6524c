import { randomUUID } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
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
    // No SHA-256 beside: the driver signs each body by its SHA-256 already, which the store checks, and a third
    // digest of each byte costs more CPU than the other two. The truth is our own SHA-256, by reading back.
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

export async function openUploads(
  { name: Bucket, s3, full, relative }: Bucket,
  prefix: string,
): Promise<OpenUpload[]> {
  const what = `list the open uploads of ${prefix}`;
  const found = new Map<string, OpenUpload>();
  let after: { KeyMarker: string; UploadIdMarker?: string } | undefined;
  try {
    do {
      const page = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: full(prefix), ...after }));
      const known = found.size;
      for (const { Key = '', UploadId = '', Initiated } of page.Uploads ?? [])
        found.set(`${UploadId} ${Key}`, { key: relative(Key), uploadId: UploadId, initiatedAt: Initiated });
      if (!page.IsTruncated) return [...found.values()];
      // Without a marker, or with nothing new, the rest would stay hidden, or be asked for without end.
      if (!page.NextKeyMarker || found.size === known)
        throw objectStoreFailure(what, Bucket, new Error('the store cut a listing without a marker'));
      after = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    } while (after);
    return [];
  } catch (error) {
    // rclone's way of saying that there is none.
    if (codeOf(error) === 'NoSuchUpload') return [...found.values()];
    throw objectStoreFailure(what, Bucket, error);
  }
}
