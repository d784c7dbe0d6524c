import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../clients/object-store.ts';
import { uploadStream } from './upload.ts';

/**
 * Copies inside the store where the store can; else the bytes go through this process, in the constant memory of
 * an upload. Writes over what is at `to`, so that a repetition does no harm. Says which way it went.
 */
export async function copyObject(
  store: ObjectStore,
  from: string,
  to: string,
  signal?: AbortSignal,
): Promise<'copied' | 'streamed'> {
  try {
    await store.copy(from, to, signal);
    return 'copied';
  } catch (error) {
    if (!(error instanceof ApplicationFailure && error.type === 'CopyUnsupported')) throw error;
  }
  const source = await store.get(from, signal);
  if (!source) throw ApplicationFailure.nonRetryable(`${store.url(from)} is not there`, 'ObjectMissing');
  try {
    await uploadStream(source, {
      store,
      key: to,
      signal,
      overwrite: true,
      beforeComplete: () => Promise.resolve(),
    });
    return 'streamed';
  } finally {
    // A connection that nobody reads would stay open.
    source.destroy();
  }
}
