#!/bin/sh
# The demo: the web server with a worker beside it; when either ends, or this script, both do.
set -u
flask=${FLASK:-.venv/bin/flask}
"$flask" worker >/dev/null 2>&1 &
worker=$!
"$flask" serve &
server=$!
trap 'kill $worker $server 2>/dev/null; wait' EXIT INT TERM
wait $server
