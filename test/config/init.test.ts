import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test, vi } from 'vitest';
import { initCommand } from '../../src/commands/init.ts';
import { folderWith } from './support.ts';

const ANSWERS = [
  ...['--database-url', "postgresql://app:p'w#1@127.0.0.1:1/postgres".replace('#', '%23')],
  ...['--ops-database-url', 'postgresql://ops:pw@127.0.0.1:1/talos'],
  ...['--admin-email', 'admin@example.com'],
  ...['--smtp-url', 'smtp://user:p$w@smtp.example.com:587'],
];

/** Runs `talos init` in a folder, without a terminal. */
async function init(
  folder: string,
  ...options: string[]
): Promise<{ code: number | string; output: string }> {
  let output = '';
  const collect = (text: unknown) => (output += String(text)) !== '';
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation(collect),
  );
  try {
    await initCommand().parseAsync(['--yes', '--directory', folder, ...options], { from: 'user' });
    return { code: process.exitCode ?? 0, output };
  } finally {
    process.exitCode = 0;
    for (const spy of spies) spy.mockRestore();
  }
}

test('writes both files, with secrets nobody else can read, and says which jobs are on', async () => {
  const folder = await folderWith();
  const { code, output } = await init(folder, ...ANSWERS, '--locale', 'en');
  expect(code, output).toBe(0);
  const env = parseEnv(await readFile(join(folder, '.env'), 'utf8'));
  expect(env).toMatchObject({
    DATABASE_URL: "postgresql://app:p'w%231@127.0.0.1:1/postgres",
    SMTP_URL: 'smtp://user:p$w@smtp.example.com:587',
  });
  expect(env['WEBHOOK_TOKEN']).toMatch(/^[\w-]{43}$/);
  expect(env['LINK_SIGNING_KEY']).toMatch(/^[\w-]{43}$/);
  expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(folder, 'maintenance.yaml'), 'utf8')).toContain('locale: en');
  expect(output).toMatch(/update-statistiques +on/);
  expect(output).toMatch(/backup-database +off: set BACKUP_BUCKET, AWS_ACCESS_KEY_ID/);
  for (const secret of ["p'w", 'p$w', env['WEBHOOK_TOKEN'] ?? '']) expect(output).not.toContain(secret);
});

test('never overwrites without --force, and then replaces the file and its mode', async () => {
  const folder = await folderWith({ '.env': 'MINE=1\n' });
  const refused = await init(folder, ...ANSWERS);
  expect(refused.code).toBe(2);
  expect(refused.output).toContain('--force');
  expect(await readFile(join(folder, '.env'), 'utf8')).toBe('MINE=1\n');
  await expect(stat(join(folder, 'maintenance.yaml'))).rejects.toThrow('ENOENT');

  await writeFile(join(folder, '.env'), 'MINE=1\n', { mode: 0o644 });
  expect((await init(folder, ...ANSWERS, '--force')).code).toBe(0);
  expect(await readFile(join(folder, '.env'), 'utf8')).not.toContain('MINE');
  expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o600);
});

test('without a terminal, everything missing or malformed is listed and nothing is written', async () => {
  const folder = await folderWith();
  const { code, output } = await init(folder, '--smtp-url', 'CANARY', '--backup-bucket', 'CANARY');
  expect(code).toBe(2);
  for (const option of ['database-url', 'ops-database-url', 'admin-email', 'smtp-url', 'backup-bucket']) {
    expect(output).toContain(`--${option}`);
  }
  expect(output).not.toContain('CANARY');
  await expect(stat(join(folder, '.env'))).rejects.toThrow('ENOENT');
});

test('--json prints the files and the jobs', async () => {
  const { output } = await init(await folderWith(), ...ANSWERS, '--json');
  expect(JSON.parse(output)).toMatchObject({ jobs: { length: 11 }, files: { length: 2 } });
});
