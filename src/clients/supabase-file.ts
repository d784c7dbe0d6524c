import { ApplicationFailure } from '@temporalio/common';
import type { SupabaseStorageOptions } from './supabase-storage.ts';

/** Reads one file of Supabase Storage; undefined: it is not there. Rejects with `StorageRefused` or `StorageUnavailable`. */
export type FileReader = (bucket: string, name: string) => Promise<Buffer | undefined>;

export function createFileReader({
  url,
  serviceRoleKey,
  timeoutMs = 60_000,
}: SupabaseStorageOptions): FileReader {
  return async (bucket, name) => {
    const path = [bucket, ...name.split('/')].map(encodeURIComponent).join('/');
    let answer: Response;
    let bytes: Buffer;
    try {
      answer = await fetch(`${url}/storage/v1/object/authenticated/${path}`, {
        headers: { apikey: serviceRoleKey, authorization: `Bearer ${serviceRoleKey}` },
        // Followed, it would take the key to another host.
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
      bytes = Buffer.from(await answer.arrayBuffer());
    } catch (error) {
      const { name: kind, cause } = error as { name?: string; cause?: { code?: string } };
      throw unavailable(
        kind === 'TimeoutError' ? 'no answer in time' : (cause?.code ?? 'the connection failed'),
      );
    }
    if (answer.status === 200) return bytes;
    const said = statusIn(bytes);
    // Storage says 400 to almost anything, and what it means in the body.
    const status = answer.status === 400 && said !== undefined ? said : answer.status;
    if (status === 404) return undefined;
    if (status >= 500 || status === 408 || status === 429) throw unavailable(`HTTP ${String(status)}`);
    throw ApplicationFailure.nonRetryable(
      `Supabase Storage refused to give a file: HTTP ${String(status)}; is SUPABASE_SERVICE_ROLE_KEY the service role's key of this project?`,
      'StorageRefused',
    );
  };
}

const unavailable = (why: string): ApplicationFailure =>
  ApplicationFailure.retryable(`Supabase Storage does not answer: ${why}`, 'StorageUnavailable');

function statusIn(body: Buffer): number | undefined {
  try {
    const status = Number((JSON.parse(body.toString('utf8')) as { statusCode?: unknown }).statusCode);
    return status >= 400 && status < 600 ? status : undefined;
  } catch {
    return undefined;
  }
}
