-- Seed, 3 of 4: support, application logs, measurements, messages, and the application's own statistics.

insert into public.tickets (account_id, user_id, subject, status, created_at, auto_reply_at, first_human_reply_at, resolved_at, csat, csat_comment)
select account_id, user_id, demo.pick(array['Impossible de me connecter', 'Question sur ma facture', 'Export CSV incomplet',
    'Comment inviter un collègue ?', 'Erreur 500 sur le tableau de bord', 'Changer de formule', 'Lenteur ce matin'], key, 81),
  (case when solved then 'resolved' when reply_at is null then 'open' else 'waiting' end)::public.ticket_status,
  at, case when demo.r(key, 82) < 0.9 then least(at + interval '40 seconds', demo.now()) end, reply_at,
  case when solved then solved_at end, case when solved and demo.r(key, 83) < 0.55 then score end,
  case when solved and demo.r(key, 83) < 0.08 then case when score > 3 then 'Réponse claire, merci.' else 'Trop long.' end end
from (
  select *, solved_at < demo.now() and reply_at is not null and demo.r(key, 84) < 0.93 as solved,
    case when demo.r(key, 85) < 0.55 then 5 when demo.r(key, 85) < 0.82 then 4 when demo.r(key, 85) < 0.91 then 3
         when demo.r(key, 85) < 0.96 then 2 else 1 end as score
  from (
    select *, case when human_at < demo.now() then human_at end as reply_at,
      human_at + make_interval(secs => floor(3600 * exp(0.5 + 3 * demo.r(key, 86)))) as solved_at
    from (
      select d.*, demo.at(day, demo.r(key, 87)) as at,
        demo.at(day, demo.r(key, 87)) + make_interval(secs => floor(60 * exp(1.5 + 4.5 * demo.r(key, 88)))) as human_at
      from demo.user_days d where demo.r(key, 89) < 0.028
    ) asked where at < demo.now()
  ) answered
) rated order by at, key;

insert into public.ticket_messages (ticket_id, author, body, created_at)
select id, author, body, at from public.tickets, lateral (values
  (1, 'customer', 'Bonjour, ' || lower(subject) || '. Merci de votre aide.', created_at),
  (2, 'robot', 'Nous avons bien reçu votre demande.', auto_reply_at),
  (3, 'agent', 'Bonjour, nous regardons cela tout de suite.', first_human_reply_at)) as m(step, author, body, at)
where at is not null order by id, step;

do $$
declare m timestamp;
begin
  for m in select generate_series(date_trunc('month', demo.now()) - interval '14 months', date_trunc('month', demo.now()) + interval '1 month', interval '1 month') loop
    execute format('create table public.%I partition of public.app_logs for values from (%L) to (%L)',
      'app_logs_' || to_char(m, 'YYYY_MM'), m at time zone 'UTC', (m + interval '1 month') at time zone 'UTC');
  end loop;
end $$;
create table public.app_logs_default partition of public.app_logs default;

-- By the hour: a calm floor, busy working hours, and now and then an hour that went wrong.
insert into public.app_logs (at, level, source, message, context)
select hour + make_interval(secs => floor(3599 * demo.r(key, 90))), level::public.log_level,
  demo.pick(array['api', 'web', 'worker', 'n8n', 'auth'], key, 91),
  case level when 'error' then demo.pick(array['Connexion à la base perdue après ', 'Paiement refusé par le prestataire en ', 'Délai dépassé : '], key, 92) || floor(9000 * demo.r(key, 93)) || ' ms'
    when 'warn' then demo.pick(array['Réponse lente : ', 'Nouvelle tentative dans '], key, 92) || floor(9000 * demo.r(key, 93)) || ' ms'
    else demo.pick(array['Requête traitée en ', 'Tâche terminée en ', 'Session ouverte en '], key, 92) || floor(900 * demo.r(key, 93)) || ' ms' end,
  case when level <> 'info' then jsonb_build_object('request_id', substr(md5(key::text), 1, 16)) end
from (
  select hour, h * 1000 + i as key, case when bad and i > 8 then 'error' when demo.r(h * 1000 + i, 94) < 0.82 then 'info'
    when demo.r(h * 1000 + i, 94) < 0.96 then 'warn' else 'error' end as level
  from (
    select hour, (extract(epoch from hour) / 3600)::bigint as h, demo.r((extract(epoch from hour) / 3600)::bigint, 95) < 0.004 as bad,
      extract(hour from hour at time zone 'Europe/Paris') between 8 and 19 as busy
    from generate_series(date_trunc('hour', demo.now()) - interval '400 days', date_trunc('hour', demo.now()) - interval '1 hour', interval '1 hour') as hour
  ) hours, generate_series(1, case when bad then 60 when busy then 6 else 3 end) as i
) lines order by 1, key;

insert into public.api_request_logs (at, method, path, status, ms, account_id, ip)
select at, method, demo.pick(array['/v1/contacts', '/v1/leads', '/v1/factures', '/v1/moi', '/v1/recherche'], key, 96),
  case when demo.r(key, 97) < 0.006 then 500 when demo.r(key, 97) < 0.03 then 404 when demo.r(key, 97) < 0.05 then 401 when method = 'POST' then 201 else 200 end,
  floor(18 * exp(0.3 + 2.4 * demo.r(key, 98) ^ 2 + case when demo.r(key, 99) < 0.01 then 3 else 0 end))::int,
  demo.uuid('account', 1 + floor(2000 * demo.r(key, 100))::bigint), '198.51.100.0'::inet + floor(255 * demo.r(key, 101))::bigint
from (
  select slot + make_interval(secs => floor(299 * demo.r(s * 50 + i, 102))) as at, s * 50 + i as key,
         case when demo.r(s * 50 + i, 103) < 0.75 then 'GET' else 'POST' end as method
  from (select slot, (extract(epoch from slot) / 300)::bigint as s, extract(hour from slot at time zone 'Europe/Paris') between 8 and 19 as busy,
               extract(isodow from slot at time zone 'Europe/Paris') > 5 as weekend
        from generate_series(demo.now() - interval '30 days', demo.now() - interval '5 minutes', interval '5 minutes') as slot) slots,
    generate_series(1, case when weekend then 1 when busy then 5 else 2 end) as i
) calls order by at, key;

insert into public.page_loads (at, path, device, lcp_ms)
select at, demo.pick(array['/', '/tableau-de-bord', '/factures', '/contacts'], key, 104), case when demo.r(key, 105) < 0.35 then 'mobile' else 'desktop' end,
  round((700 * exp(1.3 * demo.r(key, 106) ^ 2 + case when demo.r(key, 105) < 0.35 then 0.4 else 0 end))::numeric, 1)
from (select demo.at(day, demo.r(key, 107)) as at, key from demo.user_days where day > demo.now() - interval '90 days') visits
where at < demo.now() order by at, key;

insert into public.messages (id, account_id, channel, recipient, template, body, provider_sid, sent_at)
select demo.uuid('message', n * 2 + (channel = 'sms')::int), a.id, channel, coalesce(case channel when 'sms' then a.phone else a.email end, '-'),
  case channel when 'sms' then 'relance' else 'bienvenue' end,
  case channel when 'sms' then 'TalosPrimes : besoin d''aide ?' else 'Bienvenue ' || d.first_name || ' !' end,
  case channel when 'sms' then 'SM' || md5('sms' || n) end, least(d.created_at + interval '3 hours', demo.now())
from demo.accounts d join public.accounts a on a.id = d.id, unnest(array['email', 'sms']) as channel
where a.email is not null and (channel = 'email' or a.phone is not null and demo.r(n, 108) < 0.15) order by n, channel;

insert into public.notifications (id, key, level, title, body, created_at, read_at)
select demo.uuid('notification', i), 'demo:' || i, case when i % 9 = 0 then 'important' else 'info' end,
  'Nouvelle version ' || i, 'Les nouveautés sont décrites dans l’aide.', demo.now() - make_interval(days => 7 * (40 - i)),
  case when i < 36 then demo.now() - make_interval(days => 7 * (40 - i) - 1) end
from generate_series(1, 40) as i;

insert into public.api_tokens (id, account_id, token_hash, scopes, created_at, expires_at)
select demo.uuid('api_token', n), id, sha256(('token' || n)::bytea), array['contacts:read', 'leads:write'], created_at + interval '1 day',
  case when demo.r(n, 109) < 0.8 then created_at + interval '91 days' end
from demo.accounts where customer_from is not null and demo.r(n, 110) < 0.3 and created_at + interval '1 day' < demo.now() order by n;

insert into public.statistics (name, day, value, updated_at)
select name, day, value, demo.at(day + 1, 0) from (
  select 'inscriptions' as name, (created_at at time zone 'Europe/Paris')::date as day, count(*)::numeric as value from public.accounts group by 2
  union all
  select 'chiffre_affaires_ht', (at at time zone 'Europe/Paris')::date, sum(amount_incl_tax_cents - tax_cents) / 100.0
  from public.payments where status = 'succeeded' and kind <> 'refund' group by 2) s
where day < (demo.now() at time zone 'Europe/Paris')::date;
insert into public.rate_limits values ('login:198.51.100.7', 4, demo.now() + interval '1 minute');
