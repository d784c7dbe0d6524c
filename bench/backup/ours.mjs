/**
 * Our side, in a process of its own so that its memory is its own. Reads its task as JSON on stdin, writes what it
 * measured as JSON on stdout. Modes: `sealed` (dump stored and encrypted, nothing else), `stored` (takeBackup without
 * the proof), `proven` (takeBackup with it).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { startDump } from '../../dist/backup/dump.js';
import { createProgress } from '../../dist/backup/progress.js';
import { beginSnapshot } from '../../dist/backup/snapshot.js';
import { openSource } from '../../dist/backup/source.js';
import { takeBackup } from '../../dist/backup/take.js';
import { createObjectStore } from '../../dist/clients/object-store.js';
import { seal } from '../../dist/vault/index.js';

const SETTLE_MS = 500;
const LINUX = process.platform === 'linux';
const { mode, databaseUrl, s3, folder, recipients, level, tools, workDir } = JSON.parse(
  readFileSync(0, 'utf8'),
);
const controller = new globalThis.AbortController();
process.on('SIGTERM', () => controller.abort(new Error('stopped')));
const { signal } = controller;

const memoryMb = (field) =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) /
  1024;
const idleMb = () => (LINUX ? memoryMb('VmRSS') : process.memoryUsage().rss / 2 ** 20);
const peakMb = () => (LINUX ? memoryMb('VmHWM') : process.resourceUsage().maxRSS / 1024);

async function sealOnly(store) {
  const session = await openSource(databaseUrl);
  try {
    const { id } = await beginSnapshot(session);
    const dump = { pgDump: tools.pg_dump, url: databaseUrl, snapshot: id, signal, onTable: () => undefined };
    return await seal((stdout) => startDump(stdout, dump), {
      store,
      key: `${folder}/db.dump.zst.age`,
      recipients,
      zstd: tools.zstd,
      level,
      signal,
    });
  } finally {
    await session.close();
  }
}

async function take(store, times) {
  const progress = createProgress();
  const manifest = await takeBackup({
    store,
    folder,
    databaseUrl,
    recipients,
    compressionLevel: level,
    prove: mode === 'proven',
    tools,
    workDir,
    run: { workflowId: 'bench', runId: 'bench' },
    progress: {
      ...progress,
      enter: (phase) => {
        // The first word: what follows names the database.
        times[phase.split(' ')[0]] ??= performance.now();
        progress.enter(phase);
      },
      digests: (done, of) => {
        if (done === of) times.digested = performance.now();
      },
    },
    signal,
  });
  if (mode === 'proven' && manifest.proof.result !== 'proven')
    throw new Error(
      `${manifest.proof.result}: ${manifest.proof.reason ?? manifest.proof.differences.join('; ')}`,
    );
  const { restoreSeconds, seconds: proofSeconds } = manifest.proof;
  return {
    ...manifest.objects[0],
    digestSeconds: (times.digested - times.dumping) / 1000,
    restoreSeconds,
    proofSeconds,
  };
}

const store = createObjectStore(s3);
await delay(SETTLE_MS);
const idle = idleMb();
// From here on the peak is counted anew (Linux): loading the modules is not the backup's.
if (LINUX) writeFileSync('/proc/self/clear_refs', '5');
const begun = performance.now();
const result = mode === 'sealed' ? await sealOnly(store) : await take(store, {});
const seconds = (performance.now() - begun) / 1000;
store.close();
console.log(JSON.stringify({ ...result, seconds, idleMb: idle, rssMb: peakMb() - idle }));
