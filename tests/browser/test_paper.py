"""Instructions on paper, as the office prints them from its browser (S08)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pypdf import PdfReader
from visiting import Visitor

from services import catalogs

PAPERS: list[dict[str, Any]] = [{"format": "Letter"}, {"format": "A4"}]


@pytest.mark.parametrize("language", ["en", *catalogs.languages()])
@pytest.mark.parametrize("name", ["register", "reset"])
def test_S08_instructions_print_on_one_page_without_bar_and_buttons(visitor: Visitor, name: str, language: str) -> None:
    page = visitor.open(f"/help/{name}?language={language}")
    for paper in PAPERS:
        printed = PdfReader(
            io.BytesIO(page.pdf(**paper, margin=dict.fromkeys(("top", "right", "bottom", "left"), "1cm")))
        )
        assert len(printed.pages) == 1, paper
    page.emulate_media(media="print")
    assert page.locator("article svg").is_visible()
    for unseen in (".languages", ".bar", ".choices", "main .button", "article ~ ul"):
        assert not page.locator(unseen).first.is_visible(), unseen


def test_G14_pictures_of_the_tour_come_when_they_are_reached_and_not_before(visitor: Visitor) -> None:
    page = visitor.open("/help/tour")
    page.wait_for_load_state("networkidle")
    first = {request.url for request in visitor.requests if request.url.endswith(".png")}
    assert 0 < len(first) < 7
    assert not any("preferences" in url for url in first)
    with page.expect_response("**/tour-en-preferences.png") as came:
        page.locator("main img").last.scroll_into_view_if_needed()
    assert came.value.ok
    decoded = "picture => picture.decode().then(() => picture.naturalWidth)"
    assert page.locator("main img").last.evaluate(decoded) == 360
    assert page.evaluate("document.documentElement.scrollWidth") == 360
