/**
 * What an application does meanwhile on the same table, at a fixed rate: inserts and point reads, and now and then it
 * touches a row, old or young. Inserts and reads wait for no deletion; who touches a row that is being deleted does.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runProgram } from '../support/programs.mjs';

const RATE = 200;
const CLIENTS = 4;
/** So many transactions have one that touches a row. */
const ONE_IN = 20;
/** No step lasts longer; the load is ended with it. */
const AT_MOST_S = 3_600;

/** Runs `work` under load; resolves with its result and the load's latencies in milliseconds, from when each was due. */
export async function underLoad({ pgbench, env, rows, signal }, work) {
  const folder = mkdtempSync(path.join(tmpdir(), 'talos-bench-load-'));
  const script = (name, sql) => {
    const file = path.join(folder, `${name}.sql`);
    writeFileSync(file, `\\set id random(1, ${rows})\n${sql}\n`);
    return file;
  };
  const usual = script(
    'usual',
    `insert into public.logs (at, level, message) values (now(), 'info', 'under load');
select message from public.logs where id = :id;`,
  );
  const touch = script('touch', 'update public.logs set message = message where id = :id;');
  const stop = new globalThis.AbortController();
  const args = [
    '-n',
    ...['-f', `${usual}@${ONE_IN - 1}`, '-f', `${touch}@1`],
    '-c',
    CLIENTS,
    '-R',
    RATE,
    '-T',
    AT_MOST_S,
    '-l',
    `--log-prefix=${folder}/log`,
  ];
  const load = runProgram(pgbench, args.map(String), {
    env,
    signal: globalThis.AbortSignal.any([signal, stop.signal]),
    gently: true,
  }).catch((error) => {
    if (!stop.signal.aborted) throw error;
  });
  try {
    const result = await Promise.race([work(), load.then(() => Promise.reject(new Error('the load ended')))]);
    stop.abort();
    await load;
    return { ...result, latencies: latenciesIn(folder) };
  } finally {
    stop.abort();
    await load.catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** pgbench's log: client, number, latency (µs), script, epoch, µs, lag of the schedule (µs). */
function latenciesIn(folder) {
  return readdirSync(folder)
    .filter((name) => name.startsWith('log'))
    .flatMap((name) => readFileSync(path.join(folder, name), 'utf8').split('\n'))
    .flatMap((line) => {
      const fields = line.split(' ').map(Number);
      return fields.length >= 6 && fields[2] > 0 ? [fields[2] / 1000] : [];
    });
}

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
