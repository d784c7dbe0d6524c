import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sample } from '../../src/alerts/index.ts';
import { capture, createHost } from '../../src/clients/host.ts';
import { createHostReader } from '../../src/monitoring/host-reader.ts';
import { parseHostReading, type HostReading } from '../../src/monitoring/host-reading.ts';
import { hostSamples, topProcesses, type HostMemory } from '../../src/monitoring/host-samples.ts';
import { hostScript } from '../../src/monitoring/host-script.ts';
import { startSshd, type Sshd } from '../support/sshd.ts';

/** As a Debian 12 with Docker and PM2 answered; numbers shortened. */
const RECORDED = String.raw`#boot
0f0f0f0f-1111-4222-8333-444444444444
#uptime
86400.50 170000.00
#cpu
cpu  1000 50 400 8000 300 10 40 200 77 5
#cores
4
#memory
MemTotal:        8000000 kB
MemAvailable:    2000000 kB
SwapTotal:       1000000 kB
SwapFree:         750000 kB
#vmstat
pswpin 120
oom_kill 2
#mounts
/dev/vda1 / ext4 rw,relatime,errors=remount-ro
tmpfs /run tmpfs rw,nosuid
overlay /var/lib/docker/overlay2/abc/merged overlay rw
/dev/vdb1 /data\040disk xfs rw,noatime
/dev/loop0 /snap/core/1 squashfs ro
/dev/vda1 /srv/bind ext4 rw,relatime
#disks
Filesystem     1024-blocks     Used Available Capacity Mounted on
/dev/vda1         40000000 24000000  14000000      64% /
tmpfs               800000      100    799900       1% /run
overlay           40000000 24000000  14000000      64% /var/lib/docker/overlay2/abc/merged
/dev/vdb1        100000000 90000000  10000000      90% /data disk
/dev/loop0           50000    50000         0     100% /snap/core/1
/dev/vda1         40000000 24000000  14000000      64% /srv/bind
#inodes
Filesystem      Inodes  IUsed   IFree IUse% Mounted on
/dev/vda1      2500000 500000 2000000   20% /
/dev/vdb1            0      0       0     - /data disk
#network
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 9999 1 0 0 0 0 0 0 9999 1 0 0 0 0 0 0
  eth0: 1000 1 0 0 0 0 0 0 500 1 0 0 0 0 0 0
docker0: 7777 1 0 0 0 0 0 0 7777 1 0 0 0 0 0 0
#load
3.20 2.10 1.00 2/300 4242
#pressure
cpu avg10=1.00 avg60=2.00 avg300=33.50 total=1
io avg10=0.00 avg60=0.00 avg300=0.25 total=1
#processes
1 10 20 systemd
77 4000 100 node (worker) 1
78 10 0 #end
#pm2
talosprimes-web 7 online
n8n 0 online
#postgres-log
4711 2048 3
#end
`;

const reading = (changes: Partial<HostReading> = {}): HostReading => {
  const parsed = parseHostReading(RECORDED);
  if (parsed === undefined) throw new Error('the recorded answer is not whole');
  return { ...parsed, ...changes };
};
const values = (samples: readonly Sample[]): Record<string, number | undefined> =>
  Object.fromEntries(samples.map(({ metric, target, value }) => [`${metric} ${target}`, value]));

describe('the answer of the host', () => {
  it('is read: counters, memory, real disks once, outer interfaces, names of processes', () => {
    expect(reading()).toMatchObject({
      cpu: { total: 10_000, busy: 1500, iowait: 300, steal: 200 },
      cores: 4,
      memory: { total: 8_000_000, available: 2_000_000 },
      swapIn: 120,
      oomKills: 2,
      network: { received: 1000, sent: 500 },
      load: 3.2,
      pressure: { cpu: 33.5, io: 0.25 },
      pm2: [
        { name: 'talosprimes-web', restarts: 7, status: 'online' },
        { name: 'n8n', restarts: 0, status: 'online' },
      ],
      postgresLog: { inode: '4711', offset: 2048, errors: 3 },
    });
    expect(reading().disks).toEqual([
      { mount: '/', percent: (24 / 38) * 100, inodesPercent: 20, readOnly: false },
      { mount: '/data disk', percent: 90, inodesPercent: undefined, readOnly: false },
    ]);
    expect(reading().processes[1]).toEqual({ pid: 77, name: 'node (worker) 1', ticks: 4100 });
  });

  it('is nothing where it is cut anywhere, or a section is missing', () => {
    const lines = RECORDED.split('\n');
    for (let kept = 0; kept < lines.length - 2; kept += 1)
      expect(parseHostReading(lines.slice(0, kept).join('\n')), String(kept)).toBeUndefined();
    for (const section of ['cpu', 'memory', 'disks', 'load'])
      expect(parseHostReading(RECORDED.replace(`#${section}\n`, '')), section).toBeUndefined();
  });
});

describe('samples of the host', () => {
  const before: HostMemory = hostSamples(undefined, reading(), 0).memory;
  const later = (busy: number, idle: number): HostReading =>
    reading({
      cpu: { total: 10_000 + busy + idle + 100, busy: 1500 + busy, iowait: 350, steal: 250 },
      network: { received: 3000, sent: 1500 },
      oomKills: 3,
    });

  it('of the first reading have no rates', () => {
    const found = values(hostSamples(undefined, reading(), 0).samples);
    expect(found).not.toHaveProperty('cpu_percent vps');
    expect(found).toMatchObject({
      'ram_percent vps': 75,
      'disk_percent vps:/data disk': 90,
      'load_per_core vps': 0.8,
    });
  });

  it('are means since the reading before, without iowait and steal', () => {
    const { samples } = hostSamples(before, later(900, 0), 30_000);
    expect(values(samples)).toMatchObject({
      'cpu_percent vps': 90,
      'iowait_percent vps': 5,
      'steal_percent vps': 5,
      'bandwidth_bytes vps': 3000,
      'oom_kills vps': 1,
    });
  });

  it('have no rates over a boot, or where counters went back', () => {
    const booted = { ...later(900, 0), boot: 'another' };
    expect(values(hostSamples(before, booted, 30_000).samples)).not.toHaveProperty('cpu_percent vps');
    const back = reading({ cpu: { total: 10, busy: 1, iowait: 0, steal: 0 } });
    expect(values(hostSamples(before, back, 30_000).samples)).not.toHaveProperty('cpu_percent vps');
  });

  it('tell a remount, and not a disk that is read-only by design', () => {
    const readOnly = reading({ disks: reading().disks.map((disk) => ({ ...disk, readOnly: true })) });
    expect(values(hostSamples(before, readOnly, 1).samples)).toMatchObject({
      'read_only vps:/': 1,
      'read_only vps:/data disk': 1,
    });
    const first = values(hostSamples(undefined, readOnly, 1).samples);
    expect(first).not.toHaveProperty('read_only vps:/data disk');
  });

  it('count restarts of ten minutes', () => {
    let memory: HostMemory | undefined;
    const at = (minute: number, restarts: number): number | undefined => {
      const one = reading({ pm2: [{ name: 'web', restarts, status: 'online' }] });
      const found = hostSamples(memory, one, minute * 60_000);
      ({ memory } = found);
      return values(found.samples)['restarts vps:pm2:web'];
    };
    expect([at(0, 7), at(1, 9), at(5, 11), at(12, 11), at(20, 11), at(21, 0), at(22, 2)]).toEqual([
      0, 2, 4, 0, 0, 0, 2,
    ]);
  });

  it('name who used the processor, by share of one core', () => {
    const top = topProcesses(
      [{ pid: 1, name: 'node', ticks: 100 }],
      [
        { pid: 1, name: 'node', ticks: 350 },
        { pid: 2, name: 'pg_dump', ticks: 100 },
        { pid: 3, name: 'idle', ticks: 0 },
      ],
      { total: 1000, cores: 2 },
    );
    expect(top).toBe('node 50 %, pg_dump 20 %');
  });
});

describe('this machine', () => {
  it('answers with everything, and nothing of arguments and environments', async () => {
    const host = createHost(undefined);
    const script = hostScript({ pm2: true, postgresLog: { inode: '0', offset: 0 }, helper: '/nonexistent' });
    const { stdout, code } = await capture(host.run(script));
    expect(code).toBe(0);
    const parsed = parseHostReading(stdout.toString());
    expect(parsed?.cores).toBeGreaterThan(0);
    expect(parsed?.disks.length).toBeGreaterThan(0);
    expect(parsed?.processes.length).toBeGreaterThan(1);
    expect(stdout.toString()).not.toContain('--config');
    const [first] = execFileSync('df', ['-P', '-l'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.endsWith(' /'));
    const capacity = Number(/(\d+)%/.exec(first ?? '')?.[1]);
    const root = parsed?.disks.find(({ mount }) => mount === '/');
    if (root) expect(Math.abs(Math.ceil(root.percent) - capacity)).toBeLessThanOrEqual(1);
  });
});

describe('a host over SSH', () => {
  let sshd: Sshd;
  let folder: string;
  const signal = new AbortController().signal;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'talos-helper-'));
    chmodSync(folder, 0o755);
    sshd = await startSshd(folder);
  });
  afterAll(async () => {
    await sshd.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const reasonOf = async (options: Sshd['options']): Promise<string | undefined> => {
    const host = createHost(options);
    const { samples } = await createHostReader(host).read(undefined, Date.now(), signal);
    await host.close();
    expect(samples.every(({ value }) => value === undefined)).toBe(true);
    return samples[0]?.unknown;
  };

  it('is read over one kept connection, and again after the line was cut', async () => {
    const host = createHost(sshd.options);
    const reader = createHostReader(host);
    try {
      const first = await reader.read(undefined, 0, signal);
      expect(values(first.samples)['ram_percent vps']).toBeGreaterThan(0);
      const second = await reader.read(first.memory, 30_000, signal);
      const cpu = second.samples.find(({ metric }) => metric === 'cpu_percent');
      expect(cpu?.value).toBeGreaterThanOrEqual(0);
      expect(cpu?.evidence?.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['load', 'iowait', 'steal']),
      );
      await sshd.cut();
      const third = await reader.read(second.memory, 60_000, signal);
      const fourth = third.samples.some(({ value }) => value !== undefined)
        ? third
        : await reader.read(third.memory, 90_000, signal);
      expect(values(fourth.samples)['ram_percent vps']).toBeGreaterThan(0);
    } finally {
      await host.close();
    }
  });

  it('tells a refused login, a changed key and a port that is closed apart, and none as fine', async () => {
    expect(await reasonOf({ ...sshd.options, privateKey: sshd.strangersKey })).toBe('ssh refused');
    const file = path.join(folder, 'another');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    const another = readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
    const knownHosts = `[127.0.0.1]:${String(sshd.port)} ${another}\n`;
    expect(await reasonOf({ ...sshd.options, knownHosts })).toBe('ssh host key');
    expect(
      await reasonOf({
        ...sshd.options,
        host: '127.0.0.1:1',
        knownHosts: `[127.0.0.1]:1 ${sshd.hostKeys.ed25519}\n`,
      }),
    ).toBe('ssh unreachable');
  });

  it('is not asked again for five minutes after it refused the login', async () => {
    const host = createHost({ ...sshd.options, privateKey: sshd.strangersKey });
    const reader = createHostReader(host);
    const began = performance.now();
    const unknowns = [];
    for (const at of [0, 30_000, 299_000])
      unknowns.push((await reader.read(undefined, at, signal)).samples[0]?.unknown);
    expect(unknowns).toEqual(['ssh refused', 'ssh refused', 'ssh refused']);
    expect(performance.now() - began).toBeLessThan(5_000);
    await host.close();
  });

  describe('with our helper', () => {
    let helper: string;
    beforeAll(() => {
      helper = path.join(folder, 'talos-readings');
      copyFileSync(path.resolve(import.meta.dirname, '../../ops/talos-readings'), helper);
      chmodSync(helper, 0o755);
      // Says how it was called; what it answers is tried below, as root.
      writeFileSync(
        path.join(folder, 'sudo'),
        `#!/bin/sh\nprintf '%s\\n' "$*" >> ${folder}/asked\necho 4711 100 5\n`,
      );
      chmodSync(path.join(folder, 'sudo'), 0o755);
      writeFileSync(path.join(folder, 'asked'), '');
      chmodSync(path.join(folder, 'asked'), 0o666);
    });

    it('an unprivileged user asks sudo, for exactly what the sudoers line lists', async () => {
      if (sshd.uid === 0) return;
      const host = createHost(sshd.options);
      const reader = createHostReader(host, { helper });
      try {
        const first = await reader.read(undefined, 100_000, signal);
        expect(first.hostErrors).toBeUndefined();
        const second = await reader.read(first.memory, 130_000, signal);
        expect(second.hostErrors).toBe(5);
      } finally {
        await host.close();
      }
      const asked = execFileSync('cat', [path.join(folder, 'asked')], { encoding: 'utf8' });
      expect(asked.split('\n').filter(Boolean)).toEqual([
        `-n ${helper} pm2`,
        `-n ${helper} postgres-log 0 0`,
        `-n ${helper} postgres-log 4711 100`,
      ]);
    });

    it('root calls it directly, and it counts whole lines of the log from a byte on', async () => {
      if (process.getuid?.() !== 0) return;
      const logs = mkdtempSync(path.join(tmpdir(), 'talos-log-'));
      const log = path.join(logs, 'postgresql-15-main.log');
      const own = path.join(logs, 'talos-readings');
      const text = execFileSync('cat', [helper], { encoding: 'utf8' });
      writeFileSync(own, text.replaceAll('/var/log/postgresql', logs));
      chmodSync(own, 0o755);
      const ask = (...args: (string | number)[]): string =>
        execFileSync(own, ['postgres-log', ...args.map(String)], { encoding: 'utf8' }).trim();
      const error = '2026-11-24 03:00:00.000 UTC [1] shop@app ERROR:  division by zero\n';
      try {
        expect(ask(0, 0)).toBe('absent');
        writeFileSync(log, error);
        const { ino } = statSync(log);
        expect(ask(0, 0)).toBe(`${String(ino)} ${String(error.length)} 0`);
        const half = '2026-11-24 03:00:01.000 UTC [1] shop@app FATAL:  half of a li';
        writeFileSync(log, `${error}${error}LOG:  ERROR in words\n${error}${half}`);
        const whole = error.length * 3 + 'LOG:  ERROR in words\n'.length;
        expect(ask(ino, error.length)).toBe(`${String(ino)} ${String(whole)} 2`);
        expect(ask(ino, 999_999)).toMatch(/ 0$/);
        expect(() => ask('1; id', 0)).toThrow();
        const host = createHost(undefined);
        const reader = createHostReader(host, { helper: own });
        const first = await reader.read(undefined, 100_000, signal);
        execFileSync('sh', ['-c', `printf '%s' 'ne\n${error}' >> ${log}`]);
        expect((await reader.read(first.memory, 130_000, signal)).hostErrors).toBeGreaterThanOrEqual(1);
      } finally {
        rmSync(logs, { recursive: true, force: true });
      }
    });

    it('refuses whatever is not listed', () => {
      for (const args of [
        [],
        ['id'],
        ['pm2', 'x'],
        ['postgres-log', '/etc/shadow', '0'],
        ['postgres-log', '1'],
      ])
        expect(() => execFileSync(helper, args, { stdio: 'ignore' }), args.join(' ')).toThrow();
    });
  });
});
