/** Where no browser reports how long a page takes: fetched by us once an hour, and labelled as such. */
import type { Queryable } from '../../clients/postgres.ts';
import { fetchPage } from '../../clients/page-fetch.ts';
import { classOf, ProbeFailure } from '../../clients/probe.ts';

export interface PageLoadOptions {
  app: Queryable;
  ops: Queryable;
  /** Undefined: APP_URL is not set. */
  url: string | undefined;
  /** The run's instant, and now. */
  at: Date;
  now: Date;
  signal: AbortSignal;
}

export interface PageLoadMeasured {
  ms?: number;
  assets?: number;
  /** Why nothing was measured: a class, never an address. */
  skipped?: string;
}

/** An hour that is made up for says nothing of how the page was then. */
const LATE_MS = 15 * 60_000;
/** The same as for the figures: so long without a browser's word is without a beacon. */
const BROWSERS = `select exists (select from saas.page_loads where at >= $1::timestamptz - interval '35 days' and at <= $1) as report`;

export async function measurePage(options: PageLoadOptions): Promise<PageLoadMeasured> {
  const { app, ops, url, at, now, signal } = options;
  if (url === undefined) return { skipped: 'APP_URL is not set' };
  if (now.getTime() - at.getTime() > LATE_MS) return { skipped: 'too late for this hour' };
  const [browsers] = await app.query<{ report: boolean }>(BROWSERS, [at]);
  if (browsers?.report) return { skipped: 'browsers report it' };
  const page = await fetchPage({ url, signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    return classOf(error);
  });
  if (page instanceof ProbeFailure) return { skipped: page.reason };
  const ms = Math.round(page.ms);
  await ops.query(
    `insert into ops.samples (metric, target, at, value, count, sum) values ('page_load_ms', 'app', $1, $2, 1, $2)
     on conflict (metric, target, at) do nothing`,
    [at, ms],
  );
  return { ms, assets: page.assets };
}
