import { openPostgresSession } from '../../dist/clients/postgres.js';

/** The tables of `pgbench -i -I dtGp`, made by the server itself: the program is not on every machine. */
const PGBENCH = (scale) => `
  create table pgbench_branches (bid int not null primary key, bbalance int, filler char(88));
  create table pgbench_tellers (tid int not null primary key, bid int, tbalance int, filler char(84));
  create table pgbench_accounts (aid int not null, bid int, abalance int, filler char(84));
  create table pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
  insert into pgbench_branches select i, 0, '' from generate_series(1, ${scale}) i;
  insert into pgbench_tellers select i, (i - 1) / 10 + 1, 0, '' from generate_series(1, ${scale} * 10) i;
  insert into pgbench_accounts select i, (i - 1) / 100000 + 1, 0, '' from generate_series(1, ${scale} * 100000) i;
  alter table pgbench_accounts add primary key (aid);`;

const TICKETS = `
  create table tickets (id bigint not null, tenant int not null, opened_at timestamptz not null, author text not null,
    subject text not null, body text not null, labels jsonb not null);
  -- 600 phrases of two or three invented words.
  create table phrases as
    select array_agg(phrase) as all_phrases from (
      select string_agg(word, ' ') as phrase from (
        select i, (select string_agg((array['ba','con','der','est','fi','gra','ler','mon','nu','por','qui','ras',
                 'ser','tion','un','vel','tra','ment','li','ca'])[1 + floor(random() * 20)::int], '')
                   from generate_series(1, 2 + (i + j) % 2) where i + j > 0) as word
          from generate_series(1, 600) i, generate_series(1, 3) j where j < 3 or i % 3 = 0) words
       group by i) made;`;

/** Rows of about 1.4 kB, below what TOAST would compress; frequent phrases are frequent, and numbers come between. */
const TICKET_ROWS = (from, to) => `
  select setseed(0.${(from % 89) + 10});
  insert into tickets
    -- Joined anew: read from the table, the array would be decompressed for every phrase.
    with known as materialized (select all_phrases || '{}'::text[] as all_phrases from phrases)
    select i, i % 400, timestamptz '2026-01-01' + i * interval '97 seconds', 'user' || (i * 7919) % 20000 || '@example.test',
           all_phrases[1 + i % 600] || ' ' || i,
           (select string_agg(all_phrases[1 + floor(power(random(), 2.2) * 600)::int]
                     || case when g % 6 = 0 then ' ' || floor(random() * 1000000)::int || '.' else '' end, ' ')
              from generate_series(1, 40 + i % 32) g),
           jsonb_build_object('priority', i % 5, 'channel', (array['mail', 'phone', 'web'])[1 + i % 3], 'open', i % 9 = 0)
      from known, generate_series(${from}::bigint, ${to}::bigint) i;`;
const BYTES_PER_TICKET = 1_340;
const CHUNK = 5_000;

/** Creates the database, and returns its URL and size. `serverUrl` is a superuser's. */
export async function makeDatabase(serverUrl, { scale, textMb, signal }) {
  const url = new URL(serverUrl);
  const server = await openPostgresSession({ url: serverUrl, applicationName: 'talos-bench' });
  await server.query('create database bench').finally(() => server.close());
  url.pathname = '/bench';
  const open = () => openPostgresSession({ url: url.href, applicationName: 'talos-bench' });
  const [one, two] = [await open(), await open()];
  try {
    await one.query(`select setseed(0.5); ${TICKETS}`);
    const tickets = Math.round((textMb * 1024 * 1024) / BYTES_PER_TICKET);
    let next = 1;
    const write = async (session) => {
      for (let from = next; from <= tickets; from = next) {
        signal.throwIfAborted();
        next += CHUNK;
        await session.query(TICKET_ROWS(from, Math.min(tickets, from + CHUNK - 1)));
      }
    };
    await Promise.all([write(one), two.query(PGBENCH(scale)).then(() => write(two))]);
    await one.query('drop table phrases; alter table tickets add primary key (id)');
    await one.query('vacuum analyze');
    await one.query('checkpoint');
    const [facts] = await one.query(
      `select pg_database_size('bench') as bytes, current_setting('server_version') as version,
              pg_table_size('tickets') as text_bytes`,
    );
    return { url: url.href, ...facts };
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
}
