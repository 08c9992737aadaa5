"""Every page in a language that nobody speaks: all of it went through gettext, and words 40 % longer have room."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pages import STATES
from playwright.sync_api import Browser
from server import Server
from test_every_page import CUT_OFF, STICKING_OUT
from visiting import DESK, PHONE, Visitor

from services import pseudo

#: Pages with the widest tables, calendars, bars and lines.
WIDE = (
    "office feeds",
    "office audit",
    "class full",
    "schedule full",
    "attendance full",
    "history of high school",
    "test",
)

#: Text without brackets: no sentence of the catalogs, and nothing of a district's, a person's or a file's own.
UNTRANSLATED = """() => {
  const own = "bdi, [dir=auto], [dir=ltr], html [lang], .brand, textarea, script, style, output";
  const bare = (given) => {
    let text = given.replace(/[A-Z][a-z]{2} \\d{1,2}, \\d{4}/g, " ");
    for (let shorter; text !== (shorter = text.replace(/\\[[^\\[\\]]*\\]/g, " ")); text = shorter);
    return /\\p{L}{2,}/u.test(text) && text.trim();
  };
  const found = [];
  // Labels may repeat what stands on the page as somebody's own: a student's name, a term.
  const names = new Set([...document.querySelectorAll(own)].map((e) => e.textContent.trim()));
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const {data, parentElement} = walker.currentNode;
    if (!parentElement.closest(own) && bare(data)) found.push(`<${parentElement.tagName}> ${bare(data)}`);
  }
  for (const name of ["aria-label", "data-label", "placeholder", "title", "alt"])
    for (const e of document.querySelectorAll(`[${name}]`)) {
      const text = e.getAttribute(name);
      if (!e.closest("html [lang]") && !names.has(text) && bare(text)) found.push(`${name}: ${bare(text)}`);
    }
  return found;
}"""


@pytest.fixture(scope="module")
def _pseudo_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("pseudo")
    pseudo.make(root=folder / "locales")
    (folder / "portal").mkdir()
    started = Server(folder / "portal", application="pseudo_app:create_app()", PSEUDO_FOLDER=str(folder / "locales"))
    yield started
    started.stop()


@pytest.fixture
def reader(chromium: Browser, _pseudo_portal: Server) -> Iterator[Callable[[str], Visitor]]:
    """Bring somebody who reads that language, with a phone."""
    _pseudo_portal.reset()
    readers: list[Visitor] = []

    def bring(language: str) -> Visitor:
        readers.append(Visitor(chromium, _pseudo_portal, locale=language.replace("_", "-")))
        return readers[-1]

    yield bring
    for one in readers:
        one.context.close()
        assert one.problems == []


@pytest.mark.long
@pytest.mark.parametrize("state", STATES)
def test_every_sentence_of_every_page_can_be_translated_and_has_room(
    reader: Callable[[str], Visitor], _pseudo_portal: Server, state: str
) -> None:
    visitor = reader("en_001")
    STATES[state](visitor, _pseudo_portal.people)
    page = visitor.page
    assert page.evaluate(UNTRANSLATED) + page.evaluate(STICKING_OUT) + page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("state", WIDE)
def test_wide_pages_have_room_from_right_to_left_too(
    reader: Callable[[str], Visitor], _pseudo_portal: Server, state: str
) -> None:
    visitor = reader("ar_001")
    STATES[state](visitor, _pseudo_portal.people)
    page = visitor.page
    assert page.locator("html[dir=rtl]").count() == 1
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert page.evaluate(STICKING_OUT) + page.evaluate(CUT_OFF) == [], size
    for drawing in page.locator(".share, .trend svg").all():
        assert drawing.evaluate("e => getComputedStyle(e).transform") == "matrix(-1, 0, 0, 1, 0, 0)"
