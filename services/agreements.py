"""The user agreement: versions with a text by language, and who accepted which, when (G10)."""

from __future__ import annotations

import datetime as dt

from models import Account, Agreement, AgreementAcceptance, database


def current() -> Agreement | None:
    """The newest version, or None where the district has none."""
    newest: Agreement | None = Agreement.select().order_by(Agreement.id.desc()).first()
    return newest


def publish(texts: dict[str, str], now: dt.datetime) -> Agreement:
    """Make a new version; guardians who have an account are asked for it before they see anything else."""
    with database.atomic():
        published: Agreement = Agreement.create(published_at=now, texts=texts)
        for account in Account.select().where(Account.guardian.is_null(False), Account.state != "cancelled"):
            if "agreement" not in account.duties:
                duties = [*account.duties, "agreement"]
                Account.update(duties=duties).where(Account.id == account.id).execute()
    return published


def accept(account: Account, agreement: Agreement | int, now: dt.datetime) -> None:
    """Keep that, and when, the owner of `account` accepted this version; a second time changes nothing."""
    AgreementAcceptance.insert(account=account, agreement=agreement, at=now).on_conflict_ignore().execute()


def accepted(account: Account, agreement: Agreement) -> bool:
    """Whether the owner of `account` has accepted this version."""
    mine = (AgreementAcceptance.account == account) & (AgreementAcceptance.agreement == agreement)
    return bool(AgreementAcceptance.select().where(mine).exists())
