"""Links that are mailed and codes that are printed: random, hashed, used once, soon over (CHECKS 13)."""

from __future__ import annotations

import datetime as dt

from config import Settings
from models import Account, OneTimeLink
from services import codes
from services.hashing import keyed_hash, new_token

#: How long each kind lasts: a reset half an hour, a verification two days, a printed code 72 hours (DECISIONS 17), and
#: so does an invitation, which nobody has asked for: it waits until its reader is at work.
#: What waits for the authenticator's code after the right password lasts five minutes, and so long as a mail may take,
#: a quarter of an hour, the page that says where the mail went. A passkey signs its challenge within five minutes.
LIFETIMES = {
    "reset": dt.timedelta(minutes=30), "verify": dt.timedelta(hours=48), "code": dt.timedelta(hours=72),
    "invitation": dt.timedelta(hours=72),
    "second": dt.timedelta(minutes=5), "unproved": dt.timedelta(minutes=15), "passkey": dt.timedelta(minutes=5),
    "new passkey": dt.timedelta(minutes=5),
}  # fmt: skip


class InvalidLink(Exception):
    """No such link, or it was used or is over: one answer for all (DECISIONS 22)."""


def make(account: Account, purpose: str, *, settings: Settings, now: dt.datetime, email: str | None = None) -> str:
    """Make a link for `account` and return its token; earlier ones for the same purpose die."""
    token = codes.random_code("key") if purpose == "code" else new_token()
    end_all(account, purpose, now=now)
    OneTimeLink.create(
        token_hash=_hash(token, purpose, settings),
        account=account,
        purpose=purpose,
        email=email,
        created_at=now,
        expires_at=now + LIFETIMES[purpose],
    )
    return token


def find(token: str, *purposes: str, settings: Settings, now: dt.datetime) -> OneTimeLink:
    """The live link behind a token, or behind a code as typed. Raises InvalidLink."""
    hashes = [_hash(token, purpose, settings) for purpose in purposes]
    link: OneTimeLink | None = OneTimeLink.get_or_none(
        OneTimeLink.token_hash.in_(hashes), OneTimeLink.used_at.is_null(), OneTimeLink.expires_at > now
    )
    if link is None:
        raise InvalidLink
    return link


def use_up(link: OneTimeLink, now: dt.datetime) -> None:
    """Mark the link used, in the caller's transaction. Raises InvalidLink when another request was faster."""
    unused = (OneTimeLink.id == link.id) & OneTimeLink.used_at.is_null()
    if OneTimeLink.update(used_at=now).where(unused).execute() != 1:
        raise InvalidLink


def address_to_prove(account: Account) -> str | None:
    """The address that the newest of the account's links for verifying is about, whether it is over or not."""
    newest = OneTimeLink.select(OneTimeLink.email).where(
        OneTimeLink.account == account, OneTimeLink.purpose == "verify"
    )
    found: str | None = newest.order_by(OneTimeLink.id.desc()).limit(1).scalar()
    return found


def forget(account: Account, purpose: str) -> None:
    """Delete the account's links for a purpose: those of an account that was cancelled say nothing of the next."""
    OneTimeLink.delete().where(OneTimeLink.account == account, OneTimeLink.purpose == purpose).execute()


def end_all(account: Account, *purposes: str, now: dt.datetime) -> None:
    """End the account's links for these purposes, in the caller's transaction."""
    live = (OneTimeLink.account == account) & OneTimeLink.purpose.in_(purposes) & OneTimeLink.used_at.is_null()
    OneTimeLink.update(used_at=now).where(live).execute()


def end_ways_in(account: Account, now: dt.datetime) -> None:
    """End every link that leads into the account, in the caller's transaction.

    With a new password, and when the account is closed, an address that somebody else may have asked for no longer
    counts either. Where the account waits for its first address, that link stays: there is no other to go back to.
    """
    end_all(account, "reset", "invitation", "code", "second", "unproved", now=now)
    if account.email_verified_at is not None and account.state not in ("pending", "dormant"):
        end_all(account, "verify", now=now)


def _hash(token: str, purpose: str, settings: Settings) -> str:
    return keyed_hash(settings.secret_key, f"link {purpose}", codes.plain(token) if purpose == "code" else token)
