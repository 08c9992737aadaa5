"""Every page in its main states, as a person without JavaScript meets it."""

from __future__ import annotations

from browsing import Browser
from factories import Cast


def test_a_guardian_signs_in_sees_all_children_and_opens_one(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa)
    assert browser.path == "/"
    assert "Ana Reyes" in browser.text
    assert "Ben Reyes" in browser.text
    assert "Zoe" not in browser.page
    assert "1 missing assignment" in browser.text
    browser.open(f"/students/{cast.ana.id}")
    assert "Number line" in browser.text
    assert "B+ (88)" in browser.text
