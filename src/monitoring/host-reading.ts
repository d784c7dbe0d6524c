/** What the script of `host-script.ts` answered. Pure. */

export interface Disk {
  mount: string;
  /** Used of what can be used, as df's Capacity. */
  percent: number;
  inodesPercent?: number;
  readOnly: boolean;
}

export interface HostReading {
  /** Changes with each boot, which sets the counters back. */
  boot: string;
  uptimeSeconds: number;
  /** Ticks since the boot. `busy` without iowait and steal. */
  cpu: { total: number; busy: number; iowait: number; steal: number };
  cores: number;
  /** kB. */
  memory: { total: number; available: number; swapTotal: number; swapFree: number };
  /** Pages since the boot. */
  swapIn: number;
  oomKills: number;
  disks: Disk[];
  /** Bytes since the boot, of all interfaces that lead out. */
  network: { received: number; sent: number };
  /** Of one minute. */
  load: number;
  /** Share of the last five minutes in which something waited (%); absent on old kernels. */
  pressure: Partial<Record<'cpu' | 'memory' | 'io', number>>;
  processes: { pid: number; name: string; ticks: number }[];
  pm2?: { name: string; restarts: number; status: string }[];
  /** Errors in the server log since the last reading; up to which byte of which file it was read. */
  postgresLog?: { inode: string; offset: number; errors: number };
}

/** A disk that is none, or whose fullness is by design. */
const NOT_A_DISK =
  /^(?:tmpfs|devtmpfs|ramfs|overlay|squashfs|iso9660|efivarfs|autofs|nsfs|proc|sysfs|cgroup2?|fuse\..*|9p|nfs4?|cifs)$/;
/** What carries the traffic of containers and tunnels is counted once, where it leaves. */
const INNER_INTERFACE = /^(?:lo|veth.*|docker.*|br-.*|virbr.*|cni.*|cali.*|flannel.*|tun.*|tap.*|wg.*)$/;

const SECTIONS = ['boot', 'uptime', 'cpu', 'cores', 'memory', 'mounts', 'disks', 'network', 'load'] as const;

function sections(text: string): Map<string, string[]> | undefined {
  const found = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of text.split('\n')) {
    const [, mark] = /^#([a-z0-9-]+)$/.exec(line) ?? [];
    if (mark === undefined) {
      if (line !== '') current.push(line);
    } else found.set(mark, (current = []));
  }
  return found.has('end') && SECTIONS.every((name) => (found.get(name) ?? []).length > 0) ? found : undefined;
}

const words = (line = ''): string[] => line.trim().split(/\s+/);

function named(lines: readonly string[]): (name: string) => number {
  const values = new Map(lines.map((line) => [words(line)[0]?.replace(/:$/, ''), Number(words(line)[1])]));
  return (name) => values.get(name) ?? 0;
}

/** Guest time is already part of user time, so neither of its columns counts. */
function cpuOf(line: string): HostReading['cpu'] {
  const [, ...ticks] = words(line).map(Number);
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = ticks;
  const busy = user + nice + system + irq + softirq;
  return { total: busy + idle + iowait + steal, busy, iowait, steal };
}

/** `mount` of mounts, and of df: a space stands there as `\040`, and here as itself. */
const unescaped = (mount: string): string =>
  mount.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** Device, blocks, used, available, capacity, mount: the mount may hold spaces, the device does not. */
const DF = /^(\S+)\s+(\S+)\s+(\d+)\s+(-?\d+)\s+(\S+)\s+(\/.*)$/;

function disksOf(
  disks: readonly string[],
  inodes: readonly string[],
  mounts: readonly string[],
): HostReading['disks'] {
  const mounted = new Map(
    mounts.map((line) => {
      const [, mount = '', type = '', options = ''] = line.split(' ');
      return [unescaped(mount), { type, readOnly: options.split(',').includes('ro') }];
    }),
  );
  const rows = (lines: readonly string[]) =>
    lines.flatMap((line) => {
      const [, device = '', , used, available, , mount = ''] = DF.exec(line) ?? [];
      const sum = Number(used) + Math.max(0, Number(available));
      return sum > 0 ? [{ device, mount, percent: (Number(used) / sum) * 100 }] : [];
    });
  const ofInodes = new Map(rows(inodes).map(({ mount, percent }) => [mount, percent]));
  const seen = new Set<string>();
  return rows(disks)
    .sort((a, b) => a.mount.length - b.mount.length)
    .flatMap(({ device, mount, percent }) => {
      const { type = '', readOnly = false } = mounted.get(mount) ?? {};
      // One disk may be mounted in many places (containers, binds): the shortest path is its name.
      if (NOT_A_DISK.test(type) || type === '' || seen.has(device)) return [];
      seen.add(device);
      return [{ mount, percent, inodesPercent: ofInodes.get(mount), readOnly }];
    });
}

function networkOf(lines: readonly string[]): HostReading['network'] {
  const network = { received: 0, sent: 0 };
  for (const line of lines) {
    const [, name = '', rest = ''] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    if (name === '' || INNER_INTERFACE.test(name)) continue;
    const columns = words(rest).map(Number);
    network.received += columns[0] ?? 0;
    network.sent += columns[8] ?? 0;
  }
  return network;
}

function postgresLogOf([line]: readonly string[]): HostReading['postgresLog'] {
  const [, inode, offset, errors] = /^(\d+) (\d+) (\d+)$/.exec(line ?? '') ?? [];
  return inode === undefined ? undefined : { inode, offset: Number(offset), errors: Number(errors) };
}

/** Undefined when the answer is not whole: a script that was cut says nothing, and nothing is not zero. */
export function parseHostReading(text: string): HostReading | undefined {
  const found = sections(text);
  if (found === undefined) return undefined;
  const of = (name: string): string[] => found.get(name) ?? [];
  const memory = named(of('memory'));
  const vmstat = named(of('vmstat'));
  const reading: HostReading = {
    boot: of('boot')[0] ?? '',
    uptimeSeconds: Number(words(of('uptime')[0])[0]),
    cpu: cpuOf(of('cpu')[0] ?? ''),
    cores: Number(of('cores')[0]),
    memory: {
      total: memory('MemTotal'),
      available: memory('MemAvailable'),
      swapTotal: memory('SwapTotal'),
      swapFree: memory('SwapFree'),
    },
    swapIn: vmstat('pswpin'),
    oomKills: vmstat('oom_kill'),
    disks: disksOf(of('disks'), of('inodes'), of('mounts')),
    network: networkOf(of('network')),
    load: Number(words(of('load')[0])[0]),
    pressure: Object.fromEntries(
      of('pressure').flatMap((line) => {
        const [, what, share] = /^(cpu|memory|io) .*avg300=([\d.]+)/.exec(line) ?? [];
        return what === undefined ? [] : [[what, Number(share)]];
      }),
    ),
    processes: of('processes').flatMap((line) => {
      const [, pid, user, system, name] = /^(\d+) (\d+) (\d+) (.+)$/.exec(line) ?? [];
      return name === undefined ? [] : [{ pid: Number(pid), name, ticks: Number(user) + Number(system) }];
    }),
    postgresLog: postgresLogOf(of('postgres-log')),
  };
  const pm2 = of('pm2').flatMap((line) => {
    const [, name, restarts, status] = /^(\S+) (\d+) (\S+)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, restarts: Number(restarts), status: status ?? '' }];
  });
  if (pm2.length > 0) reading.pm2 = pm2;
  const { cpu, memory: ram, load } = reading;
  return cpu.total > 0 && ram.total > 0 && ram.available > 0 && !Number.isNaN(load) ? reading : undefined;
}
