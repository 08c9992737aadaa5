"""Reports: as pages that print well, and as PDFs in the reader's language (C11, X03, G03)."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from typing import Any

import factories
import printed
import pytest
from browsing import Browser
from factories import TODAY, Cast
from flask import Flask
from printed import Printed

import models as m
from services import clock, reports
from services.pdf import document, text
from services.pdf.text import Style, Typesetter
from services.reports import as_pdf

NAMES = tuple(reports.REPORTS)
HOSTILE = (
    '<b>Ana</b> & "quotes" \\ ( ) %(page)s %s',
    "\u202eevil\u202c \u2067right\u2069 \u200bzero",
    "W" * 255,
    "李小龍 😀👨‍👩‍👧 አማርኛ ᚠᚢᚦ",
    "שלום עולם 12 (ab) \ufeff",
    "محمد عبد الله (12) Ana",
    "a\u0301\u0302\u0303\u0304" * 40,
    "\u0301\u0302",
    " ",
    "٣٤٥ देवनागरी",
)


def pdf(browser: Browser, student: m.Student, name: str) -> Printed:
    """The PDF of one report."""
    answer = browser.client.get(f"/students/{student.id}/reports/{name}.pdf")
    assert answer.status_code == 200, name
    assert answer.mimetype == "application/pdf"
    return printed.read(answer.data)


def address(of: m.Student) -> None:
    """Give the student's school an address."""
    enrolled = m.SchoolEnrollment.get(m.SchoolEnrollment.student == of)
    m.School.update(
        street="120 Cedar Road", city="Lawrenceville", state="GA", postal_code="30046", phone="770-555-0100"
    ).where(m.School.id == enrolled.school_id).execute()


def taken(of: m.Student, title: str, year: str, level: str, **values: Any) -> m.TranscriptCourse:
    """A course of the transcript."""
    values = {"attempted": 1, "earned": 1, "letter": "B", "term": "Fall Semester", **values}
    return m.TranscriptCourse.create(
        sourced_id=f"taken-{title}", student=of, title=title, school_year=year, grade_level=level, **values
    )


def test_C11_each_report_has_school_address_student_number_grade_time_and_pages(browser: Browser, cast: Cast) -> None:
    clock.set_source(lambda: dt.datetime(2026, 11, 16, 15, 5))
    address(cast.ana)
    browser.sign_in(cast.rosa)
    titles = ("Class schedule", "Missing assignments", "Report card", "Transcript")
    for name, title in zip(NAMES, titles, strict=True):
        found = pdf(browser, cast.ana, name)
        page = browser.open(f"/students/{cast.ana.id}/reports/{name}").text
        for said in (
            title, "Cedar Middle", "120 Cedar Road", "Lawrenceville, GA 30046", "770-555-0100", "Ana Reyes",
            f"Student number {cast.ana.number}", "Grade 7", "Made on Nov 16, 2026, 10:05 AM", "Maple Valley Schools",
        ):  # fmt: skip
            assert said in found.text.replace("\u202f", " "), (name, said)
            assert said in page.replace("\u202f", " "), (name, said)
        assert "Page 1 of 1" in found.text
        assert (found.title, found.language) == (title, "en")
        assert found.fonts and all("+NotoSans" in font for font in found.fonts), "embedded, and only what is used"


def test_C11_the_tab_links_every_report_as_a_page_and_as_a_pdf(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}").follow("Reports")
    for name in NAMES:
        assert f'href="/students/{cast.ana.id}/reports/{name}"' in browser.page
        assert f'href="/students/{cast.ana.id}/reports/{name}.pdf"' in browser.page
    assert browser.follow("Report card").path == f"/students/{cast.ana.id}/reports/report-card"
    assert "B+ (88)" in browser.text


def test_C11_the_schedule_says_when_where_and_with_whom(browser: Browser, cast: Cast) -> None:
    school = m.Section.get_by_id(cast.math.id).school
    m.ClassPeriod.create(sourced_id="p1", school=school, name="1", start_time=dt.time(8, 5), end_time=dt.time(8, 55))
    m.Meeting.create(sourced_id="m1", section=cast.math, period="1", room="B 12", alternate_day="A")
    browser.sign_in(cast.rosa)
    for said in (
        pdf(browser, cast.ana, "schedule").text,
        browser.open(f"/students/{cast.ana.id}/reports/schedule").text,
    ):
        for part in (
            "Fall 2026",
            "8:05\u202fAM – 8:55\u202fAM",
            "Mathematics 7 (101-1)",
            "Dana Okafor",
            "B 12",
            "Art 7",
        ):
            assert part.replace("\u202f", " ") in said.replace("\u202f", " ")


def test_C11_missing_assignments_are_those_marked_missing_the_oldest_first(browser: Browser, cast: Cast) -> None:
    older = factories.line_item(cast.art, "Collage", dt.date(2026, 9, 1))
    factories.result(older, cast.ana, None, missing=True, comment="Still welcome")
    found = pdf(browser.sign_in(cast.rosa), cast.ana, "missing-assignments").text
    assert found.index("Collage") < found.index("Number line")
    assert "Still welcome" in found
    assert "Percent project" not in found, "due, and not missing"
    assert "Sick day sheet" not in found, "excused"


def test_C11_the_report_card_has_this_years_grades_days_and_averages(browser: Browser, cast: Cast) -> None:
    fall = m.AcademicSession.get(m.AcademicSession.title == "Fall 2026")
    before = factories.session("Spring 2026", "semester", dt.date(2026, 1, 5), dt.date(2026, 5, 30), school_year="2026")
    factories.grade(cast.ana, cast.art, "A", session=fall, kind="Final", diagnostic="Draws with care")
    factories.grade(cast.ana, cast.math, "D", session=before)
    m.ReportCard.create(
        sourced_id="c", student=cast.ana, session=fall, days_absent=3.5, days_present=50, gpa=3.25, gpa_kind="Weighted"
    )
    found = pdf(browser.sign_in(cast.rosa), cast.ana, "report-card").text
    for said in ("Fall 2026", "Art 7", "Final", "Draws with care", "Days absent", "3.5", "3.25 (Weighted)"):
        assert said in found, said
    assert "Spring 2026" not in found
    m.Guardianship.update(withheld=["attendance"]).where(m.Guardianship.guardian == cast.rosa.guardian).execute()
    assert "Days absent" not in pdf(browser, cast.ana, "report-card").text


def test_G03_the_transcript_is_whole_in_high_school_and_this_years_before_it(browser: Browser, cast: Cast) -> None:
    taken(cast.ana, "Earth Science", "2026", "06")
    taken(cast.ana, "Life Science", "2027", "07")
    browser.sign_in(cast.rosa)
    younger = pdf(browser, cast.ana, "transcript").text
    assert "Life Science" in younger and "Earth Science" not in younger
    m.Student.update(grade_level="10").where(m.Student.id == cast.ana.id).execute()
    older = pdf(browser, cast.ana, "transcript").text
    assert older.index("Earth Science") < older.index("Life Science"), "the earliest year first"
    assert "This is not an official transcript" in older


def test_C11_an_empty_report_is_a_sentence(browser: Browser, cast: Cast) -> None:
    alone = factories.student("Only Child", factories.school("New School"), number=None, grade_level=None)
    factories.guardianship(alone, cast.rosa.guardian)
    browser.sign_in(cast.rosa)
    for name, said in zip(
        NAMES, ("No classes", "Nothing is missing", "not posted any", "not entered any"), strict=True
    ):
        assert said in pdf(browser, alone, name).text
        assert said in browser.open(f"/students/{alone.id}/reports/{name}").text
        assert "<table" not in browser.page
        assert "None" not in browser.text


def test_C11_a_report_of_ten_pages_repeats_its_frame_and_the_heads_of_its_columns(browser: Browser, cast: Cast) -> None:
    for number in range(420):
        item = factories.line_item(cast.math, f"Sheet {number:03}", TODAY - dt.timedelta(days=430 - number))
        factories.result(item, cast.ana, None, missing=True, comment="Bring it. " * 500 if number == 200 else None)
    found = pdf(browser.sign_in(cast.rosa), cast.ana, "missing-assignments")
    count = len(found.pages)
    assert count >= 10
    for number, page in enumerate(found.pages, 1):
        for said in (f"Page {number} of {count}", "Cedar Middle", "Ana Reyes", "Assignment", "Points"):
            assert said in page, (number, said)
    assert all(f"Sheet {number:03}" in found.text for number in range(420)), "nothing is lost between pages"
    assert found.text.count("Bring it.") == 500, "a cell that is longer than a page goes on"


def test_C11_another_family_a_revoked_guardian_and_nobody_get_nothing(app: Flask, cast: Cast) -> None:
    for who in (cast.stranger, cast.revoked):
        other = Browser(app).sign_in(who)
        for name in NAMES:
            assert other.open(f"/students/{cast.ana.id}/reports/{name}").status == 404
            assert other.client.get(f"/students/{cast.ana.id}/reports/{name}.pdf").status_code == 404
        assert other.open(f"/students/{cast.ana.id}/reports").status == 404
    assert app.test_client().get(f"/students/{cast.ana.id}/reports/transcript.pdf").status_code == 303
    assert m.AuditEvent.select().where(m.AuditEvent.action == "report made").count() == 0


def test_C11_a_withheld_section_takes_its_reports_with_it(app: Flask, browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.carlos).open(f"/students/{cast.ana.id}/reports")
    assert "Class schedule" in browser.text and "Transcript" in browser.text
    assert "Report card" not in browser.text and "Missing assignments" not in browser.text
    for name in ("report-card", "missing-assignments"):
        assert browser.open(f"/students/{cast.ana.id}/reports/{name}").status == 404
        assert browser.client.get(f"/students/{cast.ana.id}/reports/{name}.pdf").status_code == 404
    m.Guardianship.update(withheld=["reports"]).where(m.Guardianship.guardian == cast.carlos.guardian).execute()
    assert browser.open(f"/students/{cast.ana.id}/reports").status == 404
    assert browser.client.get(f"/students/{cast.ana.id}/reports/schedule.pdf").status_code == 404
    assert "/reports" not in browser.open(f"/students/{cast.ana.id}").page


def test_C11_the_names_of_reports_come_from_a_list(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa)
    for name in ("other", "transcript.exe", "TRANSCRIPT", "..%2f..%2fetc%2fpasswd", "__init__", "x" * 3000):
        assert browser.open(f"/students/{cast.ana.id}/reports/{name}").status == 404
        assert browser.client.get(f"/students/{cast.ana.id}/reports/{name}.pdf").status_code == 404


def test_C11_a_pdf_is_kept_nowhere_is_named_after_nobody_and_leaves_a_trace(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa)
    answer = browser.client.get(f"/students/{cast.ana.id}/reports/report-card.pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == "attachment; filename=report-card.pdf"
    browser.open(f"/students/{cast.ana.id}/reports/transcript")
    rows = m.AuditEvent.select().where(m.AuditEvent.action == "report made").order_by(m.AuditEvent.id)
    assert [(row.account_id, row.student_id, row.details) for row in rows] == [
        (cast.rosa.id, cast.ana.id, {"report": "report-card", "as": "pdf"}),
        (cast.rosa.id, cast.ana.id, {"report": "transcript", "as": "page"}),
    ]


def test_C11_the_log_says_nothing_of_what_is_in_a_pdf(
    browser: Browser, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    m.Student.update(given_name="李小龍 Ana").where(m.Student.id == cast.ana.id).execute()
    browser.sign_in(cast.rosa)
    caplog.set_level(logging.DEBUG)
    pdf(browser, cast.ana, "report-card")
    assert not [row.name for row in caplog.records if row.name.startswith(("fontTools", "fpdf"))]


def test_C11_a_student_has_the_own_reports(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.pupil)
    assert "B+ (88)" in pdf(browser, cast.ana, "report-card").text
    assert browser.client.get(f"/students/{cast.zoe.id}/reports/report-card.pdf").status_code == 404


@pytest.mark.parametrize("name", HOSTILE)
def test_X03_no_text_breaks_a_pdf_or_a_page(browser: Browser, cast: Cast, name: str) -> None:
    m.School.update(name=name, street=name, city=name, phone=name).execute()
    m.Student.update(given_name=name, family_name=name, number=name, grade_level=name).execute()
    m.Section.update(title=name, code=name, room=name, periods=name).execute()
    m.Staff.update(given_name=name, family_name=name).execute()
    m.LineItem.update(title=name).execute()
    m.Result.update(comment=name).execute()
    m.Grade.update(letter=name, diagnostic=name, session=m.AcademicSession.get(), kind=name).execute()
    taken(cast.ana, "one", "2027", "07", term=name, letter=name, taken_at=name)
    m.TranscriptCourse.update(title=name).execute()
    m.AcademicHonor.create(sourced_id="h", student=cast.ana, description=name, date=TODAY)
    browser.sign_in(cast.rosa)
    for report in NAMES:
        found = pdf(browser, cast.ana, report)
        assert "\u202e" not in found.text
        assert browser.open(f"/students/{cast.ana.id}/reports/{report}").status == 200


def test_X03_what_no_font_has_becomes_one_visible_sign() -> None:
    assert text.clean("李小龙 สวัสดี Bruce 😀") == "李小龙 \ufffd Bruce \ufffd"
    assert text.clean("Nguye\u0302\u0303n  Thị\tHồng") == "Nguyễn Thị Hồng"
    assert text.clean("a\u202eb\x07c\u00add\ufeff") == "abcd"
    assert text.clean("\U0010ffff\ud800x") == "\ufffdx"
    assert text.clean("Cusmaan Ḥ Ġ Иван Ελένη محمد हिन्दी") == "Cusmaan Ḥ Ġ Иван Ελένη محمد हिन्दी"


def test_X03_pdf_lines_read_in_their_own_direction() -> None:
    made = document.Document(
        title="x", language="ar", is_rtl=True, made=dt.datetime(2026, 11, 16),
        frame=document.Frame((), (), "", "%(page)s/%(pages)s"),
    )  # fmt: skip
    typeset: Typesetter = made._type
    style = Style(10)

    def seen(line: str) -> str:
        return "|".join(run.text[::-1] if run.is_rtl else run.text for run in typeset._runs(line))

    assert seen("الصف 7") == "7| فصلا", "a number after its word is to the left of it"
    assert seen("\u2068Ana (7)\u2069 في الصف") == "فصلا يف| |Ana (7)", (
        "a name stays together, and the sentence begins at the right"
    )
    assert seen("A (عربي 12 عربي) B") == "A (|يبرع| |12| يبرع|) B", "Arabic inside of English"
    assert seen("B+ (88)") == "B+ (88)"
    assert not any(run.is_plain for run in typeset._runs("7 من 10 (جيد)") if run.is_rtl), "brackets are mirrored"
    assert [run.text for run in typeset._runs("المعدل (GPA)، 7") if run.is_rtl and not run.text.isalpha()], "as here"
    joined = typeset.width("بيت", style)
    assert joined < sum(typeset.width(letter, style) for letter in "بيت") * 0.95, "letters join"
    made.output()


def test_X03_a_pdf_in_arabic_says_so_and_has_its_font(browser: Browser, cast: Cast) -> None:
    m.Section.update(title="الرياضيات").where(m.Section.id == cast.math.id).execute()
    browser.sign_in(cast.rosa).send("/language", ("language", "ar"))
    found = pdf(browser, cast.ana, "report-card")
    assert found.language == "ar"
    assert any("NotoSansArabic" in font for font in found.fonts)
    assert 'dir="rtl"' in browser.open(f"/students/{cast.ana.id}/reports/report-card").page
    assert "الرياضيات" in browser.text, "the page is what a screen reader reads"


@pytest.mark.parametrize("language", ["es", "vi", "so"])
def test_X03_pdfs_are_in_the_language_of_the_reader(browser: Browser, cast: Cast, language: str) -> None:
    browser.sign_in(cast.rosa).send("/language", ("language", language))
    for name in NAMES:
        assert pdf(browser, cast.ana, name).language == language


@pytest.mark.parametrize("page", ["", *(f"/{name}" for name in NAMES)])
def test_a_report_costs_the_same_queries_for_one_class_and_for_many(browser: Browser, cast: Cast, page: str) -> None:
    browser.sign_in(cast.rosa)
    path = f"/students/{cast.ana.id}/reports{page}"
    fall = m.AcademicSession.get(m.AcademicSession.title == "Fall 2026")
    taken(cast.ana, "First", "2027", "07")
    factories.grade(cast.ana, cast.math, session=fall)
    few = browser.queries(path)
    for number in range(6):
        one = factories.section(f"Class {number}", term=fall, students=(cast.ana,), teachers=(factories.staff(),))
        factories.grade(cast.ana, one, session=fall)
        factories.result(factories.line_item(one, due=dt.date(2026, 10, 1)), cast.ana, None, missing=True)
        taken(cast.ana, f"Course {number}", "2027", "07")
        m.AcademicHonor.create(sourced_id=f"h{number}", student=cast.ana, description="Honor", date=TODAY)
    assert browser.queries(path) == few <= 26


def test_C11_only_one_pdf_is_drawn_at_a_time(browser: Browser, cast: Cast) -> None:
    words_and_report = _report(browser, cast)
    done = threading.Event()

    def draw() -> None:
        as_pdf.as_pdf(*words_and_report, made=dt.datetime(2026, 11, 16))
        done.set()

    with as_pdf._at_once:
        thread = threading.Thread(target=draw)
        thread.start()
        assert not done.wait(0.3)
    thread.join(20)
    assert done.is_set()


def _report(browser: Browser, cast: Cast) -> tuple[Any, Any]:
    from views import report_words

    app = browser.client.application
    with app.test_request_context():
        words = report_words.current()
        found = reports.make(
            "transcript", cast.ana, on=TODAY, now=clock.now(), words=words, settings=app.extensions["homeroom"]
        )
    return found, words
