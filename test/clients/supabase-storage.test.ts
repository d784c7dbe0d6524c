import { ApplicationFailure } from '@temporalio/common';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createSupabaseStorage,
  type StoredFile,
  type SupabaseStorageOptions,
} from '../../src/clients/supabase-storage.ts';
import { SERVICE_ROLE_KEY, startFakeStorage, type FakeStorage } from '../support/supabase-storage.ts';

let fake: FakeStorage;
beforeEach(async () => {
  fake = await startFakeStorage();
  fake.buckets.set('uploads', new Map());
});
afterEach(() => fake.stop());

const storage = (options?: Partial<SupabaseStorageOptions>) =>
  createSupabaseStorage({ url: fake.url, serviceRoleKey: SERVICE_ROLE_KEY, ...options });

const put = (...names: string[]) => {
  for (const name of names)
    fake.buckets.get('uploads')?.set(name, {
      name,
      created_at: '2026-01-01T00:00:00+00:00',
      updated_at: '2026-02-01T00:00:00+00:00',
      size: 7,
    });
};

async function files(prefix: string, pageSize: number): Promise<StoredFile[][]> {
  const pages = [];
  for await (const page of storage().files('uploads', prefix, { pageSize })) pages.push(page);
  return pages;
}

async function failure(work: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApplicationFailure);
  expect(String((error as Error).message)).not.toMatch(/secret|customer/);
  return error as ApplicationFailure;
}

test('files come page by page, in all folders; the later of their two instants is their age', async () => {
  put('tmp/b', 'tmp/a', 'tmp/deep/er/c', 'tmp/z', 'tmpx', 'other/a');
  fake.buckets.get('uploads')?.set('tmp/moved', {
    name: 'tmp/moved',
    created_at: '2026-03-01T00:00:00.123456+00:00',
    updated_at: '2026-02-01T00:00:00+00:00',
  });
  fake.buckets
    .get('uploads')
    ?.set('tmp/undated', { name: 'tmp/undated', created_at: null, updated_at: null });
  const pages = await files('tmp/', 2);
  expect(pages.map((page) => page.map(({ name }) => name))).toEqual([
    ['tmp/a', 'tmp/b'],
    ['tmp/deep/er/c', 'tmp/moved'],
    ['tmp/undated', 'tmp/z'],
  ]);
  expect(pages.flat()[0]).toEqual({ name: 'tmp/a', changedAt: new Date('2026-02-01'), bytes: 7 });
  expect(pages.flat()[3]).toEqual({ name: 'tmp/moved', changedAt: new Date('2026-03-01T00:00:00.123Z') });
  expect(pages.flat()[4]).toEqual({ name: 'tmp/undated' });
});

test('names with line breaks, signs and blanks are listed and deleted as they are', async () => {
  const names = ['tmp/a\no:desc', 'tmp/a b', 'tmp/100%', 'tmp/-rf', 'tmp/été', 'tmp/x\ny', 'tmp/z'];
  put(...names, 'tmp/a', 'tmp/100', 'tmp/x');
  // A cursor with a line break in it would end here with a refusal, or begin again from the end.
  const listed = (await files('tmp/', 1)).flat().map(({ name }) => name);
  expect(new Set(listed)).toEqual(new Set([...names, 'tmp/a', 'tmp/100', 'tmp/x']));
  expect(listed).toHaveLength(10);
  expect(new Set(await storage().remove('uploads', names))).toEqual(new Set(names));
  expect([...(fake.buckets.get('uploads')?.keys() ?? [])]).toEqual(['tmp/a', 'tmp/100', 'tmp/x']);
  expect(await storage().remove('uploads', ['tmp/gone', 'tmp/a'])).toEqual(['tmp/a']);
  const requests = fake.requests.length;
  expect(await storage().remove('uploads', [])).toEqual([]);
  expect(fake.requests).toHaveLength(requests);
});

test('a bucket that is not there, or that the key does not see, is said with both settings', async () => {
  await storage().checkBucket('uploads');
  const missing = await failure(storage().checkBucket('nobody'));
  expect(missing).toMatchObject({ type: 'StorageRefused', nonRetryable: true });
  expect(missing.message).toMatch(
    /no bucket nobody.*cleanup\.temporaryFiles\.buckets.*SUPABASE_SERVICE_ROLE_KEY/,
  );
});

test.each([
  ['a wrong key', 401, '{"message":"Invalid API key"}', 'StorageRefused', /401.*SUPABASE_SERVICE_ROLE_KEY/],
  [
    'a forbidden one',
    400,
    '{"statusCode":"403","message":"customer"}',
    'StorageRefused',
    /403.*SERVICE_ROLE/,
  ],
  ['an older Storage', 404, '{"message":"Route not found"}', 'StorageRefused', /SUPABASE_URL.*2025/],
  ['a redirect', 302, '', 'StorageRefused', /SUPABASE_URL is redirected/],
  ['a mistake', 400, '{"statusCode":"422","message":"customer"}', 'StorageRefused', /HTTP 422/],
  ['a page', 200, '<h1>Welcome</h1>', 'StorageUnavailable', /a page instead of data/],
  ['a failure inside', 400, '{"statusCode":"500"}', 'StorageUnavailable', /HTTP 500/],
  ['a paused project', 540, '', 'StorageUnavailable', /HTTP 540/],
])('%s is told apart', async (_what, status, body, type, message) => {
  fake.before = (_request, response) => {
    response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body);
    return true;
  };
  for (const work of [() => files('tmp/', 10), () => storage().remove('uploads', ['tmp/customer'])])
    expect(await failure(work())).toMatchObject({
      type,
      nonRetryable: type === 'StorageRefused',
      message: expect.stringMatching(message) as string,
    });
});

test('too many requests are left to the next attempt, when Storage wants it', async () => {
  fake.before = (_request, response) => {
    response.writeHead(429, { 'retry-after': '30' }).end('{}');
    return true;
  };
  expect(await failure(files('tmp/', 10))).toMatchObject({
    type: 'StorageUnavailable',
    nextRetryDelay: 30_000,
  });
});

test('no answer is an end too, and so are pages that go round in a circle', async () => {
  fake.before = () => true;
  const slow = storage({ timeoutMs: 200 });
  expect((await failure(slow.remove('uploads', ['tmp/a']))).message).toMatch(/no answer in 0\.2 s/);
  let asked = 0;
  fake.before = (_request, response) => {
    response.end(
      JSON.stringify({ objects: [], hasNext: true, nextCursor: `cursor ${String((asked += 1) % 3)}` }),
    );
    return true;
  };
  expect((await failure(files('tmp/', 10))).message).toMatch(/round in a circle/);
  const closed = storage({ url: 'http://127.0.0.1:1' });
  expect(await failure(closed.checkBucket('uploads'))).toMatchObject({ type: 'StorageUnavailable' });
});
