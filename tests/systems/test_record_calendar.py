"""Calendars of one child and of the family (Clayton's C07 and C20, Denver's D17), and the calendar feed (X06)."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from browsing import Browser
from factories import (
    TODAY,
    Cast,
    account,
    delivered,
    enroll,
    guardian,
    guardianship,
    line_item,
    school,
    section,
    student,
)
from flask import Flask

import models as m
from services import clock

MakeApp = Callable[..., Flask]
NEW_YORK = ZoneInfo("America/New_York")
_numbers = count(1)


def row(model: type[m.Table], **values: Any) -> Any:
    return model.create(sourced_id=f"{model.__name__}-{next(_numbers)}", **values)


def event(title: str, begins: dt.date, at: m.School | None = None, **values: Any) -> m.Event:
    made = row(m.Event, title=title, begin_date=begins, **values)
    if at is not None:
        m.EventSchool.create(event=made, school=at)
    return made


def day_of(at: m.School, date: dt.date, kinds: str, **values: Any) -> None:
    row(m.CalendarDay, school=at, date=date, kinds=kinds, **values)


def absent(who: m.Student, date: dt.date, counts_as: str = "unexcused") -> None:
    row(m.SchoolAttendanceEvent, student=who, date=date, counts_as=counts_as)


def november(day: int) -> dt.date:
    return dt.date(2026, 11, day)


class District:
    """The cast's schools below a district, with something of each kind in November."""

    def __init__(self) -> None:
        self.org = school("Maple Valley", parent=None)
        m.School.update(kind="district").where(m.School.id == self.org.id).execute()
        self.middle = m.School.get(m.School.name == "Cedar Middle")
        self.elementary = m.School.get(m.School.name == "Juniper Elementary")
        event("Board meeting", november(10), self.org, start_time="18:30", end_time="20:30", location="Hall <1>")
        event("Winter concert", november(12), self.middle, start_time="17:30", description="<b>Doors</b> at 5\nFree")
        event("Book fair", november(9), self.elementary, end_date=november(12))
        event("Snow day rules", november(18))
        for one in (self.middle, self.elementary):
            day_of(one, november(26), "Holiday")
            day_of(one, november(25), "Instructional day")


def agenda(browser: Browser) -> dict[str, list[str]]:
    """What each day of the list says."""
    found: dict[str, list[str]] = {}
    day = ""
    for node in next(browser._tree().iter("main")).iter():
        if node.tag == "h3":
            day = " ".join("".join(node.itertext()).split())
        if node.tag == "li" and day:
            text = " ".join("".join(node.itertext()).replace("\u202f", " ").split())
            found.setdefault(day, []).append(text)
        if node.tag == "h2" and node.get("id") == "address":
            break
    return found


def opened(app: Flask, who: m.Account, child: m.Student, query: str = "") -> Browser:
    return Browser(app).sign_in(who).open(f"/students/{child.id}/calendar{query}")


# ---- C07, D17 ----------------------------------------------------------------------------------------------------


def test_C07_D17_one_childs_month_has_work_due_events_days_off_and_attendance_by_day(app: Flask, cast: Cast) -> None:
    District()
    absent(cast.ana, november(12))
    absent(cast.ana, november(13), "present")
    browser = opened(app, cast.rosa, cast.ana)
    assert agenda(browser) == {
        "Monday, November 2, 2026": ["Ungraded sheet Due: Mathematics 7"],
        "Wednesday, November 4, 2026": ["Ratio quiz Due: Mathematics 7"],
        "Friday, November 6, 2026": ["Sick day sheet Due: Mathematics 7"],
        "Monday, November 9, 2026": ["Number line Due: Mathematics 7"],
        "Tuesday, November 10, 2026": ["6:30 PM – 8:30 PM Board meeting Event · Hall <1>"],
        "Wednesday, November 11, 2026": ["Fractions worksheet Due: Mathematics 7"],
        "Thursday, November 12, 2026": [
            "5:30 PM Winter concert Event <b>Doors</b> at 5 Free",
            "Attendance: Unexcused",
        ],
        "Wednesday, November 18, 2026": ["Snow day rules Event"],
        "Thursday, November 19, 2026": ["Percent project Due: Mathematics 7"],
        "Thursday, November 26, 2026": ["Holiday School calendar"],
    }
    browser.follow("Percent project")
    assert browser.path == f"/students/{cast.ana.id}/grades/{cast.math.id}"


def test_C07_the_month_is_a_table_of_weeks_as_the_country_begins_them(app: Flask, cast: Cast) -> None:
    District()
    browser = opened(app, cast.rosa, cast.ana)
    table = next(browser._tree().iter("table"))
    heads = [" ".join("".join(one.itertext()).split()) for one in table.iter("th")]
    assert heads[0] == "SunSunday" and heads[6] == "SatSaturday"
    weeks = [[("".join(td.itertext())).strip()[:2] for td in tr.iter("td")] for tr in table.iter("tr")][1:]
    assert [day.strip("".join(map(chr, range(65, 123)))) for day in weeks[0]] == ["1", "2", "3", "4", "5", "6", "7"]
    assert len(weeks) == 5 and weeks[-1][2:] == [""] * 5
    current = [td for td in table.iter("td") if td.get("aria-current") == "date"]
    assert ["".join(td.itertext())[:2] for td in current] == ["16"]
    m.Account.update(language="ar").where(m.Account.id == cast.rosa.id).execute()
    browser.open(browser.path)
    assert next(browser._tree().iter("table")) is not None and "الأحد" in browser.text, "Sunday first, in Arabic"


def test_C07_months_of_the_school_year_are_links_and_odd_ones_show_the_nearest(app: Flask, cast: Cast) -> None:
    browser = opened(app, cast.rosa, cast.ana)
    browser.follow("October 2026")
    assert "Nothing is entered for this month." in browser.text
    browser.follow("September 2026").follow("August 2026")
    assert "July 2026" not in browser.text
    browser.open(f"{browser.path}?month=2027-06")
    assert "June 2027" in browser.text and "July 2027" not in browser.text
    for odd, shown in (("1999-01", "August 2026"), ("9999-12", "June 2027"), ("2026-13", "November 2026"),
                       ("x", "November 2026"), ("%00", "November 2026"), ("2026-1 1", "November 2026")):  # fmt: skip
        browser.open(f"/students/{cast.ana.id}/calendar?month={odd}")
        assert browser.status == 200 and shown in browser.text, odd


def test_D17_a_schools_event_is_for_its_own_families_levels_and_roles(app: Flask, cast: Cast) -> None:
    d = District()
    other = school("Other Middle")
    event("Elsewhere", november(20), other)
    event("Staff only", november(20), d.middle, audience="teacher, administrator")
    event("For parents", november(20), d.middle, audience="Guardian,teacher")
    event("For seventh grade", november(20), d.middle, grade_levels="Seventh grade, Eighth grade")
    event("For eighth grade", november(20), d.middle, grade_levels="08")
    event("Of the state", november(20), None)
    m.EventSchool.create(event=event("Of two schools", november(20), d.middle), school=d.elementary)
    browser = opened(app, cast.rosa, cast.ana)
    shown = [text.removesuffix(" Event") for text in agenda(browser)["Friday, November 20, 2026"]]
    assert sorted(shown) == ["For parents", "For seventh grade", "Of the state", "Of two schools"]
    browser.open(f"/students/{cast.ben.id}/calendar")
    shown = [text.removesuffix(" Event") for text in agenda(browser)["Friday, November 20, 2026"]]
    assert sorted(shown) == ["Of the state", "Of two schools"]
    assert "Book fair Event · until Nov 12, 2026" in browser.text
    assert "Winter concert" not in browser.page


def test_D17_the_calendar_that_a_child_follows_and_the_districts_own_kinds_of_day(app: Flask, cast: Cast) -> None:
    d = District()
    m.SchoolEnrollment.update(calendar_code="year-round").where(m.SchoolEnrollment.student == cast.ana).execute()
    row(m.Code, code_set="CalendarEventDescriptor", local_code="PD", short_description="Planning day")
    row(m.Code, code_set="CalendarEventDescriptor", local_code="X", parent_visible=False)
    day_of(d.middle, november(5), "Holiday", calendar_code="traditional")
    day_of(d.middle, november(5), "pd, X, Other", calendar_code="year-round")
    assert agenda(opened(app, cast.rosa, cast.ana))["Thursday, November 5, 2026"] == [
        "Other School calendar", "Planning day School calendar",
    ]  # fmt: skip


def test_C07_withheld_grades_and_attendance_stay_out_of_the_calendar(app: Flask, cast: Cast) -> None:
    District()
    absent(cast.ana, november(12))
    row(m.SectionAttendanceEvent, student=cast.ana, section=cast.math, date=november(17), counts_as="tardy")
    father = opened(app, cast.carlos, cast.ana)
    assert "Fractions" not in father.page and "/grades" not in father.page
    assert "Attendance: Tardy" in father.text, "the gravest period where the school has no entry of its own"
    m.Guardianship.update(withheld=["attendance"]).where(m.Guardianship.student == cast.ana).execute()
    father.open(father.path)
    assert "Fractions" in father.page
    assert "Unexcused" not in father.page and "Tardy" not in father.page


def test_C07_other_families_a_withheld_calendar_and_a_student_s_own(app: Flask, cast: Cast) -> None:
    absent(cast.zoe, november(12))
    assert "Attendance" not in "".join(sum(agenda(opened(app, cast.rosa, cast.ana)).values(), []))
    assert opened(app, cast.pupil, cast.ana).status == 200
    m.Guardianship.update(withheld=["calendar"]).where(m.Guardianship.student == cast.ana).execute()
    for who in (cast.stranger, cast.revoked, cast.carlos, cast.rosa):
        assert opened(app, who, cast.ana).status == 404
    assert opened(app, cast.pupil, cast.ben).status == 404
    browser = Browser(app).sign_in(cast.carlos).open(f"/students/{cast.ana.id}")
    assert "calendar" not in browser.page


def test_C07_work_of_before_a_child_came_and_after_it_left_is_not_its_own(app: Flask, cast: Cast) -> None:
    m.Enrollment.update(begin_date=november(5), end_date=november(10)).where(
        m.Enrollment.student == cast.ana, m.Enrollment.section == cast.math
    ).execute()
    text = opened(app, cast.rosa, cast.ana).text
    assert "Sick day sheet" in text and "Number line" in text
    assert "Ratio quiz" not in text and "Fractions worksheet" not in text


def test_C07_odd_data_is_shown_calmly(app: Flask, cast: Cast) -> None:
    d = District()
    event("\u202e<script>alert(1)</script>" + "x" * 220, november(3), d.middle, end_date=november(1), end_time="10:00")
    event("Endless", november(3), d.middle, end_date=dt.date(9999, 12, 31), start_time="23:59", end_time="00:00")
    event("Long ago", dt.date(1, 1, 1), d.middle, end_date=november(4), audience=" , ", grade_levels=" ,")
    day_of(d.middle, november(3), "")
    row(m.CalendarDay, school=d.middle, date=november(3), kinds=None)
    absent(cast.ana, november(3), "made up")
    browser = opened(app, cast.rosa, cast.ana)
    assert browser.status == 200
    assert "<script>alert" not in browser.page
    assert "Attendance: Unknown" in browser.text
    assert agenda(browser)["Sunday, November 1, 2026"] == ["Long ago Event · until Nov 4, 2026"]


# ---- C20 ---------------------------------------------------------------------------------------------------------


def test_C20_the_familys_month_says_which_child_and_has_everything_once(app: Flask, cast: Cast) -> None:
    District()
    absent(cast.ana, november(12))
    absent(cast.ben, november(12))
    reading = m.Section.get(m.Section.title == "Reading 3")
    line_item(reading, "Book report", november(19))
    browser = Browser(app).sign_in(cast.rosa).open("/calendar")
    found = agenda(browser)
    assert found["Thursday, November 12, 2026"] == [
        "5:30 PM Winter concert · Ana Event <b>Doors</b> at 5 Free",
        "Attendance: Unexcused · Ana",
        "Attendance: Unexcused · Ben",
    ]
    assert found["Thursday, November 19, 2026"] == [
        "Book report · Ben Due: Reading 3", "Percent project · Ana Due: Mathematics 7",
    ]  # fmt: skip
    assert found["Thursday, November 26, 2026"] == ["Holiday · Ana, Ben School calendar"]
    assert found["Tuesday, November 10, 2026"] == ["6:30 PM – 8:30 PM Board meeting · Ana, Ben Event · Hall <1>"]
    browser.follow("Book report")
    assert browser.path == f"/students/{cast.ben.id}/grades/{reading.id}"
    browser.open("/calendar").follow("Ben Reyes")
    assert browser.path == f"/students/{cast.ben.id}/calendar"
    browser.follow("Calendar of the whole family")
    assert browser.path == "/calendar"


def test_C20_two_children_of_the_same_name_go_by_their_whole_names_and_twins_share_a_line(
    app: Flask, cast: Cast
) -> None:
    middle = m.School.get(m.School.name == "Cedar Middle")
    twin = student("Ana Molina", middle)
    guardianship(twin, cast.rosa.guardian)
    enroll(twin, cast.math)
    found = agenda(Browser(app).sign_in(cast.rosa).open("/calendar"))
    (line,) = found["Thursday, November 19, 2026"]
    assert line.startswith("Percent project · Ana ") and "Ana Reyes" in line and "Ana Molina" in line


def test_C20_rights_are_each_childs_own(app: Flask, cast: Cast) -> None:
    District()
    absent(cast.ana, november(12))
    absent(cast.ben, november(13))
    m.Guardianship.update(withheld=["grades", "attendance"]).where(
        m.Guardianship.student == cast.ana, m.Guardianship.guardian == cast.rosa.guardian
    ).execute()
    line_item(m.Section.get(m.Section.title == "Reading 3"), "Book report", november(19))
    browser = Browser(app).sign_in(cast.rosa).open("/calendar")
    assert "Percent project" not in browser.page and "November 13" in browser.text
    assert "Attendance: Unexcused · Ana" not in browser.text and "Attendance: Unexcused · Ben" in browser.text
    m.Guardianship.update(withheld=["calendar"]).where(m.Guardianship.student == cast.ana).execute()
    browser.open("/calendar")
    assert "Ana" not in browser.text and "Winter concert" not in browser.page
    gone = Browser(app).sign_in(cast.revoked).open("/calendar")
    assert gone.status == 200 and "No child's calendar is open to you" in gone.text
    other = Browser(app).sign_in(cast.stranger).open("/calendar")
    assert "Zoe" in other.text and "Ana" not in other.text and "Ben" not in other.text


def test_C07_C20_calendars_cost_the_same_queries_for_one_child_and_for_many(
    app: Flask, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    d = District()
    browser = Browser(app).sign_in(cast.stranger)
    caplog.set_level(logging.DEBUG, logger="peewee")

    def cost(path: str) -> int:
        browser.open(path)
        caplog.clear()
        assert browser.open(path).status == 200
        return len(caplog.records)

    paths = ["/calendar", f"/students/{cast.zoe.id}/calendar"]
    few = [cost(path) for path in paths]
    fall = m.AcademicSession.get(title="Fall 2026")
    for number in range(4):
        child = student(f"Child{number} Whitfield", school(f"School {number}"))
        guardianship(child, cast.stranger.guardian)
        for which in range(5):
            taught = section(f"Class {which}", term=fall, students=(child, cast.zoe))
            for day in range(1, 20):
                line_item(taught, f"Work {day}", november(day))
        for day in range(1, 20):
            absent(child, november(day))
            event(f"Event {day}", november(day), d.middle)
            day_of(d.middle, november(day), "Holiday")
    assert [cost(path) for path in paths] == few
    assert max(few) <= 20, few


# ---- X06 ---------------------------------------------------------------------------------------------------------


def address_of(browser: Browser, child: m.Student) -> str:
    """Press the button on the child's page; the address that the next page shows, as a path."""
    browser.open(f"/students/{child.id}/calendar").send(f"/students/{child.id}/calendar/address")
    (found,) = set(re.findall(r"http://localhost(/calendar/[\w-]+\.ics)", browser.page))
    return str(found)


def events_of(file: bytes) -> dict[str, icalendar.Event]:
    """The events of a file by their titles."""
    return {str(one["SUMMARY"]): one for one in icalendar.Calendar.from_ical(file).walk("VEVENT")}


def test_X06_a_calendar_program_reads_events_days_off_and_due_dates_and_nothing_else(app: Flask, cast: Cast) -> None:
    District()
    absent(cast.ana, november(12))
    browser = Browser(app).sign_in(cast.rosa)
    path = address_of(browser, cast.ana)
    assert f"webcal://localhost{path}" in browser.page
    reader = app.test_client()
    answer = reader.get(path)
    assert (answer.status_code, answer.content_type) == (200, "text/calendar; charset=utf-8")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] in ("no-referrer", "same-origin")
    assert "Set-Cookie" not in answer.headers
    file = answer.get_data()
    found = events_of(file)
    assert set(found) == {
        "Ana: Board meeting", "Ana: Winter concert", "Ana: Snow day rules", "Ana: Holiday",
        *(f"Ana: due {work} (Mathematics 7)" for work in (
            "Ungraded sheet", "Ratio quiz", "Sick day sheet", "Number line", "Fractions worksheet", "Percent project",
        )),
    }  # fmt: skip
    assert b"Unexcused" not in file and b"Attendance" not in file and b"17.5" not in file and b"Well done" not in file
    due = found["Ana: due Percent project (Mathematics 7)"]
    assert (due.decoded("dtstart"), due.decoded("dtend")) == (november(19), november(20)), "a whole day, of no zone"
    meeting = found["Ana: Board meeting"]
    assert meeting.decoded("dtstart") == dt.datetime(2026, 11, 10, 18, 30, tzinfo=NEW_YORK)
    assert str(meeting["LOCATION"]) == "Hall <1>"
    assert "DTEND" not in found["Ana: Winter concert"]
    assert str(found["Ana: Winter concert"]["DESCRIPTION"]) == "<b>Doors</b> at 5\nFree"


def test_X06_a_second_reader_agrees_and_every_line_keeps_to_the_standard(app: Flask, cast: Cast) -> None:
    District()
    path = address_of(Browser(app).sign_in(cast.rosa), cast.ana)
    event("A; b, c\\d \u202ex" + "ü" * 100 + "\r\nBEGIN:VALARM\x07", november(20), description="one\r\ntwo\rthree")
    file = app.test_client().get(path).get_data()
    assert file.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f]", file)
    assert b"\r\nBEGIN:VALARM" not in file
    read = vobject.readOne(file.decode())
    assert sorted(one.summary.value for one in read.vevent_list) == sorted(events_of(file))
    starts = {one.summary.value: one.dtstart.value for one in read.vevent_list}
    assert starts["Ana: Snow day rules"] == november(18)
    assert starts["Ana: Board meeting"].astimezone(dt.UTC) == dt.datetime(2026, 11, 10, 23, 30, tzinfo=dt.UTC)
    odd = next(one for one in read.vevent_list if one.summary.value.startswith("Ana: A;"))
    assert odd.summary.value == "Ana: A; b, c\\d x" + "ü" * 100 + " BEGIN:VALARM"
    assert odd.description.value == "one\ntwo\nthree"
    whole = icalendar.Calendar.from_ical(file)
    assert not whole.errors and all(not one.errors for one in whole.walk())
    assert all(one.get("UID") and one.get("DTSTAMP") for one in whole.walk("VEVENT"))


@pytest.mark.parametrize("zone", ["America/New_York", "America/Denver", "Pacific/Auckland"])
def test_X06_times_are_right_on_both_sides_of_daylight_saving_time(make_app: MakeApp, zone: str) -> None:
    from factories import cast as make_cast

    app = make_app(time_zone=zone)
    cast = make_cast(app.extensions["homeroom"])
    changes = [dt.date(2026, 10, 31), dt.date(2026, 11, 1), dt.date(2026, 11, 2), dt.date(2027, 3, 13),
               dt.date(2027, 3, 14), dt.date(2027, 3, 15), dt.date(2026, 9, 26), dt.date(2026, 9, 28)]  # fmt: skip
    for date in changes:
        event(f"At noon {date}", date, start_time="12:00", end_time="13:00")
        event(f"All day {date}", date)
    event(
        "Across the night", dt.date(2026, 10, 31), end_date=dt.date(2026, 11, 1), start_time="22:00", end_time="06:00"
    )
    event("Does not exist", dt.date(2027, 3, 14), start_time="02:30", end_time="02:45")
    event("Early", dt.date(2027, 3, 14), start_time="03:30")
    file = app.test_client().get(address_of(Browser(app).sign_in(cast.rosa), cast.ana)).get_data()
    found, second = events_of(file), vobject.readOne(file.decode())
    by_second = {one.summary.value: one for one in second.vevent_list}
    for date in changes:
        noon = dt.datetime.combine(date, dt.time(12), ZoneInfo(zone))
        title = f"Ana: At noon {date}"
        for start in (found[title].decoded("dtstart"), by_second[title].dtstart.value):
            assert start.replace(tzinfo=None) == noon.replace(tzinfo=None)
            assert start.astimezone(dt.UTC) == noon.astimezone(dt.UTC), (zone, date)
        assert found[f"Ana: All day {date}"].decoded("dtstart") == date
        assert by_second[f"Ana: All day {date}"].dtstart.value == date
    night = found["Ana: Across the night"]
    assert night.decoded("dtend") > night.decoded("dtstart")
    assert "Ana: Does not exist" in found
    early = by_second["Ana: Early"].dtstart.value
    assert early.astimezone(dt.UTC) == dt.datetime(2027, 3, 14, 3, 30, tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)
    assert file.count(b"BEGIN:VTIMEZONE") == 1 and f"TZID={zone}".encode() in file


def test_X06_the_address_is_shown_once_and_a_new_one_ends_the_old(app: Flask, cast: Cast) -> None:
    browser = Browser(app).sign_in(cast.rosa)
    first = address_of(browser, cast.ana)
    secret = first.split("/")[-1].removesuffix(".ics")
    assert len(secret) >= 43
    assert secret not in browser.open(f"/students/{cast.ana.id}/calendar").page
    assert "You have had a calendar address since" in browser.text and "It has not been used yet." in browser.text
    stored = m.CalendarFeed.get()
    assert secret not in str(stored.__data__), "the database knows no secret"
    reader = app.test_client()
    assert reader.get(first).status_code == 200
    assert "It was last used at" in browser.open(browser.path).text
    second = address_of(browser, cast.ana)
    assert (reader.get(first).status_code, reader.get(second).status_code) == (404, 200)
    for_ben = address_of(browser, cast.ben)
    assert reader.get(second).status_code == 200, "each child has its own"
    assert b"Ana" not in reader.get(for_ben).get_data() and b"Mathematics" not in reader.get(for_ben).get_data()
    browser.open(f"/students/{cast.ana.id}/calendar").send(f"/students/{cast.ana.id}/calendar/address/end")
    assert "Make a calendar address" in browser.text and "End this address" not in browser.text
    assert (reader.get(second).status_code, reader.get(for_ben).status_code) == (404, 200)


def test_X06_what_is_made_for_one_child_is_not_shown_on_anothers_page(app: Flask, cast: Cast) -> None:
    browser = Browser(app).sign_in(cast.rosa)
    browser.open(f"/students/{cast.ana.id}/calendar")
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)
    assert token is not None
    browser.client.post(f"/students/{cast.ana.id}/calendar/address", data={"csrf_token": token.group(1)})
    assert ".ics" not in browser.open(f"/students/{cast.ben.id}/calendar").page
    assert ".ics" in browser.open(f"/students/{cast.ana.id}/calendar").page


def _restricted(cast: Cast) -> None:
    m.Guardianship.update(office_access=False).where(m.Guardianship.guardian == cast.rosa.guardian).execute()


def _account(**values: Any) -> Callable[[Cast], None]:
    return lambda cast: m.Account.update(**values).where(m.Account.id == cast.rosa.id).execute()


def _section_withheld(cast: Cast) -> None:
    m.Guardianship.update(withheld=["calendar"]).where(m.Guardianship.guardian == cast.rosa.guardian).execute()


def _left_the_district(cast: Cast) -> None:
    m.SchoolEnrollment.update(exit_date=november(1)).where(m.SchoolEnrollment.student == cast.ana).execute()


def _switched_off(_cast: Cast) -> None:
    m.School.update(switched_on=False).execute()


@pytest.mark.parametrize(
    "end",
    [
        _restricted, _section_withheld, _left_the_district, _switched_off, _account(state="locked"),
        _account(state="disabled"), _account(state="cancelled"), _account(duties=["agreement"]),
    ],
    ids=["restricted", "withheld", "left", "switched off", "locked", "disabled", "cancelled", "duties"],
)  # fmt: skip
def test_X06_rights_are_asked_anew_at_every_fetch(app: Flask, cast: Cast, end: Callable[[Cast], None]) -> None:
    path = address_of(Browser(app).sign_in(cast.rosa), cast.ana)
    reader = app.test_client()
    assert reader.get(path).status_code == 200
    end(cast)
    gone, unknown = reader.get(path), reader.get(f"/calendar/{'x' * 43}.ics")
    assert gone.status_code == unknown.status_code == 404

    def said(answer: Any) -> str:
        return re.sub(r'name="(csrf_token|next)" value="[^"]*"', "", answer.get_data(as_text=True))

    assert said(gone) == said(unknown)
    assert "Ana" not in said(gone)


def test_X06_a_father_without_the_right_to_grades_gets_no_due_dates_and_a_student_the_own(
    app: Flask, cast: Cast
) -> None:
    District()
    reader = app.test_client()
    father = events_of(reader.get(address_of(Browser(app).sign_in(cast.carlos), cast.ana)).get_data())
    assert "Ana: Board meeting" in father
    assert not [title for title in father if "due" in title]
    own = events_of(reader.get(address_of(Browser(app).sign_in(cast.pupil), cast.ana)).get_data())
    assert "Ana: due Percent project (Mathematics 7)" in own
    m.Guardianship.update(withheld=["grades"]).where(m.Guardianship.guardian == cast.rosa.guardian).execute()
    assert m.CalendarFeed.select().where(m.CalendarFeed.revoked_at.is_null()).count() == 2, "each has an own address"


def test_X06_nobody_makes_or_ends_an_address_for_a_child_of_others(app: Flask, cast: Cast) -> None:
    mine = Browser(app).sign_in(cast.rosa)
    path = address_of(mine, cast.ana)
    for who in (cast.stranger, cast.revoked):
        browser = Browser(app).sign_in(who).open("/security")
        token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)
        assert token is not None
        for action in ("address", "address/end"):
            answer = browser.client.post(
                f"/students/{cast.ana.id}/calendar/{action}", data={"csrf_token": token.group(1)}
            )
            assert answer.status_code == 404
    assert m.CalendarFeed.select().count() == 1
    assert app.test_client().get(path).status_code == 200


def test_X06_the_file_stays_the_same_until_the_data_changes_and_uids_stay_for_good(app: Flask, cast: Cast) -> None:
    District()
    delivered("calendarDates", "lineItems")
    browser = Browser(app).sign_in(cast.rosa)
    path, reader = address_of(browser, cast.ana), app.test_client()
    before = reader.get(path).get_data()
    assert reader.get(path).get_data() == before
    m.LineItem.update(due_date=november(23)).where(m.LineItem.title == "Percent project").execute()
    after = events_of(reader.get(address_of(browser, cast.ana)).get_data())
    moved = "Ana: due Percent project (Mathematics 7)"
    assert after[moved]["UID"] == events_of(before)[moved]["UID"], "a phone moves it and does not show it twice"
    assert after[moved].decoded("dtstart") == november(23)
    assert len({str(one["UID"]) for one in after.values()}) == len(after)
    sourced_ids = [one.sourced_id for one in m.LineItem.select()]
    assert not [known for known in sourced_ids if known.encode() in before], "a UID says nothing about the SIS"
    father = events_of(reader.get(address_of(Browser(app).sign_in(cast.pupil), cast.ana)).get_data())
    assert father[moved]["UID"] != after[moved]["UID"]


def test_X06_the_file_is_in_the_language_of_its_account(app: Flask, cast: Cast) -> None:
    District()
    path = address_of(Browser(app).sign_in(cast.rosa), cast.ana)
    m.Account.update(language="es").where(m.Account.id == cast.rosa.id).execute()
    file = app.test_client().get(path, headers={"Accept-Language": "vi"}).get_data()
    assert b"LANGUAGE=es" in file and b"LANGUAGE=vi" not in file


def test_X06_wrong_addresses_are_limited_and_right_ones_go_on(app: Flask, cast: Cast) -> None:
    path = address_of(Browser(app).sign_in(cast.rosa), cast.ana)
    reader = app.test_client()
    answers = [reader.get(f"/calendar/wrong{number}.ics").status_code for number in range(22)]
    assert answers == [404] * 20 + [429] * 2
    assert reader.get(path).status_code == 200, "one service fetches the calendars of many families"
    fetched = [reader.get(path).status_code for _ in range(62)]
    assert fetched.count(200) == 59 and fetched[-1] == 429
    clock.set_source(lambda: dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(hours=2))
    assert reader.get(path).status_code == 200
    for odd in ("x" * 65, "%00", "..%2f..", "<b>", "é"):
        assert reader.get(f"/calendar/{odd}.ics").status_code == 404


def test_X06_no_log_holds_the_secret(app: Flask, cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    from gunicorn.config import Config

    from services.access_log import AccessLog

    path = address_of(Browser(app).sign_in(cast.rosa), cast.ana)
    secret = path.split("/")[-1].removesuffix(".ics")
    with caplog.at_level(logging.DEBUG):
        app.test_client().get(path)
        m.database.execute_sql("ALTER TABLE event RENAME TO event_away")
        try:
            assert app.test_client().get(path).status_code == 500
        finally:
            m.database.execute_sql("ALTER TABLE event_away RENAME TO event")
    assert secret not in "\n".join(f"{one.getMessage()} {one.exc_text}" for one in caplog.records)

    class Answer:
        status, sent, headers = "200 OK", 1, ()

    class Asked:
        headers = ()

    environ = {"RAW_URI": path, "REQUEST_METHOD": "GET", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "192.0.2.1"}
    atoms = AccessLog(Config()).atoms(Answer(), Asked(), environ, dt.timedelta(seconds=1))
    assert atoms["U"] == "/calendar/[secret].ics"


def test_X06_an_empty_calendar_is_a_valid_one(make_app: MakeApp) -> None:
    app = make_app(today=TODAY)
    m.AcademicSession.create(
        sourced_id="y", title="Year", kind="schoolYear", start_date=dt.date(2026, 8, 17),
        end_date=dt.date(2027, 6, 4), school_year="2027",
    )  # fmt: skip
    child = student("Nia <b>;,\\Reyes", school(), preferred_given_name="Ni;a,\n\\")
    mother = account(guardian("Rosa Reyes", (child,)), "rosa@example.com", app.extensions["homeroom"])
    file = app.test_client().get(address_of(Browser(app).sign_in(mother), child)).get_data()
    assert not icalendar.Calendar.from_ical(file).walk("VEVENT")
    assert file.startswith(b"BEGIN:VCALENDAR\r\n")
