"""How the owner of an account wants to be reached: by mail, by text, or both (D07)."""

from __future__ import annotations

from config import Settings
from models import Account, Preference
from services.passwords import FieldError


def of(account: Account) -> Preference:
    """What the owner has chosen; before anything was, what holds for everybody."""
    found: Preference | None = Preference.get_or_none(Preference.account == account)
    return found or Preference(account=account)


def ways(account: Account, settings: Settings) -> dict[str, str]:
    """Every way to the owner: `mail` and the proved address, `text` and the proved number, as far as there are any."""
    return ways_of(account, of(account), settings)


def ways_of(account: Account, mine: Preference, settings: Settings) -> dict[str, str]:
    """The same for an owner whose preferences are at hand."""
    number = mine.text_number if settings.text_url else None
    known = {"mail": account.reply_address, "text": number}
    return {channel: recipient for channel, recipient in known.items() if recipient}


def chosen(account: Account, settings: Settings) -> dict[str, str]:
    """The ways that notices about the account go. One is always left, if there is any at all."""
    mine = of(account)
    all_ways = ways_of(account, mine, settings)
    wanted = {"mail": mine.by_email, "text": mine.by_text}
    return {channel: recipient for channel, recipient in all_ways.items() if wanted[channel]} or all_ways


def choose(account: Account, *, by_email: bool, by_text: bool, settings: Settings) -> None:
    """Let notices go by mail, by text or both, for an owner who has both. Raises FieldError when none is chosen."""
    if len(ways(account, settings)) < 2:
        return
    if not by_email and not by_text:
        raise FieldError("by_email", "none")
    store(account, by_email=by_email, by_text=by_text)


def reached_by_text(settings: Settings) -> set[int]:
    """The ids of all accounts with a proved number, where texts are offered."""
    if not settings.text_url:
        return set()
    proved = Preference.select(Preference.account).where(Preference.text_number.is_null(False))
    return {account for (account,) in proved.tuples()}


def store(account: Account, **values: object) -> None:
    """Write some of the preferences, whether the account has had any before or not."""
    Preference.insert(account=account, **values).on_conflict(
        conflict_target=[Preference.account], update=values
    ).execute()
