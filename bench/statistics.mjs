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
    const results = {};
    for (const months of MONTHS) {
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
      try {
        results[months] = await measure(db, { months, scale, signal, onProgress });
      } finally {
        await db.close();
      }
    }
    const [{ version }] = await admin.query(`select current_setting('server_version') as version`);
    const { accounts, payments, activity } = rowsOf(12, scale);
    return {
      software: `PostgreSQL ${version}, ${activity} activity rows, ${accounts} customers, ${accounts * 2} terms, ${payments} payments`,
      figures: figuresOf(results),
    };
  } finally {
    await admin.close();
    await stack.stop();
  }
}

async function measure(db, { months, scale, signal, onProgress }) {
  let at = Date.parse(NOW);
  const update = async () => {
    const computed = await computeStatistics(db, { at: new Date(at), ...SETTINGS });
    await refreshViews(db, []);
    return computed;
  };
  const first = await seconds(update);
  onProgress(`${months} months: first run ${first.toFixed(1)} s`);
  // The next one has the connection's plans and the tables' statistics, and does not wait for what filling them left to write.
  await db.query('vacuum analyze');
  await db.query('checkpoint');
  const hourly = [];
  for (let hour = 0; hour <= HOURS; hour += 1) {
    signal.throwIfAborted();
    at += HOUR_MS;
    await db.query(hourOf(new Date(at).toISOString(), scale));
    const taken = await seconds(update);
    if (hour > 0) hourly.push(taken);
    onProgress(`${months} months: hour ${hour} ${taken.toFixed(3)} s${hour === 0 ? ' (warms up)' : ''}`);
  }
  if (months !== MONTHS.at(-1)) return { hourly };

  const views = [];
  await db.query('set jit = off');
  const made = await seconds(() => db.query(EQUIVALENT));
  onProgress(`equivalent view made in ${made.toFixed(1)} s`);
  for (let round = 0; round < VIEW_ROUNDS; round += 1) {
    signal.throwIfAborted();
    at += HOUR_MS;
    await db.query(hourOf(new Date(at).toISOString(), scale));
    hourly.push(await seconds(update));
    views.push(
      await seconds(() => db.query('refresh materialized view concurrently public.figures_of_days')),
    );
    onProgress(`round ${round + 1}: ours ${hourly.at(-1).toFixed(3)} s, view ${views.at(-1).toFixed(1)} s`);
  }
  const rebuilt = [];
  for (const period of ['2026-11', '2026-06', '2026-02']) {
    signal.throwIfAborted();
    rebuilt.push(await seconds(() => computeStatistics(db, { at: new Date(at), period, ...SETTINGS })));
    onProgress(`${period} again: ${rebuilt.at(-1).toFixed(1)} s`);
  }
  const [compared] = [await seconds(() => compareStatistics(db, { at: new Date(at), ...SETTINGS }))];
  onProgress(`compared with 35 days: ${compared.toFixed(1)} s`);
  return { hourly, views, rebuilt, first, compared, sameRound: hourly.slice(-VIEW_ROUNDS) };
}

function figuresOf({ 1: month, 12: year }) {
  const middle = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
  return [
    figure('hourly update, warm', 's', year.hourly, { bar: 1 }),
    figure(
      'hourly update / REFRESH MATERIALIZED VIEW CONCURRENTLY',
      'ratio',
      year.views.map((value, at) => year.sameRound[at] / value),
      { bar: 0.05 },
    ),
    figure('one month built again', 's', year.rebuilt, { bar: 60 }),
    figure(
      'hourly update, 12 months / 1 month of history',
      'ratio',
      [middle(year.hourly.slice(0, HOURS)) / middle(month.hourly)],
      { bar: 1.3 },
    ),
    figure('hourly update, 1 month of history', 's', month.hourly),
    figure('REFRESH MATERIALIZED VIEW CONCURRENTLY', 's', year.views),
    figure('nightly comparison, 35 days', 's', [year.compared]),
    figure('first run, 12 months', 's', [year.first]),
  ];
}
