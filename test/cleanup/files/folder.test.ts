import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../../src/clients/host.ts';
import { createFolderSource, type FolderRule } from '../../../src/cleanup/files/index.ts';
import type { RemoveContext } from '../../../src/cleanup/source.ts';
import { startSshd, type Sshd } from '../../support/sshd.ts';
import { waitFor } from '../../support/wait.ts';

/** Two seconds: the change of a file's place or rights counts as well, and no test can date that back. */
const AGE_MS = 2_000;
const never = new AbortController().signal;

let sshd: Sshd;
let base: string;
beforeAll(async () => {
  sshd = await startSshd();
  base = realpathSync(mkdtempSync(path.join(tmpdir(), 'talos-files-')));
  chmodSync(base, 0o755);
});
afterAll(async () => {
  await sshd.stop();
  rmSync(base, { recursive: true, force: true });
});

let folders = 0;
/** A folder of its own that the user of the host may write. */
function newFolder(parent = base): string {
  const folder = path.join(parent, `folder-${String((folders += 1))}`);
  mkdirSync(folder);
  execFileSync('chown', [`${String(sshd.uid)}:${String(sshd.gid)}`, folder]);
  return folder;
}

const write = (folder: string, ...names: (string | Buffer)[]): void => {
  for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)]), 'x');
};

async function old(): Promise<void> {
  const end = Date.now() + AGE_MS + 1_500;
  await waitFor(() => Date.now() > end, { timeoutMs: 10_000, what: 'the age' });
}

const context = (more: Partial<RemoveContext> = {}): RemoveContext => ({
  at: new Date(),
  signal: never,
  progress: () => undefined,
  deadline: new Date(Date.now() + 60_000),
  ...more,
});

describe.each(['this machine', 'a server over SSH'] as const)('old files on %s', (kind) => {
  let host: Host;
  beforeAll(() => {
    host = createHost(kind === 'this machine' ? undefined : sshd.options);
  });
  afterAll(() => host.close());

  const source = (folder: string, more: Partial<FolderRule> = {}) =>
    createFolderSource(host, {
      ...{ folder, setting: 'cleanup.temporaryFiles.folders', keepDays: AGE_MS / 86_400_000 },
      ...{ rotated: false, appFolders: ['/srv/app'], ...more },
    });

  it('go whatever their names, and nothing else does', async () => {
    const folder = newFolder();
    const outside = newFolder();
    write(outside, 'precious');
    mkdirSync(path.join(folder, 'sub/deeper'), { recursive: true });
    for (const inner of ['', 'sub', 'sub/deeper']) chmodSync(path.join(folder, inner), 0o777);
    const names = ['plain', 'a b', '-rf', '*', '$(touch x)', `it's "quoted"`, 'new\nline', 'sub/deeper/deep'];
    write(folder, ...names, Buffer.from([0x66, 0xff, 0xfe]), 'held open');
    symlinkSync('/etc', path.join(folder, 'etc'));
    symlinkSync(path.join(outside, 'precious'), path.join(folder, 'link'));
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    const holder = host.run(`exec 3<'${folder}/held open'; echo held; exec sleep 60`);
    holder.done.catch(() => undefined);
    await once(holder.stdout, 'readable');
    await old();
    write(folder, 'young');

    const found = await source(folder).find(new Date(), never);
    expect(found).toMatchObject({ count: names.length + 1, left: { open: 1, symlink: 2, special: 1 } });
    expect(found.samples).toHaveLength(5);
    expect(JSON.stringify(found.samples)).not.toContain('\\n');
    const removed = await source(folder).remove(context());
    holder.stdout.destroy();
    expect(removed).toMatchObject({
      count: names.length + 1,
      bytes: found.bytes,
      finished: true,
      warnings: [],
    });
    expect(readdirSync(folder).sort()).toEqual(['etc', 'held open', 'link', 'pipe', 'sub', 'young']);
    expect(readFileSync(path.join(outside, 'precious'), 'utf8')).toBe('x');
    expect(existsSync('/etc/passwd')).toBe(true);
  });

  it('are not looked for where nothing is temporary', async () => {
    const folder = newFolder();
    const link = `${folder}-link`;
    symlinkSync(folder, link);
    mkdirSync(path.join(folder, 'inner'));
    const app = newFolder();
    write(app, 'package.json');
    const homes = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':')[5] ?? '');
    const home = homes.find((one) => one.startsWith('/home/') || one === '/root') ?? '/root';
    await old();
    const refusedOnes = [
      ...[
        '/',
        '/etc',
        '/etc/nginx',
        '/home',
        home,
        `${folder}/../..`,
        'relative',
        '/srv',
        '/srv/app',
        '/usr/local',
      ],
      ...[link, path.join(link, 'inner'), app, '/var/lib/postgresql', '/proc/self'],
    ];
    for (const wrong of refusedOnes)
      for (const act of [() => source(wrong).find(new Date(), never), () => source(wrong).remove(context())])
        await expect(act(), wrong).rejects.toMatchObject({
          type: 'FolderRefused',
          message: expect.stringContaining('cleanup.temporaryFiles.folders') as string,
        });
    expect(existsSync(path.join(app, 'package.json'))).toBe(true);
    const missing = await source(path.join(folder, 'nowhere')).find(new Date(), never);
    expect(missing).toMatchObject({ count: 0, warnings: [{ code: 'FolderMissing' }] });
  });

  it('on another file system, or mounted from elsewhere, stay', async ({ skip }) => {
    const folder = newFolder();
    const precious = newFolder();
    write(precious, 'precious');
    const inner = path.join(folder, 'mounted');
    mkdirSync(inner);
    const mount = (...options: string[]): void =>
      void execFileSync('mount', [...options, inner], { stdio: 'ignore' });
    try {
      mount('-t', 'tmpfs', 'none');
    } catch {
      skip('only root may mount');
    }
    try {
      chmodSync(inner, 0o777);
      write(inner, 'elsewhere');
      await old();
      expect(await source(folder).remove(context())).toMatchObject({ count: 0, finished: true });
      expect(readdirSync(inner)).toEqual(['elsewhere']);
    } finally {
      execFileSync('umount', [inner]);
    }
    mount('--bind', precious);
    try {
      await expect(source(folder).remove(context())).rejects.toMatchObject({ type: 'FolderRefused' });
      expect(readdirSync(precious)).toEqual(['precious']);
    } finally {
      execFileSync('umount', [inner]);
    }
  });

  it('of a log are the rotated ones, never one in use', async () => {
    const folder = newFolder();
    const kept = ['app.log', 'app-out-0.log', 'access', 'notes.txt', 'v2.json'];
    const gone = [
      'app.log.1',
      'app.log.2.gz',
      'app.log-20260901',
      'out__2026-09-01_00-00-00.log',
      'app.log.zst',
    ];
    write(folder, ...kept, ...gone);
    await old();
    const logs = source(folder, { rotated: true, setting: 'cleanup.logs.folders' });
    expect(logs.name).toBe(`logs:${folder}`);
    expect((await logs.find(new Date(), never)).samples.sort()).toEqual(gone.sort());
    expect(await logs.remove(context())).toMatchObject({ count: gone.length });
    expect(readdirSync(folder).sort()).toEqual(kept.sort());
  });

  it('are gone on with after an end in the middle', async () => {
    const folder = newFolder();
    execFileSync('sh', ['-c', 'cd "$1"; seq 1 30000 | xargs touch', 'sh', folder]);
    await old();
    const stop = new AbortController();
    const cut = source(folder).remove(context({ signal: stop.signal, progress: () => stop.abort() }));
    await expect(cut).rejects.toThrow();
    const over = await source(folder).remove(context({ deadline: new Date(0) }));
    expect(over.finished).toBe(false);
    const left = readdirSync(folder).length;
    expect(left).toBeGreaterThan(0);
    expect(await source(folder).remove(context())).toMatchObject({ finished: true });
    expect(readdirSync(folder)).toEqual([]);
  });
});
