"""Languages: the switch, what a reader gets without choosing, and catalogs that cannot do harm."""

from __future__ import annotations

import pytest
from browsing import Browser
from factories import Cast
from flask import Flask

from models import Account
from services.catalogs import is_harmless


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
    for accepted, lang in (("es-MX,es;q=0.9", "es"), ("fr;q=0.9, es;q=0.5", "es"), ("xx", "en"), ("", "en")):
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


@pytest.mark.parametrize(
    ("source", "translation", "harmless"),
    [
        ("Sign in", "Iniciar sesión", True),
        ("Sign in", "<b>Iniciar</b>", False),
        ("Sign in", "Iniciar %s", False),
        ("Sign in", "100 %", False),
        ("To %(name)s", "Para %(name)s", True),
        ("To %(name)s", "Para todos", True),
        ("To %(name)s", "Para %(password)s", False),
        ("To %(name)s", "Para %(name)d", False),
        ("To %(name)s", "Para %(name)", False),
        ("To %(name)s", '<a href="javascript:x">%(name)s</a>', False),
        ("%(n)s%% done", "%(n)s%% hecho", True),
    ],
)
def test_a_translation_that_could_break_or_inject_is_left_out(source: str, translation: str, harmless: bool) -> None:
    assert is_harmless(source, translation) == harmless


def test_a_hostile_catalog_falls_back_to_english(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    from flask_babel import force_locale, gettext
    from flask_babel import get_translations as catalog

    with app.test_request_context(), force_locale("es"):
        entries = catalog()._catalog
        known = "To %(teacher)s"
        entries[known] = '<script src="x"></script> %(teacher)s'
        entries["Sign in"] = "%(secret)s"
        from views.languages import _drop_harmful

        _drop_harmful(entries, "es")
        assert gettext(known, teacher="Ana") == "To Ana"
        assert gettext("Sign in") == "Sign in"
    assert "left out" in caplog.text
