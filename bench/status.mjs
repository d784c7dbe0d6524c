/** How long the server takes for the status page and the metrics, with 90 days of data as the watches leave them. */
import { Buffer } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { Client, Connection } from '@temporalio/client';
import { createPostgres } from '../dist/clients/postgres.js';
import { policySchema } from '../dist/config/policy.js';
import { applyDatabase } from '../dist/database/index.js';
import { seedDemo } from '../dist/dev/demo-database.js';
import { startStack } from '../dist/dev/stack.js';
import { createApp } from '../dist/http/app.js';
import { applySchedules } from '../dist/schedules/index.js';
import { computeStatistics } from '../dist/statistics/compute.js';
import { figure } from './support/figures.mjs';

/** Between two looks of the watches. */
const EVERY_SECONDS = 20;
const ROUNDS = 3;
const BARS = { ms: 50, kilobytes: 100 };

const fileOf = (name) => readFile(new URL(`../test/support/${name}`, import.meta.url), 'utf8');

async function fill(db, file, now, every) {
  const sql = await fileOf(file);
  await db.transaction(async (tx) => {
    await tx.query(`select set_config('talos.now', $1, true), set_config('talos.every', $2, true)`, [
      now.toISOString(),
      String(every),
    ]);
    await tx.query(sql);
  });
}

/** Milliseconds of each request, and the size of the last answer. */
async function ask(app, path, times) {
  const taken = [];
  let bytes = 0;
  for (let time = 0; time < times; time += 1) {
    const begun = performance.now();
    const response = await app.request(`http://127.0.0.1${path}`);
    const text = await response.text();
    taken.push(performance.now() - begun);
    if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
    bytes = Buffer.byteLength(text);
  }
  return { taken: taken.sort((a, b) => a - b), bytes };
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

export async function run({ quick, signal, onProgress }) {
  const stack = await startStack({
    ...{ stateDir: '', ephemeral: true, portBase: 'free', onProgress },
    components: ['postgres', 'temporal'],
  });
  const open = [];
  try {
    const urlOf = (name) => Object.assign(new URL(stack.services.postgresUrl), { pathname: `/${name}` }).href;
    const connect = (name) => {
      const db = createPostgres({ url: urlOf(name), applicationName: 'talos-bench' });
      open.push(() => db.close());
      return db;
    };
    const admin = connect('postgres');
    for (const name of ['bench_app', 'bench_ops']) await admin.query(`create database ${name}`);
    const now = new Date();
    onProgress('making a year of the demo and 90 days of operation');
    await seedDemo({ url: urlOf('bench_app'), now });
    await applyDatabase({ appUrl: urlOf('bench_app'), opsUrl: urlOf('bench_ops') });
    const [app, ops] = [connect('bench_app'), connect('bench_ops')];
    await computeStatistics(app, { at: now, timeZone: 'Europe/Paris', grossMargin: 1 });
    await fill(ops, 'operations.sql', now, quick ? 600 : EVERY_SECONDS);
    await fill(app, 'availability.sql', now, EVERY_SECONDS);
    const connection = await Connection.connect({ address: stack.services.temporalAddress });
    open.push(() => connection.close());
    const client = new Client({ connection });
    const policy = policySchema.parse({});
    await applySchedules({ client, policy });
    const quiet = () => undefined;
    const served = createApp({
      config: { environment: { httpBind: { host: '127.0.0.1', port: 0 } }, policy, jobs: [] },
      ...{ client, ops, app, logger: { info: quiet, error: quiet } },
    });
    await ask(served, '/', 5);
    await ask(served, '/metrics', 5);
    const [pages, slow, scrapes] = [[], [], []];
    let bytes = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      signal.throwIfAborted();
      const page = await ask(served, '/', 40);
      pages.push(at(page.taken, 0.5));
      slow.push(at(page.taken, 0.95));
      bytes = page.bytes;
      scrapes.push(at((await ask(served, '/metrics', 20)).taken, 0.5));
      onProgress(`round ${round + 1} of ${ROUNDS}: page ${pages.at(-1).toFixed(1)} ms`);
    }
    const [{ count }] = await ops.query('select count(*) from ops.samples');
    return {
      software: `PostgreSQL, Temporal's dev server, ${count} samples`,
      figures: [
        figure('page, median of 40', 'ms', pages, { bar: BARS.ms }),
        figure('page, 95th percentile', 'ms', slow),
        figure('page', 'kB', [bytes / 1000], { bar: BARS.kilobytes }),
        figure('metrics, median of 20', 'ms', scrapes),
      ],
    };
  } finally {
    for (const close of open.reverse()) await close();
    await stack.stop();
  }
}
