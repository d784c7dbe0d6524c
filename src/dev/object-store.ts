import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { HOST } from './ports.ts';
import { startChild } from './process.ts';
import type { Child, RecordedChild } from './process.ts';

export interface ObjectStoreOptions {
  /** `rclone`. */
  command: string;
  port: number;
  /** Its folders are the buckets. */
  dir: string;
  buckets: readonly string[];
  accessKeyId: string;
  secretAccessKey: string;
  logDir: string;
  onSpawn?: (child: RecordedChild) => void;
}

export function startObjectStore(options: ObjectStoreOptions): Promise<Child> {
  const { port, dir, buckets, accessKeyId, secretAccessKey } = options;
  for (const bucket of buckets) mkdirSync(path.join(dir, bucket), { recursive: true });
  // prettier-ignore
  const args = [
    'serve', 's3', '--config', '/dev/null', '--addr', `${HOST}:${port}`, '--auth-key', `${accessKeyId},${secretAccessKey}`,
    // Files put into the folder by hand are seen at once.
    '--dir-cache-time', '1s', path.resolve(dir),
  ];
  return startChild({
    name: 's3',
    command: options.command,
    args,
    logDir: options.logDir,
    // Any answer will do: without a signature it is a refusal.
    ready: async () => (await fetch(`http://${HOST}:${port}/`)).status > 0,
    onSpawn: options.onSpawn,
  });
}
