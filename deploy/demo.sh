#!/bin/sh
# The demo: the web server with a worker beside it, both ending together.
set -eu
.venv/bin/flask worker >/dev/null 2>&1 &
worker=$!
trap 'kill $worker 2>/dev/null || true' EXIT INT TERM
.venv/bin/flask serve
