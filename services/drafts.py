"""What was typed into a form is not lost when it meets a session that has ended (WCAG 2.2.5, CHECKS 46).

Each such form carries a mark that only the portal can make, of the session and the page. With it the text is kept for
the account of that session, whoever sits at the computer by then, and only that account ever reads it again.
"""

from __future__ import annotations

import datetime as dt
import hmac
import json
from collections.abc import Mapping
from typing import NamedTuple

from config import Settings
from models import Account, Draft, LoginSession, database
from services.hashing import keyed_hash

#: Drafts are kept so long, so many of an account, and of so many characters.
KEPT, MOST, LONGEST = dt.timedelta(days=7), 10, 20_000


class Kept(NamedTuple):
    """A draft: its number, and what was typed by field."""

    id: int
    typed: dict[str, str]


def mark(session: LoginSession, page: str, settings: Settings) -> str:
    """What the form at `page` carries, so that its text can be kept when `session` is over."""
    # With the moment of its beginning: SQLite may give the number of a deleted session to another.
    value = f"{session.id} {session.created_at.isoformat()} {page}"
    return f"{session.id}.{keyed_hash(settings.secret_key, 'draft', value)}"


def keep(marked: str, page: str, typed: Mapping[str, str], *, settings: Settings, now: dt.datetime) -> Account | None:
    """Keep what was typed for the account that the form was made for, and return that; None when nothing is kept.

    Nothing is for a mark that the portal has not made for this page, an old session, or far more than the form takes.
    """
    number, _, _ = marked.partition(".")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return None
    session = LoginSession.select(LoginSession, Account).join(Account).where(LoginSession.id == int(number)).first()
    if session is None or session.created_at < now - KEPT:
        return None
    if not hmac.compare_digest(marked.encode(), mark(session, page, settings).encode()):
        return None
    text = json.dumps(dict(typed))
    if len(text) > LONGEST:
        return None
    account: Account = session.account
    with database.atomic():
        values = {"typed": text, "kept_at": now}
        Draft.insert(account=account, page=page, **values).on_conflict(
            conflict_target=[Draft.account, Draft.page], update=values
        ).execute()
        latest = Draft.select(Draft.id).where(Draft.account == account).order_by(Draft.kept_at.desc(), Draft.id.desc())
        some = {number for (number,) in latest.limit(MOST).tuples()}
        Draft.delete().where(Draft.account == account, Draft.id.not_in(some)).execute()
    return account


def find(account: Account, page: str, now: dt.datetime) -> Kept | None:
    """What this account had typed at `page` and not sent; None when there is nothing."""
    found = Draft.get_or_none(Draft.account == account, Draft.page == page, Draft.kept_at > now - KEPT)
    return None if found is None else Kept(found.id, json.loads(found.typed))


def drop(account: Account, page: str) -> None:
    """Forget it: it was sent."""
    Draft.delete().where(Draft.account == account, Draft.page == page).execute()


def discard(account: Account, draft_id: int) -> str | None:
    """Forget what the owner does not want any more, and return its page; None when the account has no such draft."""
    found: Draft | None = Draft.get_or_none(Draft.id == draft_id, Draft.account == account)
    if found is None:
        return None
    found.delete_instance()
    return found.page
