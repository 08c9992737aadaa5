"""What is new for a guardian: found for many families at once, told to each family as its rights are (X05).

Whatever a digest has told, and whatever could come up again, is remembered with the account, so nothing is told twice:
scores of the last two weeks, final grades and absences of as long, what is missing, low, due or unread still. A score
is missed only when the school dates it further back than that. To begin with the last week is told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from config import Settings
from models import Account, Loan, Student
from services import formats, notices
from services.digests.choices import KINDS, SECTION_OF
from services.notices import Shown
from services.prepared import filled_up
from services.record import assignments, fees, grades, library
from services.record.absences import by_day
from services.record.assignments import Recent
from services.record.attendance import ABSENT, gravest
from services.record.grades import Final

#: How far back scores, grades and absences are looked for, and how far when there was no digest before.
WINDOW, FIRST = dt.timedelta(days=14), dt.timedelta(days=7)

#: What is to be returned within so many days is due soon.
DUE_SOON = dt.timedelta(days=7)

#: So many lines of a kind stand in a mail; the pages have them all.
SHOWN = 20

#: The rows that were told, by kind: scores, finals, missing, days, balance, loans, notices.
Told = dict[str, list[int]]


class Family(NamedTuple):
    """An account, its language, and the students that it may see, each with the sections that are `withheld`."""

    account: Account
    language: str
    students: list[Student]


class Facts(NamedTuple):
    """What there is to tell, whoever may hear it: by student, notices by account."""

    work: dict[int, list[Recent]]
    finals: dict[int, list[Final]]
    days: dict[int, list[tuple[dt.date, str]]]
    balances: dict[int, float]
    loans: dict[int, list[Loan]]
    notices: dict[int, list[Shown]]


class Item(NamedTuple):
    """Something to tell: `key` names its row, `day` is its own, `values` are ready to be shown."""

    key: int
    day: dt.date | None
    values: tuple[Any, ...]


class Lines(NamedTuple):
    """What is told of one kind, and how much more there is."""

    shown: list[tuple[Any, ...]]
    more: int


class Child(NamedTuple):
    """One child's news: kinds that have any, by their names."""

    name: str
    kinds: dict[str, Lines]


class News(NamedTuple):
    """What is new for one account. `counts` are by kind of KINDS; `told` is what is remembered from now on."""

    items: dict[int, dict[str, list[Item]]]
    notices: list[Item]
    told: Told

    def children(self, students: Iterable[Student], kinds: Sequence[str]) -> list[Child]:
        """The news of these kinds, child by child."""
        found = []
        for student in students:
            lines = {
                name: Lines([item.values for item in items[:SHOWN]], max(0, len(items) - SHOWN))
                for name, items in self.items.get(student.id, {}).items()
                if items and _kind(name) in kinds
            }
            if lines:
                found.append(Child(one_line(student.name), lines))
        return found

    def counts(self, kinds: Sequence[str]) -> dict[str, int]:
        """How much there is of each of these kinds, of those that have any."""
        found: dict[str, int] = dict.fromkeys(KINDS, 0)
        for by_name in self.items.values():
            for name, items in by_name.items():
                found[_kind(name)] += len(items)
        found["notices"] = len(self.notices)
        return {kind: count for kind, count in found.items() if count and kind in kinds}

    def about(self, kinds: Sequence[str], students: Iterable[Student]) -> dict[str, Any]:
        """What a mail with these kinds depends on: students with sections, and the rows that it tells of."""
        closed: dict[str, list[str]] = {}
        told: Told = {}
        for student_id, by_name in self.items.items():
            named = {name: items for name, items in by_name.items() if items and _kind(name) in kinds}
            if named:
                closed[str(student_id)] = sorted({SECTION_OF[_kind(name)] for name in named})
            for name, items in named.items():
                told.setdefault(name, []).extend(item.key for item in items)
        if self.notices and "notices" in kinds:
            # Which notices reach a family depends on all its children.
            closed = {**{str(student.id): [] for student in students}, **closed}
            told["notices"] = [item.key for item in self.notices]
        return {"students": closed, "told": told}


def collect(families: Sequence[Family], on: dt.date, settings: Settings) -> Facts:
    """Everything that could be told to these families on the day `on`, in a number of queries that does not grow."""
    ids = filled_up(student.id for family in families for student in family.students)
    since = on - WINDOW
    work = assignments.recent(ids, on, since=since)
    days = [
        (student, (day, kind))
        for (student, day), kinds in sorted(by_day(ids, since, on - dt.timedelta(days=1)).items())
        if (kind := gravest(kinds)) in (*ABSENT, "tardy")
    ]
    unread = {family.account.id: (family.students, family.language) for family in families}
    return Facts(
        _grouped((row.student_id, row) for row in work),
        _grouped((row.student_id, row) for row in grades.final(ids, on, since=since)),
        _grouped(days),
        fees.low_balances(ids),
        _grouped((row.student_id, row) for row in library.due(ids, on + DUE_SOON)),
        notices.unread(unread, on, settings.default_language),
    )


def of(family: Family, facts: Facts, kinds: Iterable[str], before: Told | None, on: dt.date, currency: str) -> News:
    """What of the facts is new for the family since `before`, in wanted kinds and sections open to it."""
    wanted = set(kinds)
    telling = _Telling(before or {}, on)
    items: dict[int, dict[str, list[Item]]] = {}
    for student in family.students:
        closed = getattr(student, "withheld", None) or []
        found = _items(student.id, facts, telling.before, family.language, on, currency)
        items[student.id] = {
            name: telling.new(name, rows)
            for name, rows in found.items()
            if _kind(name) in wanted and SECTION_OF[_kind(name)] not in closed
        }
    board = facts.notices.get(family.account.id, []) if "notices" in wanted else []
    shown = [Item(one.id, None, (one_line(one.title), one_line(one.school))) for one in board]
    new = telling.new("notices", shown) if "notices" in wanted else []
    return News(items, new, telling.told)


def one_line(text: str) -> str:
    """A text of the feed as part of a line: a line break in it must not begin another line of the mail."""
    return " ".join(text.split())


class _Telling:
    """Keeps what was told before and what is told now."""

    def __init__(self, before: Told, on: dt.date) -> None:
        self.before, self.told = before, dict[str, list[int]]()
        self._first = on - FIRST

    def new(self, name: str, items: list[Item]) -> list[Item]:
        """Those that no digest has told, of a kind that may come several times, once for each child."""
        self.told.setdefault(name, []).extend(item.key for item in items)
        if name not in self.before:
            return [item for item in items if item.day is None or item.day >= self._first]
        known = set(self.before[name])
        return [item for item in items if item.key not in known]


def _items(
    student_id: int, facts: Facts, before: Mapping[str, list[int]], locale: str, on: dt.date, currency: str
) -> dict[str, list[Item]]:
    """What there is to tell of one student, formatted; the kind `grades` comes in two lists, scores and finals."""
    work = facts.work.get(student_id, [])
    # What is missing in a class that is over is no news, but what was told stays told.
    missing, known = [row for row in work if row.status == "missing"], set(before.get("missing", ()))
    balance = facts.balances.get(student_id)
    return {
        "scores": [_score(row, locale) for row in work if row.status == "scored"],
        "finals": [_final(row, locale) for row in facts.finals.get(student_id, [])],
        "missing": [_missing(row, locale) for row in missing if row.meets or row.id in known],
        "days": [
            Item(student_id * 10**7 + day.toordinal(), day, (formats.day(day, locale), kind))
            for day, kind in facts.days.get(student_id, [])
        ],
        "balance": [] if balance is None else [Item(student_id, None, (formats.money(balance, currency, locale),))],
        "loans": [_loan(row, locale, on) for row in facts.loans.get(student_id, [])],
    }  # fmt: skip


def _score(row: Recent, locale: str) -> Item:
    score = row.text_score if row.score is None and row.text_score else formats.number(row.score, locale)
    points = formats.number(row.points, locale) if row.score is not None else ""
    return Item(row.id, _day(row.score_date), (one_line(row.title), one_line(row.section), score, points))


def _missing(row: Recent, locale: str) -> Item:
    return Item(row.id, None, (one_line(row.title), one_line(row.section), formats.day(row.due_date, locale)))


def _final(row: Final, locale: str) -> Item:
    mark = formats.mark(row.letter, row.number, locale) or row.description or ""
    return Item(row.id, None, tuple(map(one_line, (row.section, row.session or "", row.kind or "", mark))))


def _loan(row: Loan, locale: str, on: dt.date) -> Item:
    is_overdue = row.return_by < on
    # Told once when it is due soon, and once more when it is overdue.
    key = -row.id if is_overdue else row.id
    title = one_line(row.title or row.call_number or "")
    return Item(key, None, (title, formats.day(row.return_by, locale), is_overdue))


def _day(value: dt.date | str | None) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _kind(name: str) -> str:
    return {"scores": "grades", "finals": "grades", "days": "attendance"}.get(name, name)


def _grouped(pairs: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
