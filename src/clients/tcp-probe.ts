import { openTcp } from './connect.ts';
import { classOf, type Phases, type Probe } from './probe.ts';

export interface TcpProbeOptions {
  host: string;
  port: number;
  /** Name and handshake together. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

const TIMEOUT_MS = 10_000;

/** Whether something takes connections there. Rejects only with the caller's own signal. */
export async function probeTcp({
  host,
  port,
  timeoutMs = TIMEOUT_MS,
  signal,
}: TcpProbeOptions): Promise<Probe> {
  const began = performance.now();
  const deadline = AbortSignal.timeout(timeoutMs);
  const phases: Partial<Phases> = {};
  const total = (): Phases => ({ ...phases, total: performance.now() - began });
  try {
    const socket = await openTcp(host, port, phases, signal ? AbortSignal.any([signal, deadline]) : deadline);
    socket.destroy();
    return { state: 'up', phases: total() };
  } catch (error) {
    signal?.throwIfAborted();
    if (deadline.aborted) return { state: 'down', reason: 'timeout', phases: total() };
    const { reason, detail } = classOf(error);
    return { state: 'down', reason, detail, phases: total() };
  }
}
