/** The log files of a folder that changed since an instant, as one tar. */
import { ApplicationFailure } from '@temporalio/common';
import { capture, type Host } from '../../clients/host.ts';
import type { Lines } from '../archive/index.ts';
import { shown, trimmed } from '../files/refused.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** From inside the folder, as the deletion works: nothing that a link leads to, nothing of another file system. */
const enter = (folder: string, from: Date): string => `
LC_ALL=C; export LC_ALL; unset CDPATH
cd -P -- ${quoted(folder)} 2>/dev/null && [ "$(pwd -P)" = ${quoted(folder)} ] || exit 3
list() { find . -xdev -type f -newermt @${String(Math.floor(from.getTime() / 1_000))} "$@" 2>/dev/null; }`;

const COUNT = `list -printf x | wc -c`;
// A log that is written to meanwhile is stored as far as it was read: tar says so with exit code 1.
const TAR = `list -print0 | tar --null --no-recursion --ignore-failed-read -T - -cf - 2>/dev/null; code=$?
[ "$code" -le 1 ] || exit "$code"`;

/** Undefined where there is no such folder, or nothing in it has changed. */
export async function changedFiles(
  host: Host,
  path: string,
  from: Date,
  signal: AbortSignal,
): Promise<((progress: (bytes: number) => void) => AsyncIterable<Lines>) | undefined> {
  const folder = trimmed(path);
  const counted = await capture(host.run(`${enter(folder, from)}\n${COUNT}`, { signal }));
  const count = Number(counted.stdout.toString());
  // Which folders may be looked into, and why one is not there, the folder's own source says.
  if (counted.code !== 0 || !(count > 0)) return undefined;
  return async function* (progress) {
    const { stdout, done } = host.run(`${enter(folder, from)}\n${TAR}`, { signal });
    done.catch(() => undefined);
    let bytes = 0;
    for await (const chunk of stdout as AsyncIterable<Buffer>) {
      // Counted once: what is stored are files, not rows.
      yield { text: chunk, rows: bytes === 0 ? count : 0 };
      progress((bytes += chunk.length));
    }
    const { code } = await done;
    if (code !== 0)
      throw ApplicationFailure.retryable(
        `${host.name} could not read the log files of ${shown(folder)} (exit ${String(code)})`,
        'HostProcessEnded',
      );
  };
}
