-- `talos doctor` says which migrations have not run yet, as the role of every day: that table is older than its grants.
grant select on maintenance.migrations to talos_app;
