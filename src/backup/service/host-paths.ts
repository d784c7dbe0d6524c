import { posix } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { capture, type Host } from '../../clients/host.ts';
import { shown, someOf } from './words.ts';

/** Paths on a host, as bytes (latin1). */
export interface HostPaths {
  /** What is given to tar: nothing twice. */
  tops: string[];
  folders: string[];
  /** Named, and not found. */
  missing: string[];
  warnings: string[];
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Expands patterns on the host. With an empty IFS an unquoted variable is expanded as a pattern and nothing else: no
 * word is split, no command is run. A link is named with what it leads to, lest only the link be kept.
 * Records: a letter and a path, ended by NUL: Link, Directory, File, Missing, mount Point, Tar is GNU's.
 */
const script = (patterns: readonly string[]): string => `
export LC_ALL=C
IFS=
say() { printf '%s%s\\0' "$1" "$2"; }
kind() { if [ -d "$1" ]; then say D "$1"; else say F "$1"; fi; }
one() {
  if [ -L "$1" ]; then
    say L "$1"
    target=$(readlink -f -- "$1"; echo x)
    target=\${target%x}
    target=\${target%?}
    if [ -e "$target" ]; then kind "$target"; else say M "$1"; fi
  else kind "$1"; fi
}
expand() {
  if [ -e "$1" ] || [ -L "$1" ]; then one "$1"; return; fi
  found=
  for path in $1; do
    if [ -e "$path" ] || [ -L "$path" ]; then found=1; one "$path"; fi
  done
  [ -n "$found" ] || say M "$1"
}
${patterns.map((pattern) => `expand ${quoted(pattern)}`).join('\n')}
if [ -r /proc/self/mounts ]; then
  while IFS=' ' read -r _ point _; do say P "$point"; done </proc/self/mounts
fi
if tar --version 2>/dev/null | grep -q GNU; then say T ''; fi
`;

const under = (path: string, folder: string): boolean =>
  path !== folder && path.startsWith(folder === '/' ? '/' : `${folder}/`);

/** In /proc/self/mounts spaces and line breaks are octal. */
const unescaped = (point: string): string =>
  point.replace(/\\([0-7]{3})/g, (_whole, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

export async function findPaths(
  host: Host,
  patterns: readonly string[],
  signal?: AbortSignal,
): Promise<HostPaths> {
  const normal = patterns.map((pattern) => posix.normalize(pattern).replace(/(?<=.)\/+$/, ''));
  const { stdout } = await capture(host.run(script(normal), { signal }), 64 * 1_048_576);
  const records = stdout.toString('latin1').split('\0').slice(0, -1);
  const of = (letter: string): string[] => [
    ...new Set(records.filter((record) => record.startsWith(letter)).map((record) => record.slice(1))),
  ];
  const tops = [...new Set([...of('L'), ...of('D'), ...of('F')])].sort();
  if (tops.length > 0 && of('T').length === 0)
    throw ApplicationFailure.nonRetryable(
      `GNU tar is not installed on ${host.name}: apt install tar`,
      'HostToolMissing',
    );
  const folders = of('D');
  const mounts = of('P').map(unescaped);
  // tar stays on one file system: what is mounted below a folder is not in it.
  const covered = (path: string): boolean =>
    folders.some(
      (folder) =>
        under(path, folder) &&
        !mounts.some((mount) => under(mount, folder) && (mount === path || under(path, mount))),
    );
  const taken = tops.filter((path) => !covered(path));
  const outside = mounts.filter(
    (mount) => folders.some((folder) => under(mount, folder)) && !taken.includes(mount),
  );
  return {
    tops: taken,
    folders,
    missing: of('M'),
    warnings:
      outside.length === 0
        ? []
        : [
            `${someOf(outside.map(shown))}: another file system is mounted there, and it is not in the archive; name it in backup.files.paths when it should be`,
          ],
  };
}
