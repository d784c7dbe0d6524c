import { posix } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import type { Host } from '../../clients/host.ts';
import type { ArchiveWriter, EntryHeader } from './archive-writer.ts';
import type { HostPaths } from './host-paths.ts';
import { untar } from './untar.ts';
import { shown, someOf, textOf } from './words.ts';

export interface FilesOptions {
  host: Host;
  paths: HostPaths;
  writer: ArchiveWriter;
  /** Told of each entry; what it returns hears the content. */
  watch: (header: EntryHeader) => ((chunk: Buffer) => void) | undefined;
  signal: AbortSignal;
}

/**
 * GNU's own format, because its names are bytes. Hard links become files of their own, so that each can be put back
 * alone. What cannot be read is told on stderr and left out; nothing follows a link or a mount.
 */
const TAR = `unset TAR_OPTIONS
LC_ALL=C exec tar --create --file=- --format=gnu --hard-dereference --one-file-system --ignore-failed-read \
--directory=/ --null --no-unquote --verbatim-files-from --files-from=-`;

/** Links into the system's own packages are no loss: the packages bring what they lead to. */
const OF_THE_SYSTEM = /^\/(usr|lib|lib64|bin|sbin|proc|sys|dev|run)(\/|$)/;

/** What tar says of single files, its octal escapes resolved. */
function complaints(stderr: string): { unread: string[]; changed: string[] } {
  const unread: string[] = [];
  const changed: string[] = [];
  for (const line of stderr.split('\n')) {
    const [, name, words] =
      /^tar: \.?(\/.*): (?:Warning: )?(Cannot |Read error|[Ff]ile (?:changed|removed|shrank))/.exec(line) ??
      [];
    if (name === undefined || words === undefined) continue;
    const path = shown(
      name.replace(/\\([0-7]{3})/g, (_whole, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      ),
    );
    (/^file/i.test(words) ? changed : unread).push(path);
  }
  return { unread, changed };
}

function warningsOf(stderr: string, code: number, host: Host): string[] {
  const { unread, changed } = complaints(stderr);
  return [
    ...(unread.length > 0
      ? [
          `not in the archive, ${host.name} lets its user not read them: ${someOf(unread)}; allow it with \`setfacl -R -m u:<user>:rX <path>\`, or through the files' group`,
        ]
      : []),
    ...(changed.length > 0
      ? [`changed while they were read, so perhaps half old, half new: ${someOf(changed)}`]
      : []),
    ...(code === 1 && changed.length === 0 ? ['tar says that some files changed while they were read'] : []),
  ];
}

/** Repacks what tar sends into the archive, under `files/`. Returns warnings; throws when the stream is not whole. */
export async function addFiles({ host, paths, writer, watch, signal }: FilesOptions): Promise<string[]> {
  if (paths.tops.length === 0) return [];
  const list = paths.tops.map((path) => `.${path}\0`).join('');
  const process = host.run(TAR, { signal, stdin: Buffer.from(list, 'latin1') });
  const renamed: string[] = [];
  const leadingOut: string[] = [];
  const leadsOut = (target: string): boolean =>
    !OF_THE_SYSTEM.test(target) &&
    !paths.tops.includes(target) &&
    !paths.folders.some((folder) => target === folder || target.startsWith(`${folder}/`));
  try {
    for await (const { header, content } of untar(process.stdout, 'bytes')) {
      const path = header.name.replace(/^\.?\/*/, '/');
      const name = textOf(path);
      const link = textOf(header.linkname ?? '');
      if (!name.exact || !link.exact) renamed.push(shown(path));
      if (header.type === 'symlink' && leadsOut(posix.resolve(posix.dirname(path), header.linkname ?? '')))
        leadingOut.push(shown(path));
      const written: EntryHeader = { ...header, name: `files${name.text}`, linkname: link.text };
      const hear = watch(written);
      async function* heard(): AsyncGenerator<Buffer> {
        for await (const chunk of content) {
          hear?.(chunk);
          yield chunk;
        }
      }
      await writer.entry(written, heard());
    }
  } finally {
    process.stdout.destroy();
  }
  const { code, stderr } = await process.done;
  // 1: files changed while they were read. Anything else: the archive may lack more than what was told.
  if (code !== 0 && code !== 1)
    throw ApplicationFailure.retryable(
      `tar on ${host.name} ended with exit code ${String(code)}`,
      'HostArchiveFailed',
    );
  return [
    ...warningsOf(stderr, code, host),
    ...(renamed.length > 0
      ? [`names that are not UTF-8 are written with \\x escapes in the archive: ${someOf(renamed)}`]
      : []),
    ...(leadingOut.length > 0
      ? [`links to something that is not in the archive: ${someOf(leadingOut)}; add it to backup.files.paths`]
      : []),
  ];
}
