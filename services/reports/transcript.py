"""The transcript: courses with grades and credits, year by year, as the history tab has them (G03)."""

from __future__ import annotations

import datetime as dt

from config import Settings
from models import Student
from services.record.history import Average, Entry, History, Term, history
from services.record.transcript import transcript
from services.reports.structure import Column, Part, Table, Words, facts, table


def parts(student: Student, on: dt.date, words: Words, settings: Settings) -> list[Part]:
    """What the school sums up, then a part for each year, the earliest first, then honors."""
    found = history(student, transcript(student.id, on), words.locale, settings)
    note = words("this year only") if found.is_this_year_only else ""
    if not (found.years or found.averages or found.honors):
        return [Part(sentences=tuple(filter(None, (words("transcript empty"), note))))]
    made = [Part("", tuple(filter(None, (words("not official"), note))), _summary(found, words))]
    for year in reversed(found.years):
        level = words.grade_level(year.grade_level) if year.grade_level else ""
        made.append(
            Part(
                " · ".join(filter(None, (year.title or words("year unknown"), level))),
                facts=tuple(fact for term in year.terms for fact in _term(term, words)),
                table=_courses(year.entries, words),
            )
        )
    if found.honors:
        made.append(Part(words("honors"), facts=tuple((one.day, one.title) for one in found.honors)))
    return made


def _summary(found: History, words: Words) -> tuple[tuple[str, str], ...]:
    rank = words("rank of", rank=found.rank, students=found.class_size) if found.class_size else found.rank
    return facts(*(_average(one, words) for one in found.averages), (words("rank"), rank if found.rank else ""))


def _average(one: Average, words: Words) -> tuple[str, str]:
    when = " ".join(text for text in (words.code(one.term), one.year) if text)
    return words("average of", when=when) if when else words("average"), _value(one, words)


def _value(one: Average, words: Words) -> str:
    value = words("of best", value=one.value, best=one.best) if one.best else one.value
    return f"{value} ({words.code(one.kind)})" if one.kind else value


def _term(term: Term, words: Words) -> tuple[tuple[str, str], ...]:
    credits = words("credits", earned=term.earned, attempted=term.attempted) if term.earned and term.attempted else ""
    averages = [f"{words('average')} {_value(one, words)}" for one in term.averages]
    return facts((words.code(term.name) or words("year"), " · ".join(text for text in (credits, *averages) if text)))


def _courses(entries: list[Entry], words: Words) -> Table | None:
    columns = [
        Column(words("course")), Column(words("term")), Column(words("mark")), Column(words("attempted"), True),
        Column(words("earned"), True), Column(words("note")),
    ]  # fmt: skip
    rows = [
        (
            one.title or words("untitled"), words.code(one.term), one.mark, one.attempted, one.earned,
            " · ".join(_notes(one, words)),
        )
        for one in entries
    ]  # fmt: skip
    return table(words("transcript"), columns, rows)


def _notes(one: Entry, words: Words) -> list[str]:
    """What there is to say of a course beside its grade, as on the history tab."""
    state = words(one.state) if one.state and (one.state != "passed" or not one.mark) else ""
    repeat = words(one.repeat) if one.repeat else ""
    how = words("taken at", school=one.taken_at) if one.taken_at else words.code(one.method)
    return [text for text in (state, repeat, how) if text]
