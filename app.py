"""The application: configuration, extensions, blueprints, hooks, commands."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

import commands
import views
from config import ConfigError, Settings, load
from models import age_rule
from services import database, outbox


class RowNumber(IntegerConverter):
    """The number of a row in an address: larger ones name nothing and are not asked for."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max": 2**31 - 1, **options})


def create_app(settings: Settings | None = None) -> Flask:
    """Make the portal that `settings` describe; without them they are read from preset, file and environment.

    A setting that makes no sense ends the program with one line.
    """
    try:
        settings = settings or load()
    except ConfigError as error:
        raise SystemExit(f"Homeroom cannot start: {error}") from None
    app = Flask(__name__, static_folder=None)
    app.extensions["homeroom"] = settings
    try:
        app.extensions["database"] = database.connect(settings.database_url)
    except (OSError, ValueError) as error:
        raise SystemExit(f"Homeroom cannot start: database_url: {error}") from None
    age_rule.name = settings.at_eighteen
    outbox.use_domain_of(settings.mail_from)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        # Browsers accept the __Host- prefix over TLS alone; it binds the cookie to this host and path.
        SESSION_COOKIE_NAME="__Host-portal" if settings.secure else "portal",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=64 * 1024,
        MAX_FORM_MEMORY_SIZE=64 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
        COMPRESS_ALGORITHM=["br", "gzip"],
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    # Nothing in the database has a number that does not fit into 31 bits; SQLite fails on more than 63.
    app.url_map.converters["int"] = RowNumber
    views.init_app(app)
    commands.init_app(app)
    return app
