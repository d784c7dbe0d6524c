import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { objectStoreFailure } from './object-store-failure.ts';

export interface StoredObject {
  key: string;
  bytes: number;
  modifiedAt: Date;
}

export interface UploadedPart {
  number: number;
  etag: string;
}

export interface OpenUpload {
  key: string;
  uploadId: string;
}

/** What a bucket can do beyond the basics: found out by trying, once a process. */
export interface StoreFeatures {
  /** `If-None-Match: *` refuses to write over an object. */
  conditionalWrites: boolean;
  /** The store refuses a body that does not fit its SHA-256. */
  checksums: boolean;
  /** Removing an object only hides it: every version must be deleted (always so on Backblaze B2). */
  versioning: boolean;
  /** Objects can be locked against deletion until a date. */
  objectLock: boolean;
  serverSideCopy: boolean;
  /** `UploadPartCopy`, for objects above 5 GB. */
  partCopy: boolean;
}

/**
 * One bucket and prefix of any S3-compatible store. Keys are relative to the prefix.
 * Every method rejects with `ObjectStoreRefused` (permanent: key, permission, bucket) or
 * `ObjectStoreUnavailable` (network, 5xx, slow down).
 */
export interface ObjectStore {
  /** `s3://bucket/prefix/key`, as a person writes it. */
  url(key: string): string;
  put(key: string, body: string | Uint8Array, contentType: string): Promise<void>;
  /** Undefined when there is no such object. */
  get(key: string, signal?: AbortSignal): Promise<Readable | undefined>;
  list(prefix: string): AsyncGenerator<StoredObject>;
  remove(key: string): Promise<void>;
  openUploads(prefix: string): Promise<OpenUpload[]>;
  beginUpload(key: string): Promise<OpenUpload>;
  uploadPart(
    upload: OpenUpload,
    number: number,
    body: Uint8Array,
    signal?: AbortSignal,
  ): Promise<UploadedPart>;
  completeUpload(upload: OpenUpload, parts: UploadedPart[]): Promise<void>;
  abortUpload(upload: OpenUpload): Promise<void>;
  close(): void;
}

export interface ObjectStoreOptions {
  name: string;
  prefix: string;
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
  endpoint?: string;
}

const md5 = (body: string | Uint8Array): string => createHash('md5').update(body).digest('base64');

export function createObjectStore(options: ObjectStoreOptions): ObjectStore {
  const s3 = new S3Client({
    region: options.region,
    credentials: { accessKeyId: options.accessKeyId, secretAccessKey: options.secretAccessKey },
    ...(options.endpoint ? { endpoint: options.endpoint, forcePathStyle: true } : {}),
    // Newer checksums break Backblaze B2 and others; Content-MD5 below protects each body everywhere.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // A few attempts here, beside Temporal's: one lost part is in memory and cheap, the whole backup is not.
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000, httpsAgent: { maxSockets: 8 } },
  });
  const Bucket = options.name;
  const base = options.prefix === '' ? '' : `${options.prefix.replace(/\/+$/, '')}/`;
  const full = (key: string): string => base + key;
  const relative = (key: string): string => key.slice(base.length);

  async function call<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw objectStoreFailure(what, Bucket, error);
    }
  }

  return {
    url: (key) => `s3://${Bucket}/${full(key)}`,
    put: (key, body, contentType) =>
      call(`write ${key}`, async () => {
        await s3.send(
          new PutObjectCommand({
            Bucket,
            Key: full(key),
            Body: body,
            ContentType: contentType,
            ContentMD5: md5(body),
          }),
        );
      }),
    get: async (key, signal) => {
      try {
        const answer = await s3.send(new GetObjectCommand({ Bucket, Key: full(key) }), {
          abortSignal: signal,
        });
        return answer.Body as Readable;
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
        throw objectStoreFailure(`read ${key}`, Bucket, error);
      }
    },
    async *list(prefix) {
      let token: string | undefined;
      do {
        const page = await call(`list ${prefix}`, () =>
          s3.send(new ListObjectsV2Command({ Bucket, Prefix: full(prefix), ContinuationToken: token })),
        );
        for (const object of page.Contents ?? [])
          yield {
            key: relative(object.Key ?? ''),
            bytes: object.Size ?? 0,
            modifiedAt: object.LastModified ?? new Date(0),
          };
        // A truncated page without a new token would end the loop early and hide objects.
        if (page.IsTruncated && (!page.NextContinuationToken || page.NextContinuationToken === token))
          throw objectStoreFailure(
            `list ${prefix}`,
            Bucket,
            new Error('the store cut a listing without a token'),
          );
        token = page.IsTruncated ? page.NextContinuationToken : undefined;
      } while (token);
    },
    remove: (key) =>
      call(`delete ${key}`, async () => {
        await s3.send(new DeleteObjectCommand({ Bucket, Key: full(key) }));
      }),
    openUploads: async (prefix) => {
      try {
        const answer = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: full(prefix) }));
        return (answer.Uploads ?? []).map(({ Key = '', UploadId = '' }) => ({
          key: relative(Key),
          uploadId: UploadId,
        }));
      } catch (error) {
        // rclone's way of saying that there is none.
        if (error instanceof Error && error.name === 'NoSuchUpload') return [];
        throw objectStoreFailure(`list the open uploads of ${prefix}`, Bucket, error);
      }
    },
    beginUpload: (key) =>
      call(`open an upload of ${key}`, async () => {
        const answer = await s3.send(
          new CreateMultipartUploadCommand({
            Bucket,
            Key: full(key),
            ContentType: 'application/octet-stream',
          }),
        );
        return { key, uploadId: answer.UploadId ?? '' };
      }),
    uploadPart: (upload, number, body, signal) =>
      call(`upload part ${String(number)} of ${upload.key}`, async () => {
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
      }),
    completeUpload: (upload, parts) =>
      call(`complete the upload of ${upload.key}`, async () => {
        await s3.send(
          new CompleteMultipartUploadCommand({
            Bucket,
            Key: full(upload.key),
            UploadId: upload.uploadId,
            MultipartUpload: { Parts: parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag })) },
          }),
        );
      }),
    abortUpload: (upload) =>
      call(`abort the upload of ${upload.key}`, async () => {
        await s3.send(
          new AbortMultipartUploadCommand({ Bucket, Key: full(upload.key), UploadId: upload.uploadId }),
        );
      }),
    close: () => s3.destroy(),
  };
}
