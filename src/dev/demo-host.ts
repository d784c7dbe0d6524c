/**
 * This machine as the demo watches it. All figures are the machine's own but one: filling a real disk would hurt, and a
 * small one of our own needs root, so an invented disk stands beside the real ones, and says so in its name.
 */
import { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { createHost, type Host } from '../clients/host.ts';

export const INVENTED_DISK = '/invented-disk-of-the-demo';
const BLOCKS = 1_000_000;
const USUAL_PERCENT = 41;
const FULL_PERCENT = 96;

/** After the mark of a section of the reading comes its line on the invented disk. */
function linesAfter(mark: string, percent: number): string {
  if (mark === '#mounts') return `demo ${INVENTED_DISK} ext4 rw\n`;
  const used = (BLOCKS / 100) * percent;
  if (mark === '#disks')
    return `demo ${String(BLOCKS)} ${String(used)} ${String(BLOCKS - used)} ${String(percent)}% ${INVENTED_DISK}\n`;
  return '';
}

async function* withInventedDisk(output: Readable, isFull: () => boolean): AsyncGenerator<Buffer> {
  const percent = isFull() ? FULL_PERCENT : USUAL_PERCENT;
  let failure: Error | undefined;
  output.once('error', (error) => (failure = error));
  for await (const line of createInterface({ input: output, crlfDelay: Infinity }))
    yield Buffer.from(`${line}\n${linesAfter(line, percent)}`);
  // The lines of a stream that broke end as those of a whole one do.
  if (failure) throw failure;
}

export function createDemoHost(isFull: () => boolean, host: Host = createHost(undefined)): Host {
  return {
    ...host,
    run(script, options) {
      const { stdout, done } = host.run(script, options);
      const changed = Readable.from(withInventedDisk(stdout, isFull), { objectMode: false });
      // Whoever stops reading ends the program.
      changed.once('close', () => stdout.destroy());
      return { stdout: changed, done };
    },
  };
}
