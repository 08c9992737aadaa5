"""What an account still has to do before it opens: prove an address, set a password, answer, agree, set up an app."""

from __future__ import annotations

from models import Account, database


def done(account: Account, duty: str) -> None:
    """Take a duty off the account, in a transaction of the caller's or its own; another's change at once is kept."""
    change(account, without=duty)


def change(account: Account, *, without: str, add: bool = False) -> None:
    """Take a duty off the account, or with `add` make it the last of those that it has."""
    with database.atomic():
        asked = Account.select(Account.duties).where(Account.id == account.id)
        # What another request takes off meanwhile must not come back; SQLite's transaction holds the lock already.
        row = (asked.for_update() if database.obj.for_update else asked).get()
        account.duties = [*(name for name in row.duties if name != without), *([without] if add else [])]
        Account.update(duties=account.duties).where(Account.id == account.id).execute()
