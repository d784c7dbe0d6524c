-- The daily backup dumps this database as its own user, which did not see the one table that is older than the grants.
grant select on ops.migrations, ops.migrations_id_seq to talos_app;
