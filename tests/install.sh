#!/bin/sh
# Installs from the distribution what the tests need and the machine lacks, and says so.
set -eu
missing=""
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || missing="$missing chromium"
command -v msgfmt >/dev/null || missing="$missing gettext"
for browser in w3m links2 netsurf-fb; do
	command -v "$browser" >/dev/null || missing="$missing $browser"
done
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -z "$missing" ] && exit 0
echo "The tests need$missing: installing from the distribution."
as_root=""
[ "$(id -u)" = 0 ] || as_root=sudo
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root apt-get install -y -qq --no-install-recommends $missing
