"""The class schedule (Clayton's C08)."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from browsing import Browser
from factories import TODAY, Cast, account, enroll, guardian, school, section, session, staff, student
from flask import Flask

import models as m

MakeApp = Callable[..., Flask]
_numbers = count(1)


def row(model: type[m.Table], **values: Any) -> Any:
    return model.create(sourced_id=f"{model.__name__}-{next(_numbers)}", **values)


def period(at: m.School, name: str, start: str = "", end: str = "") -> m.ClassPeriod:
    times = {"start_time": start or None, "end_time": end or None}
    return row(m.ClassPeriod, school=at, name=name, **times)


def meets(taught: m.Section, name: str, day: str | None = None, start: str = "", end: str = "", **values: Any) -> None:
    times = {"start_time": start or None, "end_time": end or None}
    row(m.Meeting, section=taught, period=name, alternate_day=day, **times, **values)


def bell(at: m.School, name: str, periods: dict[str, tuple[str, str]], day: str | None = None) -> None:
    for which, (start, end) in periods.items():
        row(m.BellTime, school=at, name=name, period=which, alternate_day=day, start_time=start, end_time=end)


def timetable(cast: Cast) -> m.School:
    """Cedar Middle has four periods; Ana has mathematics in the first on A days and art in the third."""
    middle = m.School.get(m.School.name == "Cedar Middle")
    period(middle, "10", "13:00", "13:45")
    for number, hour in enumerate((8, 9, 10), start=1):
        period(middle, str(number), f"{hour:02}:30", f"{hour + 1:02}:15")
    meets(cast.math, "1", "A", "08:30", "09:15", room="204")
    meets(cast.art, "3")
    return middle


def table_rows(browser: Browser) -> list[str]:
    """What the rows of the last table say."""
    body = list(browser._tree().iter("table"))[-1].find("tbody")
    assert body is not None
    texts = [" ".join("".join(f" {part}" for part in one.itertext()).split()) for one in body.iter("tr")]
    return [text.replace("\u202f", " ").replace("\u2068", "").replace("\u2069", "") for text in texts]


def opened(app: Flask, who: m.Account, child: m.Student, query: str = "") -> Browser:
    return Browser(app).sign_in(who).open(f"/students/{child.id}/schedule{query}")


def test_C08_a_term_by_periods_with_empty_ones_codes_teachers_rooms_days_and_times(app: Flask, cast: Cast) -> None:
    timetable(cast)
    m.Section.update(course=row(m.Course, title="Math", code="431510"), code="431510-10").where(
        m.Section.id == cast.math.id
    ).execute()
    m.Section.update(course=row(m.Course, title="Art", code="ART7"), code="2").where(
        m.Section.id == cast.art.id
    ).execute()
    browser = opened(app, cast.rosa, cast.ana)
    assert table_rows(browser) == [
        "1 8:30 AM – 9:15 AM Mathematics 7 431510-10 Dana Okafor · Write a message 204 A",
        "2 9:30 AM – 10:15 AM No class",
        "3 10:30 AM – 11:15 AM Art 7 ART7 2 Lee Novak 12",
        "10 1:00 PM – 1:45 PM No class",
    ]
    assert "Fall 2026 Aug 17, 2026 – Jan 15, 2027" in browser.text, "the term with its dates"
    browser.follow("Mathematics 7")
    assert browser.path == f"/students/{cast.ana.id}/grades/{cast.math.id}"
    assert "Fractions worksheet" in browser.text
    browser.open(f"/students/{cast.ana.id}/schedule").follow("Write a message")
    assert (browser.status, browser.path.split("/")[-1]) == (200, str(cast.teacher.id))


def test_C08_only_where_the_district_wants_it_a_teachers_address_opens_the_own_mail_program(make_app: MakeApp) -> None:
    app = make_app(preset="clayton")
    assert app.extensions["homeroom"].teacher_email_links
    child = student("Ana Reyes", school())
    section(
        "Mathematics 7", term=session("Fall", "term", dt.date(2026, 8, 17), dt.date(2027, 1, 15)), students=(child,),
        teachers=(staff("Dana Okafor", email="d.okafor+x?cc=all@maple.example"), staff("Lee Novak", email=None)),
    )  # fmt: skip
    session("2026", "schoolYear", dt.date(2026, 8, 17), dt.date(2027, 6, 4))
    mother = account(guardian("Rosa Reyes", (child,)), "rosareyes", app.extensions["homeroom"])
    browser = opened(app, mother, child)
    links = [one.get("href") for one in browser._tree().iter("a") if (one.get("href") or "").startswith("mailto:")]
    assert links == ["mailto:d.okafor%2Bx%3Fcc%3Dall@maple.example"], "one address, nothing smuggled in"
    assert "Lee Novak Team" in browser.text, "who teaches together"
    assert "Write a message" not in browser.text, "this account has no address for an answer"


def test_C08_elsewhere_no_address_of_a_teacher_is_shown(app: Flask, cast: Cast) -> None:
    timetable(cast)
    browser = opened(app, cast.rosa, cast.ana)
    assert "mailto:" not in browser.page
    assert "okafor@" not in browser.page


def test_C08_a_late_joiner_reads_the_start_date_and_one_who_left_has_no_class(app: Flask, cast: Cast) -> None:
    late = section("Band", term=m.AcademicSession.get(title="Fall 2026"), periods="2")
    enroll(cast.ana, late, begin_date=dt.date(2026, 9, 3))
    left = section("Chess", term=m.AcademicSession.get(title="Fall 2026"), periods="3")
    enroll(cast.ana, left, end_date=dt.date(2026, 9, 3))
    browser = opened(app, cast.rosa, cast.ana)
    assert "Band 101-1 Start: Sep 3, 2026" in browser.text
    assert "Chess" not in browser.text


def test_C08_the_term_of_today_is_open_and_the_others_and_the_whole_year_are_a_link_away(
    app: Flask, cast: Cast
) -> None:
    timetable(cast)
    fall, spring = m.AcademicSession.get(title="Fall 2026"), m.AcademicSession.get(title="Spring 2027")
    year = m.AcademicSession.get(kind="schoolYear")
    section("Health", term=spring, students=(cast.ana,), periods="2")
    section("Homeroom", term=year, students=(cast.ana,), periods="HR")
    browser = opened(app, cast.rosa, cast.ana)
    assert "Health" not in browser.text
    assert "2026-2027" not in browser.text, "the year is what its two terms make up"
    assert "HR Homeroom 101-1 12" in table_rows(browser), "a class of the whole year"
    browser.follow("Spring 2027")
    assert "Health" in browser.text and "Homeroom" in browser.text
    assert "Mathematics 7" not in "".join(table_rows(browser))
    browser.follow("The whole year")
    first = table_rows(browser)[0]
    assert first.count("Mathematics 7") == 1 and "No class" in first, "in fall, and not in spring"
    assert [one.count("Homeroom") for one in table_rows(browser) if "HR" in one] == [2]
    assert browser.open(f"/students/{cast.ana.id}/schedule?term={fall.id}").text.count("Mathematics 7") >= 1
    for odd in ("999", "x", "-1", "99999999999999999999"):
        assert browser.open(f"/students/{cast.ana.id}/schedule?term={odd}").status == 200


def test_C08_between_terms_the_one_that_ended_last_is_open(make_app: MakeApp) -> None:
    app = make_app(today=dt.date(2027, 6, 20))
    from factories import cast as make_cast

    cast = make_cast(app.extensions["homeroom"])
    section("Health", term=m.AcademicSession.get(title="Spring 2027"), students=(cast.ana,), periods="2")
    browser = opened(app, cast.rosa, cast.ana)
    assert "Health" in browser.text
    assert "There are no classes today." in browser.text


def test_C08_today_is_in_order_of_time_on_the_rotating_day_and_by_the_bells_of_the_day(app: Flask, cast: Cast) -> None:
    middle = timetable(cast)
    chess = section("Chess", term=m.AcademicSession.get(title="Fall 2026"), students=(cast.ana,))
    meets(chess, "1", "B")
    meets(chess, "10", None, "13:05", "13:30")
    bell(middle, "Early release", {"1": ("08:00", "08:30"), "3": ("07:00", "07:30"), "10": ("11:00", "11:30")})
    bell(middle, "Regular", {"1": ("08:30", "09:15")})
    row(m.BellDay, school=middle, name="Early release", date=TODAY, alternate_day="A")
    browser = opened(app, cast.rosa, cast.ana)
    (today,) = list(browser._tree().iter("ol"))
    said = [" ".join("".join(one.itertext()).replace("\u202f", " ").split()) for one in today.iter("li")]
    assert [text.split(" Period")[0] for text in said] == [
        "7:00 AM – 7:30 AM Art 7",
        "8:00 AM – 8:30 AM Mathematics 7",
        "1:05 PM – 1:30 PM Chess",
    ], "bells of the day, except where a class has times of its own"
    assert "A day" in browser.text


def test_C08_without_the_name_of_the_rotating_day_nothing_is_guessed(app: Flask, cast: Cast) -> None:
    timetable(cast)
    browser = opened(app, cast.rosa, cast.ana)
    (today,) = list(browser._tree().iter("ol"))
    assert "Art 7" in "".join(today.itertext()) and "Mathematics" not in "".join(today.itertext())
    assert "which of them today is has not been entered" in browser.text


@pytest.mark.parametrize(
    ("kinds", "says"),
    [
        ("Holiday", "Holiday There are no classes today."),
        ("Teacher only day", "Day for teachers only: no school There are no classes today."),
        ("THX", "Thanksgiving break There are no classes today."),
        ("SECRET", "There are no classes today."),
        ("Instructional day, Holiday", None),
        ("Make-up day", None),
    ],
)
def test_C08_on_a_day_without_school_it_says_why(app: Flask, cast: Cast, kinds: str, says: str | None) -> None:
    middle = timetable(cast)
    row(m.Code, code_set="CalendarEventDescriptor", local_code="thx", short_description="Thanksgiving break")
    row(m.Code, code_set="CalendarEventDescriptor", local_code="Secret", parent_visible=False)
    row(m.CalendarDay, school=middle, date=TODAY, kinds=kinds)
    browser = opened(app, cast.rosa, cast.ana)
    if says is None:
        assert "There are no classes" not in browser.text
    else:
        assert f"November 16, 2026 {says}" in browser.text
    assert "SECRET" not in browser.page
    browser.sign_out().sign_in(cast.rosa).open(f"/students/{cast.ben.id}/schedule")
    assert "Thanksgiving" not in browser.page, "another school"


def test_C08_a_feed_without_meetings_gives_a_table_by_the_classes_own_periods(app: Flask, cast: Cast) -> None:
    m.Section.update(periods="2, 1").where(m.Section.id == cast.math.id).execute()
    browser = opened(app, cast.rosa, cast.ana)
    assert [one[:16] for one in table_rows(browser)] == ["1 Mathematics 7 ", "2 Mathematics 7 "]
    assert "Without a period Art 7 101-1 Lee Novak Room 12" in browser.text


def test_C08_a_feed_without_periods_gives_a_list(app: Flask, cast: Cast) -> None:
    browser = opened(app, cast.rosa, cast.ana)
    assert "<table" not in browser.page
    assert "Mathematics 7 101-1 Dana Okafor" in browser.text
    assert "Without a period" not in browser.text


def test_C08_classes_at_two_schools_are_told_apart(app: Flask, cast: Cast) -> None:
    timetable(cast)
    high = school("Summit High")
    row(m.SchoolEnrollment, student=cast.ana, school=high)
    period(high, "1", "07:00", "07:45")
    section("Algebra", term=m.AcademicSession.get(title="Fall 2026"), students=(cast.ana,), school=high, periods="1")
    rows = table_rows(opened(app, cast.rosa, cast.ana))
    assert sum("Cedar Middle" in one for one in rows) == 4
    assert [one for one in rows if "Summit High" in one] == ["1 7:00 AM – 7:45 AM Summit High Algebra 101-1 12"]


def test_C08_who_may_not_see_grades_gets_no_links_to_them_and_a_student_sees_the_own_schedule(
    app: Flask, cast: Cast
) -> None:
    timetable(cast)
    father = opened(app, cast.carlos, cast.ana)
    assert father.status == 200 and "Mathematics 7" in father.text
    assert "/grades" not in father.page
    assert opened(app, cast.pupil, cast.ana).status == 200


def test_C08_another_family_and_a_withheld_schedule_get_404(app: Flask, cast: Cast) -> None:
    m.Guardianship.update(withheld=["schedule"]).where(m.Guardianship.student == cast.ana).execute()
    for who in (cast.stranger, cast.revoked, cast.carlos):
        assert opened(app, who, cast.ana).status == 404
    browser = Browser(app).sign_in(cast.carlos).open(f"/students/{cast.ana.id}")
    assert "/schedule" not in browser.page
    assert opened(app, cast.pupil, cast.ben).status == 404


def test_C08_a_child_without_classes_and_odd_data_are_shown_calmly(app: Flask, cast: Cast) -> None:
    middle = m.School.get(m.School.name == "Cedar Middle")
    nobody = student("Nia Reyes", middle)
    m.Guardianship.create(student=nobody, guardian=cast.rosa.guardian, from_associations=True, default_access=True)
    assert "No classes are entered for this term yet." in opened(app, cast.rosa, nobody).text
    odd = section("<b>\u202eX</b>" + "y" * 240, code=None, room=None, students=(nobody,), teachers=())
    row(m.Meeting, section=odd, period=None, room=None)
    period(middle, "<i>" + "z" * 200)
    meets(odd, "\u202eHR", "<A>", "23:59", "00:00", room="<u>")
    row(m.BellDay, school=middle, date=TODAY, name=None, alternate_day=None)
    row(m.CalendarDay, school=middle, date=TODAY, kinds=None)
    for query in ("", "?all=1"):
        browser = opened(app, cast.rosa, nobody, query)
        assert browser.status == 200
        assert "<b>" not in browser.page and "<u>" not in browser.page and "<A>" not in browser.page


def test_C08_times_and_dates_are_in_the_readers_language(app: Flask, cast: Cast) -> None:
    timetable(cast)
    m.Account.update(language="es").where(m.Account.id == cast.rosa.id).execute()
    browser = opened(app, cast.rosa, cast.ana)
    assert "8:30 a.m. – 9:15 a.m." in browser.text
    assert "17 ago 2026" in browser.text


def test_C08_the_page_costs_the_same_queries_for_one_class_and_for_many(
    app: Flask, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    middle = timetable(cast)
    browser = opened(app, cast.rosa, cast.ana)
    caplog.set_level(logging.DEBUG, logger="peewee")

    def cost(query: str) -> int:
        browser.open(f"/students/{cast.ana.id}/schedule{query}")
        caplog.clear()
        assert browser.open(f"/students/{cast.ana.id}/schedule{query}").status == 200
        return len(caplog.records)

    few = cost("")
    for number in range(30):
        taught = section(
            f"Class {number}", term=m.AcademicSession.get(title="Fall 2026"), students=(cast.ana,),
            teachers=(staff(f"T{number}"), staff(f"U{number}")), school=middle,
        )  # fmt: skip
        for day in "ABCDE":
            meets(taught, str(number), day)
    assert cost("") == cost("?all=1") == few <= 20
