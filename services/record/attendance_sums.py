"""What a year's attendance adds up to, by course, period, term and day (C10).

Days are counted by the school's own entries, in parts where it counts parts; classes by their meetings. "Present" is
told only where every entry agrees with the calendar and the timetable that it is counted from.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from services import formats
from services.record import school_days
from services.record.attendance import ABSENT, KINDS, Day, Entry, Term, natural
from services.record.school_days import Slot

#: What the columns of a table count; a last one may count where the student was present.
COLUMNS = ("excused", "unexcused", "exempt", "unknown", "tardy")


class Row(NamedTuple):
    """One line of a table: its label and its numbers, empty for 0. Of a day, its kind and its ISO date besides."""

    label: str
    numbers: list[str]
    kind: str = ""
    iso: str = ""


class Table(NamedTuple):
    """Rows with a number for each of COLUMNS, and one more where `last` is not empty.

    `last` is "present" where that follows from the calendar, "marked" where the school has entered each presence.
    """

    rows: list[Row]
    last: str


class Sums(NamedTuple):
    """The year so far; numbers are text in the reader's language.

    `absent_as` are the parts of the days `absent`, by kind. `missed` are classes on days that are not among those; it
    is empty where the feed has no classes. `present` and `school_days` are empty where they cannot be told. `by_day`
    counts classes, or days where the feed has no classes.
    """

    absent: str
    absent_as: list[tuple[str, str]]
    tardy: str
    missed: str
    present: str
    school_days: str
    by_course: Table
    by_period: Table
    days_by_term: Table
    classes_by_term: Table
    by_day: Table


#: What a table is made of: the label of its row, the kind that is counted, and how much of it.
_Item = tuple[str, str, float]


def sums(
    student_id: int, days: Iterable[Day], year: tuple[dt.date, dt.date], on: dt.date, locale: str, *, of_days: bool
) -> Sums:
    """What the `days` of a school year add up to through `on`; five queries at most.

    `of_days` says whether the feed brings entries about whole days: without them nobody knows who was at school.
    """
    past = [day for day in days if day.date <= on]
    school = _agreeing_days(school_days.instructional(student_id, *year, on), past)
    classes = [one for day in past for one in _meetings(day)]
    # Schools that take attendance by day alone have no entries about classes, and not because nobody missed one.
    slots = school_days.meetings(student_id, school, year[0]) if school and classes else None
    slots = _agreeing_slots(slots, past)
    parts = [(day, kind, share) for day in past for kind, share in _parts(day)]
    terms = _Terms(past)
    absent = sum(share for _, kind, share in parts if kind in ABSENT)

    def of(key: Callable[[Entry], str]) -> list[_Item]:
        return [(key(one), one.kind, 1) for one in classes]

    def held(key: Callable[[Slot], str], *, told: bool = True) -> Counter[str] | None:
        return Counter(map(key, slots)) if slots and told else None

    known = school if of_days else None
    days_of_terms = Counter(map(terms.at, known)) if known and terms.are_apart else None
    tables = (
        _table(of(lambda one: one.course), held(lambda slot: slot.course), natural, locale),
        _table(of(lambda one: one.period), held(lambda slot: slot.period), natural, locale),
        _table([(terms.of(day.own[0]), kind, n) for day, kind, n in parts], days_of_terms, terms.order, locale),
        _table(of(terms.of), held(lambda slot: terms.at(slot.date), told=terms.are_apart), terms.order, locale),
        _by_day(past, slots, locale, in_classes=bool(classes)),
    )
    return Sums(
        formats.number(absent, locale),
        [
            (one, formats.number(sum(n for _, kind, n in parts if kind == one), locale))
            for one in ABSENT
            if any(kind == one for _, kind, _ in parts)
        ],
        formats.number(sum(map(_tardies, past)), locale),
        formats.number(sum(map(_missed, past)), locale) if classes else "",
        formats.number(len(known) - absent, locale) if known else "",
        formats.number(len(known), locale) if known else "",
        *tables,
    )


class _Terms:
    """The terms that entries are counted to, by their titles; what is outside of all has an empty one."""

    def __init__(self, past: list[Day]) -> None:
        found = {one.term for day in past for one in (*day.own, *day.classes) if one.term is not None}
        self._all: list[Term] = sorted(found)
        #: Whether a day belongs to one term at most, so that days can be counted to them.
        self.are_apart = all(one.ends < two.begins for one, two in zip(self._all, self._all[1:], strict=False))

    def at(self, date: dt.date) -> str:
        """The term that a day is in."""
        return next((term.title for term in self._all if term.begins <= date <= term.ends), "")

    def of(self, one: Entry) -> str:
        """The term that an entry is counted to: by its date, where the feed does not say."""
        return one.term.title if one.term else self.at(one.date)

    def order(self, title: str) -> int:
        """Terms go by time, and what is outside of all goes last."""
        return next((n for n, term in enumerate(self._all) if term.title == title), len(self._all))


def _table(items: Iterable[_Item], possible: Counter[str] | None, order: Callable[[str], Any], locale: str) -> Table:
    """A row for each label; present is what was possible less what was missed."""
    counts: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(KINDS, 0))
    for label, kind, amount in items:
        counts[label][kind] += amount
    for label in filter(None, possible or ()):
        counts[label]  # noqa: B018 - a class that was never missed has a row too
    # A few presences entered for late buses would otherwise look like all there were.
    marked, every = sum(one["present"] for one in counts.values()), sum(sum(one.values()) for one in counts.values())
    last = "present" if possible is not None else "marked" if 2 * marked > every else ""
    rows = []
    for label in sorted(counts, key=order):
        count = counts[label]
        numbers = [formats.number(count[kind], locale) if count[kind] else "" for kind in COLUMNS]
        if possible is not None:
            numbers.append(formats.number(possible[label] - sum(count[kind] for kind in ABSENT), locale))
        elif last:
            numbers.append(formats.number(count["present"], locale))
        if any(numbers):
            rows.append(Row(label, numbers))
    return Table(rows, last)


def _by_day(past: list[Day], slots: set[Slot] | None, locale: str, *, in_classes: bool) -> Table:
    """A row for each day on which something is recorded, the newest first."""
    if in_classes:
        items = [(day.iso, one.kind, 1.0) for day in past for one in _meetings(day)]
        recorded = {day.date for day in past}
        possible = Counter(slot.date.isoformat() for slot in slots if slot.date in recorded) if slots else None
    else:
        items, possible = [(day.iso, kind, share) for day in past for kind, share in _parts(day)], None
    table = _table(items, possible, str, locale)
    numbers, none = {row.label: row.numbers for row in table.rows}, [""] * (len(COLUMNS) + bool(table.last))
    return Table([Row(day.name, numbers.get(day.iso, none), day.kind, day.iso) for day in reversed(past)], table.last)


def _parts(day: Day) -> list[tuple[str, float]]:
    """How much of a day the school's own entries make of each kind; together they never make more than the day."""
    found, left = [], 1.0
    for kind in ABSENT:
        share = min(left, sum(one.share for one in day.own if one.kind == kind))
        if share:
            found.append((kind, share))
            left -= share
    return found + [(kind, 1.0) for kind in KINDS[4:] if any(one.kind == kind for one in day.own)]


def _meetings(day: Day) -> list[Entry]:
    """One entry for each meeting of a class, the gravest."""
    found = {(one.section_id, one.period): one for one in sorted(day.classes, key=_ease)}
    return list(found.values())


def _ease(one: Entry) -> int:
    return -KINDS.index(one.kind)


def _tardies(day: Day) -> int:
    """How often the student was late: coming late to school and to its first class is once."""
    return max(any(one.kind == "tardy" for one in day.own), sum(one.kind == "tardy" for one in _meetings(day)))


def _missed(day: Day) -> int:
    """Classes missed on a day that the school does not count as absent."""
    if any(one.kind in ABSENT for one in day.own):
        return 0
    return sum(one.kind in ABSENT for one in _meetings(day))


def _agreeing_days(school: frozenset[dt.date] | None, past: list[Day]) -> frozenset[dt.date] | None:
    """The days of school, if everything recorded happened on one of them."""
    return school if school and all(day.date in school for day in past) else None


def _agreeing_slots(slots: set[Slot] | None, past: list[Day]) -> set[Slot] | None:
    """The meetings, if every entry is about one of them, and nobody absent for the day is missing from an entry."""
    if not slots:
        return None
    held: dict[dt.date, set[tuple[int | None, str]]] = defaultdict(set)
    for slot in slots:
        held[slot.date].add((slot.section_id, slot.period))
    for day in past:
        away = {(one.section_id, one.period) for one in day.classes if one.kind in ABSENT}
        if not {(one.section_id, one.period) for one in day.classes} <= held[day.date]:
            return None
        whole = sum(share for kind, share in _parts(day) if kind in ABSENT)
        if (whole == 1 and away != held[day.date]) or (0 < whole < 1 and not away):
            return None
    return slots
