"""The demo's preview for translators: numbers behind sentences, and what each number is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from browsing import Browser
from factories import Cast
from flask import Flask


@pytest.fixture
def browser(make_app: Callable[..., Flask]) -> Browser:
    return Browser(make_app(demo=True))


def test_a_translator_sees_the_number_of_each_sentence_and_what_it_is(browser: Browser, cast: Cast) -> None:
    browser.open("/sign-in")
    assert "⟦" not in browser.page
    browser.open("/demo/preview").send(button=("on", "1"))
    browser.send("/language", button=("language", "es"))
    browser.sign_in(cast.rosa)
    assert "⟦" in browser.page, "signing in keeps it"
    assert "Ana Reyes ⟦" not in browser.text, "names are not for translators"
    page = browser.open(f"/students/{cast.ana.id}/grades").page
    found = re.search(r'href="[^"]*/grades"[^>]*>([^<⟦]+) ⟦(\d+)⟧', page)
    assert found is not None and found[1] != "Grades"
    browser.open(f"/demo/strings?number=⟦{found[2]}⟧")
    assert browser.path == f"/demo/strings/{found[2]}"
    assert "Grades" in browser.text and found[1] in browser.text
    browser.open("/demo/preview").send(button=("on", "0"))
    assert "⟦" not in browser.open(f"/students/{cast.ana.id}/grades").page


def test_context_comments_and_plural_forms_are_shown(browser: Browser, cast: Cast) -> None:
    browser.open("/demo/preview").send(button=("on", "1"))
    browser.sign_in(cast.rosa)
    number = re.search(r"assignments? due in the next 7 days ⟦(\d+)⟧", browser.page)
    assert number is not None
    browser.open(f"/demo/strings/{number[1]}")
    assert "%(num)s assignment due in the next 7 days" in browser.page
    assert "%(num)s assignments due in the next 7 days" in browser.page
    assert "None yet: the English is shown." in browser.page, "English is not translated"
    late = re.search(r"Due ⟦(\d+)⟧", browser.open(f"/students/{cast.ana.id}/grades/{cast.math.id}").page)
    assert late is not None
    assert "on which day" in browser.open(f"/demo/strings/{late[1]}").page


@pytest.mark.parametrize("typed", ["", "x", "0", "-1", "99999999999999999999", "<b>", "١٢٣٤٥٦٧٨"])
def test_a_number_that_is_none_is_asked_for_again(browser: Browser, typed: str) -> None:
    browser.open("/demo/strings", query_string={"number": typed})
    assert browser.status == 422 and "Type the number that stands between" in browser.text
    assert "<b>" not in browser.page
    assert browser.open("/demo/strings/999999").status == 404


def test_outside_the_demo_there_is_no_preview(app: Flask, cast: Cast) -> None:
    browser = Browser(app).sign_in(cast.rosa)
    browser.client.set_cookie("preview", "1")
    assert "⟦" not in browser.open("/").page
    assert browser.open("/demo/preview").status == 404 and browser.open("/demo/strings/1").status == 404
