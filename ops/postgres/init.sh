#!/bin/sh
# Run once, by PostgreSQL's image, when its volume is new: the roles and the database that this stack needs.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres --quiet <<'SQL'
\getenv temporal POSTGRES_TEMPORAL_PASSWORD
\getenv talos POSTGRES_TALOS_PASSWORD
create role temporal login createdb password :'temporal';
-- `talos database apply` makes the other roles, and gives this one its rights.
create role talos_app login password :'talos';
create database talos;
SQL
