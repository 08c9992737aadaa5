"""Mails as templates, each rendered in the language of the one who gets it (CHECKS 53)."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import force_locale

from services.outbox import Mail


def compose(template: str, language: str, **values: Any) -> Mail:
    """Render `templates/email/<template>.txt`: its first line is the subject, the rest after a blank line the text.

    Values are single lines, except `body`: a line break in a name must not begin another line of the mail.
    """
    one_line = {name: " ".join(value.split()) if name != "body" else value for name, value in values.items()}
    with force_locale(language):
        subject, _, text = render_template(f"email/{template}.txt", **one_line).partition("\n\n")
    return Mail(" ".join(subject.split()), text.strip("\n") + "\n")
