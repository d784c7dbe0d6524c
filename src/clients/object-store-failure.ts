import { ApplicationFailure } from '@temporalio/common';

/** Answers of a store that a retry cannot mend: a person has to change a setting or a permission. */
const REFUSALS: Readonly<Record<string, string>> = {
  NoSuchBucket: 'the bucket does not exist: create it or mend BACKUP_BUCKET',
  AccessDenied: 'the key may not do this: give it list, read, write and delete on the bucket',
  InvalidAccessKeyId: 'the store does not know the key: mend AWS_ACCESS_KEY_ID',
  SignatureDoesNotMatch: 'the secret is wrong: mend AWS_SECRET_ACCESS_KEY (or AWS_REGION)',
  PermanentRedirect: 'the bucket lives in another region: mend AWS_REGION or S3_ENDPOINT',
  AuthorizationHeaderMalformed: 'the region is wrong: mend AWS_REGION',
};

/** Turns a driver's error into a failure with a type that the retry policy and the alert e-mail understand. */
export function objectStoreFailure(what: string, bucket: string, error: unknown): ApplicationFailure {
  const { name = 'Error', message = '' } = error instanceof Error ? error : {};
  const code = (error as { Code?: string }).Code ?? name;
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
