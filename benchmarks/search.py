"""The office's search in districts of 2,000, 20,000 and 200,000 students: how its time grows with the district."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from random import Random
from typing import Any, NamedTuple

from peewee import Database, PostgresqlDatabase

import models as m
from benchmarks.databases import new_database
from benchmarks.measure import in_turns, ratio, table, wall
from services import clock, database
from services.feeds.scratch import Scratch
from services.names import folded
from services.office.scope import Office
from services.office.search import search

SIZES = (2_000, 20_000, 200_000)

#: Students of one school, however large the district is.
_SCHOOL = 1_000
#: How often a round repeats one search: a single one is too short for the clock.
_REPEATED = 5


class District(NamedTuple):
    """A district in a database of its own, with an admin and a clerk of one school, and what is searched for."""

    database: Database
    admin: Office
    clerk: Office
    sought: dict[str, str]


def report(rounds: int, postgresql: str | None) -> str:
    """Everything about search, as Markdown. `postgresql` is the URL of a server where databases may be created."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        urls = {size: f"sqlite:///{name}/{size}.db" for size in SIZES}
        sections = [_measured("SQLite", {size: _district(url, size) for size, url in urls.items()}, rounds)]
        if postgresql:
            served = {size: _district(stack.enter_context(new_database(postgresql)), size) for size in SIZES}
            sections.append(_measured("PostgreSQL", served, rounds))
            for one in served.values():
                one.database.close()
    return "\n\n".join(sections)


def _measured(engine: str, districts: dict[int, District], rounds: int) -> str:
    """A row a kind of search: its time in the smallest district, and that in the others as multiples."""
    smallest = districts[SIZES[0]]
    rows = []
    for who, kind in itertools.product(("admin", "clerk"), smallest.sought):
        costs = in_turns({str(size): _searching(one, who, kind) for size, one in districts.items()}, rounds)
        first = wall(costs[str(SIZES[0])])
        times = sorted(seconds / _REPEATED * 1000 for seconds in first)
        rows.append((
            f"{'whole district' if who == 'admin' else 'one school'}: {kind}", f"{times[len(times) // 2]:.1f}",
            *(ratio(wall(costs[str(size)]), first) for size in SIZES[1:]),
        ))  # fmt: skip
    headings = (
        f"Search on {engine}",
        f"{SIZES[0]:,} students, ms",
        *(f"{size:,} / {SIZES[0]:,}" for size in SIZES[1:]),
    )
    return table(headings, rows)


def _searching(district: District, who: str, kind: str) -> Callable[[], object]:
    office, sought = getattr(district, who), district.sought[kind]

    def work() -> None:
        m.database.initialize(district.database)
        for _ in range(_REPEATED):
            found = search(Office(office.account, office.on), sought)
        if bool(found.students or found.guardians) is (kind == "a name that nobody has"):
            raise SystemExit(f"{kind}: the search answered {found}")

    return work


def _district(url: str, size: int) -> District:
    """Fill a new database: students, two guardians for each, schools of a thousand, telephones."""
    opened = database.connect(url)
    opened.connect()
    database.upgrade(opened)
    schools = size // _SCHOOL
    for number in range(schools):
        m.School.create(sourced_id=f"c{number}", name=f"School {number}", kind="school")
    rng = Random(size)
    students, guardians = _Names(rng, size), _Names(rng, 2 * size)
    _load(opened, "student", ("sourced_id", "number", *_NAMES, "enabled", "active"), (
        (f"s{n}", str(1_000_000 + n), *names, True, True) for n, names in enumerate(students)
    ))  # fmt: skip
    _load(opened, "guardian", ("sourced_id", "email", "role", *_NAMES, "active"), (
        (f"g{n}", f"g{n}@home.example", "parent", *names, True) for n, names in enumerate(guardians)
    ))  # fmt: skip
    _load(opened, "school_enrollment", ("sourced_id", "student_id", "school_id", "is_primary"), (
        (f"e{n}", n + 1, n // _SCHOOL + 1, True) for n in range(size)
    ))  # fmt: skip
    flags = [name for name in m.Guardianship._meta.fields if name.startswith("from_")]
    _load(opened, "guardianship", ("student_id", "guardian_id", "default_access", "withheld", *flags), (
        (n // 2 + 1, n + 1, True, "[]", *(flag == "from_associations" for flag in flags)) for n in range(2 * size)
    ))  # fmt: skip
    _load(opened, "telephone", ("sourced_id", "guardian_id", "number", "digits"), (
        (f"t{n}", n + 1, str(5_030_000_000 + n), str(5_030_000_000 + n)) for n in range(2 * size)
    ))  # fmt: skip
    opened.execute_sql("ANALYZE")
    sought = {
        "student number": "1000007", "e-mail address": "g7@home.example", "telephone": "(503) 000-0007",
        "given and family name": f"{students.first.given_name} {students.first.family_name}",
        "the most common family name": students.common, "beginning of a name": students.common[:3],
        "a name that nobody has": "Xyzzy",
    }  # fmt: skip
    return District(opened, _office("admin", None), _office("clerk", 1), sought)


_NAMES = ("given_name", "family_name", "given_key", "family_key")


class _Named(NamedTuple):
    given_name: str
    family_name: str
    given_key: str
    family_key: str


class _Names:
    """People's names: syllables put together, a few of them much more common than the others, as names are.

    The commonest family name is that of one in two hundred, however many people there are.
    """

    def __init__(self, rng: Random, count: int) -> None:
        syllables = [a + b for a in "bdfghklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "el", "or")]
        given, family = ([self._name(rng, syllables) for _ in range(many)] for many in (2_000, 20_000))
        self.common = family[0]
        self._given = rng.choices(given, [1 / (place + 20) for place in range(len(given))], k=count)
        self._family = rng.choices(family, [1 / (place + 20) for place in range(len(family))], k=count)
        self._family[0] = self.common
        self.first = next(iter(self))

    def __iter__(self) -> Iterator[_Named]:
        for given, family in zip(self._given, self._family, strict=True):
            yield _Named(given, family, folded(given), folded(family))

    @staticmethod
    def _name(rng: Random, syllables: list[str]) -> str:
        return "".join(rng.choices(syllables, k=rng.randint(2, 4))).title()


def _office(role: str, school_id: int | None) -> Office:
    person = m.Staff.create(sourced_id=role, given_name=role, family_name="Office", role="administrator")
    account = m.Account.create(
        staff=person, user_name=role, user_name_key=role, password_hash="none", created_at=clock.now()
    )
    m.OfficeRole.create(account=account, role=role, school=school_id)
    return Office(account, clock.today("UTC"))


def _load(opened: Database, name: str, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> None:
    """Rows straight into a table, in its own order of ids."""
    Scratch(opened).load(name, columns, rows)
    if isinstance(opened, PostgresqlDatabase):
        opened.commit()
