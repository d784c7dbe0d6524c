import type { Command } from 'commander';
import { vi } from 'vitest';

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs one command in this process, apart from a local stack on this machine. */
export async function talos(command: Command, ...args: string[]): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  const keep = (stream: 'stdout' | 'stderr') =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    });
  const spies = [keep('stdout'), keep('stderr')];
  try {
    // `init` reads no settings.
    const settings = command.name() === 'init' ? [] : ['--no-local'];
    await command.parseAsync([...args, ...settings], { from: 'user' });
    return { code: Number(process.exitCode), ...written };
  } finally {
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  }
}

/** The least that `loadConfig` wants, and what turns the backup on. */
export const settings = (changes: Record<string, string> = {}): Record<string, string> => ({
  DATABASE_URL: 'postgresql://talos@127.0.0.1:1/app',
  OPS_DATABASE_URL: 'postgresql://talos@127.0.0.1:1/ops',
  ADMIN_EMAIL: 'admin@talosprimes.test',
  SMTP_URL: 'smtp://127.0.0.1:1',
  BACKUP_BUCKET: 's3://talos-backups',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'a-secret-key-of-the-tests',
  BACKUP_AGE_RECIPIENTS: 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p',
  ...changes,
});

export function useSettings(given: Record<string, string>): void {
  for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
}
