/** The unit of systemd as systemd reads it, and the file of PM2 with the real PM2. */
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { choosePorts } from '../../src/dev/ports.ts';
import { startMaintenance, type Maintenance } from '../support/maintenance.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const CI = Boolean(process.env['CI']);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'talos-services-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const hasSystemd = existsSync('/usr/bin/systemd-analyze');
if (!hasSystemd) console.warn('Skipped, the unit of systemd: systemd-analyze is not here.');

describe.skipIf(!hasSystemd)('ops/talos.service', () => {
  it('is what systemd understands, and shuts the program in', async () => {
    const unit = readFileSync(path.join(root, 'ops/talos.service'), 'utf8');
    const file = path.join(folder, 'talos.service');
    // Node stands elsewhere on this machine.
    writeFileSync(file, unit.replace('/usr/bin/node', process.execPath));
    const { stderr } = await run('systemd-analyze', ['verify', file]);
    expect(stderr).toBe('');
    // Exposure out of 100; a unit without hardening has 96.
    const { stdout } = await run('systemd-analyze', ['security', '--offline=true', '--threshold=25', file]);
    expect(stdout).toMatch(/Overall exposure level for talos\.service: [12]\.\d OK/);
  });

  it('gives the worker more time to stop than it needs', () => {
    const unit = readFileSync(path.join(root, 'ops/talos.service'), 'utf8');
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThanOrEqual(STOP_SECONDS);
  });
});

/** Work handed back, requests, last log lines: as worker.ts, http/server.ts and logger.ts bound them. */
const STOP_SECONDS = 20 + 5 + 3;

/** `.ci/run` installs the same. */
const PM2_VERSION = '7.0.4';

function findPm2(): string | undefined {
  const { TALOS_TOOL_DIR, XDG_CACHE_HOME } = process.env;
  const tools = TALOS_TOOL_DIR ?? path.join(XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'talos/tools');
  const file = path.resolve(tools, `pm2-${PM2_VERSION}`, 'node_modules/pm2/bin/pm2');
  if (existsSync(file)) return file;
  const mend = `npm install --prefix ${path.dirname(path.dirname(path.dirname(path.dirname(file))))} pm2@${PM2_VERSION}`;
  if (CI) throw new Error(`PM2 is not there: ${mend}`);
  console.warn(`Skipped, the test with the real PM2: ${mend}`);
  return undefined;
}

const pm2 = findPm2();

describe.skipIf(pm2 === undefined)('ops/ecosystem.config.cjs with the real PM2', () => {
  let maintenance: Maintenance;
  let env: Record<string, string>;
  const call = (...args: string[]) => run(process.execPath, [pm2 ?? '', ...args], { env, cwd: folder });
  interface Listed {
    pm2_env: { status: string; exit_code?: number; restart_time: number; kill_timeout: number };
  }
  const state = async (): Promise<Listed['pm2_env'] | undefined> =>
    (JSON.parse((await call('jlist')).stdout.replace(/^[^[]*/, '')) as Listed[])[0]?.pm2_env;

  beforeAll(async () => {
    maintenance = await startMaintenance();
    // A folder of its own, as after an installation: no .env and no local stack of this checkout.
    mkdirSync(path.join(folder, 'ops'));
    copyFileSync(path.join(root, 'ops/ecosystem.config.cjs'), path.join(folder, 'ops/ecosystem.config.cjs'));
    for (const name of ['dist', 'node_modules', 'database', 'package.json'])
      symlinkSync(path.join(root, name), path.join(folder, name));
    const { http } = await choosePorts('free');
    env = {
      ...maintenance.environment,
      HTTP_BIND: `127.0.0.1:${String(http)}`,
      PM2_HOME: path.join(folder, 'pm2'),
      NO_COLOR: '1',
    };
  });
  afterAll(async () => {
    await call('kill').catch(() => undefined);
    await maintenance.close();
  });

  it('starts when the worker polls, restarts without a loss, and stops in order', async () => {
    await call('start', 'ops/ecosystem.config.cjs');
    const log = path.join(folder, 'pm2/logs/talos-out.log');
    expect(readFileSync(log, 'utf8')).toContain('the worker polls');
    expect(await state()).toMatchObject({ status: 'online', restart_time: 0 });
    expect((await state())?.kill_timeout).toBeGreaterThanOrEqual(STOP_SECONDS * 1000);
    const health = () => fetch(`http://${env['HTTP_BIND'] ?? ''}/health/ready`).then(({ status }) => status);
    expect(await health()).toBe(200);

    await call('restart', 'talos');
    expect(await health()).toBe(200);
    await call('stop', 'talos');
    expect(await state()).toMatchObject({ status: 'stopped', exit_code: 0 });
    expect(
      readFileSync(log, 'utf8').match(/"state":"STOPPED"|Worker state changed/g)?.length,
    ).toBeGreaterThan(2);
  }, 180_000);
});
