import { ApplicationFailure } from '@temporalio/common';

export interface StoredFile {
  /** Its whole path in the bucket. */
  name: string;
  /** When it was uploaded or changed last; undefined where Storage does not say. */
  changedAt?: Date;
  bytes?: number;
}

/** What the project needs of Supabase Storage. Rejects with `StorageRefused` (permanent) or `StorageUnavailable`. */
export interface SupabaseStorage {
  /** Rejects where there is no such bucket, or where the key does not see it: it would see no files either. */
  checkBucket(bucket: string, signal?: AbortSignal): Promise<void>;
  /**
   * Files whose name begins so, in all folders, in pages by name: what is deleted meanwhile shifts nothing. Versions
   * before 2026-03 read `_` and `%` as wildcards: look at the names.
   */
  files(
    bucket: string,
    prefix: string,
    options: { pageSize: number; signal?: AbortSignal },
  ): AsyncGenerator<StoredFile[]>;
  /** Deletes up to 100, as they are now: Storage knows no condition. Gives back the names that are gone by this. */
  remove(bucket: string, names: readonly string[], signal?: AbortSignal): Promise<string[]>;
}

export interface SupabaseStorageOptions {
  /** Of the project, without `/storage/v1`. */
  url: string;
  /** A JWT, or a key of the newer form (`sb_secret_…`). */
  serviceRoleKey: string;
  /** Of one request. */
  timeoutMs?: number;
}

/** Storage's own limit for a list. */
const LARGEST_PAGE = 1_000;

const refused = (why: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`Supabase Storage refused the request: ${why}`, 'StorageRefused');
const unavailable = (why: string, nextRetryDelay?: number): ApplicationFailure =>
  ApplicationFailure.create({
    message: `Supabase Storage does not answer: ${why}`,
    type: 'StorageUnavailable',
    nonRetryable: false,
    ...(nextRetryDelay !== undefined && { nextRetryDelay }),
  });

/** The texts name settings and codes: neither the key nor what was answered, which may repeat the names of files. */
function failureOf(status: number, retryAfter: string | null): ApplicationFailure {
  if (status === 401 || status === 403)
    return refused(
      `HTTP ${String(status)}; is SUPABASE_SERVICE_ROLE_KEY the service role's key of this project?`,
    );
  if (status === 404)
    return refused('HTTP 404; does SUPABASE_URL lead to Supabase, with a Storage of 2025-03 or newer?');
  if (status >= 300 && status < 400)
    return refused(`HTTP ${String(status)}; SUPABASE_URL is redirected: write the address it leads to`);
  if (status >= 400 && status < 500 && status !== 408 && status !== 429)
    return refused(`HTTP ${String(status)}`);
  const seconds = Number(retryAfter ?? NaN);
  return unavailable(`HTTP ${String(status)}`, seconds > 0 ? seconds * 1_000 : undefined);
}

const noBucket = (bucket: string): ApplicationFailure =>
  refused(
    `there is no bucket ${bucket} for this key: mend cleanup.temporaryFiles.buckets in maintenance.yaml, or ` +
      "make SUPABASE_SERVICE_ROLE_KEY the service role's",
  );

/** Storage says 400 to almost anything, and what it means in the body. */
const meant = (status: number, body: unknown): number => {
  const said = Number((body as { statusCode?: unknown } | undefined)?.statusCode);
  return status === 400 && said >= 400 && said < 600 ? said : status;
};

const isMissingBucket = (body: unknown): boolean => {
  const { error, code } = (body ?? {}) as { error?: unknown; code?: unknown };
  return error === 'Bucket not found' || code === 'NoSuchBucket';
};

const time = (value: unknown): number => (typeof value === 'string' ? Date.parse(value) : NaN);

/** A file that was copied or moved may be younger than its last change: the later of both counts. */
function fileOf(given: Record<string, unknown>): StoredFile {
  const changed = Math.max(time(given['created_at']), time(given['updated_at']));
  const { size } = (given['metadata'] ?? {}) as { size?: unknown };
  return {
    name: String(given['name']),
    ...(!Number.isNaN(changed) && { changedAt: new Date(changed) }),
    ...(typeof size === 'number' && { bytes: size }),
  };
}

export function createSupabaseStorage(options: SupabaseStorageOptions): SupabaseStorage {
  const { url, serviceRoleKey, timeoutMs = 60_000 } = options;

  function lost(error: unknown, signal?: AbortSignal): Error {
    if (signal?.aborted) return signal.reason as Error;
    const { name, cause } = error as { name?: string; cause?: { code?: string } };
    if (name === 'TimeoutError') return unavailable(`no answer in ${String(timeoutMs / 1_000)} s`);
    return unavailable(cause?.code ?? 'the connection failed; check SUPABASE_URL');
  }

  async function call(
    method: 'GET' | 'POST' | 'DELETE',
    kind: 'bucket' | 'object' | 'object/list-v2',
    bucket: string,
    body: object | undefined,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const timeout = AbortSignal.timeout(timeoutMs);
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(`${url}/storage/v1/${kind}/${encodeURIComponent(bucket)}`, {
        method,
        headers: {
          apikey: serviceRoleKey,
          authorization: `Bearer ${serviceRoleKey}`,
          accept: 'application/json',
          // Storage refuses a body-less request that claims to have one.
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        // Followed, it would take the key to another host.
        redirect: 'manual',
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      text = await answer.text();
    } catch (error) {
      throw lost(error, signal);
    }
    const json = parsed(text);
    if (answer.status !== 200) {
      if (isMissingBucket(json)) throw noBucket(bucket);
      throw failureOf(meant(answer.status, json), answer.headers.get('retry-after'));
    }
    if (json === undefined)
      throw unavailable('it answered with a page instead of data; does SUPABASE_URL lead elsewhere?');
    return json;
  }

  interface Page {
    files: StoredFile[];
    next?: string;
  }

  async function page(
    bucket: string,
    prefix: string,
    limit: number,
    cursor: string | undefined,
    signal?: AbortSignal,
  ): Promise<Page> {
    const body = { prefix, limit, with_delimiter: false, sortBy: { column: 'name', order: 'asc' } };
    const given = (await call('POST', 'object/list-v2', bucket, { ...body, cursor }, signal)) as {
      objects?: unknown;
      hasNext?: unknown;
      nextCursor?: unknown;
    };
    if (!Array.isArray(given.objects)) throw unavailable('its answer holds no files');
    const files = (given.objects as Record<string, unknown>[]).map(fileOf);
    if (given.hasNext !== true || typeof given.nextCursor !== 'string') return { files };
    if (!files.at(-1)?.name.includes('\n')) return { files, next: given.nextCursor };
    // A cursor is lines of text with that name in one of them: this one would lead elsewhere, or nowhere.
    if (limit >= LARGEST_PAGE) throw refused('too many names with line breaks in them');
    return page(bucket, prefix, limit + 1, cursor, signal);
  }

  return {
    async checkBucket(bucket, signal) {
      await call('GET', 'bucket', bucket, undefined, signal);
    },
    async *files(bucket, prefix, { pageSize, signal }) {
      const seen = new Set<string>();
      for (let cursor: string | undefined; ;) {
        const { files, next } = await page(bucket, prefix, pageSize, cursor, signal);
        yield files;
        if (next === undefined) return;
        // The same pages again and again would never end.
        if (seen.has(next)) throw unavailable('its pages go round in a circle');
        seen.add((cursor = next));
      }
    },
    async remove(bucket, names, signal) {
      // An empty list of names is refused, and nothing may ever make of it "all".
      if (names.length === 0) return [];
      const gone = await call('DELETE', 'object', bucket, { prefixes: names }, signal);
      if (!Array.isArray(gone)) throw unavailable('its answer does not say what was deleted');
      const wanted = new Set(names);
      return (gone as { name?: unknown }[])
        .map(({ name }) => String(name))
        .filter((name) => wanted.has(name));
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
