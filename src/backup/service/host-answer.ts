import type { ApplicationFailure } from '@temporalio/common';
import { capture, type Host } from '../../clients/host.ts';

/** Of a program that writes one text. */
const LONGEST_MS = 180_000;

export type Answer = { code: number; stdout: Buffer; stderr: string } | { problem: string };

/** Runs one program of the host whose failing must not cost the rest; a lost host still throws. */
export async function ask(
  host: Host,
  script: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Answer> {
  const timeout = AbortSignal.timeout(LONGEST_MS);
  try {
    return await capture(host.run(script, { signal: AbortSignal.any([signal, timeout]) }), maxBytes);
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted) return { problem: `no end after ${String(LONGEST_MS / 60_000)} minutes` };
    const { type } = error as ApplicationFailure;
    if (type === 'HostAnswerTooLong') return { problem: `more than ${String(maxBytes / 1_048_576)} MiB` };
    if (type === 'HostProcessEnded') return { problem: 'it was killed' };
    throw error;
  }
}
