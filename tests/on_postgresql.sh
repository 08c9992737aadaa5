#!/bin/sh
# Runs a command with DATABASE_URL pointing at a throw-away PostgreSQL server on loopback.
set -eu
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)")
home=$(mktemp -d)
port=${PGTESTPORT:-54329}
as_owner=""
if [ "$(id -u)" = 0 ]; then
  # PostgreSQL refuses to run as root.
  chown postgres "$home"
  as_owner="runuser -u postgres --"
fi
trap '$as_owner "$bin/pg_ctl" -D "$home/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$home"' EXIT INT TERM
cd /
$as_owner "$bin/initdb" -D "$home/data" -A trust -U portal -E UTF8 --no-sync >/dev/null
$as_owner "$bin/pg_ctl" -D "$home/data" -w -l "$home/log" -o "-p $port -k $home -h 127.0.0.1 -c fsync=off" start >/dev/null
cd - >/dev/null
DATABASE_URL="postgresql://portal@127.0.0.1:$port/postgres" "$@"
