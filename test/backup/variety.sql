-- A database with everything that a dump, a restore or a comparison could get wrong.
create extension pgcrypto; create extension pg_trgm;
create schema "Ünïcode ""schéma""";
create type mood as enum ('sad', 'ok', 'très content');
create domain positive as int check (value > 0);
create type pair as (a int, b text);
create table plain (id bigserial primary key, t text, m mood, p positive, c pair, j jsonb, b bytea, f float8, r real,
  n numeric, ts timestamptz default now(), d date, i interval, a text[], x xml, u uuid, money money, talos_row int, oid_ref regclass);
insert into plain (t, m, p, c, j, b, f, r, n, i, a, x, u, money, talos_row, oid_ref)
select repeat('é' || g, g % 50), (array['sad', 'ok', 'très content'])[1 + g % 3]::mood, g, row(g, 'x')::pair, jsonb_build_object('k', g),
  decode(md5(g::text), 'hex'), 1.0 / g, 1.0 / g, 1.0 / g, make_interval(days => g), array['a', null, g::text], '<a/>', md5(g::text)::uuid,
  g::money, g, 'plain' from generate_series(1, 3000) g;
create table identities (id int generated always as identity (start 10 increment 5) primary key,
  v int, doubled int generated always as (v * 2) stored);
insert into identities (v) select generate_series(1, 500);
create table no_key (v int); insert into no_key select g % 7 from generate_series(1, 1000) g;
create table empty_table (id serial primary key, v text not null default 'x');
create table no_columns (); insert into no_columns default values; insert into no_columns default values;
create unlogged table unlogged_table as select generate_series(1, 10) v;
create table parts (at date not null, v int) partition by range (at);
create table parts_2026 partition of parts for values from ('2026-01-01') to ('2027-01-01') partition by list (v);
create table parts_2026_1 partition of parts_2026 for values in (1);
create table parts_2026_rest partition of parts_2026 default;
create table parts_rest partition of parts default;
insert into parts select date '2025-12-01' + g, g % 3 from generate_series(1, 400) g;
create index on parts (v);
create table parent_table (id int); create table child_table (extra text) inherits (parent_table);
insert into parent_table values (1); insert into child_table values (2, 'two');
create table "Ünïcode ""schéma"""."Tàble 'é'" ("colonne ""é""" text, "|pipe" int default 3);
insert into "Ünïcode ""schéma"""."Tàble 'é'" values (E'tab\t newline\n back\\slash', 1), (null, null);
create sequence never_called; create sequence descending increment -2 maxvalue 100 start 100; select nextval('descending'), nextval('descending');
create sequence cycling maxvalue 3 cycle; select nextval('cycling') from generate_series(1, 5);
create table lagging (id serial primary key); insert into lagging values (1000);
create table text_key (id text primary key default nextval('never_called')::text);
alter sequence never_called owned by text_key.id;
create table refs (id int primary key, parent int references refs deferrable initially deferred, plain_id bigint references plain on delete cascade);
insert into refs values (1, 1, 1), (2, 1, 2);
create table excluded (r int4range, exclude using gist (r with &&)); insert into excluded values ('[1,5)'), ('[5,9)');
create function touch() returns trigger language plpgsql as $$ begin new.t = new.t || ''; return new; end $$;
create trigger touching before update on plain for each row execute function touch();
create function adds(a int, b int default 1) returns int language sql immutable return a + b;
create procedure does(inout v int) language plpgsql as $$ begin v := v + 1; end $$;
create aggregate total(int) (sfunc = int4pl, stype = int, initcond = '0');
create operator === (leftarg = text, rightarg = text, function = texteq);
create view seen as select id, t from plain where p > 10;
create materialized view counted as select m, count(*) from plain group by m; create unique index on counted (m);
create materialized view never_filled as select 1 as one with no data;
create role variety_reader; create role "Variety ""Writer""";
alter table plain enable row level security; alter table plain force row level security;
create policy readers on plain for select to variety_reader using (p > 100);
create policy "pölicy" on identities for all to "Variety ""Writer""" using (true) with check (v > 0); alter table identities enable row level security;
grant select on plain to variety_reader; grant insert (v), update (v) on identities to "Variety ""Writer"""; grant usage on schema "Ünïcode ""schéma""" to public;
revoke execute on function adds from public; alter default privileges in schema public grant select on tables to variety_reader;
create index plain_trgm on plain using gin (t gin_trgm_ops); create index partial on plain (p) where p > 5; create index expr on plain (lower(t));
create rule ignoring as on delete to empty_table do instead nothing;
create statistics plain_stats on p, m from plain; create publication all_tables for all tables;
comment on table plain is 'a comment'; comment on column plain.t is 'é';
create function event_noop() returns event_trigger language plpgsql as $$ begin end $$;
create event trigger ddl_seen on ddl_command_end when tag in ('CREATE FOREIGN TABLE') execute function event_noop();
select lo_from_bytea(0, decode(repeat('ab', 5000), 'hex')), lo_from_bytea(0, '');
