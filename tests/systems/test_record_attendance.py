"""Attendance: the month, the day, and what the year adds up to (C10, D15)."""

from __future__ import annotations

import csv
import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable
from xml.etree.ElementTree import Element

import pytest
from browsing import Browser
from factories import REAL_FEEDS, TODAY, Cast, account, class_event, code, day_event, delivered
from factories import cast as factory_cast
from flask import Flask

import models as m
from services.feeds import importer

MakeApp = Callable[..., Flask]
CODES = "AttendanceEventCategoryDescriptor"
BOTH = ("studentSchoolAttendanceEvents", "studentSectionAttendanceEvents")


def november(day: int) -> dt.date:
    return dt.date(2026, 11, day)


def calendar_and_timetable(cast: Cast, **entered: object) -> list[dt.date]:
    """Every weekday from August 17 is a day of school; Mathematics is in period 2 and Art, every other day, in 5."""
    middle = m.School.get(m.School.name == "Cedar Middle")
    enrolled = m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.ana)
    m.SchoolEnrollment.update(entry_date=dt.date(2026, 8, 17), **entered).where(
        m.SchoolEnrollment.id == enrolled.id
    ).execute()
    m.Enrollment.update(begin_date=dt.date(2026, 8, 17)).where(m.Enrollment.student == cast.ana).execute()
    days = [dt.date(2026, 8, 17) + dt.timedelta(days=n) for n in range(292)]
    days = [day for day in days if day.weekday() < 5]
    for number, day in enumerate(days):
        m.CalendarDay.create(sourced_id=f"c{day}", school=middle, date=day, kinds="Other, INSTRUCTIONAL DAY")
        turn = "AB"[number % 2]
        m.BellDay.create(sourced_id=f"b{day}", school=middle, name="Regular", date=day, alternate_day=turn)
    m.Meeting.create(sourced_id="m", section=cast.math, period="2")
    m.Meeting.create(sourced_id="a", section=cast.art, period="5", alternate_day="A")
    return days


def table(browser: Browser, caption: str) -> list[str]:
    """The lines of a table as they are read, its head first."""
    for found in browser._tree().iter("table"):
        if _read(next(found.iter("caption"))) == caption:
            return [_read(row) for row in found.iter("tr")]
    raise AssertionError(f"no table {caption!r} in {browser.text}")


def _read(node: Element) -> str:
    text = " ".join(" ".join(node.itertext()).split())
    return text.replace("\u2068", "").replace("\u2069", "").replace("\u202f", " ")


def test_C10_a_month_shows_each_day_by_word_and_shape_and_a_day_opens_its_periods(browser: Browser, cast: Cast) -> None:
    code(CODES, "AU", "Absent, not excused", counts_as="unexcused")
    day_event(cast.ana, november(12), "unexcused", category="AU", reason="No note received")
    class_event(cast.ana, cast.math, november(12), "unexcused", category="AU", period="2", reason="No note received")
    class_event(cast.ana, cast.art, november(13), "tardy", category="Tardy", period="5", arrival_time=dt.time(13, 12))
    class_event(cast.ana, cast.math, november(13), "exempt", category="Trip", period="2")
    day_event(cast.zoe, november(10), "excused", reason="Zoe's reason")
    delivered(*BOTH)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}").follow("Attendance")
    month = table(browser, "November 2026")
    assert month[0] == "Sun Sunday Mon Monday Tue Tuesday Wed Wednesday Thu Thursday Fri Friday Sat Saturday"
    assert month[1] == "1 2 3 4 5 6 7"
    assert month[2] == "8 9 10 11 12 Unexcused 13 Exempt 14"
    assert month[3] == "15 16 Today 17 18 19 20 21"
    assert '<td aria-current="date">16' in browser.page
    assert 'class="status unexcused"' in browser.page, "the stylesheet gives each kind a shape of its own"
    assert "Nov 12, 2026 Unexcused Absent, not excused · No note received" in browser.text
    assert "Nov 13, 2026 Exempt Mathematics 7 · Trip" in browser.text
    assert "Days absent this school year: 1 Unexcused: 1" in browser.text
    assert "Classes missed on other days: 1" in browser.text and "Times late (tardy): 1" in browser.text
    assert "Zoe" not in browser.text and "present" not in browser.text.lower()
    browser.follow("12 Unexcused")
    assert browser.path == f"/students/{cast.ana.id}/attendance/2026-11-12"
    assert '<h1 tabindex="-1"><bdi>Thursday, November 12, 2026</bdi></h1>' in browser.page
    assert "as the school counts it Unexcused Absent, not excused No note received" in browser.text
    assert table(browser, "Class by class")[1:] == ["2 Mathematics 7 Unexcused Absent, not excused No note received"]
    browser.open(f"/students/{cast.ana.id}/attendance/2026-11-13")
    rows = table(browser, "Class by class")[1:]
    assert rows[0] == "2 Mathematics 7 Exempt Trip"
    assert rows[1] == "5 Art 7 Tardy Came at 1:12 PM"
    assert "as the school counts it" not in browser.text
    browser.follow("‹ November 2026")
    assert table(browser, "November 2026")


@pytest.mark.parametrize(
    ("own", "classes", "word"),
    [
        ([], ["tardy", "exempt"], "Exempt"),
        ([], ["exempt", "excused"], "Excused"),
        ([], ["excused", "unknown"], "Unknown"),
        ([], ["unknown", "unexcused"], "Unexcused"),
        ([], ["present", "tardy"], "Tardy"),
        (["present"], ["unexcused"], "Present"),
        (["tardy"], ["unexcused"], "Tardy"),
        (["tardy", "excused"], [], "Excused"),
        (["some word of a feed"], [], "Unknown"),
    ],
)
def test_C10_a_day_is_what_the_school_says_of_it_else_its_gravest_period(
    browser: Browser, cast: Cast, own: list[str], classes: list[str], word: str
) -> None:
    for kind in own:
        day_event(cast.ana, november(12), kind)
    for number, kind in enumerate(classes):
        class_event(cast.ana, cast.math, november(12), kind, period=str(number))
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/attendance")
    assert f"12 {word} 13" in table(browser, "November 2026")[2]


def test_C10_absent_tardy_and_present_are_counted_by_course_period_term_and_day(browser: Browser, cast: Cast) -> None:
    days = [day for day in calendar_and_timetable(cast) if day <= TODAY]
    art_days = [day for number, day in enumerate(days) if number % 2 == 0]
    fall = m.AcademicSession.get(m.AcademicSession.title == "Fall 2026")
    day_event(cast.ana, art_days[-1], "excused", session=fall)
    class_event(cast.ana, cast.math, art_days[-1], "excused", period="2", session=fall)
    class_event(cast.ana, cast.art, art_days[-1], "excused", period="5", session=fall)
    day_event(cast.ana, art_days[-2], "unexcused", duration=0.5, departure_time=dt.time(12))
    class_event(cast.ana, cast.art, art_days[-2], "unexcused", period="5")
    day_event(cast.ana, art_days[-3], "tardy")
    class_event(cast.ana, cast.math, art_days[-3], "tardy", period="2")
    class_event(cast.ana, cast.math, art_days[-4], "unexcused", period="2")
    day_event(cast.ana, TODAY + dt.timedelta(days=1), "excused")
    delivered(*BOTH)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/attendance")
    assert (
        "Days absent this school year: 1.5 Unexcused: 0.5 · Excused: 1 Classes missed on other days: 1" in browser.text
    )
    assert "Times late (tardy): 1 " in browser.text, "coming late to school and to its first class is once"
    present = len(days) - 1.5
    assert f"Days present: {present:g} of {len(days)} school days through Nov 16, 2026" in browser.text
    by_course = table(browser, "Classes, counted by course")
    assert by_course[0] == "Class Excused Unexcused Exempt Unknown Tardy Present"
    assert by_course[1:] == [f"Art 7 1 1 {len(art_days) - 2}", f"Mathematics 7 1 1 1 {len(days) - 2}"]
    assert table(browser, "Classes, counted by period")[1:] == [
        f"2 1 1 1 {len(days) - 2}", f"5 1 1 {len(art_days) - 2}"
    ]  # fmt: skip
    assert table(browser, "Days, counted by term")[1:] == [f"Fall 2026 1 0.5 1 {present:g}"]
    assert table(browser, "Classes, counted by term")[1:] == [f"Fall 2026 2 2 1 {len(days) + len(art_days) - 4}"]
    by_day = table(browser, "Classes, counted by day")
    assert len(by_day) == 5
    assert by_day[1].endswith("Excused 2 0") and by_day[3].endswith("Tardy 1 2")
    assert f"{TODAY + dt.timedelta(days=1):%d} Excused" in table(browser, "November 2026")[3], "shown, not counted yet"


def test_C10_in_summer_the_year_that_has_ended_is_still_counted(make_app: MakeApp) -> None:
    app = make_app(today=dt.date(2027, 6, 20))
    people = factory_cast(app.extensions["homeroom"])
    days = calendar_and_timetable(people)
    days = [day for day in days if day <= dt.date(2027, 6, 4)]
    m.CalendarDay.delete().where(m.CalendarDay.date > dt.date(2027, 6, 2)).execute()
    day_event(people.ana, dt.date(2027, 5, 20), "excused")
    delivered("studentSchoolAttendanceEvents")
    browser = Browser(app).sign_in(people.rosa).open(f"/students/{people.ana.id}/attendance?month=2027-05")
    assert f"Days present: {len(days) - 3} of {len(days) - 2} school days through Jun 20, 2027" in browser.text
    assert browser.open(f"/students/{people.ana.id}/attendance/2027-06-20").status == 200


@pytest.mark.parametrize("why", ["no entry", "off day", "two calendars", "half", "ends early", "mostly holidays"])
def test_C10_present_is_not_told_where_it_cannot_be_counted(browser: Browser, cast: Cast, why: str) -> None:
    days = calendar_and_timetable(cast)
    calendar = m.CalendarDay.update(kinds="Holiday")
    if why == "no entry":
        m.SchoolEnrollment.update(entry_date=None).execute()
    elif why == "off day":
        calendar.where(m.CalendarDay.date == november(12)).execute()
    elif why == "two calendars":
        m.CalendarDay.update(calendar_code="other").where(m.CalendarDay.date == days[3]).execute()
    elif why == "half":
        m.CalendarDay.delete().where(m.CalendarDay.date < dt.date(2026, 10, 12)).execute()
    elif why == "ends early":
        m.CalendarDay.delete().where(m.CalendarDay.date > november(13)).execute()
    else:
        calendar.where(m.CalendarDay.date < november(12)).execute()
    class_event(cast.ana, cast.math, november(12), "unexcused", period="2")
    delivered(*BOTH)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/attendance")
    assert "Classes missed on other days: 1" in browser.text
    assert "present" not in browser.text.lower()


@pytest.mark.parametrize(
    "why", ["no timetable", "no beginning", "no turn", "other period", "whole day without classes", "two bell days"]
)
def test_C10_classes_attended_are_not_told_where_the_timetable_does_not_agree(
    browser: Browser, cast: Cast, why: str
) -> None:
    calendar_and_timetable(cast)
    class_event(cast.ana, cast.math, november(12), "unexcused", period="2")
    middle = m.School.get(m.School.name == "Cedar Middle")
    if why == "no timetable":
        m.Meeting.delete().execute()
    elif why == "no beginning":
        m.Enrollment.update(begin_date=None).where(m.Enrollment.section == cast.math).execute()
    elif why == "no turn":
        m.BellDay.update(alternate_day=None).where(m.BellDay.date == november(3)).execute()
    elif why == "other period":
        class_event(cast.ana, cast.math, november(10), "tardy", period="second")
    elif why == "whole day without classes":
        day_event(cast.ana, november(11), "excused")
    else:
        m.BellDay.create(sourced_id="two", school=middle, name="Rally", date=november(3), alternate_day="A")
    delivered(*BOTH)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/attendance")
    assert "Days present:" in browser.text
    assert table(browser, "Classes, counted by course")[0].endswith("Tardy")


def test_C10_a_period_that_is_not_rung_on_a_day_does_not_count_as_attended(browser: Browser, cast: Cast) -> None:
    days = [day for day in calendar_and_timetable(cast) if day <= TODAY]
    middle = m.School.get(m.School.name == "Cedar Middle")
    m.BellDay.update(name="Rally").where(m.BellDay.date == november(11)).execute()
    m.BellTime.create(sourced_id="r", school=middle, name="Rally", period="1")
    class_event(cast.ana, cast.math, november(12), period="2")
    delivered(*BOTH)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/attendance")
    assert f"Mathematics 7 1 {len(days) - 2}" in table(browser, "Classes, counted by course")


def test_C10_a_feed_that_marks_every_presence_has_them_counted(browser: Browser, cast: Cast) -> None:
    for day in (9, 10, 11):
        class_event(cast.ana, cast.math, november(day), "present", category="In Attendance", period="2")
    class_event(cast.ana, cast.math, november(12), "unexcused", period="2")
    delivered("studentSectionAttendanceEvents")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/attendance")
    assert table(browser, "Classes, counted by course")[1:] == ["Mathematics 7 1 3"]
    assert "Marked present" in browser.text
    assert "Days absent" not in browser.text, "this feed has no days, and 0 would be wrong"
    assert "Classes missed this school year: 1" in browser.text


@pytest.mark.parametrize("feed", ["days", "classes"])
def test_C10_a_feed_without_days_or_without_classes_is_not_taken_for_full_attendance(
    browser: Browser, cast: Cast, feed: str
) -> None:
    calendar_and_timetable(cast)
    if feed == "days":
        day_event(cast.ana, november(12), "tardy")
        delivered("studentSchoolAttendanceEvents")
    else:
        class_event(cast.ana, cast.math, november(12), period="2")
        delivered("studentSectionAttendanceEvents")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/attendance")
    assert ("Days present:" in browser.text) == (feed == "days")
    assert ("Classes, counted by course" in browser.text) == (feed == "classes")
    assert ("Days, counted by term" in browser.text) == (feed == "days")


def test_C10_months_lead_through_the_school_year_and_no_further(browser: Browser, cast: Cast) -> None:
    day_event(cast.ana, dt.date(2026, 9, 30), "tardy")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/attendance?month=2026-08")
    assert "July 2026" not in browser.text
    browser.follow("September 2026 ›")
    assert "Sep 30, 2026 Tardy" in browser.text
    browser.open(f"/students/{cast.ana.id}/attendance?month=2027-06")
    assert "Nothing is recorded for this month." in browser.text and "July 2027" not in browser.text
    for odd in ("2026-13", "x", "", "2026-1-1", "99999-01"):
        assert table(browser.open(f"/students/{cast.ana.id}/attendance?month={odd}"), "November 2026")


@pytest.mark.parametrize("odd", ["2026-02-30", "20261112", "2026-W46-4", "2025-11-12", "2027-11-12", "x", "1"])
def test_a_day_that_is_none_of_this_year_is_not_there(browser: Browser, cast: Cast, odd: str) -> None:
    assert browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/attendance/{odd}").status == 404


def test_a_day_and_a_year_without_entries_say_so(browser: Browser, cast: Cast) -> None:
    delivered(*BOTH)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/attendance")
    assert "Days absent this school year: 0" in browser.text
    assert "Nothing is recorded for this month." in browser.text and "By class" not in browser.text
    browser.open(f"/students/{cast.ana.id}/attendance/2026-11-12")
    assert "Nothing is recorded for this day." in browser.text


def test_D15_attendance_is_for_the_own_family_alone(app: Flask, cast: Cast) -> None:
    day_event(cast.ana, november(12), reason="Family matter")
    delivered(*BOTH)
    m.Guardianship.update(withheld=["attendance"]).where(m.Guardianship.guardian == cast.carlos.guardian).execute()
    for path in (f"/students/{cast.ana.id}/attendance", f"/students/{cast.ana.id}/attendance/2026-11-12"):
        for who in (cast.stranger, cast.revoked, cast.carlos):
            visitor = Browser(app).sign_in(who).open(path)
            assert visitor.status == 404 and "Family matter" not in visitor.page
        assert "Family matter" in Browser(app).sign_in(cast.pupil).open(path).text
    father = Browser(app).sign_in(cast.carlos).open(f"/students/{cast.ana.id}")
    assert "/attendance" not in father.page
    other = Browser(app).sign_in(cast.stranger).open(f"/students/{cast.zoe.id}/attendance")
    assert other.status == 200 and "Family matter" not in other.page


def test_without_grades_the_classes_of_attendance_are_not_linked(app: Flask, cast: Cast) -> None:
    class_event(cast.ana, cast.math, november(12))
    father = Browser(app).sign_in(cast.carlos).open(f"/students/{cast.ana.id}/attendance/2026-11-12")
    assert "Mathematics 7" in father.text and "/grades" not in father.page


def test_codes_that_are_not_for_families_are_not_shown_and_odd_rows_do_no_harm(browser: Browser, cast: Cast) -> None:
    code(CODES, "SECRET", "Office only", parent_visible=False)
    day_event(cast.ana, november(10), "excused", category="secret")
    long, turned = "x" * 255, "\u202eevil"
    day_event(cast.ana, november(11), "unknown", category="<b>Q</b>", reason=turned, duration=-3)
    class_event(cast.ana, cast.math, november(11), "tardy", category=long, reason="<i>r</i>", period=long)
    class_event(cast.ana, cast.art, november(11), "tardy", arrival_time=dt.time(0), departure_time=dt.time(23, 59))
    m.Course.create(sourced_id="c", title="")
    delivered(*BOTH)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/attendance")
    assert "Office only" not in browser.text and "10 Excused" not in browser.text
    assert "Days absent this school year: 1 Unknown: 1" in browser.text
    assert "<b>Q</b>" in browser.text and f"<bdi>{turned}</bdi>" in browser.page
    browser.open(f"/students/{cast.ana.id}/attendance/2026-11-11")
    assert "<i>r</i>" in browser.text and long in browser.text
    browser.open(f"/students/{cast.ana.id}/attendance/2026-11-10")
    assert "Nothing is recorded for this day." in browser.text


@pytest.mark.parametrize(
    ("language", "title"), [("es", "noviembre de 2026"), ("ar", "نوفمبر 2026"), ("vi", "tháng 11 năm 2026")]
)
def test_the_month_is_in_the_readers_language(browser: Browser, cast: Cast, language: str, title: str) -> None:
    day_event(cast.ana, november(12))
    browser.sign_in(cast.rosa).send("/language", button=("language", language))
    assert title in browser.open(f"/students/{cast.ana.id}/attendance").text


def test_attendance_costs_the_same_queries_for_one_event_and_for_many(
    browser: Browser, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    days = calendar_and_timetable(cast)
    class_event(cast.ana, cast.math, days[0], period="2")
    delivered(*BOTH)
    caplog.set_level(logging.DEBUG, logger="peewee")
    browser.sign_in(cast.rosa)

    def cost(path: str) -> int:
        browser.open(path)
        caplog.clear()
        assert browser.open(path).status == 200
        return len(caplog.records)

    month, day = f"/students/{cast.ana.id}/attendance", f"/students/{cast.ana.id}/attendance/2026-11-12"
    few = cost(month), cost(day)
    for date in days[1:60]:
        class_event(cast.ana, cast.math, date, period="2")
        day_event(cast.ana, date, "tardy")
    assert (cost(month), cost(day)) == few
    assert few[0] <= 18 and few[1] <= 11, few


def test_C10_grand_bends_counts_are_those_of_its_files(make_app: MakeApp) -> None:
    """Ed-Fi's sample district, as real districts are: its calendar has two days, so nothing is said of presence."""
    on = dt.date(2022, 5, 27)
    app = make_app(today=on)
    folders = (REAL_FEEDS / "grandbend/oneroster-1.1", REAL_FEEDS / "grandbend/supplement")
    importer.run(folders, shrink_percent=10)

    def rows(name: str) -> list[dict[str, str]]:
        with (folders[1] / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream))

    days, classes = rows("studentSchoolAttendanceEvents"), rows("studentSectionAttendanceEvents")
    assert (len(days), len(classes)) == (1917, 66)
    both = Counter(row["studentSourcedId"] for row in classes)
    busiest = Counter(row["studentSourcedId"] for row in days if row["studentSourcedId"] in both).most_common(1)[0][0]
    child = m.Student.get(m.Student.sourced_id == busiest)
    own = [row for row in days if row["studentSourcedId"] == busiest]
    mine = [row for row in classes if row["studentSourcedId"] == busiest]
    names = {"Excused Absence": "Excused", "Unexcused Absence": "Unexcused"}
    counted = Counter(names[row["attendanceEventCategoryDescriptor"]] for row in own
                      if row["attendanceEventCategoryDescriptor"] in names)  # fmt: skip
    late = {row["eventDate"] for row in (*own, *mine) if row["attendanceEventCategoryDescriptor"] == "Tardy"}
    browser = Browser(app).sign_in(account(child, "7999999", app.extensions["homeroom"]))
    browser.open(f"/students/{child.id}/attendance?month=2022-03")
    absent = " · ".join(f"{word}: {counted[word]}" for word in ("Unexcused", "Excused") if counted[word])
    assert f"Days absent this school year: {counted.total()} {absent}" in browser.text
    assert f"Times late (tardy): {len(late)}" in browser.text
    assert "present" not in browser.text.lower()
    march = {row["eventDate"] for row in (*own, *mine) if row["eventDate"].startswith("2022-03")}
    links = {
        node.get("href", "")[-10:]
        for node in browser._tree().iter("a")
        if "/attendance/2022-03" in node.get("href", "")
    }
    assert links == march
    assert len(table(browser, "Classes, counted by day")) - 1 == len({row["eventDate"] for row in (*own, *mine)})
