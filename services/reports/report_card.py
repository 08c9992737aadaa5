"""The report card: what the school has posted for the terms of this year, the latest first."""

from __future__ import annotations

import datetime as dt

from config import Settings
from models import AcademicSession, Student
from services.record import grades
from services.record.classes import classes_of, current
from services.record.report_cards import ReportCard, report_cards
from services.reports.structure import Column, Part, Table, Words, facts, table


def parts(student: Student, on: dt.date, words: Words, settings: Settings) -> list[Part]:
    """A part for each term or grading period of this school year; days stay out where attendance is withheld."""
    year = AcademicSession.school_year_on(on)
    cards = [card for card in report_cards(student.id, words.locale) if year is None or card.ends >= year[0]]
    if not cards:
        # Some feeds post grades without saying for which term.
        undated = _latest(student, on, words)
        return [Part(table=undated) if undated else Part(sentences=(words("report card empty"),))]
    with_days = "attendance" not in (getattr(student, "withheld", None) or [])
    return [_part(card, words, with_days) for card in cards]


def _latest(student: Student, on: dt.date, words: Words) -> Table | None:
    classes = current(classes_of([student.id]), on)
    posted = grades.latest(classes, on, words.locale)
    rows = [
        (one.title, posted[one.section_id].kind, posted[one.section_id].mark, posted[one.section_id].as_of)
        for one in classes
        if one.section_id in posted
    ]
    columns = [Column(words("class")), Column(words("task")), Column(words("mark")), Column(words("as of"))]
    return table(words("report-card"), columns, rows)


def _part(card: ReportCard, words: Words, with_days: bool) -> Part:
    columns = [
        Column(words("class")), Column(words("task")), Column(words("mark")), Column(words("comment")),
        Column(words("as of")),
    ]  # fmt: skip
    rows = [
        (
            one.title, one.kind, one.mark,
            "\n".join(text for text in (one.description, one.comment) if text and text != one.mark), one.as_of,
        )
        for one in card.grades
    ]  # fmt: skip
    days = (
        (words("days present"), card.days_present), (words("days absent"), card.days_absent),
        (words("days tardy"), card.days_tardy),
    )  # fmt: skip
    averages = [
        (words("average"), f"{one.value} ({words.code(one.kind)})" if one.kind else one.value) for one in card.averages
    ]
    return Part(
        card.session,
        () if rows else (words("no grades"),),
        facts((words("school"), card.school), *(days if with_days else ()), *averages),
        table(words("grades of", session=card.session), columns, rows),
    )
