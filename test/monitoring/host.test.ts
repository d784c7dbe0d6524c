import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../src/alerts/index.ts';
import { capture, createHost } from '../../src/clients/host.ts';
import { parseHostReading, type HostReading } from '../../src/monitoring/host-reading.ts';
import { hostSamples, topProcesses, type HostMemory } from '../../src/monitoring/host-samples.ts';
import { hostScript } from '../../src/monitoring/host-script.ts';

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
