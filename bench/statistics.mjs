import { performance } from 'node:perf_hooks';
import { createPostgres, openPostgresSession } from '../dist/clients/postgres.js';
import { readDatabaseFile } from '../dist/database/files.js';
import { applyDatabase } from '../dist/database/index.js';
import { startStack } from '../dist/dev/stack.js';
import { compareStatistics } from '../dist/statistics/compare.js';
import { computeStatistics } from '../dist/statistics/compute.js';
import { refreshViews } from '../dist/statistics/views.js';
import { makeSaas, NOW, rowsOf } from './statistics/data.mjs';
import { EQUIVALENT } from './statistics/view.mjs';
import { figure } from './support/figures.mjs';

const HOUR_MS = 3_600_000;
const HOURS = 9;
const VIEW_ROUNDS = 3;
const MONTHS = [1, 12];
const SETTINGS = { timeZone: 'Europe/Paris', grossMargin: 0.8 };

const seconds = async (work) => {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
};

/** What comes within an hour, so that the next update has something new: activity, payments, a few who join or leave. */
const hourOf = (end, scale) => `
  insert into public.activity_events (user_id, account_id, kind, at)
  select a.user_id, a.account_id, 'click', timestamptz '${end}' - interval '1 hour' * random()
    from (select user_id, account_id from public.activity_events order by id desc limit ${Math.ceil(700 * scale)}) a;
  insert into public.payments (id, account_id, kind, status, at, amount_incl_tax_cents, tax_cents)
  select gen_random_uuid(), account_id, 'subscription', 'succeeded', timestamptz '${end}' - interval '1 hour' * random(), 3480, 580
    from (select account_id from public.payments order by at desc limit ${Math.ceil(115 * scale)}) p;
  update public.subscription_history h set valid_to = timestamptz '${end}' - interval '10 minutes'
    from (select id from public.subscription_history where valid_to is null and valid_from < timestamptz '${end}' - interval '1 hour' order by id limit ${Math.ceil(20 * scale)}) as gone where gone.id = h.id`;

/** Our hourly update against REFRESH MATERIALIZED VIEW CONCURRENTLY of the figures of days, over the same rows. */
export async function run({ quick, signal, onProgress }) {
  const scale = Number(process.env['BENCH_SCALE'] ?? (quick ? 0.05 : 1));
  const stack = await startStack({
    ...{ stateDir: '', ephemeral: true, portBase: 'free', onProgress, components: ['postgres'] },
  });
  const urlOf = (name) => Object.assign(new URL(stack.services.postgresUrl), { pathname: `/${name}` }).href;
  const admin = createPostgres({ url: urlOf('postgres'), applicationName: 'talos-bench' });
  try {
    // As a server is that somebody relies on; the stack's own is made for tests.
    for (const setting of ['fsync', 'synchronous_commit'])
      await admin.query(`alter system set ${setting} = on`);
    await admin.query(`alter system set work_mem = '32MB'`);
    await admin.query('select pg_reload_conf()');
    await admin.query('create database bench_ops');
    const databases = {};
    try {
      for (const months of MONTHS)
        databases[months] = await makeDatabase(admin, urlOf, { months, scale, signal, onProgress });
      const [{ version }] = await admin.query(`select current_setting('server_version') as version`);
      const { accounts, payments, activity } = rowsOf(12, scale);
      return {
        software: `PostgreSQL ${version}, ${activity} activity rows, ${accounts} customers, ${accounts * 2} terms, ${payments} payments`,
        figures: figuresOf({
          ...(await measureHours(databases, { scale, signal, onProgress })),
          ...(await measureYear(databases[12], { scale, signal, onProgress })),
        }),
      };
    } finally {
      for (const { db } of Object.values(databases)) await db.close();
    }
  } finally {
    await admin.close();
    await stack.stop();
  }
}

/** Rows, contract, and the first run, after which all is as after weeks of operation. */
async function makeDatabase(admin, urlOf, { months, scale, signal, onProgress }) {
  const name = `bench_${months}`;
  await admin.query(`create database ${name}`);
  onProgress(`${months} months: ${JSON.stringify(rowsOf(months, scale))} rows`);
  const session = await openPostgresSession({ url: urlOf(name), applicationName: 'talos-bench' });
  try {
    await makeSaas(session, { months, scale, readDatabaseFile, signal });
  } finally {
    await session.close();
  }
  await applyDatabase({ appUrl: urlOf(name), opsUrl: urlOf('bench_ops') });
  const db = createPostgres({ url: urlOf(name), applicationName: 'talos-bench', max: 2 });
  const database = { db, at: Date.parse(NOW), first: 0 };
  database.first = await seconds(() => update(database));
  onProgress(`${months} months: first run ${database.first.toFixed(1)} s`);
  // The next one has the connection's plans and the tables' statistics, and does not wait for what filling them left to write.
  await db.query('vacuum analyze');
  await db.query('checkpoint');
  return database;
}

async function update({ db, at }) {
  await computeStatistics(db, { at: new Date(at), ...SETTINGS });
  await refreshViews(db, []);
}

async function nextHour(database, scale) {
  database.at += HOUR_MS;
  await database.db.query(hourOf(new Date(database.at).toISOString(), scale));
  return seconds(() => update(database));
}

/** The same hour of both histories, one after the other: a machine that is slow for a minute is so for both. */
async function measureHours(databases, { scale, signal, onProgress }) {
  const hourly = Object.fromEntries(MONTHS.map((months) => [months, []]));
  for (let hour = 0; hour <= HOURS; hour += 1) {
    signal.throwIfAborted();
    for (const months of MONTHS) {
      const taken = await nextHour(databases[months], scale);
      if (hour > 0) hourly[months].push(taken);
    }
    const taken = MONTHS.map((months) => hourly[months].at(-1)?.toFixed(3) ?? 'warms up');
    onProgress(`hour ${hour}, ${MONTHS.join(' and ')} months of history: ${taken.join(' and ')} s`);
  }
  return { hourly };
}

async function measureYear(database, { scale, signal, onProgress }) {
  const { db, first } = database;
  const [views, sameRound, rebuilt] = [[], [], []];
  await db.query('set jit = off');
  const made = await seconds(() => db.query(EQUIVALENT));
  onProgress(`equivalent view made in ${made.toFixed(1)} s`);
  for (let round = 0; round < VIEW_ROUNDS; round += 1) {
    signal.throwIfAborted();
    sameRound.push(await nextHour(database, scale));
    views.push(
      await seconds(() => db.query('refresh materialized view concurrently public.figures_of_days')),
    );
    onProgress(
      `round ${round + 1}: ours ${sameRound.at(-1).toFixed(3)} s, view ${views.at(-1).toFixed(1)} s`,
    );
  }
  const at = new Date(database.at);
  for (const period of ['2026-11', '2026-06', '2026-02']) {
    signal.throwIfAborted();
    rebuilt.push(await seconds(() => computeStatistics(db, { at, period, ...SETTINGS })));
    onProgress(`${period} again: ${rebuilt.at(-1).toFixed(1)} s`);
  }
  const compared = await seconds(() => compareStatistics(db, { at, ...SETTINGS }));
  onProgress(`compared with 35 days: ${compared.toFixed(1)} s`);
  return { first, views, sameRound, rebuilt, compared };
}

function figuresOf({ hourly: { 1: month, 12: year }, first, views, sameRound, rebuilt, compared }) {
  return [
    figure('hourly update, warm', 's', year, { bar: 1 }),
    figure(
      'hourly update / REFRESH MATERIALIZED VIEW CONCURRENTLY',
      'ratio',
      views.map((value, at) => sameRound[at] / value),
      { bar: 0.05 },
    ),
    figure('one month built again', 's', rebuilt, { bar: 60 }),
    figure(
      'hourly update, 12 months / 1 month of history',
      'ratio',
      year.map((value, at) => value / month[at]),
      { bar: 1.3 },
    ),
    figure('hourly update, 1 month of history', 's', month),
    figure('REFRESH MATERIALIZED VIEW CONCURRENTLY', 's', views),
    figure('nightly comparison, 35 days', 's', [compared]),
    figure('first run, 12 months', 's', [first]),
  ];
}
