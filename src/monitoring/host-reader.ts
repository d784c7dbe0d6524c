/** Reads the server: the script of `host-script.ts` over the kept connection, or on this machine. */
import { ApplicationFailure } from '@temporalio/common';
import { capture, type Host } from '../clients/host.ts';
import type { Sample } from '../alerts/index.ts';
import { HELPER, hostScript } from './host-script.ts';
import { parseHostReading, type HostReading } from './host-reading.ts';
import { HOST, hostSamples, type HostMemory } from './host-samples.ts';

export interface HostReader {
  read(
    memory: HostMemory | undefined,
    at: number,
    signal: AbortSignal,
  ): Promise<{ samples: Sample[]; memory?: HostMemory; hostErrors?: number }>;
}

/** All of it, from the connection to the end mark. */
const DEADLINE_MS = 15_000;
/** After a refused login: what guards a server against guessing would shut us out if we went on. */
const REFUSED_PAUSE_MS = 5 * 60_000;
const PM2_EVERY_MS = 60_000;
const MOST_BYTES = 4_194_304;

/** Three failures that must not look alike, and none of which may look like "fine". */
function unreadable(error: unknown, timedOut: boolean): string {
  const type = error instanceof ApplicationFailure ? error.type : undefined;
  if (type === 'SshRefused') return 'ssh refused';
  if (type === 'SshHostKeyChanged' || type === 'SshHostKeyUnknown') return 'ssh host key';
  if (timedOut) return 'ssh timeout';
  return type === 'SshUnreachable' ? 'ssh unreachable' : 'not readable';
}

export function createHostReader(host: Host, { helper = HELPER }: { helper?: string } = {}): HostReader {
  let processes: HostReading['processes'] = [];
  let pm2At = 0;
  let refused: { until: number; why: string } | undefined;

  async function reading(
    memory: HostMemory | undefined,
    at: number,
    signal: AbortSignal,
  ): Promise<HostReading> {
    const pm2 = at - pm2At >= PM2_EVERY_MS;
    // The first look at a log begins at its end: what stood there before is not of this minute.
    const postgresLog = memory?.postgresLog ?? { inode: '0', offset: 0 };
    const script = hostScript({ pm2, postgresLog, helper });
    const { stdout } = await capture(host.run(script, { signal }), MOST_BYTES);
    const parsed = parseHostReading(stdout.toString());
    if (parsed === undefined)
      throw ApplicationFailure.create({ message: 'cut short', type: 'HostAnswerCut' });
    if (pm2) pm2At = at;
    return parsed;
  }

  return {
    async read(memory, at, signal) {
      const unknown = (why: string) => ({
        samples: [{ metric: 'cpu_percent', target: HOST, at, unknown: why }],
        memory,
      });
      if (refused && at < refused.until) return unknown(refused.why);
      const deadline = AbortSignal.timeout(DEADLINE_MS);
      try {
        const now = await reading(memory, at, AbortSignal.any([signal, deadline]));
        refused = undefined;
        const before = processes;
        processes = now.processes;
        // Without a place to go on from, the log was not counted.
        const hostErrors = memory?.postgresLog ? now.postgresLog?.errors : undefined;
        return { ...hostSamples(memory, now, at, before), hostErrors };
      } catch (error) {
        signal.throwIfAborted();
        const why = unreadable(error, deadline.aborted);
        if (why === 'ssh refused' || why === 'ssh host key') refused = { until: at + REFUSED_PAUSE_MS, why };
        return unknown(why);
      }
    },
  };
}
