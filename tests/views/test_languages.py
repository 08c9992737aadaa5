"""Languages: the switch, what a reader gets without choosing, and catalogs that cannot do harm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from browsing import Browser
from factories import Cast
from flask import Flask
from flask_babel import force_locale, ngettext

from config import Settings
from models import Account
from services import pseudo
from views import languages


def test_D05_the_language_is_picked_on_every_page_and_kept_by_the_account(browser: Browser, cast: Cast) -> None:
    browser.open("/sign-in")
    browser.send("/language", button=("language", "es"))
    assert browser.path == "/sign-in"
    assert '<html lang="es" dir="ltr">' in browser.page
    assert "Iniciar sesión" in browser.text
    browser.send(user_name="rosa@example.com", password="correct horse battery")
    assert "Mis hijos" in browser.text, "signing in keeps the choice"
    browser.open(f"/students/{cast.ana.id}/grades")
    browser.send("/language", button=("language", "en"))
    assert browser.path == f"/students/{cast.ana.id}/grades", "the reader stays where he was"
    assert Account.get_by_id(cast.rosa.id).language == "en"
    browser.sign_out().sign_in(cast.rosa)
    assert "My children" in browser.text, "the account remembers"


def test_without_a_choice_the_browsers_language_counts(app: Flask) -> None:
    for accepted, lang in (("es-MX,es;q=0.9", "es"), ("sv;q=0.9, es;q=0.5", "es"), ("xx", "en"), ("", "en")):
        page = app.test_client().get("/sign-in", headers={"Accept-Language": accepted}).get_data(as_text=True)
        assert f'<html lang="{lang}"' in page


def test_an_unknown_language_changes_nothing(browser: Browser) -> None:
    browser.open("/sign-in")
    browser.send("/language", button=("language", "../../etc"))
    assert '<html lang="en"' in browser.page


def test_dates_follow_the_language_and_numbers_read_as_on_the_schools_papers(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/grades/{cast.math.id}")
    browser.send("/language", button=("language", "es"))
    assert "17.5 / 20" in browser.text
    assert "11 nov 2026" in browser.text
    assert "Falta" in browser.text


HOSTILE = {
    "Sign in": '" onmouseover="alert(1)',
    "Next": '<script src="https://evil.example"></script>',
    "Password": "%(secret)s",
    "Help": "100 %",
    "Skip to content": "%(name)s %(name)s",
    "User name: %(name)s": "%(name)d",
}


@pytest.fixture
def hostile(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where Spanish is read from: a compiled catalog that came past every check."""
    path = tmp_path / "es" / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True)
    catalog = Catalog(locale="es", charset="utf-8")
    for source, translation in HOSTILE.items():
        catalog.add(source, translation)
    catalog.add("Next", HOSTILE["Next"], context="next step of a form")
    catalog.add("Children", "Hijos")
    # The number that only the plural's English says is always given.
    catalog.add(("Your passkey ends too.", "Your %(num)s passkeys end too."), ("Su llave", "Sus %(num)s llaves"))
    # One form where two are needed, and a form that wants what nobody gives.
    catalog.add(("%(num)s notice", "%(num)s notices"), ("%(num)s aviso",))
    catalog.add(("%(num)s missing assignment", "%(num)s missing assignments"), ("%(nom)s", "%s%s"))
    with path.open("wb") as file:
        write_mo(file, catalog)
    (tmp_path / "offered.json").write_text('{"es": "whole"}')
    monkeypatch.setattr(languages, "LOCALES", tmp_path)
    monkeypatch.setattr(app.extensions["babel"], "translation_directories", [str(tmp_path)])
    monkeypatch.setattr(app.extensions["babel"].instance, "domain_instance", languages.GuardedDomain("messages"))
    languages._available.cache_clear()
    yield path
    languages._available.cache_clear()


def test_X03_each_language_counts_by_its_own_rule(app: Flask) -> None:
    """Arabic has six forms: 17 assignments are not "one assignment" (CLDR's rules of plurals)."""
    with app.test_request_context():
        for language in (one.code for one in languages.available()):
            with force_locale(language):
                rule = languages.GuardedDomain("messages").get_translations().plural
                told = {number: ngettext("%(num)s missing assignment", "%(num)s missing assignments", number)
                        for number in (0, 1, 2, 3, 11, 17, 60, 100)}  # fmt: skip
            forms = {number: rule(number) for number in told}
            assert len(set(forms.values())) == {"ar": 6, "vi": 1, "ko": 1, "zh_Hans": 1}.get(language, 2), language
            for one, form in forms.items():
                assert all(
                    (form == forms[other]) or language == "en" or text != told[one] for other, text in told.items()
                )


def test_a_hostile_catalog_shows_english_and_breaks_no_page(
    hostile: Path, app: Flask, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    browser = Browser(app).open("/sign-in")
    browser.send("/language", button=("language", "es"))
    assert '<html lang="es"' in browser.page and browser.status == 200
    browser.sign_in(cast.rosa)
    for path in ("/", f"/students/{cast.ana.id}", f"/students/{cast.ana.id}/grades", "/notices", "/help", "/security"):
        assert browser.open(path).status == 200, path
        assert "evil" not in browser.page and "alert(" not in browser.page and "secret" not in browser.page
    assert "Help" in browser.page and "Skip to content" in browser.page
    left_out = [one.getMessage() for one in caplog.records if "left out" in one.getMessage()]
    assert len(left_out) == len(set(left_out)), "each is told once"
    assert not any("passkey" in line for line in left_out)
    for source in HOSTILE:
        assert any(repr(source) in line for line in left_out), source


@pytest.mark.parametrize("content", [b"", b"no catalog", b"\xde\x12\x04\x95" + b"\xff" * 40])
def test_a_compiled_catalog_that_cannot_be_read_shows_english(
    hostile: Path, app: Flask, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    hostile.write_bytes(content)
    browser = Browser(app).open("/sign-in")
    browser.send("/language", button=("language", "es"))
    browser.open("/sign-in").open("/help")
    assert browser.status == 200 and "Skip to content" in browser.page
    assert len([one for one in caplog.records if "cannot be read" in one.getMessage()]) == 1


def test_a_language_that_is_not_whole_says_so_and_one_that_is_not_offered_is_no_choice(
    hostile: Path, app: Flask
) -> None:
    (hostile.parents[2] / "offered.json").write_text('{"es": "partly"}')
    browser = Browser(app).open("/sign-in")
    assert "Español (partly translated)" in browser.page and "Tiếng Việt" not in browser.page
    (hostile.parents[2] / "offered.json").write_text("{}")
    languages._available.cache_clear()
    browser.send("/language", button=("language", "es"))
    assert '<html lang="en"' in browser.page and "Español" not in browser.page
    spanish = app.test_client().get("/sign-in", headers={"Accept-Language": "es"}).get_data(as_text=True)
    assert '<html lang="en"' in spanish


def test_pseudo_languages_are_offered_in_the_demo_and_in_debug_mode_alone(
    portal: Settings, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pseudo.make(root=tmp_path)
    monkeypatch.setattr(languages, "PSEUDO", tmp_path)
    languages._available.cache_clear()
    try:
        for is_demo, is_debug, seen in ((False, False, False), (False, True, True), (True, False, True)):
            app.extensions["homeroom"] = replace(portal, demo=is_demo)
            monkeypatch.setattr(app, "debug", is_debug)
            page = app.test_client().get("/sign-in").get_data(as_text=True)
            assert ('value="en_001"' in page) == ('value="ar_001"' in page) == seen
            accepted = app.test_client().get("/sign-in", headers={"Accept-Language": "ar-001"})
            assert ('lang="ar-001"' in accepted.get_data(as_text=True)) == seen
    finally:
        app.extensions["homeroom"] = portal
        languages._available.cache_clear()
