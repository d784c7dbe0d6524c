-- Seed, 1 of 4: who the customers are and what becomes of them.
-- Everything is a function of `demo.now` and of row numbers: the same instant gives the same data.

create schema demo;
create function demo.now() returns timestamptz language sql stable as
  $$ select current_setting('demo.now')::timestamptz $$;
-- A number in [0, 1) that looks random and depends only on its arguments.
create function demo.r(n bigint, salt int) returns double precision language sql immutable parallel safe as
  $$ select (hashint8extended(n, salt) & 9007199254740991)::double precision / 9007199254740992.0 $$;
create function demo.uuid(kind text, n bigint) returns uuid language sql immutable parallel safe as
  $$ select overlay(overlay(md5(kind || ':' || n) placing '4' from 13) placing '8' from 17)::uuid $$;
create function demo.pick(words text[], n bigint, salt int) returns text language sql immutable parallel safe as
  $$ select words[1 + floor(demo.r(n, salt) * cardinality(words))::int] $$;
-- An instant in the opening hours (8 to 20 h) of a Paris day.
create function demo.at(day date, fraction double precision) returns timestamptz language sql stable as
  $$ select (day + make_interval(secs => 28800 + floor(43200 * fraction))) at time zone 'Europe/Paris' $$;
create function demo.ascii(word text) returns text language sql immutable as
  $$ select translate(lower(word), 'àâäçéèêëîïôöùûüÿœ '' ', 'aaaceeeeiioouuuyo--') $$;

-- Sign-ups grow threefold over 400 days; one account in ten is older. Few people sign up at weekends.
create table demo.accounts as
with raw as (
  select n, demo.now() - make_interval(secs => 86400 * case
           when n <= 200 then 400 + (200 - n) * 2.5
           else 400 * (1 - (sqrt(1 + 8 * (n - 200) / 1800.0) - 1) / 2) end) as at
  from generate_series(1, 2000) as n
), days as (
  select n, at, (at at time zone 'Europe/Paris')::date as day from raw
), created as (
  select n, least(demo.at(case when extract(isodow from day) > 5 and demo.r(n, 1) < 0.7 then day - 2 - n % 4 else day end,
                          demo.r(n, 2)), demo.now() - make_interval(secs => 60 + floor(20000 * demo.r(n, 2)))) as created_at
  from days
), kinds as (
  select row_number() over (order by created_at, n) as n, created_at from created
), trials as (
  select n, created_at, case when demo.r(n, 3) < 0.62 then 'b2b' else 'b2c' end as kind,
         demo.r(n, 4) < 0.92 as has_trial,
         created_at + make_interval(days => case when demo.r(n, 6) < 0.1 then 21 else 14 end) as trial_ends_at,
         created_at + make_interval(secs => floor(86400 * (2 + 11.9 * demo.r(n, 7)))) as would_convert_at
  from kinds
), customers as (
  select *, case
      when not has_trial then created_at + interval '10 minutes'
      when demo.r(n, 5) < case kind when 'b2b' then 0.40 else 0.26 end and would_convert_at <= demo.now() then would_convert_at
    end as customer_from,
    demo.r(n, 8) < 0.25 as annual
  from trials
), lives as (
  select *, customer_from + make_interval(months => case
      when annual then 12 * (1 + floor(ln(1 - demo.r(n, 9)) / ln(1 - 0.18))::int)
      else 1 + floor(ln(1 - demo.r(n, 9)) / ln(1 - 0.035))::int end) as would_end_at
  from customers
), ends as (
  select *, case when would_end_at <= demo.now() then would_end_at end as ended_at from lives
), returns as (
  select *, case when demo.r(n, 10) < 0.12
                  and ended_at + make_interval(days => 45 + floor(100 * demo.r(n, 11))::int) <= demo.now()
            then ended_at + make_interval(days => 45 + floor(100 * demo.r(n, 11))::int) end as returned_at
  from ends
), seen as (
  select *, has_trial and customer_from is null and demo.r(n, 12) < 0.13 as never_logged_in,
    least(demo.now(), case
      when returned_at is not null then demo.now()
      when customer_from is not null and demo.r(n, 13) < 0.05 then customer_from + interval '20 days'
      when customer_from is not null then coalesce(ended_at, demo.now())
      when demo.r(n, 14) < 0.4 then created_at + make_interval(secs => floor(86400 * 4 * demo.r(n, 15)))
      else created_at + make_interval(secs => floor(86400 * (6 + 20 * demo.r(n, 15)))) end) as active_until
  from returns
)
select *, demo.uuid('account', n) as id,
  case
    when customer_from is not null and (ended_at is null or returned_at is not null) then 'active'
    when active_until < demo.now() - interval '19 months' then 'anonymized'
    when active_until < demo.now() - interval '6 months 16 days' then 'archived'
    when customer_from is not null then 'inactive'
    -- The job that expires trials has not run for three days: there is something for it to do.
    when trial_ends_at > demo.now() - interval '3 days' then 'trial'
    else 'expired'
  end as status,
  demo.pick(array['Amélie', 'Antoine', 'Baptiste', 'Camille', 'Chloé', 'Clément', 'Élodie', 'Émile', 'Fanny', 'Florian',
    'Gaëlle', 'Hélène', 'Hugo', 'Inès', 'Jérôme', 'Julie', 'Karim', 'Léa', 'Lucas', 'Manon', 'Margaux', 'Mathis',
    'Nadia', 'Noémie', 'Olivier', 'Pauline', 'Quentin', 'Romain', 'Salomé', 'Théo', 'Valérie', 'Yanis'], n, 16) as first_name,
  demo.pick(array['Martin', 'Bernard', 'Thomas', 'Petit', 'Robert', 'Richard', 'Durand', 'Dubois', 'Moreau', 'Laurent',
    'Simon', 'Michel', 'Lefèvre', 'Leroy', 'Roux', 'David', 'Bertrand', 'Morel', 'Fournier', 'Girard', 'Bonnet',
    'Dupont', 'Lambert', 'Fontaine', 'Rousseau', 'Vincent', 'Müller', 'Faure', 'André', 'Mercier', 'Benali', 'N''Diaye'],
    n, 17) as last_name
from seen;
alter table demo.accounts add primary key (n);

create table demo.users as
select a.n * 8 + k as u, a.n, k, demo.uuid('user', a.n * 8 + k) as id, a.id as account_id, a.never_logged_in,
  case k when 0 then a.first_name else demo.pick(array['Agathe', 'Benoît', 'Céline', 'Damien', 'Estelle', 'Farid',
    'Guillaume', 'Irène', 'Joël', 'Laure', 'Maxime', 'Nathalie', 'Raphaël', 'Sylvie', 'Zoé'], a.n * 8 + k, 18) end as first_name,
  case k when 0 then a.last_name else demo.pick(array['Blanc', 'Guérin', 'Boyer', 'Garnier', 'Chevalier', 'Perrin',
    'Noël', 'Gauthier', 'Barbier', 'Brun', 'Rolland', 'Caron', 'Picard', 'Rey', 'Lévêque'], a.n * 8 + k, 19) end as last_name,
  a.created_at + make_interval(secs => k * floor(86400 * 3 * demo.r(a.n * 8 + k, 20))) as joined_at, a.active_until
from demo.accounts a,
  generate_series(0, case a.kind when 'b2b' then floor(demo.r(a.n, 21) ^ 2 * 4)::int else 0 end) as k
where a.status <> 'anonymized'
  and a.created_at + make_interval(secs => k * floor(86400 * 3 * demo.r(a.n * 8 + k, 20))) <= demo.now();

-- Days on which a user did something, at most 400 days back.
create table demo.user_days as
select u.u, u.n, u.id as user_id, u.account_id, day::date as day,
       u.u * 100000 + (day::date - date '2000-01-01') as key
from demo.users u,
  generate_series(greatest((u.joined_at at time zone 'Europe/Paris')::date, (demo.now() at time zone 'Europe/Paris')::date - 400)::timestamp,
                  u.active_until at time zone 'Europe/Paris', interval '1 day') as day
where not u.never_logged_in
  and demo.r(u.u * 100000 + (day::date - date '2000-01-01'), 22)
      < (0.12 + 0.34 * demo.r(u.u, 23)) * case when extract(isodow from day) > 5 then 0.25 else 1 end;

insert into public.activity_events (user_id, account_id, kind, at, detail)
select user_id, account_id, demo.pick(array['page_view', 'page_view', 'lead_created', 'invoice_created', 'export', 'login'], key, 24 + i), at,
       case when demo.r(key, 30) < 0.2 then jsonb_build_object('source', demo.pick(array['web', 'mobile', 'api'], key, 31)) end
from demo.user_days, generate_series(0, floor(demo.r(key, 25) * 1.4)::int) as i,
     lateral (select demo.at(day, demo.r(key * 3 + i, 26)) as at) as moment
where at < demo.now()
order by at, key, i;

create table demo.last_seen as
select user_id, max(at) as at from public.activity_events group by user_id;
create table demo.user_state as
select u.*, case when not u.never_logged_in then coalesce(s.at, least(u.active_until, demo.now() - interval '1 hour')) end as last_seen_at
from demo.users u left join demo.last_seen s on s.user_id = u.id;
alter table demo.user_state add primary key (u);

insert into public.accounts (id, name, kind, status, siren, email, phone, locale, address, source, tags, settings, notes,
  created_at, updated_at, last_activity_at, deactivated_at, archived_at, anonymized_at)
select a.id,
  case when a.status = 'anonymized' then 'Compte anonymisé'
       when a.kind = 'b2b' then demo.pick(array['Atelier', 'Cabinet', 'Studio', 'Agence', 'Maison', 'Société'], n, 32) || ' ' || last_name
         || demo.pick(array[' & Fils', ' Conseil', '', ' Numérique', ' Bâtiment', ' Services'], n, 33)
       else first_name || ' ' || last_name end,
  a.kind::public.account_kind, a.status::public.account_status,
  case when a.kind = 'b2b' and a.status <> 'anonymized' then lpad((100000000 + n * 7919)::text, 9, '0') end,
  case when a.status <> 'anonymized' then demo.ascii(first_name) || '.' || demo.ascii(last_name) || n
    || case when demo.r(n, 34) < 0.5 then '@example.test' else '@exemple.test' end end,
  case when a.status <> 'anonymized' and demo.r(n, 35) < 0.7 then '+3363998' || lpad((n * 37 % 10000)::text, 4, '0') end,
  case when demo.r(n, 36) < 0.93 then 'fr-FR' else 'en-GB' end,
  case when a.status <> 'anonymized' then row((1 + n % 90) || demo.pick(array[' rue de la République', ' avenue Jean-Jaurès', ' rue des Lilas', ' place du Marché'], n, 37),
    lpad((1000 + n * 41 % 94000)::text, 5, '0'), demo.pick(array['Paris', 'Lyon', 'Marseille', 'Lille', 'Nantes', 'Rennes', 'Orléans', 'Saint-Étienne'], n, 38), 'FR')::public.postal_address end,
  demo.pick(array['google', 'recommandation', 'linkedin', 'salon', 'facebook'], n, 39),
  case when demo.r(n, 40) < 0.2 then array['vip', 'à rappeler'] else '{}' end,
  jsonb_build_object('onboarding', demo.r(n, 41) < 0.8, 'theme', demo.pick(array['clair', 'sombre'], n, 42)),
  case when a.status <> 'anonymized' and demo.r(n, 43) < 0.15 then 'Appel du ' || to_char(created_at, 'DD/MM') || ' : souhaite une démonstration pour ' || first_name || '.' end,
  created_at, created_at, coalesce(s.last_seen_at, created_at),
  case when a.status <> 'active' and a.status <> 'trial' then coalesce(ended_at, trial_ends_at) end,
  case when a.status in ('archived', 'anonymized') then active_until + interval '6 months 16 days' end,
  case when a.status = 'anonymized' then active_until + interval '19 months' end
from demo.accounts a
left join (select n, max(last_seen_at) as last_seen_at from demo.user_state group by n) s using (n)
order by n;

insert into public.trials (id, account_id, started_at, ends_at, expired_at, converted_at)
select demo.uuid('trial', n), id, created_at, trial_ends_at,
  case when customer_from is null and trial_ends_at <= demo.now() - interval '3 days'
       then ((trial_ends_at at time zone 'Europe/Paris')::date + interval '1 day 1 hour') at time zone 'Europe/Paris' end,
  customer_from
from demo.accounts where has_trial order by n;

insert into public.leads (created_at, account_id, name, email, phone, source, message, utm)
select at, account_id, name, email, phone, demo.pick(array['site', 'google', 'linkedin', 'salon', 'n8n'], l, 44),
  case when demo.r(l, 45) < 0.3 then 'Bonjour, pouvez-vous me rappeler au sujet de votre offre ? ' || name end,
  case when demo.r(l, 46) < 0.5 then jsonb_build_object('campaign', demo.pick(array['printemps', 'rentrée', 'marque'], l, 47)) end
from (
  select n as l, created_at - make_interval(secs => floor(86400 * 12 * demo.r(n, 48) ^ 3)) as at, id as account_id,
    case when status <> 'anonymized' then first_name || ' ' || last_name end as name,
    case when status <> 'anonymized' then demo.ascii(first_name) || '.' || demo.ascii(last_name) || n || '@example.test' end as email,
    case when status <> 'anonymized' then '+3363998' || lpad((n * 37 % 10000)::text, 4, '0') end as phone
  from demo.accounts
  union all
  select 10000 + n * 2 + i, created_at - make_interval(secs => floor(86400 * 2 * demo.r(n * 2 + i, 49))), null,
    demo.pick(array['Adrien', 'Brigitte', 'Cyril', 'Delphine', 'Éric', 'Fatima', 'Gilles', 'Honorine'], n * 2 + i, 50) || ' '
      || demo.pick(array['Aubert', 'Besson', 'Colin', 'Denis', 'Éluard', 'Ferry', 'Giraud', 'Hamon'], n * 2 + i, 51),
    'prospect' || (n * 2 + i) || '@exemple.test', '+3363998' || lpad(((n * 2 + i) * 53 % 10000)::text, 4, '0')
  from demo.accounts, generate_series(0, 1) as i where demo.r(n * 2 + i, 52) < 0.85 and n > 200
) all_leads order by at, l;

insert into public.contact_permissions (account_id, channel, basis, source, granted_at, withdrawn_at)
select id, channel, case channel when 'sms' then 'consent' else case kind when 'b2b' then 'b2b_interest' else 'similar_services' end end,
  'formulaire d’inscription', created_at,
  case when demo.r(n, case channel when 'sms' then 53 else 54 end) < 0.08 then least(created_at + interval '9 days', demo.now()) end
from demo.accounts, unnest(array['email', 'sms']) as channel
where status <> 'anonymized' and (channel = 'email' and demo.r(n, 55) < 0.9 or channel = 'sms' and demo.r(n, 56) < 0.45)
order by n, channel;

insert into public.legal_holds (account_id, reason, opened_at, review_on, released_at)
select id, 'Litige en cours : pièces à conserver', created_at + interval '60 days', (demo.now() + interval '90 days')::date,
       case when n % 2 = 0 then demo.now() - interval '10 days' end
from demo.accounts where status in ('inactive', 'expired') and demo.r(n, 57) < 0.012 and created_at < demo.now() - interval '61 days' order by n;
