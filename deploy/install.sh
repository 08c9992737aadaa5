#!/bin/sh
# Installs Homeroom on Debian 12 or Ubuntu 24.04: sudo sh deploy/install.sh portal.district.example
# The program must lie in /srv/homeroom/app. Running it again repairs an installation and keeps settings and data.
set -eu

main() {
    host=${1:?"usage: install.sh HOST, the name that families will type"}
    app=/srv/homeroom/app
    [ -f "$app/app.py" ] || { echo "Put the program into $app first." >&2; exit 1; }

    echo "1/5 Packages"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends python3-venv caddy

    echo "2/5 User and folders"
    id homeroom >/dev/null 2>&1 || useradd --system --home-dir /srv/homeroom --shell /usr/sbin/nologin homeroom
    install -d -m 0755 /srv/homeroom
    install -d -m 0700 -o homeroom -g homeroom "$app/instance" /srv/homeroom/backups
    install -d -m 0750 -o root -g homeroom /srv/homeroom/feed

    echo "3/5 Program"
    [ -x "$app/.venv/bin/pip" ] || python3 -m venv "$app/.venv"
    sh "$app/deploy/prepare.sh"

    echo "4/5 Settings"
    if [ ! -e /etc/homeroom.env ]; then
        sed "s/portal\\.district\\.example/$host/" "$app/deploy/homeroom.env.example" > /etc/homeroom.env
        chmod 0600 /etc/homeroom.env
    fi
    if ! grep -q 'Homeroom' /etc/caddy/Caddyfile 2>/dev/null; then
        [ ! -e /etc/caddy/Caddyfile ] || mv /etc/caddy/Caddyfile /etc/caddy/Caddyfile.before-homeroom
        sed "s/^portal\\.district\\.example/$host/" "$app/deploy/Caddyfile" > /etc/caddy/Caddyfile
    fi

    echo "5/5 Services"
    homeroom db upgrade
    systemctl enable --quiet homeroom homeroom-worker homeroom-feed.timer homeroom-backup.timer
    systemctl restart homeroom homeroom-worker homeroom-feed.timer homeroom-backup.timer
    systemctl reload-or-restart caddy
    echo "Homeroom runs at https://$host. Now edit /etc/homeroom.env, then: systemctl restart homeroom homeroom-worker"
    echo "Whatever is still missing: homeroom doctor"
}

main "$@"
