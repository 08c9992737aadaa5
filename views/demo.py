"""The demo's mailbox: what the portal would have mailed and texted. These pages exist only in the demo."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint
from flask_babel import gettext as _
from flask_babel import pgettext
from werkzeug.wrappers import Response

from views import fragments
from views.access import public, settings

blueprint = Blueprint("demo", __name__, url_prefix="/demo")

#: The page shows so many mails, the newest first.
SHOWN = 50


@blueprint.get("/mail")
@public
def mail() -> Response:
    """The newest mails and texts, as their recipients would read them."""
    mails = Path(urlsplit(settings().smtp_url).path).glob("*.eml")
    texts_url = urlsplit(settings().text_url)
    texts = Path(texts_url.path).glob("*.txt") if texts_url.scheme == "file" else ()
    newest = sorted((*mails, *texts), key=lambda path: path.stat().st_mtime, reverse=True)[:SHOWN]
    shown = [_text_message(path) if path.suffix == ".txt" else _letter(path) for path in newest]
    return fragments.render("demo/_mail.html", title=_("Mail of the demo"), letters=shown)


def _letter(path: Path) -> dict[str, str]:
    """A mail as the page shows it."""
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    return {name: str(letter.get(name, "")) for name in ("To", "Reply-To", "Subject")} | {"text": _text_of(letter)}


def _text_message(path: Path) -> dict[str, str]:
    """A text as the page shows it; `services.texts` has written it."""
    to, text = path.read_text(encoding="utf-8").split("\n\n", 1)
    return {"To": to.removeprefix("To: "), "Subject": pgettext("kind of message", "Text"), "text": text}


def _text_of(letter: EmailMessage) -> str:
    """The plain text of a mail."""
    plain = letter.get_body(("plain",))
    return str(plain.get_content()) if plain is not None else ""
