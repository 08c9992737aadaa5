"""The demo's mailbox: what the portal would have mailed. These pages exist only in the demo."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from views import fragments
from views.access import public, settings

blueprint = Blueprint("demo", __name__, url_prefix="/demo")

#: The page shows so many mails, the newest first.
SHOWN = 50


@blueprint.get("/mail")
@public
def mail() -> Response:
    """The newest mails, as their recipients would read them."""
    folder = Path(urlsplit(settings().smtp_url).path)
    newest = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)[:SHOWN]
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in newest]
    shown = [
        {name: str(letter.get(name, "")) for name in ("To", "Reply-To", "Subject", "Date")} | {"text": _text_of(letter)}
        for letter in letters
    ]
    return fragments.render("demo/_mail.html", title=_("Mail of the demo"), letters=shown)


def _text_of(letter: EmailMessage) -> str:
    """The plain text of a mail."""
    plain = letter.get_body(("plain",))
    return str(plain.get_content()) if plain is not None else ""
