"""HTTP only: each module is one blueprint, one noun of the navigation, or one concern that all pages share."""

from __future__ import annotations

from flask import Flask
from flask_compress import Compress
from flask_wtf import CSRFProtect

from views import (
    absences,
    access,
    assets,
    authenticator,
    calendar,
    connection,
    demo,
    drafts,
    errors,
    family,
    fragments,
    headers,
    health,
    help_page,
    home,
    languages,
    mailing,
    maintenance,
    messages,
    my_data,
    news,
    notices,
    office,
    passkeys,
    preferences,
    preview,
    provider,
    recovery,
    registration,
    report_words,
    resources,
    security,
    sign_in,
    students,
    uploads,
    view_as,
    welcome,
)


def init_app(app: Flask) -> None:
    """Give `app` its hooks, in the order in which a request meets them, and its pages."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    maintenance.init_app(app)
    connection.init_app(app)
    headers.init_app(app)
    view_as.init_app(app)
    access.init_app(app)
    uploads.init_app(app)
    languages.init_app(app)
    CSRFProtect(app)
    Compress(app)
    errors.init_app(app)
    fragments.init_app(app)
    # Commands send mail and make reports too, and know no views.
    app.extensions["compose"] = mailing.compose
    app.extensions["report_words"] = report_words.in_language
    for module in (
        absences,
        assets,
        authenticator,
        calendar,
        drafts,
        family,
        health,
        help_page,
        home,
        languages,
        messages,
        my_data,
        news,
        notices,
        office,
        passkeys,
        preferences,
        provider,
        recovery,
        registration,
        resources,
        security,
        sign_in,
        students,
        welcome,
    ):
        app.register_blueprint(module.blueprint)
    if app.extensions["homeroom"].demo:
        app.register_blueprint(demo.blueprint)
        app.register_blueprint(preview.blueprint)
