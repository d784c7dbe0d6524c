import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBucketSource } from '../../../src/cleanup/buckets/index.ts';
import type { Progress } from '../../../src/cleanup/source.ts';
import { createSupabaseStorage } from '../../../src/clients/supabase-storage.ts';
import { SERVICE_ROLE_KEY, startFakeStorage, type FakeStorage } from '../../support/supabase-storage.ts';

let fake: FakeStorage;
beforeEach(async () => {
  fake = await startFakeStorage();
  fake.buckets.set('uploads', new Map());
});
afterEach(() => fake.stop());

const DAY = 86_400_000;
const at = new Date();
const ago = (days: number, ms = 0) => new Date(at.getTime() - days * DAY + ms).toISOString();
const never = new AbortController().signal;

const source = (prefix = 'tmp/', bucket = 'uploads') =>
  createBucketSource(createSupabaseStorage({ url: fake.url, serviceRoleKey: SERVICE_ROLE_KEY }), {
    bucket,
    prefix,
    keepDays: 7,
    setting: 'cleanup.temporaryFiles.buckets',
  });

const remove = (
  more: { signal?: AbortSignal; before?: Progress; deadline?: Date; at?: Date } = {},
  from = source(),
) => {
  const said: Progress[] = [];
  const done = from.remove({
    at,
    signal: never,
    deadline: new Date(Date.now() + 60_000),
    progress: (progress) => said.push(progress),
    ...more,
  });
  return { done, said };
};

const put = (name: string, updated: string | null, created: string | null = updated, size = 10) =>
  fake.buckets.get('uploads')?.set(name, { name, updated_at: updated, created_at: created, size });
const left = () => [...(fake.buckets.get('uploads')?.keys() ?? [])].sort();
/** Every second one of so many is old. */
const fill = (count: number) => {
  for (let n = 0; n < count; n += 1)
    put(`tmp/${String(n % 7)}/${String(n).padStart(6, '0')}`, ago(n % 2 === 0 ? 8 : 6));
};
const deletions = () => fake.requests.filter(({ method }) => method === 'DELETE');

test('old files go from all folders below, whatever their names; all else stays', async () => {
  const odd = ['a b', '100%', '-rf', 'été', 'line\nbreak', `quote'"`, '..hidden', 'a//b'].map(
    (name) => `tmp/${name}`,
  );
  for (const name of odd) put(name, ago(9));
  put('tmp/old', ago(8));
  put('tmp/deep/er/old', ago(30));
  put('tmp/boundary', ago(7));
  put('tmp/over', ago(7, -1));
  put('tmp/young', ago(1));
  // Copied, moved or replaced lately.
  put('tmp/changed', ago(1), ago(30));
  put('tmp/arrived', ago(30), ago(1));
  put('tmp/undated', null);
  put('tmp/deep/.emptyFolderPlaceholder', ago(400));
  // Not below the folder, or on the disk of a Storage without S3 perhaps not.
  const outside = ['tmp', 'tmpx/old', 'TMP/old', 'old', 'avatars/tmp/old', 'tmp/../avatars/old', 'tmp/./old'];
  for (const name of outside) put(name, ago(400));

  expect(await source().check(never)).toEqual([]);
  const found = await source().find(at, never);
  expect(found).toMatchObject({
    count: 11,
    bytes: 110,
    oldest: ago(30),
    newest: ago(7, -1),
    left: { outside: 2, undated: 1 },
    warnings: [],
  });
  expect(found.samples).toHaveLength(5);
  expect(found.samples).toContain('100%');
  expect(deletions()).toHaveLength(0);
  expect(await remove().done).toEqual({
    count: 11,
    bytes: 110,
    left: { outside: 2, undated: 1 },
    warnings: [],
    finished: true,
  });
  const stay = [
    ...['arrived', 'boundary', 'changed', 'deep/.emptyFolderPlaceholder', 'undated', 'young'].map(
      (name) => `tmp/${name}`,
    ),
    ...outside,
  ];
  expect(left()).toEqual(stay.sort());
  expect(await remove().done).toMatchObject({ count: 0, finished: true });
  // An instant that lies ahead of our clock takes the boundary along, and nothing more.
  await remove({ at: new Date(Date.now() + 60 * DAY) }).done;
  expect(left()).toEqual(stay.filter((name) => name !== 'tmp/boundary'));
});

test('samples are safe to show', async () => {
  put('tmp/line\nbreak\u001b[31m', ago(9));
  expect((await source().find(at, never)).samples).toEqual(['line\\u000abreak\\u001b[31m']);
});

test('a folder whose name looks like a pattern is itself alone', async () => {
  fake.wildcards = true;
  put('my_tmp/old', ago(9));
  put('my-tmp/old', ago(9));
  put('my_tmp/%/old', ago(9));
  expect(await remove({}, source('my_tmp/')).done).toMatchObject({ count: 2, left: { outside: 1 } });
  expect(left()).toEqual(['my-tmp/old']);
});

test.each([
  ['', 'uploads', 'the whole bucket'],
  ['/', 'uploads', 'the whole bucket'],
  ['tmp', 'uploads', 'write a / at its end'],
  ['/tmp/', 'uploads', 'doubled slashes'],
  ['tmp//', 'uploads', 'doubled slashes'],
  ['tmp/../', 'uploads', '".."'],
  ['../uploads/', 'uploads', '".."'],
  ['tmp/./x/', 'uploads', '"."'],
  ['./', 'uploads', '"."'],
  ['tmp\n/', 'uploads', 'line breaks'],
  ['tmp/', '..', 'the name of a bucket'],
  ['tmp/', 'uploads/tmp', 'the name of a bucket'],
  ['tmp/', '', 'the name of a bucket'],
])('%j in %j is refused before anything is asked', async (prefix, bucket, why) => {
  put('tmp/old', ago(9));
  const refused = {
    type: 'FolderRefused',
    nonRetryable: true,
    message: expect.stringMatching(
      new RegExp(`cleanup\\.temporaryFiles\\.buckets.*${why.replaceAll('.', '\\.')}`),
    ) as string,
  };
  await expect(source(prefix, bucket).check(never)).rejects.toMatchObject(refused);
  await expect(source(prefix, bucket).find(at, never)).rejects.toMatchObject(refused);
  await expect(remove({}, source(prefix, bucket)).done).rejects.toMatchObject(refused);
  expect(fake.requests).toEqual([]);
});

test('a bucket that is not there fails the check', async () => {
  await expect(source('tmp/', 'nobody').check(never)).rejects.toMatchObject({ type: 'StorageRefused' });
});

test('what is replaced after the list was begun stays: a page is read right before it is deleted from', async () => {
  fill(1_000);
  fake.before = ({ method }) => {
    // With the first deletion, all files of the last folder are replaced.
    if (method === 'DELETE' && deletions().length === 1)
      for (const name of left()) if (name.startsWith('tmp/6/')) put(name, ago(0));
    return false;
  };
  expect(await remove().done).toMatchObject({ count: 500 - 71, finished: true });
  expect(left().filter((name) => name.startsWith('tmp/6/'))).toHaveLength(142);
  expect(
    Math.max(...deletions().map(({ body }) => (body?.['prefixes'] as string[]).length)),
  ).toBeLessThanOrEqual(100);
});

test('killed again and again, each file goes once and none is skipped', async () => {
  fill(3_000);
  let before: Progress | undefined;
  let kills = 0;
  for (;;) {
    const kill = new AbortController();
    let asked = 0;
    // Now before Storage deletes, now after: nobody hears of it.
    fake.before = ({ method }) => {
      if (method === 'DELETE' && (asked += 1) === 4) kill.abort(new Error('killed'));
      return false;
    };
    const { done, said } = remove({ signal: kill.signal, before });
    const result = await done.catch((error: Error) => error.message);
    before = said.at(-1) ?? before;
    if (result !== 'killed') {
      expect(result).toMatchObject({ finished: true });
      break;
    }
    kills += 1;
  }
  expect(kills).toBeGreaterThan(5);
  expect(left()).toHaveLength(1_500);
  expect(await source().find(at, never)).toMatchObject({ count: 0 });
  // A heartbeat holds figures only: a file's name may be a person's.
  expect(Object.keys(before ?? {})).toEqual(['count', 'bytes']);
  expect(before?.count).toBeLessThanOrEqual(1_500);
});

test('it ends in good order when the time is over, and the next run takes the rest', async () => {
  fill(1_000);
  const realNow = Date.now;
  fake.before = ({ method }) => {
    if (method === 'DELETE') Date.now = () => realNow() + 200_000;
    return false;
  };
  const { done } = remove({ deadline: new Date(Date.now() + 100_000) });
  const ended = await done.finally(() => (Date.now = realNow));
  expect(ended).toMatchObject({ count: 50, bytes: 500, finished: false });
  expect(left()).toHaveLength(950);
  fake.before = () => false;
  expect(await remove().done).toMatchObject({ count: 450, finished: true });
});

test('only what Storage says is gone counts', async () => {
  fill(10);
  fake.before = ({ method }, response) => {
    if (method !== 'DELETE') return false;
    response.end(JSON.stringify([{ name: 'tmp/0/000000' }, { name: 'avatars/never-asked-for' }]));
    return true;
  };
  expect(await remove().done).toMatchObject({ count: 1, bytes: 10, left: { unconfirmed: 4 } });
});
