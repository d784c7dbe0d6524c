import type { Readable } from 'node:stream';
import { ApplicationFailure } from '@temporalio/common';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { type Bucket, createBucket, md5 } from './object-store-bucket.ts';
import { COPY_LIMITS, copyObject, type CopyLimits } from './object-store-copy.ts';
import { attemptsOf, codeOf, objectExists, objectStoreFailure, statusOf } from './object-store-failure.ts';
import { PROBE_PREFIX, probeFeatures } from './object-store-features.ts';
import * as uploads from './object-store-uploads.ts';
import { lockObject, removeCurrent, removeVersions } from './object-store-versions.ts';

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
  /** Known of a listed one. */
  initiatedAt?: Date;
  /** Known of one begun here: by it the object is recognised as made of this very upload. */
  mark?: string;
}

export type LockMode = 'governance' | 'compliance';

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
  /** Found out on first use, once for a process and bucket. */
  features(): Promise<StoreFeatures>;
  /**
   * With `ifAbsent` an existing object is refused as `ObjectExists`. Where the store has no conditional writes we
   * look first, and of two writers at the same moment the later one wins.
   */
  put(
    key: string,
    body: string | Uint8Array,
    contentType: string,
    options?: { ifAbsent?: boolean },
  ): Promise<void>;
  /** Undefined when there is no such object. */
  get(key: string, signal?: AbortSignal): Promise<Readable | undefined>;
  list(prefix: string): AsyncGenerator<StoredObject>;
  /**
   * All of it: in a bucket with versions each version and delete marker of the key. What is locked stays, with
   * `ObjectLocked`. No such object is no error.
   */
  remove(key: string): Promise<void>;
  /**
   * Inside the store, over what may be at `to`. Rejects with `ObjectMissing`, and with `CopyUnsupported` where the
   * bytes must go through us: `copyObject` of the vault does that.
   */
  copy(from: string, to: string, signal?: AbortSignal): Promise<void>;
  /**
   * Nobody deletes the object before that time; with `governance` only a privileged account does. Rejects with
   * `ObjectLocked` where it is locked for longer already and the store keeps it so.
   */
  lock(key: string, until: Date, mode: LockMode): Promise<void>;
  openUploads(prefix: string): Promise<OpenUpload[]>;
  beginUpload(key: string): Promise<OpenUpload>;
  uploadPart(
    upload: OpenUpload,
    number: number,
    body: Uint8Array,
    signal?: AbortSignal,
  ): Promise<UploadedPart>;
  /**
   * Refuses an existing object as `ObjectExists` where the store has conditional writes: keys are of one attempt,
   * so one that is there is a bug or an intruder. Not with `overwrite`.
   */
  completeUpload(upload: OpenUpload, parts: UploadedPart[], options?: { overwrite?: boolean }): Promise<void>;
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
  /** When a copy goes in parts; other values are for tests. */
  copyLimits?: CopyLimits;
}

/** What was found out, by bucket and by who asks: another key may have other permissions. */
const known = new Map<string, Promise<StoreFeatures>>();

function featuresOf(bucket: Bucket, options: ObjectStoreOptions): Promise<StoreFeatures> {
  const id = JSON.stringify([
    options.endpoint,
    options.region,
    options.name,
    options.prefix,
    options.accessKeyId,
  ]);
  const found = known.get(id);
  if (found) return found;
  const probe = probeFeatures(bucket);
  known.set(id, probe);
  // Trouble on the way says nothing about the store: the next caller tries again.
  probe.catch(() => known.delete(id));
  return probe;
}

export function createObjectStore(options: ObjectStoreOptions): ObjectStore {
  const bucket = createBucket(options);
  const { name: Bucket, s3, full, relative, call } = bucket;
  const features = () => featuresOf(bucket, options);
  const get = async (key: string, signal?: AbortSignal): Promise<Readable | undefined> => {
    try {
      const answer = await s3.send(new GetObjectCommand({ Bucket, Key: full(key) }), { abortSignal: signal });
      return answer.Body as Readable;
    } catch (error) {
      if (codeOf(error) === 'NoSuchKey') return undefined;
      throw objectStoreFailure(`read ${key}`, Bucket, error);
    }
  };

  return {
    url: (key) => `s3://${Bucket}/${full(key)}`,
    features,
    async put(key, body, contentType, { ifAbsent = false } = {}) {
      const conditional = ifAbsent && (await features()).conditionalWrites;
      if (ifAbsent && !conditional && (await bucket.head(key))) throw objectExists(Bucket, key);
      try {
        await s3.send(
          new PutObjectCommand({
            Bucket,
            Key: full(key),
            Body: body,
            ContentType: contentType,
            ContentMD5: md5(body),
            ...(conditional ? { IfNoneMatch: '*' } : {}),
          }),
        );
      } catch (error) {
        if (!conditional || statusOf(error) !== 412) throw objectStoreFailure(`write ${key}`, Bucket, error);
        // Repeated by the driver after a lost answer, the request meets its own object: equal bytes tell.
        const there = attemptsOf(error) > 1 ? await (await get(key))?.toArray() : undefined;
        if (!there || !Buffer.concat(there as Buffer[]).equals(Buffer.from(body)))
          throw objectExists(Bucket, key);
      }
    },
    get,
    async *list(prefix) {
      let token: string | undefined;
      do {
        const page = await call(`list ${prefix}`, () =>
          s3.send(new ListObjectsV2Command({ Bucket, Prefix: full(prefix), ContinuationToken: token })),
        );
        for (const object of page.Contents ?? []) {
          const key = relative(object.Key ?? '');
          if (key.startsWith(PROBE_PREFIX)) continue;
          yield { key, bytes: object.Size ?? 0, modifiedAt: object.LastModified ?? new Date(0) };
        }
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
    remove: async (key) => ((await features()).versioning ? removeVersions : removeCurrent)(bucket, key),
    copy: async (from, to, signal) =>
      copyObject(bucket, {
        from,
        to,
        signal,
        features: await features(),
        limits: options.copyLimits ?? COPY_LIMITS,
      }),
    async lock(key, until, mode) {
      // Never just tried: rclone takes the request for an ordinary write, and the object is gone under its XML.
      if (!(await features()).objectLock)
        throw ApplicationFailure.nonRetryable(
          `Bucket ${Bucket}: cannot lock ${key}: the bucket has no object lock; create one with it, or turn the locks off`,
          'ObjectLockUnsupported',
        );
      await lockObject(bucket, key, until, mode);
    },
    openUploads: (prefix) => uploads.openUploads(bucket, prefix),
    async beginUpload(key) {
      // Here and not at the end: a store in trouble is noticed before the first byte is sent.
      await features();
      return uploads.beginUpload(bucket, key);
    },
    uploadPart: (upload, number, body, signal) => uploads.uploadPart(bucket, upload, number, body, signal),
    completeUpload: async (upload, parts, { overwrite = false } = {}) =>
      uploads.completeUpload(bucket, upload, parts, !overwrite && (await features()).conditionalWrites),
    abortUpload: (upload) => uploads.abortUpload(bucket, upload),
    close: () => bucket.close(),
  };
}
