import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, test } from 'vitest';
import { isTransactionPooler, loadConfig } from '../../src/config/index.ts';
import type { Environment } from '../../src/config/index.ts';
import { VARIABLE_NAMES } from '../../src/config/variables.ts';
import { MINIMUM, errorOf, folderWith } from './support.ts';

const load = async (environment: Record<string, string | undefined>, cwd?: string) =>
  loadConfig({ environment, cwd: cwd ?? (await folderWith()) });
const environmentOf = async (settings: Record<string, string>): Promise<Environment> =>
  (await load({ ...MINIMUM, ...settings })).environment;
const SSH_KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----';

test('the minimum starts, and everything else has its default', async () => {
  const { environment, warnings, source } = await load(MINIMUM);
  expect(environment).toMatchObject({
    databaseUrl: MINIMUM.DATABASE_URL,
    backupDatabaseUrl: MINIMUM.DATABASE_URL,
    monitorDatabaseUrl: MINIMUM.DATABASE_URL,
    mailFrom: 'talos@example.com',
    httpBind: { host: '127.0.0.1', port: 3000 },
    ageRecipients: [],
    heartbeatUrls: {},
    workDir: join(tmpdir(), 'talos'),
    toolDir: undefined,
  });
  for (const group of ['supabase', 'vps', 'bucket', 'twilio', 'n8n'] as const) {
    expect(environment[group]).toBeUndefined();
  }
  expect(warnings).toEqual([]);
  expect(source).toBe('environment');
});

test('every group is read', async () => {
  const recipients = await Promise.all(
    [await generateX25519Identity(), await generateHybridIdentity()].map(identityToRecipient),
  );
  const environment = await environmentOf({
    BACKUP_BUCKET: 's3://talos-backups/prod/eu/',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
    S3_ENDPOINT: 'http://127.0.0.1:9000/',
    BACKUP_AGE_RECIPIENTS: recipients.join(',\n '),
    VPS_HOST: 'vps',
    VPS_USER: 'talos',
    VPS_SSH_KEY: SSH_KEY.replaceAll('\n', '\\n'),
    VPS_SSH_KNOWN_HOSTS: 'vps ssh-ed25519 AAAA',
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: 'token',
    TWILIO_FROM: 'TalosPrimes',
    ADMIN_SMS: '+33612345678',
    HTTP_BIND: '[::1]:8080',
    HEARTBEAT_URL_BACKUP_DATABASE: 'https://hc-ping.com/x',
    XDG_CACHE_HOME: '/cache',
  });
  expect(environment).toMatchObject({
    bucket: {
      name: 'talos-backups',
      prefix: 'prod/eu',
      region: 'us-east-1',
      endpoint: 'http://127.0.0.1:9000',
    },
    ageRecipients: recipients,
    vps: { host: 'vps', user: 'talos', privateKey: `${SSH_KEY}\n`, knownHosts: 'vps ssh-ed25519 AAAA\n' },
    twilio: { from: 'TalosPrimes' },
    adminSms: '+33612345678',
    httpBind: { host: '::1', port: 8080 },
    heartbeatUrls: { 'backup-database': 'https://hc-ping.com/x' },
    toolDir: '/cache/talos/tools',
  });
});

test('all mistakes are listed at once, with their mends and without their values', async () => {
  const canary = 'CANARY-8d1f';
  const bad = Object.fromEntries(VARIABLE_NAMES.map((name) => [name, canary]));
  const folder = await folderWith({
    'maintenance.yaml': `backup: { daily: ${canary} }\nlocale: ${canary}\n`,
  });
  const error = await errorOf(load({ ...bad, SMTP_URL: undefined, WEBHOOK_TOKEN: canary }, folder));
  const settings = error.mistakes.map(({ setting }) => setting);
  expect(settings).toEqual(
    expect.arrayContaining([
      ...[
        'DATABASE_URL',
        'OPS_DATABASE_URL',
        'ADMIN_EMAIL',
        'SMTP_URL',
        'BACKUP_BUCKET',
        'BACKUP_AGE_RECIPIENTS',
      ],
      ...[
        'VPS_SSH_KEY',
        'ADMIN_SMS',
        'HTTP_BIND',
        'PUBLIC_URL',
        'WEBHOOK_TOKEN',
        'HEARTBEAT_URL_BACKUP_DATABASE',
      ],
      ...['maintenance.yaml:1:11 backup.daily', 'maintenance.yaml:2:9 locale'],
    ]),
  );
  for (const { setting, problem, mend } of error.mistakes) {
    expect(problem, setting).not.toBe('');
    expect(mend, setting).not.toMatch(/^$|undefined/);
    expect(error.message).toContain(setting);
  }
  expect(JSON.stringify(error.mistakes) + error.message + error.stack).not.toContain(canary);
});

describe('secrets stay out of messages', () => {
  test.each([
    ['DATABASE_URL', 'postgresql://app:CANARY#x@host/db'],
    ['BACKUP_DATABASE_URL', 'postgresql://app:CANARY@host:6543/db'],
    ['SMTP_URL', 'smpt://user:CANARY@host'],
    ['VPS_SSH_KEY', 'CANARY-----BEGIN'],
    ['LINK_SIGNING_KEY', 'CANARY'],
    ['HEARTBEAT_URL_BACKUP_DATABASE', 'htps://hc-ping.com/CANARY'],
  ])('%s', async (name, value) => {
    const error = await errorOf(load({ ...MINIMUM, [name]: value }));
    expect(error.mistakes.map(({ setting }) => setting)).toEqual([name]);
    expect(error.message).not.toContain('CANARY');
  });
});

test('a private age key is refused, and not printed', async () => {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const error = await errorOf(load({ ...MINIMUM, BACKUP_AGE_RECIPIENTS: `${recipient},${identity}` }));
  expect(error.message).toContain('private key, which must never be on this machine');
  expect(error.message).not.toContain(identity.slice(0, 24));
  expect(error.message).not.toContain(identity.slice(-8));
});

test.each(['age1', `age1${'q'.repeat(58)}`, 'age1tag1qqqq', 'ssh-ed25519', ' , '])(
  'the age recipient %j is refused',
  async (recipients) => {
    const loading = load({ ...MINIMUM, BACKUP_AGE_RECIPIENTS: recipients });
    expect((await errorOf(loading)).mistakes).toMatchObject([{ setting: 'BACKUP_AGE_RECIPIENTS' }]);
  },
);

describe('transaction poolers', () => {
  test.each([
    ['postgresql://u:p@h:6543/db', true],
    ['postgresql://u:p@h:5432/db?pgbouncer=true', true],
    ['postgresql://u:p@h:5432/db', false],
    ['postgresql:///db?host=/tmp/socket', false],
  ])('%s: %s', (url, expected) => expect(isTransactionPooler(url)).toBe(expected));

  test('one cannot serve the backup, and the mistake names the session pooler', async () => {
    const error = await errorOf(load({ ...MINIMUM, BACKUP_DATABASE_URL: 'postgresql://u:p@h:6543/db' }));
    expect(error.mistakes).toMatchObject([
      { setting: 'BACKUP_DATABASE_URL', mend: expect.stringContaining('5432') as string },
    ]);
  });

  test('as DATABASE_URL it leaves the backup without a database, and off', async () => {
    const { environment, jobs } = await load({ ...MINIMUM, DATABASE_URL: 'postgresql://u:p@h:6543/db' });
    expect(environment.backupDatabaseUrl).toBeUndefined();
    expect(jobs.find(({ scheduleId }) => scheduleId === 'backup-database')?.missing).toContain(
      'BACKUP_DATABASE_URL',
    );
  });
});
