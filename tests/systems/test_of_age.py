"""Students of 18, by each of the rules that a district can choose (FERPA 34 CFR 99.5, DECISIONS 28)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import factories
import pytest
from browsing import Browser
from factories import TODAY, Cast, officer
from flask import Flask

import models as m
from services import access, clock, exports, of_age, withdrawal
from services.digests import leaving, run

DAY = dt.timedelta(days=1)
#: Somebody who was born on this day turns 18 today.
BORN = TODAY.replace(year=TODAY.year - 18)


class Office:
    """A portal with one of the rules: its cast, and a clerk of Ana's school."""

    def __init__(self, app: Flask) -> None:
        self.app, self.portal = app, app.extensions["homeroom"]
        self.cast = factories.cast(self.portal)
        at_school = m.SchoolEnrollment.get(m.SchoolEnrollment.student == self.cast.ana).school
        self.clerk = Browser(app).sign_in_to_office(officer("clerk", self.portal, at=at_school))

    def born(self, day: dt.date | None) -> None:
        m.Student.update(birth_date=day).where(m.Student.id == self.cast.ana.id).execute()

    def answers(self, answer: str | None, document: str = "Consent of 2026-11-10") -> Browser:
        """Let the clerk record Ana's answer."""
        if answer is not None:
            self.clerk.open(self.form).send(answer=answer, document=document)
        return self.clerk

    @property
    def form(self) -> str:
        return f"/office/students/{self.cast.ana.id}/at-eighteen"

    @property
    def ana(self) -> str:
        return f"/students/{self.cast.ana.id}"

    def opens(self, who: m.Account) -> int:
        """What the record's first page answers to them."""
        return Browser(self.app).sign_in(who).open(self.ana).status


@pytest.fixture
def with_rule(make_app: Callable[..., Flask]) -> Callable[[str], Office]:
    return lambda rule: Office(make_app(at_eighteen=rule))


@pytest.mark.parametrize(
    ("rule", "born", "answer", "status"),
    [
        ("dependent", BORN - 900 * DAY, None, 200),
        ("ask", BORN, None, 200), ("ask", BORN, "yes", 200), ("ask", BORN, "no", 404), ("ask", BORN + DAY, "no", 200),
        ("consent", BORN + DAY, None, 200), ("consent", BORN, None, 404), ("consent", BORN - 900 * DAY, None, 404),
        ("consent", BORN, "yes", 200), ("consent", BORN, "no", 404), ("consent", BORN + DAY, "no", 200),
        ("consent", None, None, 200),
    ],
)  # fmt: skip
def test_C01_guardians_access_at_18_follows_the_districts_rule_and_the_students_never_ends(
    with_rule: Callable[[str], Office], rule: str, born: dt.date | None, answer: str | None, status: int
) -> None:
    office = with_rule(rule)
    office.born(born)
    office.answers(answer)
    assert [office.opens(who) for who in (office.cast.rosa, office.cast.carlos)] == [status, status]
    assert office.opens(office.cast.pupil) == 200
    assert Browser(office.app).sign_in(office.cast.rosa).open(f"/students/{office.cast.ben.id}").status == 200


@pytest.mark.parametrize(
    ("born", "on", "is_of_age"),
    [
        (dt.date(2008, 2, 29), dt.date(2026, 2, 28), False), (dt.date(2008, 2, 29), dt.date(2026, 3, 1), True),
        (dt.date(2008, 3, 1), dt.date(2026, 2, 28), False), (dt.date(2010, 2, 28), dt.date(2028, 2, 28), True),
        (dt.date(2010, 3, 1), dt.date(2028, 2, 29), False), (dt.date(2010, 3, 1), dt.date(2028, 3, 1), True),
    ],
)  # fmt: skip
def test_C01_leap_days_end_access_on_the_birthday_and_no_day_earlier(
    with_rule: Callable[[str], Office], born: dt.date, on: dt.date, is_of_age: bool
) -> None:
    office = with_rule("consent")
    office.born(born)
    m.AcademicSession.update(start_date=dt.date(2020, 1, 1), end_date=dt.date(2030, 1, 1)).execute()
    expected = [office.cast.ben] if is_of_age else [office.cast.ana, office.cast.ben]
    assert sorted(m.Student.visible_to(office.cast.rosa, on), key=lambda one: one.id) == expected
    assert sorted(access.students(office.cast.rosa, on), key=lambda one: one.id) == expected
    assert (of_age.birthday(born) <= on) is is_of_age


def test_C01_every_day_around_a_birthday_counts_as_the_calendar_says() -> None:
    """`on - Years(18)` finds exactly those whose 18th birthday has come, leap years and all."""
    first, days = dt.date(2006, 12, 25), range(0, 1900)
    for born in (first + number * DAY for number in days):
        for shift in (-2, -1, 0, 1, 2):
            on = of_age.birthday(born) + shift * DAY
            assert (born <= on - m.OF_AGE) is (shift >= 0), (born, on)


def test_C01_everybody_concerned_reads_when_access_ends(with_rule: Callable[[str], Office]) -> None:
    office = with_rule("consent")
    office.born(BORN + 20 * DAY)
    family, pupil = Browser(office.app).sign_in(office.cast.rosa), Browser(office.app).sign_in(office.cast.pupil)
    ends = "Your access ends on December 6, 2026, when Ana turns 18, unless Ana agrees at the office."
    assert ends in family.open("/").text and ends in family.open(office.ana).text
    assert "Your guardians' access ends on December 6, 2026" in pupil.open(office.ana).text
    assert "ends on Dec 6, 2026" in office.clerk.open(f"/office/students/{office.cast.ana.id}").text
    why = f"/office/guardians/{office.cast.rosa.guardian_id}/students/{office.cast.ana.id}/why"
    assert "Access ends on Dec 6, 2026" in office.clerk.open(why).text
    office.answers("yes")
    assert "Ana has agreed that you may see this record" in family.open(office.ana).text
    assert "You have agreed" in pupil.open(office.ana).text
    assert "agrees that guardians see the record" in office.clerk.text
    office.answers("no")
    office.born(BORN)
    assert family.open(office.ana).status == 404
    assert "your guardians cannot see your record" in pupil.open(office.ana).text
    office.clerk.open(why)
    assert "does not see this student" in office.clerk.text and "The student does not consent." in office.clerk.text
    assert office.clerk.follow("Record the student's answer").path == office.form


def test_C01_the_office_records_an_answer_with_its_document(with_rule: Callable[[str], Office]) -> None:
    office = with_rule("consent")
    office.born(BORN)
    clerk = office.answers("", document=" ")
    assert clerk.status == 422
    assert "Choose what the student has answered." in clerk.text and "Name the document" in clerk.text
    clerk.send(answer="perhaps", document="x" * 201)
    assert clerk.status == 422 and "This is too long" in clerk.text
    assert m.AgeAnswer.select().count() == 0
    open_page = Browser(office.app).sign_in(office.cast.rosa)
    assert open_page.open(office.ana).status == 404
    office.answers("yes", "Form <A> of 2026-11-10")
    assert open_page.open(office.ana).status == 200
    assert "Form <A> of 2026-11-10" in clerk.open(office.form).text and "Office Clerk" in clerk.text
    office.answers("no", "Letter")
    assert open_page.open(office.ana).status == 404
    (kept,) = m.AgeAnswer.select()
    assert (kept.consents, kept.document) == (False, "Letter")
    said = m.AuditEvent.select().where(m.AuditEvent.action == "answer at 18 recorded").order_by(m.AuditEvent.id)
    assert [(one.student_id, one.details) for one in said] == [
        (office.cast.ana.id, {"consents": True, "document": "Form <A> of 2026-11-10"}),
        (office.cast.ana.id, {"consents": False, "document": "Letter"}),
    ]


def test_C01_only_who_decides_about_rights_records_an_answer_and_only_where_it_matters(
    with_rule: Callable[[str], Office],
) -> None:
    office = with_rule("ask")
    for day in (None, BORN + 61 * DAY):
        office.born(day)
        assert office.clerk.open(office.form).status == 404
    office.born(BORN + 60 * DAY)
    assert office.clerk.open(office.form).status == 200
    middle = m.SchoolEnrollment.get(m.SchoolEnrollment.student == office.cast.ana).school
    for role in ("teacher", "counselor"):
        refused = officer(role, office.portal, at=middle)
        assert Browser(office.app).sign_in_to_office(refused).open(office.form).status == 404
    other = officer("clerk", office.portal, at=factories.school("Far High"))
    assert Browser(office.app).sign_in_to_office(other).open(office.form).status == 404
    assert Browser(office.app).sign_in(office.cast.pupil).open(office.form).status == 404


def test_C01_who_is_to_be_asked_stays_on_the_list_until_the_answer(with_rule: Callable[[str], Office]) -> None:
    office = with_rule("ask")
    office.born(BORN - 700 * DAY)
    page = office.clerk.open("/office/eighteen")
    assert "Ana Reyes" in page.text and "18 already" in page.text
    assert "Ana Reyes" in page.client.get("/office/eighteen.csv").get_data(as_text=True)
    page.follow("Record the answer").send(answer="yes", document="Consent")
    assert "Ana Reyes" not in page.open("/office/eighteen").text
    office.born(BORN - DAY)
    assert "Agrees that guardians see the record" in page.open("/office/eighteen").text
    file = page.client.get("/office/eighteen.csv").get_data(as_text=True)
    assert "Agrees that guardians see the record" in file


def test_X05_X06_X07_calendar_digest_messages_and_copies_end_on_the_day(with_rule: Callable[[str], Office]) -> None:
    """Nobody does anything on the birthday: all that was made before asks anew."""
    office = with_rule("consent")
    cast, app = office.cast, office.app
    office.born(BORN + DAY)
    family = Browser(app).sign_in(cast.rosa)
    family.open(f"{office.ana}/calendar").send(f"{office.ana}/calendar/address")
    calendar = family.page.partition("http://localhost/calendar/")[2].partition(".ics")[0]
    copy = exports.ask(
        cast.rosa, access.student(cast.rosa, cast.ana.id, TODAY), language="en", settings=office.portal, now=clock.now()
    )
    m.DataExport.update(state="ready", ready_at=clock.now(), content=b"zip").where(m.DataExport.id == copy.id).execute()
    m.Preference.create(account=cast.rosa, digest="daily", digest_hour=8)
    family.open(f"{office.ana}/grades/{cast.math.id}/write/{cast.teacher.id}").send(body="Hello")
    (message,) = m.OutboundMail.select().where(m.OutboundMail.message.is_null(False))
    clock.set_source(lambda: dt.datetime(2026, 11, 16, 13, 5))
    with app.test_request_context():
        run.run_once(settings=office.portal, on=TODAY, now=clock.now(), compose=app.extensions["compose"])
        while run.run_once(settings=office.portal, on=TODAY, now=clock.now(), compose=app.extensions["compose"]):
            pass
    digest = m.OutboundMail.get(m.OutboundMail.kind == "digest")
    fetch = {"on": TODAY, "now": clock.now()}

    def open_still() -> list[bool]:
        return [
            app.test_client().get(f"/calendar/{calendar}.ics").status_code == 200,
            exports.fetch(cast.rosa, copy.id, **fetch) is not None,
            withdrawal.is_allowed(message, TODAY),
            leaving.may_leave(digest, settings=office.portal, **fetch) is True,
        ]

    assert open_still() == [True] * 4
    office.born(BORN)
    assert open_still() == [False] * 4


def test_C01_prepared_and_grouped_access_follow_every_rule(app: Flask, cast: Cast) -> None:
    m.Student.update(birth_date=BORN).where(m.Student.id == cast.ana.id).execute()
    seen = set()
    for rule in ("dependent", "ask", "consent", "dependent"):
        m.age_rule.name = rule
        for consents in (None, True, False):
            m.AgeAnswer.delete().execute()
            if consents is not None:
                m.AgeAnswer.create(student=cast.ana, consents=consents, document="x", recorded_at=clock.now())
            for who in (cast.rosa, cast.carlos, cast.pupil):
                for on in (TODAY - DAY, TODAY):
                    visible = list(m.Student.visible_to(who, on))
                    assert access.students(who, on) == visible
                    assert access.student(who, cast.ana.id, on) == (cast.ana if cast.ana in visible else None)
                    if who.guardian_id:
                        assert list(m.Student.visible_to_each([who.id], on)) == visible
                    seen.add((who is cast.pupil, cast.ana in visible))
    assert seen == {(True, True), (False, True), (False, False)}
