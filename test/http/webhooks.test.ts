import { Client, Connection } from '@temporalio/client';
import { expect, test } from 'vitest';
import { useNamespace } from '../schedules/namespace.ts';
import { TOKEN, testApp } from './support.ts';

interface Answer {
  workflowId: string;
  runId: string;
  error: string;
  missing: string[];
  idempotencyKey: string;
}

const given = useNamespace();
const app = (config = {}) => testApp({ config, client: given.client });
const authorized = (key?: string) => ({
  Authorization: `Bearer ${TOKEN}`,
  ...(key !== undefined && { 'Idempotency-Key': key }),
});
const json = async (response: Response) => (await response.json()) as Answer;
const describe = (id: string) => given.client.workflow.getHandle(id).describe();

test('starts a backup and answers its ids', async () => {
  const response = await app().post(authorized('by-hand-1'));
  expect(response.status).toBe(202);
  const { workflowId, runId } = await json(response);
  expect(workflowId).toBe('backup-database-manual-by-hand-1');
  expect(await describe(workflowId)).toMatchObject({
    runId,
    type: 'backupDatabase',
    taskQueue: 'maintenance',
  });
});

test('answers a repeat with the same ids, also when the run has ended', async () => {
  const first = await json(await app().post(authorized('twice')));
  const repeat = await app().post(authorized('twice'));
  expect(repeat.status).toBe(200);
  expect(await json(repeat)).toEqual(first);
  await given.client.workflow.getHandle(first.workflowId).terminate();
  const later = await app().post(authorized('twice'));
  expect(later.status).toBe(200);
  expect(await json(later)).toEqual(first);
});

test('20 posts at once with one key start one backup', async () => {
  const { post } = app();
  const responses = await Promise.all(Array.from({ length: 20 }, () => post(authorized('parallel'))));
  const statuses = responses.map(({ status }) => status).sort();
  expect(statuses).toEqual([...Array.from({ length: 19 }, () => 200), 202]);
  const runs = await Promise.all(responses.map((response) => json(response)));
  expect(new Set(runs.map(({ runId }) => runId)).size).toBe(1);
});

test('mints a key for a caller without one', async () => {
  const [one, other] = await Promise.all([app().post(), app().post()]);
  expect([one.status, other.status]).toEqual([202, 202]);
  const ids = [(await json(one)).workflowId, (await json(other)).workflowId];
  expect(ids[0]).toMatch(/^backup-database-manual-\d{8}T\d{6}Z-[0-9a-f]{6}$/);
  expect(ids[0]).not.toBe(ids[1]);
});

test.each([
  ['no header', {}],
  ['a wrong token', { Authorization: 'Bearer wrong' }],
  ['a beginning of the token', { Authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
  ['more than the token', { Authorization: `Bearer ${TOKEN}x` }],
  ['another scheme', { Authorization: `Basic ${TOKEN}` }],
  ['an empty token', { Authorization: 'Bearer ' }],
])('401 for %s', async (_, headers) => {
  const { post, logged } = app();
  const response = await post(headers);
  expect(response.status).toBe(401);
  expect(response.headers.get('WWW-Authenticate')).toMatch(/^Bearer/);
  expect((await response.text()) + logged()).not.toContain(TOKEN.slice(0, -1));
});

test.each(['', 'a b', '../etc', '-dash', 'x'.repeat(65), 'clé'])('400 for the key %j', async (key) => {
  const response = await app().post(authorized(key));
  expect(response.status).toBe(400);
  expect((await json(response)).error).toContain('Idempotency-Key must be');
});

test('503 names the setting while webhooks are off', async () => {
  const response = await app({ webhookToken: null }).post();
  expect(response.status).toBe(503);
  expect((await json(response)).error).toContain('WEBHOOK_TOKEN');
});

test('409 names the missing settings while the job is off, to nobody without the token', async () => {
  const { post } = app({ missing: ['BACKUP_BUCKET', 'BACKUP_AGE_RECIPIENTS'] });
  expect((await post({})).status).toBe(401);
  const response = await post();
  expect(response.status).toBe(409);
  expect(await json(response)).toEqual({
    error: 'backup-database is off: BACKUP_BUCKET, BACKUP_AGE_RECIPIENTS not set',
    missing: ['BACKUP_BUCKET', 'BACKUP_AGE_RECIPIENTS'],
  });
});

test('503 when Temporal does not answer, with the key to repeat', async () => {
  const connection = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
  const { post, logged } = testApp({ client: new Client({ connection, namespace: 'none' }) });
  const response = await post();
  await connection.close();
  expect(response.status).toBe(503);
  expect(response.headers.get('Retry-After')).toBe('10');
  const answer = await json(response);
  expect(answer.error).toContain('Temporal does not answer');
  expect(answer.idempotencyKey).toMatch(/^[A-Za-z0-9.-]+$/);
  expect(logged()).not.toContain(TOKEN);
});

test('413 for a large body', async () => {
  const response = await app().post({ ...authorized(), 'Content-Length': '100000' }, 'x'.repeat(100_000));
  expect(response.status).toBe(413);
});

test('neither answers nor logs hold the token', async () => {
  const { post, logged } = app();
  const response = await post(authorized('quiet'));
  expect((await response.text()) + logged()).not.toContain(TOKEN);
  expect(logged()).toContain('backup-database-manual-quiet');
});
