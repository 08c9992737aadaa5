#!/bin/sh
# The demo: the web server with a worker beside it, both ending together.
set -eu
${FLASK:-.venv/bin/flask} worker >/dev/null 2>&1 &
worker=$!
trap 'kill $worker 2>/dev/null || true' EXIT INT TERM
${FLASK:-.venv/bin/flask} serve
