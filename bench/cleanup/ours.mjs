/**
 * Our side, in a process of its own so that its memory is its own. Reads its task as JSON on stdin, writes what it
 * measured as JSON on stdout.
 */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { createTableSource, logRules } from '../../dist/cleanup/tables/index.js';
import { createObjectStore } from '../../dist/clients/object-store.js';
import { createPostgres } from '../../dist/clients/postgres.js';

const SETTLE_MS = 500;
const HOUR_MS = 3_600_000;
const LINUX = process.platform === 'linux';
const { databaseUrl, opsUrl, table, important, s3, recipients, zstd } = JSON.parse(readFileSync(0, 'utf8'));
const controller = new globalThis.AbortController();
process.on('SIGTERM', () => controller.abort(new Error('stopped')));

const memoryMb = (field) =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) /
  1024;
const idleMb = () => (LINUX ? memoryMb('VmRSS') : process.memoryUsage().rss / 2 ** 20);
const peakMb = () => (LINUX ? memoryMb('VmHWM') : process.resourceUsage().maxRSS / 1024);

const db = createPostgres({ url: databaseUrl, applicationName: 'talos-bench' });
const ops = createPostgres({ url: opsUrl, applicationName: 'talos-bench' });
const store = createObjectStore(s3);
try {
  const [rule] = logRules({
    keepDays: 90,
    tables: [{ table, timestamp: 'at', ...(important && { importantWhen: important }) }],
  });
  const source = createTableSource(db, rule, { ops, store, recipients, zstd });
  await source.check(controller.signal);
  await delay(SETTLE_MS);
  const idle = idleMb();
  const begun = performance.now();
  const {
    count,
    archived = 0,
    finished,
    warnings,
  } = await source.remove({
    at: new Date(),
    signal: controller.signal,
    progress: () => undefined,
    deadline: new Date(Date.now() + HOUR_MS),
  });
  const seconds = (performance.now() - begun) / 1000;
  if (!finished) throw new Error(`not finished: ${JSON.stringify(warnings)}`);
  console.log(JSON.stringify({ seconds, count, archived, rssMb: peakMb() - idle }));
} finally {
  store.close();
  await Promise.all([db.close(), ops.close()]);
}
