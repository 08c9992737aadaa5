"""Accounts that were cancelled and are opened anew: the row stays, and nothing of its former owner's opens it.

That may have been an impostor; for this the school cancels accounts (D08, S05).
"""

from __future__ import annotations

from models import Account, Guardian, PasswordHistory, Student
from services import calendar_feeds, links, questions


def former(person: Guardian | Student) -> Account | None:
    """The cancelled account of somebody who begins anew, to be filled in and saved in the caller's transaction.

    Its former password is remembered, and every other way into it, and what was counted of it, forgotten.
    """
    of_person = Account.guardian == person if isinstance(person, Guardian) else Account.student == person
    account: Account | None = Account.get_or_none(of_person, Account.state == "cancelled")
    if account is None:
        return None
    PasswordHistory.create(account=account, password_hash=account.password_hash, created_at=account.created_at)
    links.forget(account, "verify")
    questions.forget(account)
    calendar_feeds.forget(account)
    account.email = account.email_verified_at = account.mail_returned_at = None
    account.failures, account.blocked_until, account.warned_at = 0, None, None
    return account
