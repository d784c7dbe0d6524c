import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startMaintenance } from '../support/maintenance.ts';
import { ballast, expectOnly, report, runBackup } from './backup-run.ts';

const shell = promisify(execFile);

/** A small file system of its own: only root may mount one, and not in every container. */
async function mountSmall(
  megabytes: number,
): Promise<{ folder: string; unmount(): Promise<void> } | undefined> {
  const folder = await mkdtemp(path.join(tmpdir(), 'talos-full-'));
  try {
    await shell('mount', ['-t', 'tmpfs', '-o', `size=${String(megabytes)}m,mode=0755`, 'tmpfs', folder]);
  } catch {
    await rm(folder, { recursive: true });
    return undefined;
  }
  return {
    folder,
    unmount: async () => {
      await shell('umount', [folder]);
      await rm(folder, { recursive: true });
    },
  };
}

const probe = process.platform === 'linux' && process.getuid?.() === 0 ? await mountSmall(1) : undefined;
await probe?.unmount();

async function backUpInto(size: number): Promise<void> {
  const small = await mountSmall(size);
  if (!small) throw new Error('no tmpfs');
  const maintenance = await startMaintenance({ TALOS_WORK_DIR: small.folder });
  try {
    await maintenance.app.db.query(ballast(60));
    await maintenance.startWorker();
    const { result, mails, seconds } = await runBackup(maintenance, 'backup-disk-full');
    const [mail, ...others] = mails;
    report(
      `work folder of ${String(size)} MB: ${mail?.subject ?? 'no mail'} | ${result?.proof.reason ?? ''} | ${result?.proof.differences.slice(0, 3).join('; ') ?? ''} | ${String(seconds)} s`,
    );
    expect(result).toMatchObject({ proven: false, attemptsBefore: 0 });
    expect(result?.proof.reason).toMatch(/No space left on device/i);
    expect(others).toEqual([]);
    expect(mail?.subject).not.toMatch(/: prouvée/i);
    // The mail breaks its lines.
    expect(mail?.text?.replaceAll(/\s+/g, ' ')).toMatch(/No space left on device/i);
    await expectOnly(maintenance, [result]);
    expect(await readdir(small.folder)).toEqual([]);
  } finally {
    await maintenance.close();
    await small.unmount();
  }
}

describe.skipIf(!probe)(
  'a full work folder (skipped where no tmpfs can be mounted: root on Linux only)',
  () => {
    it('no room for the throw-away server: stored, and a critical mail says why it is not proven', () =>
      backUpInto(16));

    it('no room for the restored copy: stored, and a critical mail says why it is not proven', () =>
      backUpInto(110));
  },
);
