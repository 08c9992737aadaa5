"""The district's own codes in the words that it has chosen for families (codes.csv)."""

from __future__ import annotations

from typing import Any, NamedTuple

from peewee import Expression, fn

from models import Code
from services.prepared import Prepared

_CODES = Prepared(
    lambda code_sets: (
        Code.select(Code.code_set, Code.local_code, Code.short_description, Code.parent_visible)
        .where(Code.code_set.is_null() | Code.code_set.in_(code_sets))
        # What belongs to one set has the last word over what belongs to none.
        .order_by(Code.code_set.asc(nulls="first"), Code.id)
        .tuples()
    )
)


class CodeSet(NamedTuple):
    """What one set of codes says to families: `labels` by local code and `hidden` codes, both in small letters."""

    labels: dict[str, str]
    hidden: frozenset[str]

    def label(self, code: str | None) -> str:
        """A code in the district's words; one that has none is shown as the feed has it."""
        return self.labels.get((code or "").lower(), code or "")

    def hides(self, code: str | None) -> bool:
        """Whether rows with this code are not for families."""
        return (code or "").lower() in self.hidden

    def shown(self, listed: str | None) -> list[str]:
        """The labels of a comma-separated list of codes, without those that are not for families."""
        codes = filter(None, map(str.strip, (listed or "").split(",")))
        return list(dict.fromkeys(self.label(code) for code in codes if not self.hides(code)))


def read(*code_sets: str) -> list[CodeSet]:
    """These sets of codes (Ed-Fi's descriptor names), in the order asked for; one query for all of them."""
    rows = _CODES(list(code_sets))
    found = []
    for wanted in code_sets:
        own = [(code.lower(), says, visible) for code_set, code, says, visible in rows if code_set in (None, wanted)]
        labels = {code: says for code, says, _ in own if says}
        found.append(CodeSet(labels, frozenset(code for code, _, visible in own if visible is False)))
    return found


def is_for_families(field: Any, code_set: str) -> Expression:
    """The condition that a row whose code of this set stands in `field` is for families: `hides` in SQL."""
    hidden = Code.select(fn.LOWER(Code.local_code)).where(
        Code.code_set.is_null() | (Code.code_set == code_set), ~Code.parent_visible
    )
    return fn.LOWER(fn.COALESCE(field, "")).not_in(hidden)


def labels(code_set: str) -> dict[str, str]:
    """The words of one set of codes, by local code in small letters."""
    return read(code_set)[0].labels
