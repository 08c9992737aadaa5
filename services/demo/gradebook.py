"""One section's gradebook: line items and results; what they add up to goes to `posted_grades`."""

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from services.demo import curriculum
from services.demo.curriculum import Category
from services.demo.posted_grades import Marks, Tally, letter, part, write_posted_grades
from services.demo.schools import Section
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear, make_id, seeded

LOOK_AHEAD = timedelta(days=14)


class Item(NamedTuple):
    """A line item as the results loop needs it."""

    sid: str
    category: int
    part: str
    due: date
    points: int
    textual: bool


def write_categories(writer: FeedWriter, seed: int) -> None:
    """The district's grading categories: sets of three or four by subject, their weights adding up to 1."""
    for book, categories in curriculum.CATEGORIES.items():
        for category in categories:
            writer.add("categories", make_id(seed, "category", book, category.key), category.title, category.weight)


def write_gradebook(
    writer: FeedWriter, year: SchoolYear, section: Section, notes: Mapping[str, str], marks: Marks
) -> None:
    """Line items up to two weeks ahead, results up to today, and the grades posted so far.

    `notes` are comments that must appear: student sourcedId → text of the first scored item in a core class.
    High school's posted letters are added to `marks`, for averages and transcripts.
    """
    rng = seeded(year.seed, "gradebook", section.sid)
    categories = curriculum.CATEGORIES[curriculum.book_key(section.course)]
    tally = Tally(len(section.students), [float(category.weight) for category in categories])
    if section.course.per_semester:
        for item in _line_items(writer, year, section, categories, rng):
            if item.due <= year.today and not _ungraded(rng, year.today - item.due):
                _results(writer, year, section, item, tally, rng, notes)
    if section.course.kind != "homeroom" and section.course.grade > 0:
        write_posted_grades(writer, year, section, tally, rng, marks)


def _ungraded(rng: Random, age: timedelta) -> bool:
    """Whether the teacher has not got to it yet: likely within days, and now and then for good."""
    return rng.random() < (0.5 if age.days < 5 else 0.03)


def _line_items(
    writer: FeedWriter, year: SchoolYear, section: Section, categories: tuple[Category, ...], rng: Random
) -> list[Item]:
    book = curriculum.book_key(section.course)
    topics, rotation = curriculum.topics(section.course), curriculum.ROTATION[len(categories)]
    descriptions = curriculum.descriptions(section.course)
    items: list[Item] = []
    rows: list[tuple[str, ...]] = []
    number = rng.randrange(10)
    for term in section.terms:
        days = year.days_of(term)
        for place in range(section.course.per_semester):
            at = min(len(days) - 1, int((place + 1) * len(days) / (section.course.per_semester + 0.5)))
            if days[at] > year.today + LOOK_AHEAD:
                break
            due, assigned = days[at], days[max(0, at - rng.randint(2, 6))]
            which = rotation[place % len(rotation)]
            category = categories[which]
            number += 1
            title = category.form.format(topics[number % len(topics)], n=place // len(categories) + 1)
            title = title[0].upper() + title[1:]
            period = next(period for period in year.periods if period.start <= due <= period.end)
            item = Item(
                f"{section.sid}.{len(items):02d}",
                which,
                part(year, period, due),
                due,
                rng.choice(category.points),
                book == "standards",
            )
            items.append(item)
            row = (
                item.sid,
                "",
                "",
                title,
                rng.choice(descriptions),
                assigned.isoformat(),
                due.isoformat(),
                section.sid,
                make_id(year.seed, "category", book, category.key),
                period.sid,
                "1" if item.textual else "0",
                str(item.points),
            )
            rows.append(row if writer.version == "1.1" else (*row, section.school.sid))
    writer.add_raw("lineItems", rows)
    return items


def _results(
    writer: FeedWriter,
    year: SchoolYear,
    section: Section,
    item: Item,
    tally: Tally,
    rng: Random,
    notes: Mapping[str, str],
) -> None:
    """One row a student. The hot loop of the generator: 200,000 students make some 15 million rows."""
    random, sid, cls, points, textual = rng.random, item.sid, section.sid, item.points, item.textual
    earned, possible = tally.cells(item.part, item.category)
    age = (year.today - item.due).days
    scored_on = (item.due + timedelta(days=min(age, rng.randrange(6)))).isoformat()
    lettered = section.course.kind == "core" and points == 100
    rows: list[tuple[str, ...]] = []
    for place, student in enumerate(section.students):
        if student.entry and student.entry > item.due:
            continue
        draw, text, comment, late, progress = random(), "", "", "false", ""
        if draw < student.missing:
            possible[place] += points
            comment = rng.choice(curriculum.MISSING_NOTES) if random() < 0.1 else ""
            rows.append(
                (
                    f"{sid}.{place:02d}",
                    "",
                    "",
                    sid,
                    student.sid,
                    "not submitted",
                    "",
                    "",
                    comment,
                    "",
                    cls,
                    "",
                    "",
                    "false",
                    "true" if age else "false",
                )
            )
            continue
        draw = random()
        if draw < 0.05:
            if draw < 0.012:
                continue  # no result row at all: not scored yet
            status, value = (
                ("exempt" if draw < 0.02 else "submitted" if draw < 0.042 else "partially graded"),
                "",
            )
            if status == "partially graded":
                value, progress = str(round(points * 0.4)), "true"
        else:
            status = "fully graded"
            share = student.ability + (random() + random() - 1) * 0.22
            extra = share > 1.08 and not textual
            score = round(points * min(share, 1.1 if extra else 1.0)) if share > 0.1 else 0
            if textual:
                score = min(4, max(1, round(share * 4 - 0.4)))
                text = curriculum.LEVELS[score]
            elif lettered:
                text = letter(100 * score / points)
            value = str(score)
            earned[place] += score
            possible[place] += points
            if draw > 0.93:
                comment = _comment(rng, share)
        if random() < student.late:
            late = "true"
        if student.sid in notes and status == "fully graded":
            comment = notes[student.sid] if item.sid.endswith(("0", "5")) else comment
        rows.append(
            (
                f"{sid}.{place:02d}",
                "",
                "",
                sid,
                student.sid,
                status,
                value,
                scored_on if value else "",
                comment,
                text,
                cls,
                progress,
                "",
                late,
                "false",
            )
        )
    writer.results(rows)


def _comment(rng: Random, share: float) -> str:
    pool = curriculum.GOOD if share > 0.88 else curriculum.MIDDLING if share > 0.68 else curriculum.POOR
    return rng.choice(pool)
