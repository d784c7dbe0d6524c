import { createHash } from 'node:crypto';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { objectStoreFailure, statusOf } from './object-store-failure.ts';
import type { ObjectStoreOptions } from './object-store.ts';

/** A few attempts here, beside Temporal's: one lost part is in memory and cheap, the whole backup is not. */
const MAX_ATTEMPTS = 4;
const SILENCE_MS = 60_000;
/** Completing an upload and copying may keep the store busy for minutes without a byte on the wire. */
const LONG_SILENCE_MS = 15 * 60_000;

/** Metadata that tells whose upload an object came from. */
export const UPLOAD_MARK = 'talos-upload';

/** What the parts of the client share: the connections, the names, and how a failure is told. */
export interface Bucket {
  name: string;
  s3: S3Client;
  /** For requests that take long on the store's side. */
  patient: S3Client;
  /** A connection of its own that never repeats a request; the caller destroys it. */
  onlyOnce: () => S3Client;
  full: (key: string) => string;
  relative: (key: string) => string;
  /** As a copy names its source. */
  copySource: (key: string) => string;
  call: <Result>(what: string, work: () => Promise<Result>) => Promise<Result>;
  /** Undefined when there is no such object. */
  head: (key: string) => Promise<ObjectHead | undefined>;
  close: () => void;
}

export interface ObjectHead {
  bytes: number;
  contentType: string | undefined;
  /** The mark of the upload that made it. */
  mark: string | undefined;
}

export const md5 = (body: string | Uint8Array): string => createHash('md5').update(body).digest('base64');

export function createBucket(options: ObjectStoreOptions): Bucket {
  const connect = (maxAttempts: number, socketTimeout: number) =>
    new S3Client({
      region: options.region,
      credentials: { accessKeyId: options.accessKeyId, secretAccessKey: options.secretAccessKey },
      ...(options.endpoint ? { endpoint: options.endpoint, forcePathStyle: true } : {}),
      // Newer checksums break Backblaze B2 and others; a Content-MD5 with each body protects it everywhere.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts,
      requestHandler: { connectionTimeout: 5_000, socketTimeout, httpsAgent: { maxSockets: 8 } },
    });
  const s3 = connect(MAX_ATTEMPTS, SILENCE_MS);
  const patient = connect(MAX_ATTEMPTS, LONG_SILENCE_MS);
  const { name } = options;
  const base = options.prefix === '' ? '' : `${options.prefix.replace(/\/+$/, '')}/`;
  const full = (key: string): string => base + key;

  return {
    name,
    s3,
    patient,
    onlyOnce: () => connect(1, SILENCE_MS),
    full,
    relative: (key) => key.slice(base.length),
    copySource: (key) => `${name}/${full(key)}`.split('/').map(encodeURIComponent).join('/'),
    async call(what, work) {
      try {
        return await work();
      } catch (error) {
        throw objectStoreFailure(what, name, error);
      }
    },
    async head(key) {
      try {
        const answer = await s3.send(new HeadObjectCommand({ Bucket: name, Key: full(key) }));
        return {
          bytes: answer.ContentLength ?? 0,
          contentType: answer.ContentType,
          mark: answer.Metadata?.[UPLOAD_MARK],
        };
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw objectStoreFailure(`look at ${key}`, name, error);
      }
    },
    close() {
      s3.destroy();
      patient.destroy();
    },
  };
}
