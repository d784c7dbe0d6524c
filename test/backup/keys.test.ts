import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKeyFile, readKeys } from '../../src/backup/index.ts';
import { backupCommand } from '../../src/commands/backup.ts';

const shell = promisify(execFile);
let folder: string;
let out: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'talos-keys-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => {
  out = '';
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => ((out += String(text)), true));
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

const talos = async (...args: string[]): Promise<number> => {
  await backupCommand().parseAsync(args, { from: 'user' });
  return Number(process.exitCode);
};

describe('keygen', () => {
  it('writes what age-keygen itself reads, for its owner alone, and prints only the public key', async () => {
    const file = path.join(folder, 'made.txt');
    expect(await talos('keygen', '--out', file)).toBe(0);
    const { stdout } = await shell('age-keygen', ['-y', file]);
    expect(out).toContain(`BACKUP_AGE_RECIPIENTS=${stdout.trim()}`);
    expect(out).toContain('must leave this machine');
    expect(out).not.toContain('AGE-SECRET-KEY');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toMatch(
      /^# created: 2\S+Z\n# public key: age1\w+\nAGE-SECRET-KEY-1\w+\n$/,
    );
  });

  it('never writes over a file', async () => {
    const file = path.join(folder, 'kept.txt');
    await createKeyFile(file);
    const before = await readFile(file, 'utf8');
    expect(await talos('keygen', '--out', file)).toBe(2);
    expect(out).toContain('never written over');
    expect(await readFile(file, 'utf8')).toBe(before);
  });
});

describe('an identity file', () => {
  it('is refused without its key being quoted when one letter is wrong', async () => {
    const file = path.join(folder, 'mistyped.txt');
    await createKeyFile(file);
    const text = (await readFile(file, 'utf8')).trim();
    const wrong = text.slice(0, -1) + (text.endsWith('Q') ? 'P' : 'Q');
    const refused = (await readKeys(wrong).catch((error: unknown) => error)) as Error;
    expect(refused.message).toContain('no age private key (key line 1)');
    expect(refused.message).not.toContain(text.slice(-30, -5));
  });

  it('says what is wrong when it is empty or locked', async () => {
    await expect(readKeys('# nothing\n')).rejects.toThrow('holds no private key');
    await expect(readKeys('age-encryption.org/v1\n-> scrypt')).rejects.toThrow('locked with a passphrase');
  });
});
