import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig, temporalConnection } from '../../src/config/index.ts';
import { MINIMUM, errorOf, folderWith } from './support.ts';

const lines = (settings: Record<string, string>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');

test('.env is read, and the environment wins unless it is empty', async () => {
  const cwd = await folderWith({ '.env': lines({ ...MINIMUM, APP_URL: 'https://file.example' }) });
  const environment = { ADMIN_EMAIL: 'other@example.org', APP_URL: '' };
  const config = await loadConfig({ environment, cwd });
  expect(config.environment).toMatchObject({
    adminEmail: 'other@example.org',
    mailFrom: 'talos@example.org',
    appUrl: 'https://file.example',
  });
  const error = await errorOf(loadConfig({ environment, cwd, dotenv: false }));
  expect(error.mistakes.map(({ setting }) => setting)).toEqual([
    'DATABASE_URL',
    'OPS_DATABASE_URL',
    'SMTP_URL',
  ]);
});

describe('secrets as files', () => {
  test('are read without their last line break, relative to the folder', async () => {
    const cwd = await folderWith({
      database: `${MINIMUM.DATABASE_URL}\n`,
      token: 'a token of some length\r\n',
    });
    const { environment } = await loadConfig({
      environment: {
        ...MINIMUM,
        DATABASE_URL: undefined,
        DATABASE_URL_FILE: 'database',
        WEBHOOK_TOKEN_FILE: join(cwd, 'token'),
      },
      cwd,
    });
    expect(environment.databaseUrl).toBe(MINIMUM.DATABASE_URL);
    expect(environment.webhookToken).toBe('a token of some length');
  });

  test('absent, empty and given twice are mistakes', async () => {
    const cwd = await folderWith({ empty: '\n' });
    const environment = {
      ...MINIMUM,
      SMTP_URL_FILE: 'empty',
      ADMIN_EMAIL: undefined,
      ADMIN_EMAIL_FILE: 'absent',
      WEBHOOK_TOKEN_FILE: 'absent',
      LINK_SIGNING_KEY_FILE: 'empty',
      APP_URL_FILE: '.',
    };
    const { mistakes } = await errorOf(loadConfig({ environment, cwd }));
    expect(Object.fromEntries(mistakes.map(({ setting, problem }) => [setting, problem]))).toEqual({
      ADMIN_EMAIL_FILE: 'names a file that does not exist: absent',
      SMTP_URL_FILE: 'is set beside SMTP_URL',
      WEBHOOK_TOKEN_FILE: 'names a file that does not exist: absent',
      LINK_SIGNING_KEY_FILE: 'names an empty file',
      APP_URL_FILE: 'names a file that is a folder: .',
    });
  });
});

describe('beside a local stack', () => {
  const demo = { ...MINIMUM, ADMIN_EMAIL: 'demo@localhost', TEMPORAL_ADDRESS: '127.0.0.1:7233' };
  const production = { ...MINIMUM, TEMPORAL_ADDRESS: 'production:7233', TEMPORAL_NAMESPACE: 'production' };
  const folderWithStack = async (pid: number): Promise<string> => {
    const cwd = await folderWith({ '.env': lines(production), 'maintenance.yaml': 'locale: en\n' });
    await mkdir(join(cwd, '.talos'));
    await writeFile(join(cwd, '.talos/stack.json'), JSON.stringify({ pid, env: demo, urls: {} }));
    return cwd;
  };

  test('its settings are used instead of all others while it lives', async () => {
    const cwd = await folderWithStack(process.pid);
    const config = await loadConfig({
      environment: { ...production, APP_URL: 'https://production.example' },
      cwd,
    });
    expect(config.source).toBe('local stack');
    expect(config.environment.adminEmail).toBe('demo@localhost');
    expect(config.environment.appUrl).toBeUndefined();
    expect(config.policy.locale).toBe('fr');
    expect(temporalConnection(config)).toMatchObject({
      connectionOptions: { address: '127.0.0.1:7233' },
      namespace: 'default',
    });
  });

  test('it is ignored once its process has ended, and on demand', async () => {
    const { pid } = spawnSync('true');
    const ended = await loadConfig({ environment: {}, cwd: await folderWithStack(pid) });
    const refused = await loadConfig({
      environment: {},
      cwd: await folderWithStack(process.pid),
      local: false,
    });
    for (const { source, environment, policy } of [ended, refused]) {
      expect([source, environment.adminEmail, policy.locale]).toEqual([
        'environment',
        'admin@example.com',
        'en',
      ]);
    }
  });

  test('a stack.json that says nothing is a mistake, never a step to production', async () => {
    const cwd = await folderWithStack(process.pid);
    await writeFile(join(cwd, '.talos/stack.json'), '{ "pid": 1,');
    const error = await errorOf(loadConfig({ environment: production, cwd }));
    expect(error.message).toContain('--no-local');
  });
});

describe('Temporal', () => {
  test('its settings come from TEMPORAL_*, with the defaults of a local server', async () => {
    const cwd = await folderWith();
    const local = temporalConnection(await loadConfig({ environment: MINIMUM, cwd }));
    expect(local).toMatchObject({ connectionOptions: { address: 'localhost:7233' }, namespace: 'default' });
    const cloud = temporalConnection(
      await loadConfig({
        environment: {
          ...MINIMUM,
          TEMPORAL_ADDRESS: 'x.tmprl.cloud:7233',
          TEMPORAL_NAMESPACE: 'x',
          TEMPORAL_API_KEY: 'k',
        },
        cwd,
      }),
    );
    expect(cloud).toMatchObject({
      connectionOptions: { address: 'x.tmprl.cloud:7233', apiKey: 'k', tls: true },
    });
  });

  test('a profile of its file is read; a file that cannot be read is a mistake without its content', async () => {
    const cwd = await folderWith({
      'temporal.toml': '[profile.eu]\naddress = "eu:7233"\nnamespace = "saas"\n',
      'broken.toml': '[profile.eu\napi_key = "CANARY"',
    });
    const withFile = async (file: string, profile: string) =>
      temporalConnection(
        await loadConfig({
          environment: { ...MINIMUM, TEMPORAL_CONFIG_FILE: join(cwd, file), TEMPORAL_PROFILE: profile },
          cwd,
        }),
      );
    expect(await withFile('temporal.toml', 'eu')).toMatchObject({ namespace: 'saas' });
    await expect(withFile('temporal.toml', 'us')).rejects.toThrow(/us/);
    const broken = await withFile('broken.toml', 'eu').catch(String);
    expect(broken).toContain('TEMPORAL_CONFIG_FILE');
    expect(broken).not.toContain('CANARY');
  });
});
