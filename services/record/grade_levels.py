"""Grade levels, which feeds write as CEDS codes ("09"), as Ed-Fi's names ("Ninth grade") or in between ("9th")."""

from __future__ import annotations

import re

_NAMES = (
    "kindergarten", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth",
)  # fmt: skip
_NUMBER = re.compile(r"(?:grade )?0?([0-9]|1[0-3])(?:st|nd|rd|th)?(?: grade)?", re.IGNORECASE)
#: What comes before kindergarten, and what stands for kindergarten itself, in small letters.
_EARLIER = {
    "it": "IT", "infant/toddler": "IT", "pr": "PR", "preschool": "PR", "pk": "PK", "prekindergarten": "PK",
    "preschool/prekindergarten": "PK", "tk": "TK", "transitional kindergarten": "TK",
}  # fmt: skip


def level(written: str | None) -> int | None:
    """The grade level as a number: 9 for "09" and "Ninth grade", 0 for kindergarten, -1 before it; None if unknown."""
    text = " ".join((written or "").lower().split())
    if text in _EARLIER:
        return -1
    if text in ("k", "kg"):
        return 0
    if text.removesuffix(" grade") in _NAMES:
        return _NAMES.index(text.removesuffix(" grade"))
    found = _NUMBER.fullmatch(text)
    return int(found.group(1)) if found else None


def code(written: str | None) -> str:
    """The grade level as a CEDS code, which has words in every language; one that is not known stays as it is."""
    number = level(written)
    if number is None:
        return written or ""
    if number < 0:
        return _EARLIER[" ".join((written or "").lower().split())]
    return f"{number:02}" if number else "KG"
