import { ApplicationFailure } from '@temporalio/common';
import type { Host } from '../../clients/host.ts';
import type { N8nApi } from '../../clients/n8n.ts';
import type { Producer } from '../../vault/index.ts';
import { createArchiveWriter, type ArchiveFacts, type ArchiveWriter } from './archive-writer.ts';
import { keyFinder } from './encryption-key.ts';
import { GUIDE } from './guide.ts';
import { addFiles } from './host-files.ts';
import { findPaths } from './host-paths.ts';
import { addFromApi, addFromCommand } from './n8n-export.ts';
import { addNginx } from './nginx.ts';
import { shown } from './words.ts';

export interface ServiceOptions {
  /** Where the files are. */
  host?: Host;
  /** Files and folders, and environment files: absolute, with patterns. */
  paths: readonly string[];
  environment: readonly string[];
  /** How n8n is called on the host. */
  n8nCommand?: string;
  /** Used where there is no command. */
  n8n?: N8nApi;
  encryptionKey?: string;
  signal: AbortSignal;
}

export interface ServiceFacts extends ArchiveFacts {
  /** What a person should know, with the mend: what is not in the archive, and why. */
  warnings: string[];
}

export interface ServiceArchive {
  /** For `seal`. */
  producer: Extract<Producer, { done: Promise<unknown> }>;
  /** Resolves once the last byte was handed over; rejects when the archive is not whole. */
  finished: Promise<ServiceFacts>;
}

const NO_KEY =
  "n8n's encryption key is not in the backup: without it the credentials are worthless. Set N8N_ENCRYPTION_KEY (n8n keeps it in ~/.n8n/config, as encryptionKey), or name the file that holds it in backup.files.environment";

async function build(
  options: ServiceOptions,
  writer: ArchiveWriter,
  signal: AbortSignal,
): Promise<ServiceFacts> {
  const { host, n8n, n8nCommand, encryptionKey } = options;
  const warnings: string[] = [];
  const key = keyFinder();
  let parts = 0;
  // Counts what is there to put back; the guide alone is no archive.
  const counting: ArchiveWriter = {
    ...writer,
    entry: (...entry) => ((parts += 1), writer.entry(...entry)),
    text: (...text) => ((parts += 1), writer.text(...text)),
  };

  await writer.text('README.txt', GUIDE);
  if (host) {
    const patterns = [...options.paths, ...options.environment];
    // Someone whose server is another one is not told each day that nginx is missing.
    if (options.paths.some((path) => path.includes('nginx')))
      warnings.push(...(await addNginx(host, counting, signal)));
    if (options.environment.length === 0)
      warnings.push('no environment file is named: set backup.files.environment, as [/opt/*/.env]');
    if (patterns.length > 0) {
      const paths = await findPaths(host, patterns, signal);
      for (const path of paths.missing)
        warnings.push(
          `${shown(path)} is not on ${host.name}, or its user may not look there: not in the archive`,
        );
      warnings.push(...paths.warnings);
      warnings.push(
        ...(await addFiles({ host, paths, writer: counting, watch: (header) => key.watch(header), signal })),
      );
    }
  }
  const command = host ? n8nCommand : undefined;
  if (host && command) warnings.push(...(await addFromCommand(host, command, counting, signal)));
  else if (n8n) warnings.push(...(await addFromApi(n8n, counting, signal)));
  if (parts === 0)
    throw ApplicationFailure.retryable(
      `Nothing could be archived: ${warnings.join('; ')}`,
      'ServiceNotArchived',
    );
  if (encryptionKey) await writer.text('n8n/encryption-key.txt', `${encryptionKey}\n`);
  else if ((command !== undefined || n8n !== undefined) && !key.found()) warnings.push(NO_KEY);
  return { ...writer.finish(), warnings };
}

/**
 * Everything of the service beside its databases, as one tar stream: it is made while it is read, and touches no disk.
 * Undefined when nothing is configured that could be archived.
 */
export function serviceArchive(options: ServiceOptions): ServiceArchive | undefined {
  const { host, n8n, n8nCommand, paths, environment } = options;
  const fromHost = host !== undefined && (n8nCommand !== undefined || paths.length + environment.length > 0);
  if (!fromHost && n8n === undefined) return undefined;

  const writer = createArchiveWriter();
  const abandoned = new AbortController();
  const finished = build(options, writer, AbortSignal.any([options.signal, abandoned.signal])).catch(
    (error: unknown) => {
      writer.fail(error);
      throw error;
    },
  );
  // Both ends hear of a failure; the one that nobody awaits yet must not end the process.
  finished.catch(() => undefined);
  writer.stream.on('error', () => undefined);
  writer.stream.once('close', () => abandoned.abort(new Error('nobody reads the archive any more')));
  return { producer: { stream: writer.stream, done: finished }, finished };
}
