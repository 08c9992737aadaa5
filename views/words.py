"""Codes of the record in the reader's words."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import pgettext

#: Characters that would turn the text around them.
_DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def statuses() -> dict[str, str]:
    """The states of an assignment, looked up by the cells of large tables (see `services.record.assignments`)."""
    return {
        "missing": pgettext("state of an assignment", "Missing"),
        "exempt": pgettext("state of an assignment", "Excused"),
        "incomplete": pgettext("state of an assignment", "Incomplete"),
        "submitted": pgettext("state of an assignment", "Turned in"),
        "unscored": pgettext("state of an assignment", "No score yet"),
        "due": pgettext("state of an assignment", "Due"),
        "late": pgettext("state of an assignment", "Late"),
        "scored": "",
    }


def isolated(name: str) -> str:
    """A name for the inside of a sentence: its direction, whatever it is, ends with it (UAX 9, 2.4.2)."""
    inner = "".join(char for char in name if char not in _DIRECTIONS)
    return f"\u2068{inner}\u2069"


def grade_level(code: str) -> str:
    """A CEDS grade level such as `07` or `KG`; a code that is not known is shown as the feed has it (DECISIONS 9)."""
    by_code = {
        "IT": _("Infants and toddlers"),
        "PR": _("Preschool"),
        "PK": _("Prekindergarten"),
        "TK": _("Transitional kindergarten"),
        "KG": _("Kindergarten"),
    }
    if code.isdecimal():
        return _("Grade %(level)s", level=int(code))
    return by_code.get(code.upper(), code)
