import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { libpqEnvironment } from '../dist/backup/dump.js';
import { createPostgres } from '../dist/clients/postgres.js';
import { readDatabaseFile } from '../dist/database/files.js';
import { startStack } from '../dist/dev/stack.js';
import { resolveTools } from '../dist/tools/index.js';
import { percentile, underLoad } from './cleanup/load.mjs';
import { cpuClock } from './support/cpu.mjs';
import { figure } from './support/figures.mjs';
import { runProgram } from './support/programs.mjs';

const OURS = fileURLToPath(new URL('./cleanup/ours.mjs', import.meta.url));
const BUCKET = 'talos-backups';
const JOURNAL = ['migrations/ops/0006_log_archives.sql', 'migrations/ops/0025_archive_fences.sql'];
const ROUNDS = 3;
const IDLE_MS = 20_000;
const FULL = { old: 5_000_000, young: 5_000_000 };
const QUICK = { old: 500_000, young: 500_000 };
const IMPORTANT = `level = 'error'`;
const EXPIRED = `at < now() - interval '90 days'`;

/** Logs as they come: in the order of time, one row in ten an error. */
const fill = ({ old, young }) => `
  create table public.logs (id bigint generated always as identity primary key, at timestamptz not null,
    level text not null, message text not null);
  insert into public.logs (at, level, message)
  select case when n <= ${old} then now() - interval '91 days' - make_interval(secs => ${old} - n)
              else now() - make_interval(secs => ${old + young} - n) / 10 end,
         case n % 10 when 0 then 'error' else 'info' end, 'request ' || n || ' handled: ' || repeat(md5(n::text), 2)
    from generate_series(1, ${old + young}) n;
  create index on public.logs (at);
  create table public.parts (id bigint, at timestamptz not null, message text) partition by range (at);
  create table public.parts_old partition of public.parts for values from (minvalue) to ('2020-01-01');
  create table public.parts_new partition of public.parts for values from ('2020-01-01') to (maxvalue);
  insert into public.parts_old select n, '2019-06-01', md5(n::text) from generate_series(1, ${old}) n`;

/** Batches against one statement, each on its own copy of the same database, under the same load. */
export async function run({ quick, only, rounds = ROUNDS, signal, onProgress }) {
  const { zstd, postgres } = await resolveTools(['zstd', 'initdb', 'postgres'], { onProgress });
  const pgbench = path.join(path.dirname(postgres), 'pgbench');
  const size = quick ? QUICK : FULL;
  const stack = await startStack({
    ...{ stateDir: '', ephemeral: true, portBase: 'free', onProgress },
    components: ['postgres', 's3'],
  });
  const urlOf = (name) => Object.assign(new URL(stack.services.postgresUrl), { pathname: `/${name}` }).href;
  const admin = createPostgres({ url: urlOf('postgres'), applicationName: 'talos-bench' });
  try {
    onProgress(`making ${size.old + size.young} rows`);
    // As a server is that somebody relies on; the stack's own is made for tests.
    for (const setting of ['fsync', 'synchronous_commit'])
      await admin.query(`alter system set ${setting} = on`);
    await admin.query('select pg_reload_conf()');
    await admin.query('create database bench_ops');
    await admin.query('create database bench_base');
    const ops = createPostgres({ url: urlOf('bench_ops'), applicationName: 'talos-bench' });
    await ops.query('create schema ops');
    for (const name of JOURNAL) await ops.query(await readDatabaseFile(name));
    await ops.close();
    const base = createPostgres({ url: urlOf('bench_base'), applicationName: 'talos-bench' });
    await base.query(fill(size));
    await base.query('vacuum (analyze)');
    const [{ version }] = await base.query(`select current_setting('server_version') as version`);
    await base.close();

    /** What a step costs the servers and programs, beside what the clock says: others use this machine too. */
    const onCopy = async (work, cpu) => {
      signal.throwIfAborted();
      await admin.query('drop database if exists bench_copy with (force)');
      await admin.query('create database bench_copy template bench_base strategy file_copy');
      await admin.query('checkpoint');
      const before = cpu();
      const result = await work(urlOf('bench_copy'));
      // The servers' own processes of a connection end after it, and count then.
      await delay(500);
      return { ...result, cpu: before === null ? Number.NaN : cpu() - before };
    };
    const load = (url, work) =>
      underLoad(
        {
          ...{ pgbench, rows: size.old + size.young, signal },
          env: { ...libpqEnvironment(url, 'talos-bench-load'), PATH: process.env.PATH },
        },
        work,
      );
    const raw = async (url) => {
      const db = createPostgres({ url, applicationName: 'talos-bench' });
      try {
        const begun = performance.now();
        await db.query(`delete from public.logs where ${EXPIRED}`);
        const deleted = (performance.now() - begun) / 1000;
        // Ours does it too, and autovacuum would: both leave the same table.
        await db.query('vacuum (analyze) public.logs');
        return { deleted, seconds: (performance.now() - begun) / 1000 };
      } finally {
        await db.close();
      }
    };
    const ours = async (databaseUrl, { table = 'public.logs', important } = {}) => {
      const task = {
        ...{ databaseUrl, opsUrl: urlOf('bench_ops'), table, important, zstd },
        s3: { ...stack.services.s3, name: BUCKET, prefix: `bench-${Date.now()}`, region: 'us-east-1' },
        recipients: [stack.env.BACKUP_AGE_RECIPIENTS],
      };
      const options = { env: process.env, input: JSON.stringify(task), signal, gently: true };
      return JSON.parse((await runProgram(process.execPath, [OURS], options)).stdout);
    };

    const cpu = cpuClock(stack.stateDir);
    const all = {
      idle: (url) =>
        load(url, async () => {
          await delay(IDLE_MS, undefined, { signal });
          return { seconds: IDLE_MS / 1000 };
        }),
      raw: (url) => load(url, () => raw(url)),
      ours: (url) => load(url, () => ours(url)),
      rawAlone: raw,
      oursAlone: (url) => ours(url),
      archived: (url) => ours(url, { important: IMPORTANT }),
      partition: (url) => ours(url, { table: 'public.parts' }),
    };
    const unknown = (only ?? []).filter((name) => !Object.hasOwn(all, name));
    if (unknown.length > 0)
      throw new Error(`no step ${unknown.join(', ')}; there are ${Object.keys(all).join(', ')}`);
    const steps = Object.fromEntries(
      Object.entries(all)
        .filter(([name]) => only?.includes(name) ?? true)
        .map(([name, step]) => [name, () => onCopy(step, cpu)]),
    );
    const results = Object.fromEntries(Object.keys(all).map((name) => [name, []]));
    for (let round = 0; round < rounds; round += 1)
      for (const [name, step] of Object.entries(steps)) {
        const result = await step();
        results[name].push(result);
        onProgress(`round ${round + 1} of ${rounds}: ${name} ${words(result)}`);
      }
    return {
      software: `PostgreSQL ${version}, ${size.old} old rows of ${size.old + size.young}`,
      figures: figuresOf(results),
    };
  } finally {
    await admin.close();
    await stack.stop();
  }
}

function words({ seconds, cpu, latencies, deleted, rssMb }) {
  return [
    `${seconds.toFixed(2)} s`,
    `CPU ${cpu.toFixed(2)} s`,
    ...(deleted === undefined ? [] : [`the DELETE alone ${deleted.toFixed(2)} s`]),
    ...(latencies
      ? [`p50 ${percentile(latencies, 0.5).toFixed(1)} ms, p99 ${percentile(latencies, 0.99).toFixed(1)} ms`]
      : []),
    ...(rssMb === undefined ? [] : [`${rssMb.toFixed(0)} MB`]),
  ].join(', ');
}

/** A figure for each of which every step has been run. */
function figuresOf({ idle, raw, ours, rawAlone, oursAlone, archived, partition }) {
  const seconds = (runs) => runs.map((run) => run.seconds);
  const deleted = (runs) => runs.map((run) => run.deleted);
  const cpu = (runs) => runs.map((run) => run.cpu);
  const memory = (runs) => runs.map((run) => run.rssMb);
  const p99 = (runs) => runs.map(({ latencies }) => percentile(latencies, 0.99));
  const ratio = (some, others) =>
    some.flatMap((value, at) => (at < others.length ? [value / others[at]] : []));
  return [
    [
      'batches and VACUUM / one DELETE and VACUUM',
      'ratio',
      ratio(seconds(oursAlone), seconds(rawAlone)),
      1.5,
    ],
    [
      'batches and VACUUM / one DELETE and VACUUM, under load',
      'ratio',
      ratio(seconds(ours), seconds(raw)),
      1.5,
    ],
    ['batches and VACUUM / one DELETE', 'ratio', ratio(seconds(oursAlone), deleted(rawAlone))],
    ['p99 of the load: batches / one DELETE', 'ratio', ratio(p99(ours), p99(raw)), 0.5],
    ['with 10 % archived / one DELETE and VACUUM', 'ratio', ratio(seconds(archived), seconds(rawAlone)), 2],
    ['partition dropped', 's', seconds(partition), 1],
    ['memory above idle', 'MB', memory([...ours, ...oursAlone]), 100],
    ['memory above idle, archiving', 'MB', memory(archived)],
    ['CPU: batches / one DELETE, both with VACUUM', 'ratio', ratio(cpu(oursAlone), cpu(rawAlone))],
    ['CPU: with 10 % archived / one DELETE and VACUUM', 'ratio', ratio(cpu(archived), cpu(rawAlone))],
    ['p99, idle', 'ms', p99(idle)],
    ['p99, one DELETE', 'ms', p99(raw)],
    ['p99, batches', 'ms', p99(ours)],
    ['one DELETE', 's', deleted(rawAlone)],
    ['one DELETE and VACUUM', 's', seconds(rawAlone)],
    ['batches and VACUUM', 's', seconds(oursAlone)],
    ['batches, 10 % archived', 's', seconds(archived)],
    ['one DELETE and VACUUM, under load', 's', seconds(raw)],
    ['batches and VACUUM, under load', 's', seconds(ours)],
  ].flatMap(([id, unit, values, bar]) => (values.length > 0 ? [figure(id, unit, values, { bar })] : []));
}
