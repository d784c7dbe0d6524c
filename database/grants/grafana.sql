-- For Grafana: reads the figures of schema `maintenance`, and nothing else. Run by an administrator in the application's
-- database after `talos database apply`, again after an upgrade; then \password talos_grafana.
do $$
begin
  if not exists (select from pg_roles where rolname = 'talos_grafana') then
    create role talos_grafana login;
  end if;
end $$;
alter role talos_grafana set default_transaction_read_only = on;
alter role talos_grafana set statement_timeout = '15s';
grant usage on schema maintenance to talos_grafana;
grant select on maintenance.statistics, maintenance.kpi_snapshots, maintenance.monthly_summary to talos_grafana;
