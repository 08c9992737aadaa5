"""Mails and texts as templates, each rendered in the language of the one who gets it (CHECKS 53)."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from flask_babel import force_locale

from services.outbox import Mail
from views.access import settings


def compose(template: str, language: str, *, channel: str = "mail", **values: Any) -> Mail:
    """Render `templates/email/<template>.txt`: its first line is the subject, the rest after a blank line the text.

    For the channel `text` it is `templates/text/<template>.txt`, a sentence or two without a subject. Values are single
    lines, except `body`: a line break in a name must not begin another line of the mail. With the value `stop` mail
    programs are told that the mail can be stopped with one click (RFC 8058).
    """
    one_line = {
        name: " ".join(value.split()) if isinstance(value, str) and name != "body" else value
        for name, value in values.items()
    }
    with force_locale(language):
        folder = "text" if channel == "text" else "email"
        whole = render_template(f"{folder}/{template}.txt", link=_link, district=settings().district_name, **one_line)
    if channel == "text":
        return Mail("", " ".join(whole.split()))
    subject, _, text = whole.partition("\n\n")
    headers = _stops(values["stop"]) if "stop" in values else None
    return Mail(" ".join(subject.split()), text.strip("\n") + "\n", headers)


def _stops(token: str) -> dict[str, str]:
    return {
        "List-Unsubscribe": f"<{_link('news.stop', token=token)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _link(endpoint: str, **values: Any) -> str:
    """An address in a mail: it begins as the settings say, never as the request's Host header says."""
    return settings().portal_url.rstrip("/") + url_for(endpoint, **values)
