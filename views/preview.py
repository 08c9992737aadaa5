"""The demo's preview for translators: every sentence ends in its number, and a page tells of each number what it is.

A cookie of its own switches it on, because signing in begins a new session. These pages exist only in
the demo, as its mailbox does.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any, NamedTuple

from babel.messages.pofile import read_po
from flask import Blueprint, abort, has_request_context, redirect, request, url_for
from flask_babel import get_domain
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from config import LOCALES
from services.catalog_checks import forms
from views import fragments
from views.access import public

blueprint = Blueprint("preview", __name__, url_prefix="/demo")

#: The cookie that says that sentences are numbered.
_SWITCH = "preview"


class Sentence(NamedTuple):
    """One entry of the template: `texts` are its English forms."""

    number: int
    context: str
    texts: tuple[str, ...]
    comments: tuple[str, ...]


def is_on() -> bool:
    """Whether the reader of this page of the demo wants to see the numbers."""
    return has_request_context() and request.cookies.get(_SWITCH) == "1"


class Numbered:
    """A reader's catalog whose sentences end in their numbers, such as ⟦12⟧; what has no number stays as it is."""

    def __init__(self, catalog: Any) -> None:
        self._catalog = catalog

    def ugettext(self, text: str) -> str:
        """The translation of a sentence."""
        return _marked(self._catalog.ugettext(text), None, text)

    def ungettext(self, singular: str, plural: str, number: int) -> str:
        """The translation of a sentence that counts."""
        return _marked(self._catalog.ungettext(singular, plural, number), None, singular)

    def upgettext(self, context: str, text: str) -> str:
        """The translation of a sentence in a context."""
        return _marked(self._catalog.upgettext(context, text), context, text)

    def unpgettext(self, context: str, singular: str, plural: str, number: int) -> str:
        """The translation of a sentence that counts, in a context."""
        return _marked(self._catalog.unpgettext(context, singular, plural, number), context, singular)


@blueprint.get("/preview")
@public
def page() -> Response:
    """What the preview is, its switch, and where a number is looked up."""
    return fragments.render("demo/_preview.html", title=_("Preview for translators"), is_on=is_on(), errors={})


@blueprint.post("/preview")
@public
def switch() -> Response:
    """Number the sentences of all pages in this browser, or no longer."""
    answer = redirect(url_for("preview.page"), 303)
    if request.form.get("on") == "1":
        answer.set_cookie(_SWITCH, "1", httponly=True, samesite="Lax")
    else:
        answer.delete_cookie(_SWITCH)
    return answer


@blueprint.get("/strings")
@public
def look_up() -> Response:
    """Go to the sentence whose number was typed."""
    typed = (request.args.get("number") or "").strip(" ⟦⟧")
    if not typed.isdecimal() or not 1 <= int(typed[:9]) <= len(_sentences()):
        errors = {"number": _("Type the number that stands between ⟦ and ⟧.")}
        title = _("Preview for translators")
        return fragments.render("demo/_preview.html", title=title, is_on=is_on(), errors=errors, status=422)
    return redirect(url_for("preview.sentence", number=int(typed)), 303)


@blueprint.get("/strings/<int:number>")
@public
def sentence(number: int) -> Response:
    """One sentence: the English, its context, what translators are told of it, and its translation."""
    found = _sentences()
    if not 1 <= number <= len(found):
        abort(404)
    one = found[number - 1]
    return fragments.render(
        "demo/_sentence.html",
        title=_("Sentence %(number)s", number=number),
        sentence=one,
        translations=_translations(one),
        neighbors=[other for other in (number - 1, number + 1) if 1 <= other <= len(found)],
    )


def _translations(one: Sentence) -> list[str]:
    """The sentence in the reader's language: one form, or as many as are counted with; none while it is English."""
    catalog = getattr(get_domain().catalog(), "_catalog", {})
    key = f"{one.context}\x04{one.texts[0]}" if one.context else one.texts[0]
    found = [catalog.get(key), *(catalog.get((key, form)) for form in range(6))]
    return [text for text in found if text]


def _marked(shown: str, context: str | None, source: str) -> str:
    number = _numbers().get((context or "", source))
    return f"{shown} ⟦{number}⟧" if number else shown


@lru_cache(maxsize=1)
def _sentences() -> tuple[Sentence, ...]:
    """The sentences of the template, numbered in its order."""
    template = read_po(io.StringIO((LOCALES / "messages.pot").read_text(encoding="utf-8")))
    entries = [entry for entry in template if entry.id]
    return tuple(
        Sentence(number, entry.context or "", tuple(forms(entry.id)), tuple(entry.auto_comments))
        for number, entry in enumerate(entries, start=1)
    )


@lru_cache(maxsize=1)
def _numbers() -> dict[tuple[str, str], int]:
    return {(one.context, one.texts[0]): one.number for one in _sentences()}
