"""Ten students of a public district's feed: what each tab shows is what a plain reading of the files counts (G02)."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from html import unescape
from typing import NamedTuple

import pytest
from browsing import Browser
from factories import account
from flask import Flask
from test_real_feeds import GRAND_BEND, Row, load, rows

import models as m

DAY, YEAR_BEGAN = dt.date(2022, 3, 15), "2021-08-01"

RECORD = (
    "studentSchoolAttendanceEvents", "studentSectionAttendanceEvents", "studentAssessments",
    "studentDisciplineIncidentBehaviorAssociations", "disciplineIncidents", "studentTransportations",
)  # fmt: skip


class Files(NamedTuple):
    """The files' rows of each student, by name of the file; `titles` are those of line items by id."""

    of: dict[str, dict[str, list[Row]]]
    items: dict[str, Row]
    incidents: dict[str, Row]

    def best(self, number: int, guardians: dict[str, str]) -> list[str]:
        """The students with the most kinds of rows, then the most rows, among those with a guardian."""
        wealth = {
            student: (sum(bool(rows) for rows in files.values()), sum(map(len, files.values())))
            for student, files in self.of.items()
            if student in guardians
        }
        return sorted(wealth, key=lambda student: (wealth[student], student), reverse=True)[:number]


def read() -> Files:
    of: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for folder, names in zip(GRAND_BEND, (("results",), RECORD), strict=True):
        for name in names:
            for row in rows(folder, name) if name != "disciplineIncidents" else ():
                of[row["studentSourcedId"]][name].append(row)
    return Files(
        of,
        {row["sourcedId"]: row for row in rows(GRAND_BEND[0], "lineItems")},
        {row["sourcedId"]: row for row in rows(GRAND_BEND[1], "disciplineIncidents")},
    )


def number_in(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    assert found, pattern
    return int(found[1])


def check_attendance(browser: Browser, tab: str, mine: dict[str, list[Row]]) -> None:
    days: dict[str, list[str]] = defaultdict(list)
    # This SIS writes a late arrival down twice, for the day and for the class that it fell into.
    late = set()
    for name in RECORD[:2]:
        for row in mine[name]:
            if YEAR_BEGAN <= row["eventDate"] <= DAY.isoformat():
                if row["attendanceEventCategoryDescriptor"] == "Tardy":
                    late.add((row["eventDate"], row["arrivalTime"]))
                if name == RECORD[0]:
                    days[row["eventDate"]].append(row["attendanceEventCategoryDescriptor"])
    text = browser.open(f"{tab}/attendance").text
    absent = [date for date, kinds in days.items() if set(kinds) != {"Tardy"}]
    assert number_in(r"Days absent this school year: (\d+)", text) == len(absent)
    assert number_in(r"Times late \(tardy\): (\d+)", text) == len(late)
    for date in absent[:3]:
        assert browser.open(f"{tab}/attendance/{date}").status == 200
        assert days[date][0].split()[0] in browser.text, "Excused or Unexcused, as the file has it"


def check_work(browser: Browser, tab: str, mine: dict[str, list[Row]], files: Files) -> None:
    # The page opens on the term of today; the earlier one of the year is a link away (DECISIONS 35).
    terms = dict.fromkeys(
        re.findall(r'href="([^"]*/grades[^"]*term=\d+[^"]*)"', browser.open(f"{tab}/grades?all=1").page)
    )
    text = browser.text + "".join(browser.open(unescape(link)).text for link in terms)
    titles = Counter(files.items[row["lineItemSourcedId"]]["title"].strip() for row in mine["results"])
    for title, count in titles.items():
        assert text.count(" ".join(title.split())) >= count, title
    for row in mine["results"]:
        if row["score"]:
            possible = float(files.items[row["lineItemSourcedId"]]["resultValueMax"])
            assert f"{float(row['score']):g} / {possible:g}" in text


def check_rest(browser: Browser, tab: str, mine: dict[str, list[Row]], files: Files) -> None:
    sat = mine["studentAssessments"]
    assert browser.open(f"{tab}/tests").page.count('class="mark"') >= len(sat) or not sat
    for row in sat:
        assert row["assessmentIdentifier"] in browser.text
    incidents = {row["disciplineIncidentSourcedId"] for row in mine[RECORD[3]]}
    text = browser.open(f"{tab}/behavior").text
    for one in incidents:
        date = dt.date.fromisoformat(files.incidents[one]["incidentDate"])
        assert f"{date:%b} {date.day}, {date.year}" in text
    assert ("Nothing has been recorded." in text) == (not incidents)
    for row in mine["studentTransportations"]:
        assert row["busNumber"] in browser.open(f"{tab}/transportation").text


@pytest.mark.usefixtures("db")
def test_G02_ten_students_of_grand_bend_show_what_their_files_say(make_app: Callable[..., Flask]) -> None:
    app = make_app(today=DAY, time_zone="America/Chicago")
    load(*GRAND_BEND)
    files = read()
    parents = {
        pair.student.sourced_id: pair.guardian
        for pair in m.Guardianship.select().where(m.Guardianship.is_open(DAY)).order_by(m.Guardianship.id)
    }
    chosen = files.best(10, {student: parent.sourced_id for student, parent in parents.items()})
    seen = Counter(name for student in chosen for name, some in files.of[student].items() if some)
    assert len(chosen) == 10 and set(seen) == {"results", *RECORD} - {"disciplineIncidents"}
    for student in chosen:
        parent = parents[student]
        mine = m.Account.get_or_none(m.Account.guardian == parent) or account(
            parent, f"parent{student}@example.com", app.extensions["homeroom"]
        )
        browser = Browser(app).sign_in(mine)
        tab = f"/students/{m.Student.get(m.Student.sourced_id == student).id}"
        assert browser.open(tab).status == 200
        check_attendance(browser, tab, files.of[student])
        check_work(browser, tab, files.of[student], files)
        check_rest(browser, tab, files.of[student], files)
