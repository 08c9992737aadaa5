"""A guardian's own households, and never another one's (C05, CHECKS 6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from peewee import JOIN, ModelSelect

from models import Address, Guardian, Guardianship, Student, Telephone
from services.prepared import Prepared


def _in_force(on: Any) -> Any:
    return (Address.begin_date.is_null() | (Address.begin_date <= on)) & (
        Address.end_date.is_null() | (Address.end_date >= on)
    )


_OWN_ADDRESSES = Prepared(
    lambda guardian, on: Address.select().where(Address.guardian == guardian, _in_force(on)).order_by(Address.id)
)
_LIVES_IN = Prepared(
    lambda guardian, on: (
        Guardianship.select(Guardianship.household)
        .where(
            Guardianship.guardian == guardian,
            Guardianship.lives_with,
            Guardianship.household.is_null(False),
            Guardianship.is_open(on),
        )
        .tuples()
    )
)
_PHONES = Prepared(
    lambda guardian: (
        Telephone.select()
        .where(Telephone.guardian == guardian)
        .order_by(Telephone.priority.asc(nulls="last"), Telephone.id)
    )
)


def _members(households: Any, on: Any) -> ModelSelect:
    """People with an address in these households."""
    return (
        Address.select(Address, Guardian, Student)
        .join(Guardian, JOIN.LEFT_OUTER)
        .switch(Address)
        .join(Student, JOIN.LEFT_OUTER)
        .where(Address.household.in_(households), _in_force(on))
        .order_by(Address.id)
    )


def _paired(households: Any, on: Any) -> ModelSelect:
    """Guardians and children who live together in these households, as the contacts' rows say.

    A restriction speaks against what the SIS says of the household: until the SIS follows, the pair does not count.
    """
    return (
        Guardianship.select(Guardianship, Guardian, Student)
        .join(Guardian)
        .switch(Guardianship)
        .join(Student)
        .where(Guardianship.household.in_(households), Guardianship.lives_with, Guardianship.is_open(on))
        .order_by(Guardianship.id)
    )


_MEMBERS, _PAIRED = Prepared(_members), Prepared(_paired)


class Place(NamedTuple):
    """An address in lines as they stand on an envelope; `kind` is the SIS's word (Physical, Mailing …)."""

    kind: str
    lines: tuple[str, ...]


class Household(NamedTuple):
    """Where a guardian lives, and who lives there too; children are those of the school system."""

    places: list[Place]
    adults: list[str]
    children: list[str]


class Family(NamedTuple):
    """What the school has on file of one guardian."""

    households: list[Household]
    phones: list[tuple[str, str]]
    email: str


def family(guardian: Guardian, children: Iterable[Student], on: dt.date) -> Family:
    """The guardian's own households, phones (number, kind) and e-mail address.

    A household is the guardian's own when one of the guardian's addresses is in it, or when the SIS says that a child
    who is open to the guardian lives there with this guardian; the household of a child who lives with somebody else is
    not. Of children, and of what only they have an address for, nothing shows but of `children` (those open to the
    guardian): the SIS may name the household of a restricted parent for long (CHECKS 6). Where the SIS names no
    households there is one: the guardian's addresses and, of `children`, the ones who live with the guardian.
    """
    mine = {child.id: child.name for child in children}
    own = _OWN_ADDRESSES(guardian.id, on)
    ids = sorted({row.household for row in own if row.household} | {name for (name,) in _LIVES_IN(guardian.id, on)})
    found = [_household(name, own, guardian, mine, on) for name in ids]
    elsewhere = [row for row in own if not row.household]
    if elsewhere or not found:
        found.append(Household(_places(elsewhere), [guardian.name], [] if ids else _living_with(guardian, mine)))
    phones = [(row.number, row.kind or "") for row in _PHONES(guardian.id)]
    if not phones and guardian.phone:
        phones = [(guardian.phone, "")]
    return Family(found, phones, guardian.address_on_file or "")


def postal_address(guardian: Guardian, on: dt.date) -> tuple[str, ...]:
    """The lines under the guardian's name on an envelope; none when the SIS has no whole address of the guardian's own.

    A mailing address comes before where the guardian lives, and that before any other. Where only a child who lives
    with the guardian has an address, it is that, if the child is open to the guardian.
    """
    children = Student.select().join(Guardianship).where(Guardianship.guardian == guardian, Guardianship.is_open(on))
    places = [
        place for home in family(guardian, children, on).households for place in home.places if len(place.lines) > 1
    ]
    return min(places, key=_rank).lines if places else ()


def _rank(place: Place) -> int:
    kind = place.kind.lower()
    return 0 if "mailing" in kind else 1 if any(word in kind for word in ("physical", "home")) else 2


def _household(name: str, own: list[Address], guardian: Guardian, mine: dict[int, str], on: dt.date) -> Household:
    """One household; `mine` are the names of the children who are open to the guardian, by id."""
    rows, pairs = _MEMBERS([name], on), _PAIRED([name], on)
    adults = {row.guardian_id: row.guardian.name for row in rows if row.guardian_id} | {
        pair.guardian_id: pair.guardian.name for pair in pairs
    }
    children = {row.student_id for row in rows} | {pair.student_id for pair in pairs}
    adults[guardian.id] = guardian.name
    places = [row for row in own if row.household == name] or [row for row in rows if row.student_id in mine]
    return Household(_places(places), sorted(adults.values()), sorted(mine[one] for one in children if one in mine))


def _living_with(guardian: Guardian, mine: dict[int, str]) -> list[str]:
    together = Guardianship.select(Guardianship.student).where(
        Guardianship.guardian == guardian, Guardianship.lives_with, Guardianship.is_active()
    )
    return sorted(mine[student] for (student,) in together.tuples() if student in mine)


def _places(rows: Iterable[Address]) -> list[Place]:
    """Each address once."""
    places = [
        Place(
            row.kind or "",
            tuple(
                line
                for line in (
                    " ".join(filter(None, (row.street, row.apartment))),
                    " ".join(
                        filter(None, (row.city and row.city + ("," if row.state else ""), row.state, row.postal_code))
                    ),
                )
                if line
            ),
        )
        for row in rows
    ]
    return list(dict.fromkeys(place for place in places if place.lines))
