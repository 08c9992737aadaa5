#!/bin/sh
# What installing and upgrading share: libraries, translations, the command `homeroom`, units. Run as root.
set -eu
app=/srv/homeroom/app
umask 022
cd "$app"
.venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
if grep -q "^DATABASE_URL=.*postgres" /etc/homeroom.env 2>/dev/null; then
    .venv/bin/pip install --quiet --disable-pip-version-check 'psycopg[binary]==3.3.9'
fi
# The units see the program read-only, so Python cannot keep its compiled files later.
.venv/bin/python -m compileall -q *.py commands migrations services views
# Not by `flask`, which as root would make a key and a database that the portal's user cannot open.
.venv/bin/python -c 'from services import catalogs; catalogs.compile_all()'
install -m 0755 deploy/homeroom /usr/local/bin/homeroom
install -m 0644 deploy/*.service deploy/*.timer /etc/systemd/system/
systemctl daemon-reload
