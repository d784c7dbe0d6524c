import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, it, vi } from 'vitest';
import { notifyCommand } from '../../src/commands/notify.ts';
import { samples } from '../../src/notifications/index.ts';
import { cloneDatabase } from '../support/postgres.ts';
import { mails, waitForMail } from '../support/inbox.ts';

const home = process.cwd();
let folder: string;

// A folder without .env and .talos: the command reads what stands in the one it runs in.
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talos-notify-'));
  process.chdir(folder);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(async () => {
  process.chdir(home);
  process.exitCode = undefined;
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const talos = (...words: string[]) => notifyCommand().parseAsync(words, { from: 'user' });

it('previews every state of a template, in one language or both', async () => {
  await talos('preview', 'backup-stored', '--locale', 'fr', '--out', 'one');
  const states = Object.keys(samples['backup-stored']).length;
  expect(await readdir('one')).toHaveLength(states * 3);
  await talos('preview', 'backup-stored');
  expect(await readdir(join('.talos', 'mail'))).toHaveLength(states * 3 * 2);
  expect(process.exitCode).toBe(0);
});

it('sends a marked test through the real channel', async () => {
  const ops = await cloneDatabase('ops');
  const inbox = inject('inbox');
  vi.stubEnv('DATABASE_URL', ops.url);
  vi.stubEnv('OPS_DATABASE_URL', ops.url);
  vi.stubEnv('ADMIN_EMAIL', 'notify-command@example.com');
  vi.stubEnv('SMTP_URL', inbox.smtpUrl);
  try {
    await talos('test', 'email');
    expect(process.exitCode).toBe(0);
    const mine = (mail: { to: { address: string }[] }) =>
      mail.to.some(({ address }) => address === 'notify-command@example.com');
    const mail = await waitForMail(inbox.apiUrl, mine);
    expect(mail.subject).toMatch(/^\[TEST\]/);
    expect(mail.text).toContain('Rien n’est en panne');
    expect(mail.html).toContain('lang="fr"');
    expect(mail.headers['auto-submitted']).toBe('auto-generated');
    expect((await mails(inbox.apiUrl)).filter(mine)).toHaveLength(1);
    expect(await ops.db.query('select status from ops.notifications')).toEqual([{ status: 'sent' }]);
  } finally {
    await ops.drop();
  }
});
