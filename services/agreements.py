"""The user agreement: versions with a text by language, and who accepted which, when (G10)."""

from __future__ import annotations

import datetime as dt

from peewee import ModelSelect, fn

from config import Settings
from models import Account, Agreement, AgreementAcceptance, database


def current() -> Agreement | None:
    """The newest version, or None where the district has none."""
    newest: Agreement | None = Agreement.select().order_by(Agreement.id.desc()).first()
    return newest


def are_asked_for(settings: Settings) -> bool:
    """Whether this portal's families accept an agreement: when they register, or at the first sign-in."""
    return "agreement" in (*settings.registration, *settings.first_duties)


def versions() -> list[tuple[Agreement, int]]:
    """Every version, the newest first, with how many accepted it."""
    rows = (
        Agreement.select(Agreement, fn.COUNT(AgreementAcceptance.id).alias("accepted"))
        .left_outer_join(AgreementAcceptance)
        .group_by(Agreement.id)
        .order_by(Agreement.id.desc())
    )
    return [(one, one.accepted) for one in rows]


def guardians() -> int:
    """How many accounts of guardians a new version asks."""
    return int(_of_guardians().count())


def publish(texts: dict[str, str], now: dt.datetime) -> Agreement:
    """Make a new version; guardians who have an account are asked for it before they see anything else."""
    with database.atomic():
        published: Agreement = Agreement.create(published_at=now, texts=texts)
        by_duties: dict[tuple[str, ...], list[int]] = {}
        for number, duties in _of_guardians().select(Account.id, Account.duties).tuples():
            if "agreement" not in duties:
                by_duties.setdefault((*duties, "agreement"), []).append(number)
        for duties, numbers in by_duties.items():
            for first in range(0, len(numbers), 500):
                some = Account.id.in_(numbers[first : first + 500])
                Account.update(duties=list(duties)).where(some).execute()
    return published


def _of_guardians() -> ModelSelect:
    return Account.select().where(Account.guardian.is_null(False), Account.state != "cancelled")


def accept(account: Account, agreement: Agreement | int, now: dt.datetime) -> None:
    """Keep that, and when, the owner of `account` accepted this version; a second time changes nothing."""
    AgreementAcceptance.insert(account=account, agreement=agreement, at=now).on_conflict_ignore().execute()


def accepted(account: Account, agreement: Agreement) -> bool:
    """Whether the owner of `account` has accepted this version."""
    mine = (AgreementAcceptance.account == account) & (AgreementAcceptance.agreement == agreement)
    return bool(AgreementAcceptance.select().where(mine).exists())
