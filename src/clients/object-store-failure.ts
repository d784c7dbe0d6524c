import { ApplicationFailure } from '@temporalio/common';

const FULL = 'the store is full or a quota is used up: make room there, or raise the quota';

/** Answers of a store that a retry cannot mend: a person has to change a setting or a permission. */
const REFUSALS: Readonly<Record<string, string>> = {
  NoSuchBucket: 'the bucket does not exist: create it or mend BACKUP_BUCKET',
  AccessDenied: 'the key may not do this: give it list, read, write and delete on the bucket',
  InvalidAccessKeyId: 'the store does not know the key: mend AWS_ACCESS_KEY_ID',
  SignatureDoesNotMatch: 'the secret is wrong: mend AWS_SECRET_ACCESS_KEY (or AWS_REGION)',
  PermanentRedirect: 'the bucket lives in another region: mend AWS_REGION or S3_ENDPOINT',
  AuthorizationHeaderMalformed: 'the region is wrong: mend AWS_REGION',
  QuotaExceeded: FULL,
  InsufficientStorage: FULL,
  XMinioStorageFull: FULL,
  XMinioAdminBucketQuotaExceeded: FULL,
};

/** The status of the store's answer; undefined when there was none. */
export const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;

/** S3's code of the error. The answer to HEAD has no body, so its code is known by the status alone. */
export function codeOf(error: unknown): string {
  const { name = 'Error' } = error instanceof Error ? error : {};
  const code = (error as { Code?: string } | undefined)?.Code ?? name;
  return statusOf(error) === 403 && !REFUSALS[code] ? 'AccessDenied' : code;
}

/** Requests the driver sent until this answer: above one, an earlier one may have been done and its answer lost. */
export const attemptsOf = (error: unknown): number =>
  (error as { $metadata?: { attempts?: number } } | undefined)?.$metadata?.attempts ?? 1;

/** Something is wrong with the key, the bucket or a setting, other than one missing permission. */
export const isMisconfigured = (error: unknown): boolean =>
  codeOf(error) !== 'AccessDenied' && REFUSALS[codeOf(error)] !== undefined;

/** Turns a driver's error into a failure with a type that the retry policy and the alert e-mail understand. */
export function objectStoreFailure(what: string, bucket: string, error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const { message = '' } = error instanceof Error ? error : {};
  const code = codeOf(error);
  const refusal = REFUSALS[code];
  if (refusal)
    return ApplicationFailure.nonRetryable(
      `Bucket ${bucket}: cannot ${what}: ${refusal} (${code})`,
      'ObjectStoreRefused',
    );
  // Without the driver's error as its cause: that holds the whole request, its signature included.
  return ApplicationFailure.retryable(
    `Bucket ${bucket}: cannot ${what}: ${message === code ? code : `${code} ${message}`.trim()}`,
    'ObjectStoreUnavailable',
  );
}

export const objectExists = (bucket: string, key: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    `Bucket ${bucket}: ${key} exists already and is not written over`,
    'ObjectExists',
  );

export const objectMissing = (bucket: string, key: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`Bucket ${bucket}: there is no ${key}`, 'ObjectMissing');
