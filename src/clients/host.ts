import type { Readable } from 'node:stream';
import { ApplicationFailure } from '@temporalio/common';
import { createLocalHost } from './host-local.ts';
import { createSshHost } from './host-ssh.ts';
import type { SshOptions } from './ssh.ts';

export interface RunOptions {
  /** Ends the program; `done` and `stdout` then fail with the signal's reason. */
  signal?: AbortSignal;
  /** What the script reads on its stdin; nothing when left out. */
  stdin?: string | Uint8Array;
}

/** One script that runs on a host. */
export interface HostProcess {
  /**
   * What it writes, with backpressure: must be read (or destroyed, which ends the program). Ends only when the
   * program has ended by itself; a lost connection is an error of the stream, never an early end.
   */
  stdout: Readable;
  /** Once all was read: the exit code, and the telling part of stderr. Rejects when there was no exit. */
  done: Promise<{ code: number; stderr: string }>;
}

/** The machine that is looked after: the VPS over SSH, or the one we run on. Scripts are POSIX sh. */
export interface Host {
  /** For messages; holds no address. */
  name: string;
  /**
   * Starts a script. It does not stand in the host's process list, but the programs it starts do, with their
   * arguments: a secret goes through stdin.
   */
  run(script: string, options?: RunOptions): HostProcess;
  close(): Promise<void>;
}

/** The VPS where one is configured, else this machine. Nothing is opened before the first script. */
export const createHost = (vps: SshOptions | undefined): Host =>
  vps === undefined ? createLocalHost() : createSshHost(vps);

/** Reads all that a script writes, up to a bound: for short answers. */
export async function capture(
  { stdout, done }: HostProcess,
  maxBytes = 1_048_576,
): Promise<{ code: number; stdout: Buffer; stderr: string }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop destroys the stream, which ends the program.
    if (bytes > maxBytes)
      throw ApplicationFailure.nonRetryable(
        `A script wrote more than ${String(maxBytes)} bytes`,
        'HostAnswerTooLong',
      );
    chunks.push(chunk);
  }
  return { ...(await done), stdout: Buffer.concat(chunks) };
}
