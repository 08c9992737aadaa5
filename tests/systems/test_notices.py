"""Notices of the district and the schools, for families and in the office (C04, G15)."""

from __future__ import annotations

import datetime as dt

import factories
import pytest
from browsing import Browser
from factories import TODAY, Cast, account, guardian, officer
from flask import Flask
from peewee import CursorWrapper, fn

import models as m
from config import Settings
from services import clock, notices


def school_of(child: m.Student) -> m.School:
    return m.SchoolEnrollment.get(m.SchoolEnrollment.student == child).school


def publish(title: str, body: str = "Body.", school: m.School | None = None, **values: object) -> m.Notice:
    given = {"begins_on": TODAY, "ends_on": None, **values}
    texts = given.pop("texts", {"en": (title, body)})
    return notices.publish(texts, school=school, now=clock.now(), **given)  # type: ignore[arg-type]


def test_C04_district_and_school_notices_stand_apart_counted_and_new_ones_marked(app: Flask, cast: Cast) -> None:
    publish("Snow day", "No school on Friday.")
    publish("Book fair", school=school_of(cast.ana))
    publish("Elsewhere", school=factories.school("Far High"))
    rosa = Browser(app).sign_in(cast.rosa).open("/").follow("Notices")
    assert "The district 1 notice · 1 new Snow day New Nov 16, 2026 No school on Friday." in rosa.text
    assert "The school 1 notice · 1 new Book fair New Nov 16, 2026 · Cedar Middle" in rosa.text
    assert "Elsewhere" not in rosa.text
    again = rosa.open("/notices")
    assert "The district 1 notice Snow day Nov 16" in again.text and "New" not in again.text.replace("News", "")
    assert m.NoticeRead.select().count() == 2


def test_C04_no_notices_are_counted_as_zero(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa).open("/notices")
    assert "The district 0 notices No notices." in browser.text and "The school 0 notices No notices." in browser.text


def test_C04_notices_for_grades_and_classes_reach_those_families_alone(app: Flask, cast: Cast) -> None:
    publish("Seventh grade trip", grade_levels="07, 08")
    publish("Third grade sing", grade_levels="3")
    publish("Class of Zoe", section=factories.section("Drama", students=(cast.zoe,)).id)
    rosa = Browser(app).sign_in(cast.rosa).open("/notices")
    assert "Seventh grade trip" in rosa.text and "Third grade sing" in rosa.text and "Class of Zoe" not in rosa.text
    stranger = Browser(app).sign_in(cast.stranger).open("/notices")
    assert "Seventh grade trip" in stranger.text and "Class of Zoe" in stranger.text
    assert "Third grade sing" not in stranger.text


def test_C04_a_notice_begins_and_ends_and_the_archive_keeps_it(browser: Browser, cast: Cast) -> None:
    publish("Tomorrow", begins_on=TODAY + dt.timedelta(days=1))
    publish("Yesterday", begins_on=TODAY - dt.timedelta(days=9), ends_on=TODAY - dt.timedelta(days=1))
    publish("Last day", ends_on=TODAY)
    browser.sign_in(cast.rosa).open("/notices")
    assert "Last day" in browser.text and "Tomorrow" not in browser.text and "Yesterday" not in browser.text
    browser.follow("Earlier notices")
    assert "Yesterday" in browser.text and "Last day" not in browser.text


def test_C04_the_readers_language_comes_first_and_another_is_marked(app: Flask, cast: Cast) -> None:
    publish("", texts={"en": ("Snow day", "Stay home."), "es": ("Día de nieve", "Quédese en casa.")})
    publish("", texts={"en": ("Only English", "Sorry.")})
    rosa = Browser(app).sign_in(cast.rosa)
    m.Account.update(language="es").where(m.Account.id == cast.rosa.id).execute()
    rosa.open("/notices")
    assert "Día de nieve" in rosa.text and "Snow day" not in rosa.text
    assert 'lang="en"' in rosa.page and "Only English" in rosa.text


def test_C04_an_important_notice_is_on_every_page_until_it_is_read(app: Flask, cast: Cast) -> None:
    publish("Water main broken", important=True)
    publish("For others", important=True, school=factories.school("Far High"))
    rosa = Browser(app).sign_in(cast.rosa)
    for page in ("/", f"/students/{cast.ana.id}/grades", "/security"):
        assert "Water main broken" in rosa.open(page).text and "For others" not in rosa.text
    rosa.send(0)
    assert rosa.path == "/security" and "Water main broken" not in rosa.text
    assert "Water main broken" in Browser(app).sign_in(cast.stranger).open("/").text


def test_C04_only_public_notices_are_on_the_sign_in_page(browser: Browser, cast: Cast) -> None:
    publish("Open house", public=True)
    publish("For families")
    browser.open("/sign-in")
    assert "Open house" in browser.text and "For families" not in browser.text


def test_C04_html_in_a_notice_is_text(browser: Browser, cast: Cast) -> None:
    publish("<b>Bold</b>", "<script>alert(1)</script>\n\u202ereversed", important=True, public=True)
    for page in ("/sign-in", "/", "/notices"):
        if page == "/":
            browser.sign_in(cast.rosa)
        assert "<b>Bold</b>" in browser.open(page).text


def test_the_office_writes_previews_changes_and_ends_a_notice(app: Flask, cast: Cast, portal: Settings) -> None:
    clerk = officer("clerk", portal, at=school_of(cast.ana))
    browser = Browser(app).sign_in_to_office(clerk).open("/office/notices").follow("New notice")
    assert "The whole district" not in browser.text
    browser.send(0, ("preview", "1"), title_en="Book fair", body_en="Come!", title_es="Feria", body_es="¡Venga!")
    assert "This is what families will read" in browser.text and not m.Notice.select().exists()
    browser.send(0)
    notice = m.Notice.get()
    assert (notice.school_id, notice.begins_on, notice.created_by_id) == (school_of(cast.ana).id, TODAY, clerk.id)
    assert {one.language for one in m.NoticeTranslation.select()} == {"en", "es"}
    Browser(app).sign_in(cast.rosa).open("/notices")
    browser.follow("Book fair").send(0, title_en="Book fair moved")
    assert not m.NoticeRead.select().exists() and "Book fair moved" in browser.text
    browser.send(f"/office/notices/{notice.id}/end")
    assert "Book fair" not in Browser(app).sign_in(cast.rosa).open("/notices").text
    actions = [one.action for one in m.AuditEvent.select().where(m.AuditEvent.account == clerk)]
    assert [one for one in actions if "notice" in one] == ["notice published", "notice published", "notice ended"]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({}, "Give the notice a title in at least one language."),
        ({"body_vi": "x"}, "This text has no title."),
        ({"title_en": "x" * 121}, "At most 120 characters in the title"),
        ({"title_en": "x", "begins_on": "soon"}, "Enter a day."),
        (
            {"title_en": "x", "begins_on": "2026-11-20", "ends_on": "2026-11-19"},
            "The last day is before the first one.",
        ),
        ({"title_en": "x", "ends_on": "never"}, "Enter a day."),
    ],
)
def test_a_bad_notice_is_explained_and_nothing_is_stored(
    app: Flask, cast: Cast, portal: Settings, typed: dict[str, str], message: str
) -> None:
    browser = Browser(app).sign_in_to_office(officer("admin", portal)).open("/office/notices/new").send(0, **typed)
    assert browser.status == 422 and message in browser.text and not m.Notice.select().exists()


def test_a_clerk_touches_neither_the_districts_nor_another_schools_notices(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    other, own = publish("Far", school=factories.school("Far High")), publish("District")
    browser = Browser(app).sign_in_to_office(officer("clerk", portal, at=school_of(cast.ana)))
    for notice in (other, own):
        assert browser.open(f"/office/notices/{notice.id}").status == 404
    for chosen in ("", str(other.school_id), "x"):
        browser.open("/office/notices/new")
        token = (
            browser.response.get_data(as_text=True).split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
        )
        data = {"csrf_token": token, "school": chosen, "title_en": "Sneaky", "begins_on": TODAY.isoformat()}
        assert browser.client.post("/office/notices/new", data=data).status_code == 404
    assert m.Notice.select().count() == 2
    for role in ("teacher", "counselor"):
        assert Browser(app).sign_in_to_office(officer(role, portal)).open("/office/notices").status == 404


def test_pages_cost_one_query_for_notices_when_there_are_no_important_ones(app: Flask, cast: Cast) -> None:
    rosa = Browser(app).sign_in(cast.rosa)
    few = rosa.queries("/notices"), rosa.queries("/security")
    for number in range(20):
        publish(f"Notice {number}", school=school_of(cast.ana))
    rosa.open("/notices")
    assert rosa.queries("/notices") <= few[0] + 2 and rosa.queries("/security") == few[1]


class Rows:
    """Counts the rows that the database hands out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read = 0
        one_row = CursorWrapper.iterate

        def counted(cursor: CursorWrapper, *more: bool) -> object:
            row = one_row(cursor, *more)
            self.read += 1
            return row

        monkeypatch.setattr(CursorWrapper, "iterate", counted)

    def of(self, browser: Browser, path: str) -> int:
        """How many a page takes that has been opened before."""
        assert browser.open(path).status == 200
        self.read = 0
        browser.open(path)
        return self.read


def many(number: int, school: m.School, reader: m.Account, **values: object) -> None:
    """So many notices of the feed for a school, which this reader has read."""
    before = m.Notice.select(fn.MAX(m.Notice.id)).scalar() or 0
    given = {"begins_on": TODAY - dt.timedelta(days=9), "created_at": clock.now(), **values}
    m.Notice.insert_many([{"sourced_id": f"many {before + one}", **given} for one in range(number)]).execute()
    ids = [one.id for one in m.Notice.select().where(m.Notice.id > before)]
    m.NoticeSchool.insert_many([{"notice": one, "school": school.id} for one in ids]).execute()
    texts = [{"notice": one, "language": "en", "title": f"Old news {one}.", "body": "x"} for one in ids]
    m.NoticeTranslation.insert_many(texts).execute()
    m.NoticeRead.insert_many([{"account": reader.id, "notice": one, "at": clock.now()} for one in ids]).execute()


def test_what_is_over_costs_no_page_anything_and_the_archive_shows_the_latest(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, rosa, nobody = Rows(monkeypatch), Browser(app).sign_in(cast.rosa), Browser(app)
    publish("Open house", public=True)
    pages = ((nobody, "/sign-in"), (rosa, f"/students/{cast.ana.id}/grades"), (rosa, "/notices"))
    few = [rows.of(browser, path) for browser, path in pages]
    over = {"ends_on": TODAY - dt.timedelta(days=1), "is_important": True, "is_public": True, "must_confirm": True}
    many(600, school_of(cast.ana), cast.carlos, **over)
    many(300, school_of(cast.ana), cast.rosa, **over)
    assert [rows.of(browser, path) for browser, path in pages] == few
    archive = rows.of(rosa, "/notices?archive=1")
    assert rosa.text.count("Old news") == 100
    newest = m.Notice.select(fn.MAX(m.Notice.id)).scalar()
    assert f"Old news {newest}." in rosa.text and f"Old news {newest - 99}." in rosa.text
    many(300, school_of(cast.ana), cast.rosa, **over)
    assert rows.of(rosa, "/notices?archive=1") == archive


def test_other_schools_notices_cost_a_family_nothing(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    far, nobody = factories.school("Far High"), account(guardian("Nora Newcomer"), "nora", app.extensions["homeroom"])
    drama = factories.section("Drama", students=(cast.zoe,))
    rows = Rows(monkeypatch)
    signed_in = [Browser(app).sign_in(one) for one in (cast.rosa, cast.pupil, nobody)]
    pages = [(browser, path) for browser in signed_in for path in ("/notices", "/security")]
    few = [(rows.of(browser, path), browser.queries(path)) for browser, path in pages]
    many(20, far, cast.stranger, is_important=True, must_confirm=True)
    publish("Of Far High", school=far, important=True)
    publish("Of Drama", section=drama.id, important=True)
    assert [(rows.of(browser, path), browser.queries(path)) for browser, path in pages] == few
    assert "Of Drama" in Browser(app).sign_in(cast.stranger).open("/security").text


def test_C04_an_important_notice_of_the_own_school_is_a_students_too(app: Flask, cast: Cast) -> None:
    publish("For Cedar", school=school_of(cast.ana), important=True)
    publish("For Juniper", school=school_of(cast.ben), important=True)
    ana = Browser(app).sign_in(cast.pupil).open("/security")
    assert "For Cedar" in ana.text and "For Juniper" not in ana.text


def test_D02_a_school_that_is_switched_off_tells_nobody_anything(app: Flask, cast: Cast) -> None:
    """Ana goes to two schools, and the pilot has begun at one of them."""
    off = factories.school("Off High", switched_on=False)
    m.SchoolEnrollment.create(sourced_id="second school", student=cast.ana, school=off)
    publish("Of Off High", school=off)
    publish("Of Cedar Middle", school=school_of(cast.ana))
    rosa = Browser(app).sign_in(cast.rosa).open("/notices")
    assert "Of Cedar Middle" in rosa.text and "Of Off High" not in rosa.text
    m.School.update(switched_on=True).where(m.School.id == off.id).execute()
    assert "Of Off High" in rosa.open("/notices").text


# ---- Notices of the feed ----------------------------------------------------------------------------------------


def from_feed(
    title: str, *schools: m.School, texts: dict[str, str] | None = None, **values: object
) -> m.Notice:  # fmt: skip
    """A notice as the feed leaves it."""
    name = f"n{m.Notice.select().count()}"
    notice = m.Notice.create(
        **{"sourced_id": name, "begins_on": TODAY, "created_at": clock.now(), "is_important": False, **values}
    )
    for language, text in {"en": title, **(texts or {})}.items():
        suffix = "" if language == "en" else f".{language}"
        m.NoticeTranslation.create(
            sourced_id=name + suffix, notice=notice, language=language, title=text, body=f"About {text}"
        )
    for one in schools:
        m.NoticeSchool.create(notice=notice, school=one)
    return notice


def of(child: m.Student) -> m.School:
    return m.SchoolEnrollment.get(m.SchoolEnrollment.student == child).school


def test_C04_notices_of_the_feed_reach_their_schools_grades_and_roles_alone(app: Flask, cast: Cast) -> None:
    district = m.School.create(sourced_id="d1", name="Maple Valley", kind="district")
    from_feed("For everybody", district, of(cast.ben))
    from_feed("For two schools", of(cast.ana), of(cast.ben))
    from_feed("For Juniper", of(cast.ben))
    from_feed("For grade 7", district, grade_levels="Seventh grade")
    from_feed("For grade 8", district, grade_levels="Eighth grade")
    from_feed("For guardians", district, audience="guardian")
    from_feed("For students", district, audience="student")
    rosa, wendy, ana = (
        Browser(app).sign_in(one).open("/notices").text for one in (cast.rosa, cast.stranger, cast.pupil)
    )
    assert "For two schools New" in rosa and "Cedar Middle, Juniper Elementary" in rosa
    assert "For Juniper" in rosa and "For grade 7" in rosa and "For guardians" in rosa
    assert "For students" not in rosa and "For grade 8" not in rosa
    assert "For everybody" in wendy and "For two schools" in wendy and "For Juniper" not in wendy
    assert "Juniper Elementary" not in wendy, "only the family's own school is named"
    assert "For students" in ana and "For guardians" not in ana


def test_C04_a_notice_of_the_feed_is_read_in_the_readers_language_or_marked(app: Flask, cast: Cast) -> None:
    from_feed("Bus rules", texts={"es": "Reglas del autobús"})
    m.NoticeTranslation.update(language="").where(m.NoticeTranslation.sourced_id == "n0").execute()
    m.Account.update(language="es").where(m.Account.id == cast.rosa.id).execute()
    rosa = Browser(app).sign_in(cast.rosa).open("/notices")
    assert "Reglas del autobús" in rosa.text and "Bus rules" not in rosa.text
    wendy = Browser(app).sign_in(cast.stranger).open("/notices")
    assert "Bus rules" in wendy.text and "Not in your language yet" not in wendy.text


def test_C04_what_must_be_confirmed_stays_on_every_page_until_its_reader_says_so(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    notice = from_feed("New bus rules", must_confirm=True, is_important=True, texts={"es": "Reglas"})
    rosa = Browser(app).sign_in(cast.rosa)
    for path in ("/notices", "/notices", "/", "/messages"):
        assert "New bus rules" in rosa.open(path).text, "reading the list does not confirm it"
    rosa.open("/messages").send(f"/notices/{notice.id}/read")
    assert rosa.path == "/messages" and "New bus rules" not in rosa.text
    assert "You have confirmed that you read this." in rosa.open("/notices").text
    assert [one.account_id for one in m.NoticeRead] == [cast.rosa.id]
    assert "New bus rules" in Browser(app).sign_in(cast.stranger).text, "each reader for himself"
    admin = Browser(app).sign_in_to_office(officer("admin", portal)).open("/office/notices")
    assert "New bus rules" in admin.text and "1 reader has confirmed it" in admin.text


def test_C04_the_office_does_not_change_what_the_sis_sends(app: Flask, cast: Cast, portal: Settings) -> None:
    mine, other = from_feed("Ours", of(cast.ana)), from_feed("Theirs", of(cast.ben))
    clerk = Browser(app).sign_in_to_office(officer("clerk", portal, at=of(cast.ana))).open("/office/notices")
    assert "Ours" in clerk.text and "Theirs" not in clerk.text
    admin = Browser(app).sign_in_to_office(officer("admin", portal)).open("/office/notices")
    assert "Ours" in admin.text and "Theirs" in admin.text
    for one in (mine, other):
        assert admin.open(f"/office/notices/{one.id}").status == 404
