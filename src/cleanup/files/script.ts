/** The script that looks for old files on the host, and deletes them. POSIX sh, and find of GNU. */

export interface ScriptOptions {
  folder: string;
  /** Only names of rotated logs; else every file. */
  rotated: boolean;
  /** Epoch seconds of the run's instant, and the age in seconds from which a file goes. */
  at: number;
  ageSeconds: number;
  remove: boolean;
}

const COMPRESSED = String.raw`(\.(gz|xz|bz2|zst|lz4))`;
/**
 * `app.log.1`, `app.log.2.gz`, `app.log-20260901`, `out__2026-09-01_00-00-00.log`, `app.log.gz`. Never `app.log`, nor
 * `app-out-0.log`, which is what PM2 calls a log in use.
 */
export const ROTATED = String.raw`.*/[^/]+(\.[0-9]{1,4}|[-._]([0-9]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2})[-_T.0-9]*(\.(log|txt|json))?)${COMPRESSED}?|.*/[^/]+\.log${COMPRESSED}`;

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/**
 * Answers in lines: `refused <why>`, `missing` or `ok`; then one a file (`f <blocks of 512> <mtime>`, gone or found) or
 * a thing that stays (`open`, `symlink`, `special`, `denied`); then names, each ended by a NUL, of a few that were found.
 *
 * It works from inside the folder: what its path leads to later does not matter, and find goes down by directory handles
 * (`unlinkat`), so that a folder swapped for a link while it runs leads nowhere. Nothing but files is ever deleted, each
 * after a look at its age in the same step. Its change of place, name or rights counts as well as its content: an old
 * file that was unpacked yesterday is not old.
 */
export const filesScript = ({ folder, rotated, at, ageSeconds, remove }: ScriptOptions): string => `
LC_ALL=C; export LC_ALL; unset CDPATH
folder=${quoted(folder)}
say() { printf '%s\\n' "$*"; }
find --version 2>/dev/null | grep -q GNU || { say refused no-find; exit 0; }
[ -e "$folder" ] || [ -L "$folder" ] || { say missing; exit 0; }
[ -d "$folder" ] || { say refused no-folder; exit 0; }
cd -P -- "$folder" 2>/dev/null || { say refused denied; exit 0; }
[ "$(pwd -P)" = "$folder" ] || { say refused link; exit 0; }
while IFS=: read -r _ _ _ _ _ home _; do
  case $home/ in "$folder"/*) say refused home; exit 0 ;; esac
done </etc/passwd
[ -z "$(find . -xdev -maxdepth 2 \\( -name .git -o -name node_modules -o -name package.json \\) -print 2>/dev/null | head -c 1)" ] ||
  { say refused app; exit 0; }
# A bind mount of the same file system looks like a folder: only the list of mounts tells.
device=$(stat -c %d .)
while read -r _ _ _ _ mount _; do
  mount=$(printf %b "$(printf %s "$mount" | sed 's/\\\\/\\\\0/g')")
  case $mount in "$folder"/*) [ "$(stat -c %d "$mount" 2>/dev/null)" != "$device" ] || { say refused mount; exit 0; } ;; esac
done </proc/self/mountinfo
say ok
at=${String(Math.floor(at))}; now=$(date +%s)
# Never by a clock that is ahead of the host's own.
[ "$at" -le "$now" ] || at=$now
old=$((at - ${String(Math.ceil(ageSeconds))}))
# What a process holds open, by inode: as far as we may see it (root: all).
set --
for inode in $(find -L /proc/[0-9]*/fd -maxdepth 1 -type f -printf '%D %i\\n' 2>/dev/null | sed -n "s/^$device //p" | sort -u); do
  set -- "$@" -inum "$inode" -o
done
list() {
  find . -xdev -mindepth 1 -regextype posix-extended ! -newermt "@$old" ! -newerct "@$old" "$@" 2>/dev/null
}
list ${rotated ? `\\( ! -type f -o -regex ${quoted(ROTATED)} \\) ` : ''}\\( \\
  -type f \\( \\( "$@" -false \\) -printf 'open\\n' ${
    remove ? `-o -delete -printf 'f %b %Ts\\n' -o -printf 'denied\\n'` : `-o -printf 'f %b %Ts\\n'`
  } \\) \\
  -o -type l -printf 'symlink\\n' -o ! -type d -printf 'special\\n' \\) || say unreadable
say end
${
  remove
    ? ''
    : `list -type f ${rotated ? `-regex ${quoted(ROTATED)} ` : ''}! \\( "$@" -false \\) -printf '%P\\0' | head -z -n 5
`
}`;
