/** What the status page shows, from real databases with 90 days of operation and a real Temporal. */
import { Client, Connection } from '@temporalio/client';
import type { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgres } from '../../../src/clients/postgres.ts';
import { applySchedules, SCHEDULES } from '../../../src/schedules/index.ts';
import { SCHEDULE_IDS } from '../../../src/shared/ids.ts';
import { useNamespace } from '../../schedules/namespace.ts';
import { fillAlerts, fillBoth, TARGETS, type Filled } from '../../support/operations.ts';
import { DEMO_NOW } from '../../support/postgres.ts';
import { ask, oneByOne, statusApp } from './support.ts';
import { waitFor } from '../../support/wait.ts';

const given = useNamespace();
let filled: Filled;
let page: Hono;
beforeAll(async () => {
  filled = await fillBoth();
  await applySchedules({ client: given.client, rows: SCHEDULES });
  page = statusApp({ client: given.client, ops: filled.ops.db, app: filled.app.db });
}, 120_000);
afterAll(() => filled?.drop());

const unreachable = () =>
  createPostgres({
    url: 'postgres://nobody@127.0.0.1:1/none',
    applicationName: 'talos-test',
    connectTimeoutMs: 500,
  });

/** The part of the page with this id. */
const part = (text: string, id: string): string =>
  new RegExp(`<section[^>]*aria-labelledby="${id}"[\\s\\S]*?</section>`).exec(text)?.[0] ?? '';
const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;
const plain = (text: string): string =>
  text
    .replace(/<[^>]*>/g, ' ')
    .replace(/[\s\u00a0\u202f]+/g, ' ')
    .replace(/&#39;/g, "'");

describe('with everything there', () => {
  it('is one page of less than 100 kB, without a script, and fetches nothing', async () => {
    const { status, text, headers } = await ask(page);
    expect(status).toBe(200);
    expect(Buffer.byteLength(text)).toBeLessThan(100_000);
    expect(text).not.toMatch(/<script|<link|<img|<iframe|@import|url\(| style=| on[a-z]+=/);
    // What the policy lets in is this style sheet, by its hash.
    expect(headers.get('Content-Security-Policy')).toContain("default-src 'none'");
    expect(headers.get('Refresh')).toBe('60');
    expect(headers.get('Cache-Control')).toBe('no-store');
  });

  it('has bars of 90 days, state and time of each target, and names the days with an outage', async () => {
    const services = part((await ask(page, '/?lang=en')).text, 'services');
    expect(count(services, /class="bars"/g)).toBe(TARGETS.length);
    for (const [, bars = ''] of services.matchAll(/<svg class="bars"[^>]*>(.*?)<\/svg>/g))
      expect(count(bars, /M\d+ 34/g)).toBe(90);
    expect(count(services, /class="b-bad"/g)).toBe(1);
    expect(count(services, /class="b-warn"/g)).toBe(1);
    const words = plain(services);
    expect(count(words, /✓ Up/g)).toBe(TARGETS.length);
    // Five days ago, 42 minutes.
    expect(words).toContain('since Nov 18 20:45 (4 d 23 h)');
    expect(words).toContain('since Aug 25 21:00 at least');
    expect(words).toContain('1 day below 100%');
    expect(words).toContain('18 November 2026: 97.08%');
    expect(words).toContain('99.99% over 90 days');
  });

  it('has the eleven jobs with last run, next run, trend and a link into the Web UI', async () => {
    const jobs = part((await ask(page, '/?lang=en')).text, 'jobs');
    const { namespace } = given.client.options;
    const ui = `http://127.0.0.1:8233/namespaces/${namespace}`;
    for (const id of SCHEDULE_IDS) expect(jobs).toContain(`href="${ui}/schedules/${id}"`);
    expect(count(jobs, /class="trend"/g)).toBe(11);
    expect(count(jobs, new RegExp(`href="${ui}/workflows/`, 'g'))).toBe(11);
    expect(count(jobs, /<dt>Next<\/dt>\s*<dd>\s*<time/g)).toBe(SCHEDULES.length);
    expect(count(plain(jobs), /observes only/g)).toBe(SCHEDULES.filter(({ observe }) => observe).length);
  });

  it('has the last backup, and today’s figures with their lines', async () => {
    const { text } = await ask(page, '/?lang=en');
    expect(plain(part(text, 'backup'))).toMatch(/16 h ago ✓ Proven by a restore .* Size 86.4 MB/);
    const figures = part(text, 'figures');
    expect(count(figures, /class="spark"/g)).toBe(8);
    const [row] = await filled.app.db.query<{ value: number }>(
      `select round(value / 100, 2)::float8 as value from maintenance.statistics
        where metric = 'mrr' and period_kind = 'day' order by period_start desc limit 1`,
    );
    expect(plain(figures)).toContain(`MRR €${row?.value.toLocaleString('en', { minimumFractionDigits: 2 })}`);
  });

  it('speaks the reader’s language, else the policy’s', async () => {
    expect((await ask(page)).text).toContain('<html lang="fr">');
    expect((await ask(page, '/', { 'Accept-Language': 'en-GB,fr' })).text).toContain('<html lang="en">');
    const { text } = await ask(page, '/?lang=fr', { 'Accept-Language': 'en' });
    expect(plain(text)).toContain('Les onze travaux');
    // A narrow space before ; ! ?, a plain no-break space before : and %, or none at all.
    expect(text.replace(/<style>.*<\/style>/s, '').replace(/"[^"]*"/g, '')).not.toMatch(/[A-Za-zé] [;:!?%]/);
  });

  it('says the same to Prometheus', async () => {
    const { status, text, headers } = await ask(page, '/metrics');
    expect(status).toBe(200);
    expect(headers.get('Content-Type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    for (const line of [
      'talos_source_up{source="operations_database"} 1',
      'talos_workers 0',
      'talos_backup_last_proven_bytes 86400000',
      'talos_target_up{target="n8n"} 1',
      'talos_job_last_run_failed{schedule="nettoyage-logs"} 1',
      'talos_job_last_run_failed{schedule="backup-database"} 0',
      'talos_job_late_seconds{schedule="backup-database"} 0',
      'talos_job_armed{schedule="expiration-essais"} 0',
      'talos_job_runs_last_day{schedule="update-statistiques",outcome="succeeded"} 24',
      'talos_alerts_open{level="critical",acknowledged="false"} 0',
      'talos_notices_unsent{channel="sms"} 0',
    ])
      expect(text.split('\n')).toContain(line);
    const at = DEMO_NOW.getTime() / 1_000;
    expect(text).toContain(`talos_backup_last_proven_timestamp_seconds ${String(at - 16 * 3_600)}`);
    expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
  });

  it('can be kept from renewing itself', async () => {
    const { text, headers } = await ask(page, '/?lang=en&refresh=0');
    expect(headers.get('Refresh')).toBeNull();
    expect(text).toContain('href="/?lang=en"');
  });
});

describe('what needs a person', () => {
  const needs = async (app = page): Promise<string> =>
    plain(
      /<section class="card verdict[\s\S]*?<\/section>/.exec((await ask(app, '/?lang=en')).text)?.[0] ?? '',
    );

  it('stands on top: no worker, a run that failed', async () => {
    expect(await needs()).toMatch(
      /^ 2 things need somebody .*No worker polls.*The last run failed nettoyage-logs/,
    );
  });

  it('has alerts with their age and a button; those in hand stand below', async () => {
    await fillAlerts(filled.ops.db);
    const { text } = await ask(page, '/?lang=en');
    const words = await needs();
    expect(words).toContain('A1 · for 12 min (since 19:48)');
    expect(count(text, /<form method="post" action="\/acknowledge">/g)).toBe(2);
    expect(text).toContain('<input type="hidden" name="alert" value="1" />');
    const below = plain(part(text, 'alerts'));
    expect(below).toContain('2 alerts to be taken on, above.');
    expect(below).toContain('Acknowledged A3 · for 34 min');
    expect(plain(part(text, 'services'))).toMatch(/application ✕ Down since 19:50 \(10 min\)/);
    await filled.ops.db.query('delete from ops.alerts');
    await filled.ops.db.query(`update ops.samples set value = 1 where metric = 'availability:app'`);
  });

  it('names a backup that is too old, a paused job, a brake, notices that have not left, and a blind watch', async () => {
    const { db } = filled.ops;
    await db
      .transaction(async (tx) => {
        await tx.query(`update ops.proofs set proved_at = proved_at - interval '1 day'`);
        await tx.query(
          `update ops.runs set outcome = 'running', finished_at = null where schedule_id = 'expiration-essais'
            and started_at = (select max(started_at) from ops.runs where schedule_id = 'expiration-essais')`,
        );
        await tx.query(
          `insert into ops.notifications (key, channel, level, template, status, closed_at, created_at)
         select workflow_id || '/' || run_id || '/braked', 'email', 'important', 'brake-holds', 'sent', now(), started_at
           from ops.runs where outcome = 'running'
          union all select 'late', 'sms', 'critical', 'alert', 'claimed', null, $1::timestamptz - interval '6 minutes'`,
          [DEMO_NOW],
        );
        await tx.query(`delete from ops.samples where at > $1::timestamptz - interval '2 hours'`, [DEMO_NOW]);
        await given.client.schedule.getHandle('rapport-hebdomadaire').pause('because we said so');
        const app = statusApp({ client: given.client, ops: oneByOne(tx), app: filled.app.db });
        // The server's list of Schedules learns of a pause a moment later.
        let words = '';
        await waitFor(async () => (words = await needs(app)).includes('Paused in Temporal'), {
          timeoutMs: 20_000,
          what: 'the list of Schedules',
        });
        expect(words).toMatch(/^ 7 things need somebody/);
        expect(words).toContain('No proven backup since 40 h');
        expect(words).toContain('The brake waits for an answer expiration-essais');
        expect(words).toContain('Paused in Temporal rapport-hebdomadaire');
        expect(words).toContain('1 message has not left');
        expect(words).toContain('No reading since 2 h');
        await given.client.schedule.getHandle('rapport-hebdomadaire').unpause();
        throw new Error('rolled back');
      })
      .catch((error: Error) => {
        if (error.message !== 'rolled back') throw error;
      });
  });

  it('names a job that is late; one that lacks settings is none', async () => {
    const { db } = filled.ops;
    await db
      .transaction(async (tx) => {
        await tx.query(
          `delete from ops.runs where schedule_id in ('update-statistiques', 'backup-database')
                         and started_at > $1::timestamptz - interval '1 day'`,
          [DEMO_NOW],
        );
        const options = { client: given.client, ops: oneByOne(tx), app: filled.app.db };
        const app = statusApp({ ...options, missing: { 'backup-database': ['BACKUP_BUCKET'] } });
        expect(await needs(app)).toMatch(/Late update-statistiques It should/);
        expect(plain(part((await ask(app, '/?lang=en')).text, 'jobs'))).toContain(
          'Settings not set: BACKUP_BUCKET',
        );
        throw new Error('rolled back');
      })
      .catch((error: Error) => {
        if (error.message !== 'rolled back') throw error;
      });
  });
});

describe('while something is away', () => {
  it('answers without Temporal, and says what it does not know', async () => {
    const connection = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
    const app = statusApp({ client: new Client({ connection }), ops: filled.ops.db, app: filled.app.db });
    const { status, text } = await ask(app, '/?lang=en');
    expect(status).toBe(200);
    expect(plain(text)).toContain('Temporal does not answer No job starts or goes on.');
    expect(count(part(text, 'services'), /class="bars"/g)).toBe(TARGETS.length);
    expect(count(plain(part(text, 'jobs')), /state unknown/g)).toBe(SCHEDULES.length);
    await connection.close();
  });

  it.each([
    ['the operations database', 'ops'],
    ['the application’s database', 'app'],
  ] as const)('answers without %s', async (_name, which) => {
    const away = unreachable();
    const sources = { ops: filled.ops.db, app: filled.app.db, [which]: away };
    const { status, text } = await ask(statusApp({ client: given.client, ...sources }), '/?lang=en');
    expect(status).toBe(200);
    const metrics = await ask(statusApp({ client: given.client, ...sources }), '/metrics');
    expect(metrics.text).toContain(
      `talos_source_up{source="${which === 'ops' ? 'operations' : 'application'}_database"} 0`,
    );
    expect(metrics.text.includes('talos_job_late_seconds')).toBe(which === 'app');
    if (which === 'ops') {
      expect(plain(text)).toContain('The operations database does not answer');
      expect(plain(part(text, 'backup'))).toContain('not known at this moment');
      expect(count(part(text, 'figures'), /class="spark"/g)).toBe(8);
    } else {
      expect(plain(part(text, 'figures'))).toContain('not known at this moment');
      expect(count(plain(part(text, 'services')), /✓ Up/g)).toBe(TARGETS.length);
    }
    await away.close();
  });

  it('answers within three seconds while a database takes the connection and says nothing', async () => {
    const hanging = { query: () => new Promise<never>(() => undefined) };
    const begun = Date.now();
    const { status } = await ask(statusApp({ client: given.client, ops: hanging, app: hanging }));
    expect(status).toBe(200);
    expect(Date.now() - begun).toBeLessThan(3_000);
  });
});

it('shows sleeping lifecycles by phase where there are any, and those that have come to a halt', async () => {
  const { db } = filled.ops;
  expect((await ask(page)).text).not.toContain('id="lifecycles"');
  await db.query(
    `create table if not exists ops.lifecycles (account_id text primary key, phase text not null, policy jsonb not null,
         trouble text, next_action_at timestamptz, ended_at timestamptz)`,
  );
  await db.query(
    `insert into ops.lifecycles (account_id, phase, policy, trouble, next_action_at, ended_at)
     select n::text, case when n <= 1204 then 'archived' else 'asked' end, '{}', case when n = 7 then 'no archive' end,
            timestamptz '2027-01-05T10:00Z' + make_interval(days => n), case when n = 1500 then now() end
       from generate_series(1, 1500) n`,
  );
  const { text } = await ask(page, '/?lang=en');
  const words = plain(part(text, 'lifecycles'));
  expect(words).toMatch(/Answer awaited 295 .* Archived 1,204 next one: 6 January 2027/);
  expect(plain(text)).toContain('1 sleeping customer has come to a halt');
});
