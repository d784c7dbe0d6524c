/** From two readings of the server to samples. Pure. */
import type { Evidence, Sample } from '../alerts/index.ts';
import type { HostReading } from './host-reading.ts';

export const HOST = 'vps';

/** What the next reading is compared with: small, for it travels in heartbeats. */
export interface HostMemory {
  at: number;
  boot: string;
  cpu: HostReading['cpu'];
  swapIn: number;
  oomKills: number;
  network: HostReading['network'];
  /** Mounts that were seen writable: one that is read-only from the first sight on is so by design. */
  writable: string[];
  /** Restarts that PM2 counted, with their instants, over the last ten minutes. */
  restarts: Record<string, [number, number][]>;
  postgresLog?: { inode: string; offset: number };
}

const RESTARTS_MS = 10 * 60_000;
const TOP = 5;

const rounded = (value: number): number => Math.round(value * 100) / 100;
const percent = (value: number): string => `${value.toFixed(0)} %`;

/** Names of those that used the processor most between two readings, with the share of one core each had. */
export function topProcesses(
  before: readonly HostReading['processes'][number][],
  now: readonly HostReading['processes'][number][],
  { total, cores }: { total: number; cores: number },
): string | undefined {
  const ticks = new Map(before.map((process) => [`${String(process.pid)} ${process.name}`, process.ticks]));
  const perCore = total / Math.max(1, cores);
  if (before.length === 0 || perCore <= 0) return undefined;
  const shares = now
    .map(({ pid, name, ticks: current }) => {
      const share = ((current - (ticks.get(`${String(pid)} ${name}`) ?? 0)) / perCore) * 100;
      return { name, share };
    })
    .filter(({ share }) => share >= 1)
    .sort((a, b) => b.share - a.share);
  return shares
    .slice(0, TOP)
    .map(({ name, share }) => `${name} ${percent(share)}`)
    .join(', ');
}

function restartsOf(
  memory: HostMemory['restarts'],
  reading: HostReading,
  at: number,
): HostMemory['restarts'] {
  if (reading.pm2 === undefined) return memory;
  return Object.fromEntries(
    reading.pm2.map(({ name, restarts }) => {
      const seen = memory[name] ?? [];
      // A process that was deleted and made again counts from the beginning.
      const kept = (seen.at(-1)?.[1] ?? 0) > restarts ? [] : seen;
      const inTime = kept.filter(([when]) => when >= at - RESTARTS_MS);
      return [name, [...inTime, [at, restarts]]];
    }),
  );
}

function restartSamples(restarts: HostMemory['restarts'], reading: HostReading, at: number): Sample[] {
  return (reading.pm2 ?? []).map(({ name, status }) => {
    const counts = (restarts[name] ?? []).map(([, count]) => count);
    const value = Math.max(0, (counts.at(-1) ?? 0) - (counts[0] ?? 0));
    return {
      metric: 'restarts',
      target: `${HOST}:pm2:${name}`,
      at,
      value,
      evidence: [{ name: 'status', value: status }],
    };
  });
}

function diskSamples(reading: HostReading, writable: readonly string[], at: number): Sample[] {
  return reading.disks.flatMap(({ mount, percent: used, inodesPercent, readOnly }) => {
    const target = `${HOST}:${mount}`;
    const sample = (metric: string, value: number): Sample => ({ metric, target, at, value });
    return [
      sample('disk_percent', rounded(used)),
      ...(inodesPercent === undefined ? [] : [sample('inodes_percent', rounded(inodesPercent))]),
      ...(readOnly && !writable.includes(mount) && mount !== '/'
        ? []
        : [sample('read_only', readOnly ? 1 : 0)]),
    ];
  });
}

/** What came since the reading before; nothing where the counters were set back. */
function deltaSamples(
  before: HostMemory,
  reading: HostReading,
  at: number,
  shared: Evidence[],
  top?: string,
): Sample[] {
  const total = reading.cpu.total - before.cpu.total;
  if (reading.boot !== before.boot || total <= 0) return [];
  const share = (part: 'busy' | 'iowait' | 'steal'): number =>
    rounded(Math.min(100, Math.max(0, ((reading.cpu[part] - before.cpu[part]) / total) * 100)));
  const bytes =
    reading.network.received - before.network.received + (reading.network.sent - before.network.sent);
  const evidence: Evidence[] = [
    ...shared,
    { name: 'iowait', value: percent(share('iowait')) },
    { name: 'steal', value: percent(share('steal')) },
    ...(top ? [{ name: 'process', value: top }] : []),
  ];
  const sample = (metric: string, value: number): Sample => ({ metric, target: HOST, at, value });
  return [
    { ...sample('cpu_percent', share('busy')), evidence },
    sample('iowait_percent', share('iowait')),
    sample('steal_percent', share('steal')),
    ...(bytes >= 0 ? [{ ...sample('bandwidth_bytes', bytes), count: 1 }] : []),
  ];
}

/** Samples of one reading, and what to remember of it. */
export function hostSamples(
  before: HostMemory | undefined,
  reading: HostReading,
  at: number,
  processesBefore: HostReading['processes'] = [],
): { samples: Sample[]; memory: HostMemory } {
  const sameBoot = before?.boot === reading.boot ? before : undefined;
  const { memory: ram } = reading;
  const oomKills = sameBoot ? reading.oomKills - sameBoot.oomKills : 0;
  const swapIn = sameBoot ? reading.swapIn - sameBoot.swapIn : 0;
  const load = rounded(reading.load / Math.max(1, reading.cores));
  const shared: Evidence[] = [
    { name: 'load', value: `${String(reading.load)} / ${String(reading.cores)}` },
    ...Object.entries(reading.pressure).map(([of, share]) => ({
      name: `pressure ${of}`,
      value: percent(share),
    })),
  ];
  const restarts = restartsOf(before?.restarts ?? {}, reading, at);
  const top = topProcesses(processesBefore, reading.processes, {
    total: reading.cpu.total - (sameBoot?.cpu.total ?? reading.cpu.total),
    cores: reading.cores,
  });
  const samples: Sample[] = [
    ...(before ? deltaSamples(before, reading, at, shared, top) : []),
    {
      ...{ metric: 'ram_percent', target: HOST, at },
      value: rounded((1 - ram.available / ram.total) * 100),
      evidence: [
        {
          name: 'swap',
          value: ram.swapTotal > 0 ? percent((1 - ram.swapFree / ram.swapTotal) * 100) : '0 %',
        },
        ...(swapIn > 0 ? [{ name: 'swap-in', value: String(swapIn) }] : []),
        ...(oomKills > 0 ? [{ name: 'oom-kill', value: String(oomKills) }] : []),
      ],
    },
    { metric: 'load_per_core', target: HOST, at, value: load },
    ...(oomKills > 0 ? [{ metric: 'oom_kills', target: HOST, at, value: oomKills, count: oomKills }] : []),
    ...diskSamples(reading, before?.writable ?? [], at),
    ...restartSamples(restarts, reading, at),
  ];
  const { boot, cpu, network } = reading;
  const writable = new Set([
    ...(before?.writable ?? []),
    ...reading.disks.filter(({ readOnly }) => !readOnly).map(({ mount }) => mount),
  ]);
  const { inode, offset } = reading.postgresLog ?? {};
  return {
    samples,
    memory: {
      ...{ at, boot, cpu, network, swapIn: reading.swapIn, oomKills: reading.oomKills, restarts },
      writable: [...writable],
      postgresLog: inode !== undefined && offset !== undefined ? { inode, offset } : before?.postgresLog,
    },
  };
}
