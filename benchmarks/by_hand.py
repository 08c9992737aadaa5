"""The grades tab written by hand: Flask, `sqlite3` and the portal's own templates, and nothing else.

It runs the portal's queries and shows the same page, byte for byte (`pages` checks that). Left out is what makes a
portal of it: signing in, asking who may see which child, languages, forms' tokens, headers, and every other page.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import defaultdict
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Flask, render_template, request, url_for

from config import ROOT
from services import formats
from views.assets import FILES, asset, icon_data
from views.languages import available
from views.words import isolated

_YEAR = """
SELECT MIN(start_date), MAX(end_date) FROM academic_session
WHERE kind = 'schoolYear' OR NOT EXISTS (SELECT id FROM academic_session WHERE kind = 'schoolYear')
GROUP BY school_year HAVING MIN(start_date) <= ? ORDER BY MIN(start_date) DESC LIMIT 1
"""
_SCHOOLS = """
SELECT school.name FROM school_enrollment e JOIN school ON school.id = e.school_id
WHERE e.student_id = ? AND (e.exit_date IS NULL OR e.exit_date >= ?) AND school.active AND school.switched_on
ORDER BY e.is_primary DESC, e.entry_date, e.id
"""
_CLASSES = """
SELECT s.id, s.title FROM enrollment e JOIN section s ON s.id = e.section_id WHERE e.student_id = ?
ORDER BY s.title, s.id, e.id
"""
_TERMS = """
SELECT st.section_id, a.id, a.title, a.start_date, a.end_date
FROM section_term st JOIN academic_session a ON a.id = st.session_id WHERE st.section_id IN ({marks})
ORDER BY a.start_date, a.id
"""
_TEACHERS = """
SELECT x.section_id, t.given_name, t.family_name FROM section_staff x JOIN staff t ON t.id = x.staff_id
WHERE x.section_id IN ({marks}) AND x.role = 'teacher' AND t.active ORDER BY x.is_primary DESC, t.family_name, t.id
"""
_POSTED = """
SELECT g.section_id, g.letter, g.number, a.title FROM grade g LEFT JOIN academic_session a ON a.id = g.session_id
WHERE g.student_id = ? AND g.section_id IN ({marks}) AND (a.start_date IS NULL OR a.start_date <= ?)
ORDER BY g.as_of, a.end_date, g.id
"""
_WORK = """
WITH work AS (
    SELECT li.section_id, li.id, c.id AS category_id, c.title AS category, c.weight, li.title, li.assign_date,
           li.due_date, li.result_value_max AS points, r.score, COALESCE(r.text_score, r.letter_grade) AS text_score,
           r.comment, r.score_date, CASE WHEN r.late OR LOWER(r.late_status) = 'late' THEN 1 ELSE 0 END AS late,
           CASE WHEN r.score_status = 'exempt' THEN 'exempt'
                WHEN r.missing OR LOWER(r.submission_status) = 'missing'
                  OR (li.due_date < ? AND 'not submitted' IN (r.score_status, LOWER(r.submission_status)))
                THEN 'missing'
                WHEN r.incomplete THEN 'incomplete'
                WHEN r.score IS NOT NULL OR r.text_score IS NOT NULL THEN 'scored'
                WHEN r.score_status IN ('submitted', 'partially graded') THEN 'submitted'
                WHEN li.due_date < ? THEN 'unscored'
                ELSE 'due' END AS status
    FROM line_item li
    LEFT JOIN category c ON c.id = li.category_id
    LEFT JOIN result r ON r.line_item_id = li.id AND r.student_id = ?
    WHERE li.section_id IN ({marks})
)
"""
_COUNTS = """
SELECT section_id, SUM(CASE WHEN status = 'missing' THEN 1 ELSE 0 END),
       SUM(CASE WHEN status = 'due' AND due_date <= ? THEN 1 ELSE 0 END),
       SUM(CASE WHEN status = 'scored' AND score_date BETWEEN ? AND ? THEN 1 ELSE 0 END), COUNT(*)
FROM work GROUP BY section_id
"""
_EVERYTHING = """
SELECT section_id, category_id, category, weight, title, assign_date, due_date, points, score, text_score, comment,
       status, late
FROM work ORDER BY section_id, category NULLS LAST, category_id, due_date DESC NULLS LAST, id DESC
"""
_IMPORTANT = """
SELECT n.id FROM notice n LEFT JOIN notice_read r ON r.notice_id = n.id AND r.account_id = ?
WHERE n.is_important AND n.begins_on <= ? AND (n.ends_on IS NULL OR n.ends_on >= ?) AND r.id IS NULL
"""
_UPDATED = "SELECT MIN(seen_at) FROM feed_file WHERE name IN ('results', 'lineItems', 'grades', 'enrollments')"


_WORDS = {
    "missing": "Missing", "exempt": "Excused", "incomplete": "Incomplete", "submitted": "Turned in",
    "unscored": "No score yet", "due": "Due", "late": "Late", "scored": "",
}  # fmt: skip


class _Assignment(NamedTuple):
    title: str
    assigned: str
    due: str
    points: str
    score: str
    status: str
    late: int
    comment: str | None


class _Table(NamedTuple):
    title: str
    weight: str
    assignments: list[_Assignment]


class _Named(NamedTuple):
    section_id: int
    title: str
    teachers: list[SimpleNamespace]


class _Posted(NamedTuple):
    mark: str
    session: str


class _Counts(NamedTuple):
    missing: int
    due_soon: int
    new_scores: int
    assignments: int


def create_app(file: Path, time_zone: str, district_name: str) -> Flask:
    """The hand-written page on the database `file`, and at `/hello` the least that Flask can answer."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=None)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals |= _globals(district_name)
    _name_other_pages(app)

    @app.get("/hello")
    def hello() -> str:
        return "<!doctype html><title>Hello</title><p>Hello"

    @app.get("/students/<int:student_id>/grades", endpoint="students.all_grades")
    def grades(student_id: int) -> str:
        connection = sqlite3.connect(file)
        try:
            context = _read(connection, student_id, request.args.get("all") == "1", time_zone)
        finally:
            connection.close()
        here = request.full_path.rstrip("?")
        return render_template("page.html", part="students/_grades.html", fragment=False, here=here, **context)

    return app


def _read(connection: sqlite3.Connection, student_id: int, everything: bool, time_zone: str) -> dict[str, Any]:
    """Everything that the page shows."""
    today = dt.datetime.now(ZoneInfo(time_zone)).date()
    day, query = today.isoformat(), connection.execute
    given, family, grade = query(
        "SELECT given_name, family_name, grade_level FROM student WHERE id = ? AND active", (student_id,)
    ).fetchone()
    last_day = query(_YEAR, (day,)).fetchone()[1]
    schools = ", ".join(name for (name,) in query(_SCHOOLS, (student_id, min(day, last_day))))
    titles = dict(query(_CLASSES, (student_id,)))
    sections, marks = list(titles), ", ".join("?" * len(titles))
    meets, teachers = defaultdict(list), defaultdict(list)
    for section, *term in query(_TERMS.format(marks=marks), sections):
        meets[section].append(tuple(term))
    for section, teacher_given, teacher_family in query(_TEACHERS.format(marks=marks), sections):
        teachers[section].append(SimpleNamespace(name=f"{teacher_given} {teacher_family}"))
    now = [s for s in sections if not meets[s] or any(begins <= day <= ends for _, _, begins, ends in meets[s])]
    terms = sorted({term for of_one in meets.values() for term in of_one}, key=lambda term: term[2])
    marks = ", ".join("?" * len(now))
    work, values = _WORK.format(marks=marks), (day, day, student_id, *now)
    tables, posted, counts = None, {}, {}
    if everything:
        tables = _tables(query(work + _EVERYTHING, values))
    else:
        posted = {
            section: _Posted(f"{letter} ({formats.number(number, 'en')})", session)
            for section, letter, number, session in query(_POSTED.format(marks=marks), (student_id, *now, day))
        }
        soon, lately = (today + dt.timedelta(days=7)).isoformat(), (today - dt.timedelta(days=7)).isoformat()
        counts = {row[0]: _Counts(*row[1:]) for row in query(work + _COUNTS, (*values, soon, lately, day))}
    (updated,) = query(_UPDATED).fetchone()
    important = query(_IMPORTANT, (student_id, day, day)).fetchall()
    name = f"{given} {family}"
    return {
        "title": f"Grades: {isolated(name)}", "heading": "Grades", "schools": schools,
        "student": SimpleNamespace(id=student_id, name=name, grade_level=grade),
        "current_user": _signed_in(name), **_tabs(student_id),
        "updated": formats.moment(dt.datetime.fromisoformat(updated), time_zone, "en"),
        "classes": [_Named(section, titles[section], teachers[section]) for section in now],
        "terms": [SimpleNamespace(id=term[0], title=term[1]) for term in terms], "term_id": None,
        "important_notices": lambda: important, "posted": posted, "counts": counts, "tables": tables, "words": _WORDS,
    }  # fmt: skip


def _tables(rows: sqlite3.Cursor) -> dict[int, list[_Table]]:
    """Assignments by class and category, with days and numbers as they are printed."""
    day, number, found = formats.day, formats.number, defaultdict(list)
    for (section, _, title, weight), group in groupby(rows, key=lambda row: row[:4]):
        assignments = [
            _Assignment(
                title, day(assigned, "en"), day(due, "en"), number(points, "en"),
                text if score is None and text else number(score, "en"), status, late, comment,
            )
            for _, _, _, _, title, assigned, due, points, score, text, comment, status, late in group
        ]  # fmt: skip
        found[section].append(_Table(title, formats.percent(weight, "en"), assignments))
    return found


def _tabs(student_id: int) -> dict[str, list[tuple[str, str, bool]]]:
    first = (("Overview", "students.overview"), ("Grades", "students.all_grades"), ("To do", "students.to_do"))
    more = (("Schedule", "students.schedule"), ("Calendar", "students.calendar"), ("Reports", "students.reports"))
    return {
        name: [(label, url_for(page, student_id=student_id), label == "Grades") for label, page in some]
        for name, some in (("tabs", first), ("more_tabs", more))
    }


def _signed_in(name: str) -> SimpleNamespace:
    account = SimpleNamespace(role="guardian", person=SimpleNamespace(name=name), duties=[])
    return SimpleNamespace(is_authenticated=True, account=account)


def _globals(district_name: str) -> dict[str, Any]:
    """What the portal's templates ask for besides their page's own values, ready made."""
    addresses = {name: f"/assets/{asset(name).digest}/{name}" for name in FILES}
    return {
        "asset_url": addresses.__getitem__, "icon_data": icon_data, "csrf_token": lambda: "none",
        "district_name": district_name,
        "grade_level": lambda code: f"Grade {int(code)}", "language": "en", "language_tag": "en",
        "idle_minutes": 60, "seconds_left": lambda: (58 * 60, 12 * 60 * 60), "text_direction": "ltr",
        "languages": available,
    }  # fmt: skip


def _name_other_pages(app: Flask) -> None:
    """The pages that the templates link to."""
    for rule, endpoint in (
        ("/", "home.children"), ("/messages", "messages.sent"), ("/security", "security.page"),
        ("/language", "languages.switch"), ("/security/session", "security.stay"),
        ("/sign-out", "sign_in.sign_out"), ("/students/<int:student_id>", "students.overview"),
        ("/students/<int:student_id>/to-do", "students.to_do"), ("/help", "help.page"), ("/family", "family.page"),
        ("/notices", "notices.page"), ("/manifest.webmanifest", "assets.manifest"),
        ("/students/<int:student_id>/schedule", "students.schedule"),
        ("/students/<int:student_id>/calendar", "students.calendar"),
        ("/students/<int:student_id>/reports", "students.reports"),
        ("/students/<int:student_id>/grades/<int:section_id>", "students.section"),
    ):  # fmt: skip
        app.add_url_rule(rule, endpoint)
