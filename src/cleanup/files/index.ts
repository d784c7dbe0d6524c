/** Old files below a folder as a source (TD3, LG1): of the VPS, or of this machine where none is configured. */
import { ApplicationFailure } from '@temporalio/common';
import type { Host } from '../../clients/host.ts';
import type { Found, RemoveContext, Removed, Source, Warning } from '../source.ts';
import { assertAllowed, refused, shown, trimmed } from './refused.ts';
import { filesScript } from './script.ts';

export interface FolderRule {
  folder: string;
  /** Where it stands in maintenance.yaml. */
  setting: string;
  keepDays: number;
  /** Only rotated logs (`app.log.1`, `app.log-20260901.gz`), never one in use. */
  rotated: boolean;
  /** Folders of applications on that host: nothing that holds one is cleaned. */
  appFolders: readonly string[];
}

const DAY_SECONDS = 86_400;
const BLOCK = 512;
const PROGRESS_MS = 500;

/** Why the host refuses a folder, in words that say how to mend it. */
const REFUSALS: Readonly<Record<string, string>> = {
  'no-find': 'the host has no find of GNU (findutils), which is needed to delete safely',
  'no-folder': 'it is no folder',
  denied: 'the user of VPS_USER may not enter it',
  link: 'its path leads through a symbolic link; name the folder itself',
  home: 'it is a home folder, or holds one; name the folder below it that is meant',
  app: 'an application lies in it (.git, node_modules or package.json); name the folder in it that is meant',
  mount: 'another folder is mounted below it, and would be emptied as well; name the folders beside it',
};

interface Tally {
  count: number;
  bytes: number;
  oldest?: number;
  newest?: number;
  left: Record<string, number>;
  unreadable: boolean;
  missing: boolean;
}

export function createFolderSource(host: Host, rule: FolderRule): Source {
  const folder = trimmed(rule.folder);
  const { setting, rotated } = rule;
  const scriptAt = (at: Date, remove: boolean): string =>
    filesScript({
      folder,
      rotated,
      at: at.getTime() / 1_000,
      ageSeconds: rule.keepDays * DAY_SECONDS,
      remove,
    });

  function take(tally: Tally, line: string): void {
    const [word = '', first, second] = line.split(' ');
    if (word === 'refused') {
      const why = REFUSALS[first ?? ''] ?? 'the host refuses it';
      if (first === 'no-find') throw ApplicationFailure.nonRetryable(`${setting}: ${why}`, 'ToolMissing');
      throw refused(folder, setting, why);
    }
    if (word === 'f') {
      const at = Number(second);
      tally.count += 1;
      tally.bytes += Number(first) * BLOCK;
      tally.oldest = Math.min(tally.oldest ?? at, at);
      tally.newest = Math.max(tally.newest ?? at, at);
    } else if (word === 'missing') tally.missing = true;
    else if (word === 'unreadable') tally.unreadable = true;
    else if (word !== 'ok' && word !== 'end') tally.left[word] = (tally.left[word] ?? 0) + 1;
  }

  /** Reads the answer as it comes: a folder of a million files costs no memory here. `false` stops it. */
  async function answer(
    script: string,
    signal: AbortSignal,
    onLines: (tally: Tally) => boolean = () => true,
  ): Promise<{ tally: Tally; names: Buffer; whole: boolean }> {
    assertAllowed(rule.folder, setting, rule.appFolders);
    const tally: Tally = { count: 0, bytes: 0, left: {}, unreadable: false, missing: false };
    const { stdout, done } = host.run(script, { signal });
    done.catch(() => undefined);
    let rest: Buffer = Buffer.alloc(0);
    let ended = false;
    for await (const chunk of stdout as AsyncIterable<Buffer>) {
      rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      for (let end = rest.indexOf(10); !ended && end >= 0; end = rest.indexOf(10)) {
        const line = rest.toString('latin1', 0, end);
        rest = rest.subarray(end + 1);
        ended = line === 'end' || line === 'missing';
        take(tally, line);
      }
      // Leaving the loop destroys the stream, which ends the program.
      if (!ended && !onLines(tally)) return { tally, names: Buffer.alloc(0), whole: false };
    }
    const { code } = await done;
    if (code !== 0 || !ended)
      throw ApplicationFailure.retryable(
        `${host.name} did not say the end of ${shown(folder)} (exit ${String(code)})`,
        'HostProcessEnded',
      );
    return { tally, names: rest, whole: true };
  }

  const warningsOf = ({ missing, unreadable, left }: Tally): Warning[] => [
    ...(missing ? [{ code: 'FolderMissing', detail: `${shown(folder)} (${setting})` }] : []),
    ...(unreadable && !left['denied'] ? [{ code: 'FolderUnreadable', detail: shown(folder) }] : []),
  ];

  return {
    name: `${rotated ? 'logs' : 'files'}:${shown(folder)}`,
    kind: 'folder',
    check: () => {
      assertAllowed(rule.folder, setting, rule.appFolders);
      return Promise.resolve([]);
    },
    async find(at, signal): Promise<Found> {
      const { tally, names } = await answer(scriptAt(at, false), signal);
      const { count, bytes, oldest, newest, left } = tally;
      return {
        ...{ count, bytes, left, warnings: warningsOf(tally) },
        ...(oldest !== undefined && { oldest: instantOf(oldest) }),
        ...(newest !== undefined && { newest: instantOf(newest) }),
        samples: names.toString().split('\0').filter(Boolean).map(shown),
      };
    },
    async remove({ at, signal, deadline, progress, before }: RemoveContext): Promise<Removed> {
      const start = { count: before?.count ?? 0, bytes: before?.bytes ?? 0 };
      let told = 0;
      const { tally, whole } = await answer(scriptAt(at, true), signal, ({ count, bytes }) => {
        if (Date.now() - told > PROGRESS_MS) {
          told = Date.now();
          progress({ count: start.count + count, bytes: start.bytes + bytes });
        }
        return Date.now() < deadline.getTime();
      });
      const { count, bytes, left } = tally;
      return {
        ...{ count: start.count + count, bytes: start.bytes + bytes, left, finished: whole },
        warnings: warningsOf(tally),
      };
    },
  };
}

const instantOf = (seconds: number): string => new Date(seconds * 1_000).toISOString();
