"""What can be said of typed text by looking at it alone: that it is missing, or is no address, date or key at all.

Whoever tells it tells nothing of what the portal knows, and such forms use up no try.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from services import addresses, keys
from services.passwords import Complaints, FieldError

_DATE = re.compile(r"\s*(\d{1,4})[\s./-]+(\d{1,2})[\s./-]+(\d{1,4})\s*")
_TIME = re.compile(r"\s*([0-9]{1,2})(?:[:.]([0-5][0-9])(?::[0-5][0-9])?)?\s*(?:([ap])\.?(?:m\.?)?)?\s*", re.I)


def check(typed: Mapping[str, str], *fields: str) -> None:
    """Raise FieldErrors for those of the fields that are `empty` or hold nothing of their kind (`invalid`)."""
    complaints = Complaints()
    for field in fields:
        with complaints:
            if not typed.get(field, "").strip("\0 \t\r\n\u200b\ufeff"):
                raise FieldError(field, "empty")
            if field in _KINDS and not _KINDS[field](typed[field]):
                raise FieldError(field, "invalid")
    complaints.raise_any()


def date(text: str) -> dt.date | None:
    """The date in 2013-04-30, as date fields send it, or 4/30/2013, as people write it; None for anything else."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    first, second, third = found.groups()
    year, month, day = (first, second, third) if len(first) == 4 else (third, first, second)
    try:
        return dt.date(int(year), int(month), int(day)) if len(year) == 4 else None
    except ValueError:
        return None


def time(text: str) -> dt.time | None:
    """The time in 18:30, as time fields send it, or 6:30 pm, as people write it; None for anything else."""
    found = _TIME.fullmatch(text)
    if found is None or (found[2] is None and found[3] is None):
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    return dt.time(hour, minute) if hour < 24 else None


def _is_address(text: str) -> bool:
    try:
        return addresses.checked(text, required=True) is not None
    except FieldError:
        return False


_KINDS = {"email": _is_address, "birth_date": lambda text: date(text) is not None, "key": keys.could_be_one}
