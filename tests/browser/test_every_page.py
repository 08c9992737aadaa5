"""Every page in every state fits a small phone, also with large text, and axe-core 4.14.1 finds nothing in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import factories
import pytest
from pages import OPENED, STATES
from playwright.sync_api import Page
from server import People
from visiting import Visitor

from app import create_app
from views.languages import available

#: WCAG 2.2, 1.4.10: content reflows at 320 CSS pixels. Phones in use begin at 360.
WIDTHS = (360, 320)
#: WCAG 2.2, 2.5.8 target size (minimum), in CSS pixels; links in a sentence are exempt.
TARGET = 24

#: Elements that stick out of the page, unless they are in a row that scrolls by itself.
STICKING_OUT = """() => {
  const wide = document.documentElement.clientWidth;
  const rows = ".tabs, .choices, .languages, .skip, .unseen, .stacks thead, .month .word";
  const out = [...document.querySelectorAll("body *")].filter((e) => {
    const box = e.getBoundingClientRect();
    return (box.right > wide + 0.5 || box.left < -0.5) && box.width && !e.closest(rows);
  }).map((e) => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 40)}`);
  return document.documentElement.scrollWidth > wide ? ["the page scrolls", ...out] : out;
}"""

#: Text that its own box cuts off, other than what is cut off on purpose.
CUT_OFF = """() => [...document.querySelectorAll("body *")].filter((e) => {
    if (e.scrollWidth <= e.clientWidth + 1) return false;
    const style = getComputedStyle(e);
    const onPurpose = style.textOverflow === "ellipsis" || e.closest(".unseen, thead, .month .word");
    return style.overflowX === "hidden" && !onPurpose;
  }).map((e) => `cut off: ${e.tagName}.${e.className}`)"""

SMALL_TARGETS = """(least) => {
  const inSentence = (e) => getComputedStyle(e).display === "inline" && [...e.parentElement.childNodes]
    .some((n) => n !== e && n.textContent.trim());
  return [...document.querySelectorAll("a, button, input, textarea, select")].filter((e) => {
    const box = e.getBoundingClientRect();
    return e.type !== "hidden" && e.checkVisibility() && !inSentence(e) && (box.width < least || box.height < least);
  }).map((e) => { const box = e.getBoundingClientRect();
    return `${e.tagName} ${e.textContent.trim()} ${Math.round(box.width)}×${Math.round(box.height)}`; });
}"""

AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
#: Every rule that is on by default, and WCAG 2.2's target size, which is not.
EVERYTHING = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
COLORS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}
#: Pages that differ most when they are mirrored.
MIRRORED = ("sign-in refused", "children", "overview full", "more tabs", "class full", "write refused", "messages")


@pytest.mark.parametrize("state", STATES)
def test_every_page_fits_a_small_phone_and_axe_finds_nothing(visitor: Visitor, people: People, state: str) -> None:
    STATES[state](visitor, people)
    page = visitor.page
    objections = [f"small target: {target}" for target in page.evaluate(SMALL_TARGETS, TARGET)]
    objections += axe(page, EVERYTHING)
    page.emulate_media(color_scheme="dark")
    objections += [f"dark: {objection}" for objection in axe(page, COLORS)]
    assert objections + misfits(page) == []


@pytest.mark.parametrize("state", MIRRORED)
def test_pages_from_right_to_left_fit_too_and_axe_finds_nothing(
    visit: Callable[..., Visitor], people: People, state: str
) -> None:
    assert "ar" in [language.code for language in available()], "locales/ar is missing"
    visitor = visit(locale="ar")
    STATES[state](visitor, people)
    assert visitor.page.locator("html[dir=rtl]").count() == 1
    assert axe(visitor.page, EVERYTHING) + misfits(visitor.page) == []


#: Routes that show no page.
FILES = {
    "assets.file", "assets.manifest", "calendar.feed", "health.live", "health.ready", "my_data.download",
    "office.absences_file", "office.audit_file", "office.blank_form_pdf", "office.claims_file", "office.eighteen_file",
    "help.instructions_pdf", "office.feed_problems", "provider.back", "provider.begin", "provider.go", "security.stay",
    "students.report_pdf",
}  # fmt: skip
#: Pages that a form or a link leads to, and the state that shows them.
REACHED = {
    "authenticator.codes": "new backup codes", "authenticator.end": "app to end", "news.stop": "news to stop",
    "office.account": "office account", "office.at_eighteen": "office at eighteen refused",
    "office.eighteen": "office eighteen", "office.join": "office join",
    "preferences.code": "code in a text", "registration.register": "account",
    "registration.done": "account ready", "sign_in.address": "address to verify", "sign_in.code": "asked for a code",
    "students.test": "test",
}  # fmt: skip
#: Pages that only other presets or rows of their own have: each is made of the same form as its neighbor here.
LIKE = {
    "office.agreement_version": "office agreement", "office.ask_reset": "office request refused",
    "office.change_maintenance": "office window refused", "office.notice": "office notice",
    "office.page_entry": "office training", "office.student_key": "office new key",
    "office.work_order": "office work orders", "passkeys.add": "app", "passkeys.make": "app", "passkeys.page": "app",
    "passkeys.remove": "app to end",
    "provider.change": "app to end", "provider.page": "app", "recovery.activation_key": "key",
    "recovery.by_code": "code", "recovery.by_questions": "forgotten",
    "recovery.reset": "new password", "registration.add_child": "key",
    "registration.claim": "account", "security.security_questions": "new password", "sign_in.password": "sign-in",
    "welcome.duty": "new password",
}  # fmt: skip


def test_every_page_that_there_is_is_looked_at(tmp_path: Path) -> None:
    app = create_app(factories.settings(f"sqlite:///{tmp_path / 'none.db'}", demo=True))
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    here = app.url_map.bind("portal.example")
    addresses = [re.sub(r"\{\w+\}", "1", path).partition("?")[0] for path in OPENED]
    opened = {here.match(address)[0] for address in addresses if "GET" in here.allowed_methods(address)}
    assert {*REACHED.values(), *LIKE.values()} <= set(STATES)
    assert routes - opened - FILES - set(REACHED) - set(LIKE) == set(), "these pages belong into pages.py"
    assert not (FILES | set(REACHED) | set(LIKE)) - routes, "these are no routes any more"


def test_what_looks_at_every_page_sees_what_is_wrong(visitor: Visitor) -> None:
    page = visitor.open("/sign-in")
    page.evaluate("""() => {
      document.querySelector("label").remove();
      document.querySelector("h1").style.cssText = "width: 400px; color: #ccc";
      document.querySelector("main form button").style.cssText = "min-height: 0; height: 20px; padding: 0";
    }""")
    assert [target.split()[0] for target in page.evaluate(SMALL_TARGETS, TARGET)] == ["BUTTON"]
    assert {objection.split(":")[0] for objection in axe(page, EVERYTHING)} == {"label", "color-contrast"}
    assert "at 360: the page scrolls" in misfits(page)


def misfits(page: Page) -> list[str]:
    """What does not fit the widths of phones, in usual and in doubled text."""
    found = []
    for text in ("100%", "200%"):
        page.evaluate("size => { document.documentElement.style.fontSize = size; }", text)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 740})
            found += [f"at {width}: {element}" for element in page.evaluate(STICKING_OUT) + page.evaluate(CUT_OFF)]
    return found


def axe(page: Page, options: Mapping[str, object]) -> list[str]:
    """What axe objects to, a line each. It comes in past the page's policy, which allows no script of others."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{rule['id']}: {node['html'][:120]} ({node.get('failureSummary', '')})"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
