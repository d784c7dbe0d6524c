-- The special offers of end-of-trial e-mails. The application redeems them here, so that what the e-mail says is true.
create table maintenance.trial_offers (
  code text primary key,
  trial_id text not null unique,
  account_id text not null,
  percent int not null check (percent between 1 and 100),
  months int not null check (months > 0),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  redeemed_at timestamptz
);
comment on table maintenance.trial_offers is 'One code a trial: unguessable, for its account only, until expires_at, once.';

create function maintenance.redeem_trial_offer(code text, account_id text, at timestamptz default now()) returns boolean
language sql set search_path = '' as $$
  with redeemed as (
    update maintenance.trial_offers o set redeemed_at = redeem_trial_offer.at
    where o.code = redeem_trial_offer.code and o.account_id = redeem_trial_offer.account_id
      and o.expires_at > redeem_trial_offer.at and o.redeemed_at is null
    returning 1
  )
  select exists (select from redeemed);
$$;
comment on function maintenance.redeem_trial_offer(text, text, timestamptz) is
  'True once, for the account that the code was made for, until it expires. Grant it to the role of your checkout.';
