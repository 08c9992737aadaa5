#!/bin/sh
# Upgrades Homeroom: backs up, fetches the new program, brings the tables up to date, restarts.
# sudo sh /srv/homeroom/app/deploy/upgrade.sh [VERSION]   (default: the newest of the branch that is checked out)
# Without git, put the new program into /srv/homeroom/app first (keep instance/ and .venv/) and run it all the same.
set -eu

main() {
    app=/srv/homeroom/app
    before=/srv/homeroom/backups/before-upgrade-$(date +%Y%m%d-%H%M%S).bak.gz

    echo "1/4 Backup"
    homeroom backup "$before"

    echo "2/4 Program"
    if [ -d "$app/.git" ]; then
        git -C "$app" fetch --quiet --tags
        if [ $# -gt 0 ]; then git -C "$app" checkout --quiet "$1"; else git -C "$app" pull --quiet --ff-only; fi
    fi
    sh "$app/deploy/prepare.sh"

    echo "3/4 Tables"
    systemctl stop homeroom-worker homeroom-feed.timer
    homeroom db upgrade

    echo "4/4 Restart"
    systemctl restart homeroom homeroom-worker homeroom-feed.timer homeroom-backup.timer
    echo "Upgraded. To go back: check out the old version, run prepare.sh, then: homeroom restore --force $before"
    sleep 3  # until the worker has said that it lives
    homeroom doctor || echo "The upgrade is done; what the doctor found needs a look."
}

# Read to the end before anything runs: git replaces this very file.
main "$@"; exit
