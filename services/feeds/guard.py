"""The guard against a feed that is cut short: none ends many students or guardianships unasked (CHECKS 36)."""

from __future__ import annotations

from collections.abc import Sequence

import models as m
from services.feeds.landing import Landing, table_of
from services.feeds.scratch import Scratch

#: So many may always go: in a tiny school two families are ten percent.
ALWAYS_ALLOWED = 5

_VOUCHING = ("from_associations", "from_student_agents", "from_guardian_agents", "from_office")


def counting(model: type[m.Table]) -> str:
    """The condition that a row of a table counts at all."""
    if model is m.Guardianship:
        return f"({' OR '.join(_VOUCHING)})"
    return "active" if "active" in model._meta.fields else "TRUE"


def leaving(model: type[m.Table], landings: Sequence[Landing]) -> str:
    """A query for the ids of a model's rows that the compared landings remove or make inactive."""
    mine = [one for one in landings if one.model is model and not one.patch]
    if model is m.Guardianship:
        return _guardianships_leaving(mine)
    return " UNION ".join(f"SELECT id FROM {one.gone}" for one in mine) or _nothing(model)


def _guardianships_leaving(landings: Sequence[Landing]) -> str:
    """Those that nobody vouches for any longer: each `from_…` is off or goes, and none comes."""
    by_flag = {one.flag: one for one in landings}
    conditions = [counting(m.Guardianship)]
    for flag in _VOUCHING:
        landing = by_flag.get(flag)
        if landing is None:
            conditions.append(f"NOT {flag}")
            continue
        conditions.append(f"(NOT {flag} OR id IN (SELECT id FROM {landing.gone}))")
        conditions.append(f"id NOT IN (SELECT id FROM {landing.new} WHERE id IS NOT NULL)")
    return f"SELECT id FROM guardianship WHERE {' AND '.join(conditions)}"


def _nothing(model: type[m.Table]) -> str:
    return f"SELECT id FROM {table_of(model)} WHERE FALSE"


def objection(scratch: Scratch, landings: Sequence[Landing], shrink_percent: int) -> str | None:
    """Why the import must not be applied without being allowed to shrink, or None."""
    for model, noun in ((m.Student, "students"), (m.Guardianship, "guardianships")):
        going = scratch.value(f"SELECT COUNT(*) FROM ({leaving(model, landings)}) g")
        there = scratch.value(f"SELECT COUNT(*) FROM {table_of(model)} WHERE {counting(model)}")
        if going > ALWAYS_ALLOWED and going * 100 > there * shrink_percent:
            return (
                f"this feed would make {going} of {there} active {noun} inactive, more than {shrink_percent} percent; "
                "if that is right, run it again with --allow-shrink"
            )
    return None
