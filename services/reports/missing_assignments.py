"""Missing assignments on paper, the oldest first (DECISIONS 11)."""

from __future__ import annotations

import datetime as dt

from config import Settings
from models import Student
from services.record import assignments
from services.record.classes import classes_of, current
from services.reports.structure import Column, Part, Words, table


def parts(student: Student, on: dt.date, words: Words, settings: Settings) -> list[Part]:
    """One table over all classes of the day `on`."""
    classes = current(classes_of([student.id]), on)
    titles = {one.section_id: one.title for one in classes}
    teachers = {one.section_id: ", ".join(teacher.name for teacher in one.teachers) for one in classes}
    rows = [
        (one.title, titles[one.section_id], teachers[one.section_id], one.due, one.points, one.comment)
        for one in assignments.to_do(classes, on, words.locale, days=0)
        if one.status == "missing"
    ]
    if not rows:
        return [Part(sentences=(words("missing empty"),))]
    columns = [
        Column(words("assignment")), Column(words("class")), Column(words("teacher")), Column(words("due")),
        Column(words("points"), True), Column(words("comment")),
    ]  # fmt: skip
    return [Part(table=table(words("missing-assignments"), columns, rows))]
