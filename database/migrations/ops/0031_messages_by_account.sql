-- An anonymised customer's messages are found by the account they were for: they hold its old id.
create index notifications_account_idx on ops.notifications ((data ->> 'accountId'))
  where data ->> 'accountId' is not null;
