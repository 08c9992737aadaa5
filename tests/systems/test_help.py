"""Help for everybody: the tour with its pictures, the way to the teacher, instructions to hand out (G14, G19, S08)."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import factories
import pytest
from babel.support import NullTranslations
from browsing import Browser, link_in, mails
from factories import Cast, guardian, guardianship, officer, school, school_year, student, telephone
from flask import Flask
from printed import read

import models as m
from config import available_presets
from services import catalogs, clock, links
from services.keys import issue as issue_key
from views import languages, tour_pictures

MakeApp = Callable[..., Flask]
NOW = dt.datetime(2026, 11, 16, 15, 0)
GOOD = {"password": "a quiet place to read", "repeated": "a quiet place to read"}
ANSWERS = {
    "question1": "pet", "answer1": "Bello", "question2": "food", "answer2": "Pho bo", "question3": "hero",
    "answer3": "Abuela",
}  # fmt: skip
#: A language in which every sentence of a catalog stands in brackets: what is outside came from no catalog.
BRACKETS = "brackets"
LANGUAGES = ("en", *catalogs.languages(), BRACKETS)


class Brackets(NullTranslations):
    """A catalog that has every sentence."""

    def ugettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ungettext(self, one: str, many: str, number: int) -> str:
        return self.ugettext(one if number == 1 else many)

    def upgettext(self, context: str, message: str) -> str:
        return self.ugettext(message)

    def unpgettext(self, context: str, one: str, many: str, number: int) -> str:
        return self.ungettext(one, many, number)


@pytest.fixture(autouse=True)
def fixed_clock() -> None:
    clock.set_source(lambda: NOW)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every language that is complete, and the one in brackets."""
    if request.param == BRACKETS:
        monkeypatch.setattr(languages.GuardedDomain, "get_translations", lambda _: Brackets())
    elif request.param not in complete():
        pytest.skip(f"{request.param} is not complete yet")
    return str(request.param)


@cache
def complete() -> set[str]:
    return {"en", *(one.language for one in catalogs.check() if one.translated == one.total)}


def reader(app: Flask, language: str) -> Browser:
    """Somebody who has chosen the language on the sign-in page."""
    browser = Browser(app).open("/sign-in")
    return browser if language in ("en", BRACKETS) else browser.send("/language", ("language", language))


def words_of(node: Element) -> str:
    return " ".join("".join(node.itertext()).replace("\u2068", "").replace("\u2069", "").split())


def article(browser: Browser) -> Element:
    return next(browser._tree().iter("article"))


def lines(browser: Browser) -> list[str]:
    """What the sheet says, without the district's name and the address."""
    said = [words_of(node) for node in article(browser).iter() if node.tag in ("h1", "h2", "li", "p")]
    return [one for one in said if one and "Maple Valley" not in one and "http://" not in one]


class Shown(list[str]):
    """Names on a page that belong into one step: heading, fields, button."""

    @classmethod
    def on(cls, browser: Browser, *, fields: bool = True) -> Shown:
        assert browser.status == 200, browser.text
        main = next(browser._tree().iter("main"))
        labels = [words_of(node) for node in main.iter("label")] if fields else []
        pressed = [node for node in main.iter() if node.tag == "button" or node.get("class") == "button"]
        return cls([words_of(next(main.iter("h1"))), *labels, words_of(pressed[0])])

    @classmethod
    def link(cls, browser: Browser, href: str) -> Shown:
        main = next(browser._tree().iter("main"))
        return cls([next(words_of(node) for node in main.iter("a") if node.get("href") == href)])


# ---- S08 ---------------------------------------------------------------------------------------------------------


def family(app: Flask, **values: Any) -> tuple[m.Guardian, m.Student]:
    school_year()
    ana = student("Ana Reyes", school("Cedar Middle"), number="123456", first_delivered_at=NOW - dt.timedelta(days=3))
    mother = guardian("Rosa Reyes", email="rosa@example.com", person_id="P-88412", **values)
    guardianship(ana, mother, relation="Mother")
    telephone(mother, "(770) 555-0147")
    factories.address(mother, "120 Oak St", "30303")
    return mother, ana


def key_for(app: Flask, person: m.Guardian | m.Student, child: m.Student | None = None) -> str:
    portal = app.extensions["homeroom"]
    return str(issue_key(person, child=child if portal.key_scope == "child" else None, settings=portal, now=NOW))


def registering(app: Flask, language: str) -> Iterator[Shown]:
    """A mother's whole way to an account; what each page shows her."""
    mother, ana = family(app)
    key, browser = key_for(app, mother, ana), reader(app, language)
    yield Shown.link(browser, "/register")
    browser.open("/register")
    yield Shown.on(browser)
    first = {"user_id": "rosa@example.com", "birth_date": str(ana.birth_date), "person_id": "P-88412", "key": key}
    browser.send(**{name: value for name, value in first.items() if f'name="{name}"' in browser.page})
    if browser.path == "/register/role":
        yield Shown.on(browser, fields=False)
        asked = {"relation": "mother", "phone": "0147", "address": "120 30303", "school": "Cedar Middle"}
        browser.send(**{name: value for name, value in asked.items() if f'name="{name}"' in browser.page})
        yield Shown.on(browser)
        browser.send(accept=str(m.Agreement.get().id))
    yield Shown.on(browser)
    chosen = {"user_name": "rosareyes", "email": "rosa@example.com"}
    if app.extensions["homeroom"].user_name == "email":
        chosen["user_name"] = "rosa@example.com"
    browser.send(**{name: value for name, value in chosen.items() if f'id="{name}"' in browser.page}, **GOOD)
    portal = app.extensions["homeroom"]
    if not mails("verify"):
        yield Shown.on(browser)
        if portal.key_lookup:
            yield Shown.link(browser.open("/sign-in"), "/activation-key")
            yield Shown.on(browser.open("/activation-key"))
        if portal.key_scope == "child":
            browser.open("/sign-in").send(user_name="rosa@example.com", **{"password": GOOD["password"]})
            yield Shown.link(browser.open("/security"), "/add-child")
        return
    yield Shown([words_of(next(browser._tree().iter("h1")))])
    browser.open(link_in(mails("verify")[0]))
    yield Shown(Shown.on(browser)[1:])
    browser.send()
    if browser.path != "/sign-in":
        browser.open("/sign-in")
    browser.send(user_name="rosareyes", password=GOOD["password"])
    yield Shown.on(browser, fields=False)


def claiming(app: Flask, language: str) -> Iterator[Shown]:
    """A student's way to the first page of the record."""
    _, ana = family(app)
    way = app.extensions["homeroom"].student_accounts
    browser = reader(app, language)
    if way == "district":
        yield Shown(Shown.on(browser)[1:])
        browser.send(user_name="123456", password="04022013")
        yield Shown.on(browser)
        browser.send(**GOOD)
        yield Shown.on(browser, fields=False)
        return
    start = "/claim" if way == "claim" else "/register"
    yield Shown.link(browser, start)
    browser.open(start)
    yield Shown.on(browser)
    if way == "claim":
        browser.send(family_name="Reyes", given_name="Ana", student_number="123456")
        yield Shown.on(browser)
        browser.send(**GOOD)
        yield Shown.on(browser, fields=False)
        browser.send(**ANSWERS)
        yield Shown.on(browser)
        browser.open("/sign-in")
        yield Shown(Shown.on(browser)[1:])
        browser.send(user_name="S0123456")
        yield Shown(Shown.on(browser)[-2:])
    else:
        browser.send(key=key_for(app, ana))
        yield Shown.on(browser)
        browser.send(user_name="anareyes", **GOOD)
        yield Shown.on(browser)


def getting_back(app: Flask, language: str) -> Iterator[Shown]:
    """A mother's way back in, by mail and by a code from the school, and a student's by questions."""
    portal = app.extensions["homeroom"]
    mother, ana = family(app)
    account = factories.account(mother, "rosa@example.com", portal, email="rosa@example.com")
    browser = reader(app, language)
    yield Shown.link(browser, "/forgot-password")
    browser.open("/forgot-password")
    yield Shown.on(browser)
    browser.open(f"/reset/{links.make(account, 'reset', settings=portal, now=NOW)}")
    yield Shown.on(browser)
    browser.open("/forgot-password")
    yield Shown.link(browser, "/reset")
    browser.open("/reset")
    yield Shown.on(browser)
    browser.send(code=links.make(account, "code", settings=portal, now=NOW))
    yield Shown.on(browser)
    if portal.student_accounts in ("claim", "district"):
        yield Shown.link(browser.open("/forgot-password"), "/forgot-password/questions")
        yield Shown.on(browser.open("/forgot-password/questions"))
        browser.send(user_name="S0123456")
        yield Shown(Shown.on(browser)[-3:])


WAYS = {"register": registering, "claim": claiming, "reset": getting_back}
#: The sheets of each preset; where students have no accounts there is nothing to claim.
SHEETS = [
    (preset, name)
    for preset in available_presets()
    for name in WAYS
    if name != "claim" or preset in ("ccps", "denver", "henry")
]


@pytest.mark.parametrize(("preset", "name"), SHEETS)
def test_S08_the_instructions_exist_in_the_districts_languages(
    make_app: MakeApp, language: str, preset: str, name: str
) -> None:
    app = make_app(preset=preset)
    m.Agreement.create(version="1", texts={"en": "Be kind."}, published_at=NOW)
    browser = Browser(app).open(f"/help/{name}", query_string={} if language == BRACKETS else {"language": language})
    sheet, said = article(browser), lines(browser)
    code = "en" if language == BRACKETS else language
    assert sheet.get("lang") == code.replace("_", "-")
    assert sheet.get("dir") == ("rtl" if language == "ar" else "ltr")
    step = 0
    for page in WAYS[name](app, language):
        found = [place for place, line in enumerate(said) if place >= step and all(label in line for label in page)]
        assert found, f"no step from number {step} on names {page}: {said}"
        step = found[0]
    spoken(language, said, Browser(app).open(f"/help/{name}?language=en"))
    printed = read(app.test_client().get(f"/help/{name}.pdf?language={code}").get_data())
    assert (len(printed.pages), printed.language) == (1, sheet.get("lang"))
    assert "http://localhost" in printed.text


def spoken(language: str, said: list[str], english: Browser) -> None:
    """Nothing of it is English; in brackets nothing is outside of them."""
    assert len(said) > 8
    if language == BRACKETS:
        for line in said:
            outside = re.sub(r"[\W\d]", "", _without_brackets(line))
            assert outside in ("", "and"), line
    elif language != "en":
        assert not set(said) & set(lines(english))
    if language == "ar":
        letters = [char for char in "".join(said) if char.isalpha()]
        assert sum("\u0600" <= char <= "\u06ff" for char in letters) > 0.8 * len(letters)


def _without_brackets(line: str) -> str:
    while "⟦" in line:
        line = re.sub(r"⟦[^⟦⟧]*⟧", "", line)
    return line


@pytest.mark.parametrize(
    ("preset", "name", "says"),
    [
        ("gwinnett", "register", ["user ID", "token for that child", "Another child?"]),
        ("denver", "register", ["Person ID and the GUID", "8 to 20 letters", "Please check your e-mail", "15 minutes"]),
        ("clayton", "register", ["No activation key yet?", "Your child's student number", "4 to 30 letters"]),
        ("henry", "register", ["No activation key yet?", "secret number"]),
        ("ccps", "claim", ["S, then 0, then the student ID", "exactly as at school", "24 hours", "exactly three"]),
        ("denver", "claim", ["your student number", "04302015"]),
        ("standard", "register", ["Activation key", "At least 12 characters", "13 digits"]),
        ("clayton", "reset", ["After 5 wrong passwords in a row the account is locked."]),
        ("denver", "reset", ["Answer your security questions.", "I am a student"]),
    ],
)  # fmt: skip
def test_S08_each_preset_has_its_own_steps(make_app: MakeApp, preset: str, name: str, says: list[str]) -> None:
    browser = Browser(make_app(preset=preset)).open(f"/help/{name}")
    for text in says:
        assert text in browser.text, text


def test_S08_the_sheets_are_found_from_help_and_by_the_office_and_lead_to_each_other(app: Flask, cast: Cast) -> None:
    stranger = Browser(app).open("/sign-in").follow("Help").follow("Parents and guardians: how to create your account")
    assert stranger.path == "/help/register" and "<svg" in stranger.page and "http://localhost" in stranger.text
    stranger.follow("Español")
    assert article(stranger).get("lang") == "es", stranger.page
    assert 'href="/help/register.pdf?language=es"' in stranger.page
    drawn = app.test_client().get("/help/register.pdf?language=es")
    assert (drawn.mimetype, drawn.headers["Cache-Control"]) == ("application/pdf", "no-store")
    stranger.open("/help/register").follow("Forgotten password or user name: how to get back in")
    assert stranger.path == "/help/reset"
    office = Browser(app).sign_in_to_office(officer("admin", app.extensions["homeroom"])).open("/office/register")
    assert office.follow("Parents and guardians: how to create your account").path == "/help/register"
    assert "GUID" not in stranger.text and "student" not in stranger.text, "students have no accounts here"


def test_S08_what_is_no_sheet_and_no_language_is_not_found(app: Flask) -> None:
    for path in (
        "/help/nothing", "/help/claim", "/help/claim.pdf", "/help/register?language=xx", "/help/reset?language=../en",
        "/help/reset.pdf?language=tlh", "/help/register.doc", "/help/register/", "/help/tour/x",
        "/help/register?language=%00", "/help/register?language=" + "e" * 5000,
    ):  # fmt: skip
        browser = Browser(app).open(path)
        assert browser.status == 404 and "There is nothing here" in browser.text, path
    assert Browser(app).open("/help/register?language=").status == 200, "the reader's own"
    assert app.test_client().post("/help/register").status_code in (400, 405)
    assert "<html" not in Browser(app).fragment("/help/reset").get_data(as_text=True)


def test_S08_a_hostile_district_name_is_text_on_the_sheets(make_app: MakeApp) -> None:
    app = make_app(district_name="<script>x</script> & %(name)s", help_contact="<b>call</b>")
    for name in ("register", "reset"):
        assert "&lt;script&gt;x&lt;/script&gt; &amp; %(name)s" in Browser(app).open(f"/help/{name}").page
        assert read(app.test_client().get(f"/help/{name}.pdf").get_data()).pages


# ---- G14 ---------------------------------------------------------------------------------------------------------


def pictures_on(browser: Browser) -> list[Element]:
    return list(next(browser._tree().iter("main")).iter("img"))


@pytest.mark.parametrize("code", [path.name for path in sorted(tour_pictures.FOLDER.iterdir())])
def test_G14_the_tour_has_pictures_in_the_readers_language_that_are_small(app: Flask, code: str) -> None:
    browser = reader(app, code).open("/help/tour")
    shown = pictures_on(browser)
    assert len(shown) == len(tour_pictures.NAMES)
    whole = 0
    for one in shown:
        assert one.get("loading") == "lazy" and len(one.get("alt") or "") > 15
        assert f"/tour-{code}-" in (one.get("src") or "")
        answer = app.test_client().get(one.get("src") or "")
        body = answer.get_data()
        assert (answer.status_code, answer.mimetype, body[:4]) == (200, "image/png", b"\x89PNG")
        assert (int.from_bytes(body[16:20]), int.from_bytes(body[20:24])) == (
            int(one.get("width") or 0), int(one.get("height") or 0),
        )  # fmt: skip
        assert len(body) <= 12 * 1024
        whole += len(body)
    assert whole <= 84 * 1024
    assert "img-src 'self'" in browser.response.headers["Content-Security-Policy"]


def test_G14_a_language_without_pictures_shows_the_english_ones_and_says_so(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(tour_pictures.FOLDER / "en", tmp_path / "en")
    monkeypatch.setattr(tour_pictures, "FOLDER", tmp_path)
    tour_pictures.pictures.cache_clear()
    try:
        english, arab = reader(app, "en").open("/help/tour"), reader(app, "ar").open("/help/tour")
        assert 'lang="en" alt' not in english.page
        assert len(pictures_on(arab)) == len(tour_pictures.NAMES)
        assert all("/tour-en-" in (one.get("src") or "") for one in pictures_on(arab))
        assert 'class="hint drawn"' in arab.page and 'class="hint drawn"' not in english.page
        shutil.rmtree(tmp_path / "en")
        tour_pictures.pictures.cache_clear()
        without = reader(app, "en").open("/help/tour")
        assert without.status == 200 and not pictures_on(without) and "2. Overview" in without.text
    finally:
        tour_pictures.pictures.cache_clear()


def test_G14_the_districts_training_video_stands_on_the_tour_and_on_the_help_page(app: Flask) -> None:
    titles = {"en": "The portal in <5 minutes", "es": "El portal en 5 minutos"}
    urls = {"en": "https://video.example/en", "es": "https://video.example/es"}
    m.HelpLink.create(kind="video", titles=titles, urls=urls)
    m.HelpLink.create(kind="guide", titles={"en": "A guide"}, urls={"en": "https://guide.example/"})
    for path in ("/help", "/help/tour"):
        english, spanish, arab = (reader(app, code).open(path) for code in ("en", "es", "ar"))
        assert "The portal in <5 minutes" in english.text and 'href="https://video.example/en"' in english.page
        assert "El portal en 5 minutos" in spanish.text and 'href="https://video.example/es"' in spanish.page
        assert "The portal in <5 minutes" in arab.text and 'lang="en"' in arab.page, "marked"
    assert "A guide" not in Browser(app).open("/help/tour").text


def test_G14_a_teacher_is_one_click_away_with_the_schools_telephone_beside(app: Flask, cast: Cast) -> None:
    m.School.update(phone="770-555-0100").where(m.School.name == "Cedar Middle").execute()
    rosa = Browser(app).sign_in(cast.rosa).open("/help")
    assert "Ana Reyes" in rosa.text and "Office of Cedar Middle: 770-555-0100" in rosa.text
    assert "Office of Juniper Elementary" in rosa.text
    assert "Write to Lee Novak" not in rosa.text and "Lee Novak" in rosa.text, "has no address"
    rosa.follow("Write to \u2068Dana Okafor\u2069")
    assert "/write/" in rosa.path and "Message to Dana Okafor" in rosa.text
    for who in (cast.stranger, cast.revoked, None):
        other = Browser(app).sign_in(who) if who else Browser(app)
        assert "Ana Reyes" not in other.open("/help").text
    carlos = Browser(app).sign_in(cast.carlos).open("/help")
    assert "Okafor" not in carlos.text and "Office of Cedar Middle" in carlos.text, "grades are withheld from him"


def test_G14_without_an_address_nobody_is_offered_a_message(make_app: MakeApp) -> None:
    app = make_app()
    cast = factories.cast(app.extensions["homeroom"])
    m.Account.update(email=None).where(m.Account.id == cast.rosa.id).execute()
    rosa = Browser(app).sign_in(cast.rosa).open("/help")
    assert "Dana Okafor" in rosa.text and "Write to" not in rosa.text


def test_G14_help_costs_the_same_for_one_child_and_for_five(app: Flask, cast: Cast) -> None:
    rosa = Browser(app).sign_in(cast.rosa)
    before = rosa.queries("/help")
    for number in range(3):
        child = student(f"Child{number} Reyes", school(f"School {number}"))
        guardianship(child, cast.rosa.guardian)
        factories.section(f"Class {number}", term=None, teachers=(cast.teacher,), students=(child,), school=school())
    assert rosa.queries("/help") == before


@pytest.mark.parametrize(
    ("settings", "says", "says_not"),
    [
        ({}, ["Can I write to the teachers?", "All your children appear by themselves"], ["“Add a child”"]),
        ({"messages": False}, ["What does it cost?"], ["Can I write to the teachers?"]),
        ({"preset": "gwinnett"}, ["“Add a child”", "It closes your account"], []),
    ],
)
def test_G14_the_faq_answers_as_the_district_has_set_it(
    make_app: MakeApp, settings: dict[str, Any], says: list[str], says_not: list[str]
) -> None:
    browser = Browser(make_app(**settings)).open("/help")
    for text in (*says, "Questions and answers", "Who else can see my child's record?"):
        assert text in browser.text, text
    for text in says_not:
        assert text not in browser.text, text
