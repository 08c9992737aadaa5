"""Languages: which there are, which one the reader gets, the switch on every page, and catalogs that cannot do harm.

A folder in `locales/` is a language; there is no list of them in code.
"""

from __future__ import annotations

import logging
import struct
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from babel import Locale
from babel.support import NullTranslations
from flask import Blueprint, Flask, Response, current_app, redirect, request, session, url_for
from flask_babel import Babel, Domain, force_locale, get_locale, pgettext, refresh
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from config import LOCALES, PSEUDO
from models import Account
from services import catalogs, pseudo
from services.catalog_checks import is_harmless
from views import preview, words
from views.access import local_path, public, settings

log = logging.getLogger(__name__)
blueprint = Blueprint("languages", __name__)


class Language(NamedTuple):
    """A language of the portal: its code as in `locales/`, for HTML, and its name in itself."""

    code: str
    tag: str
    name: str
    is_partial: bool = False


def available() -> tuple[Language, ...]:
    """English, which is the source, and every language whose catalog says enough (see `catalogs.Checked.offer`)."""
    return _available(bool(current_app) and (settings().demo or current_app.debug))


@lru_cache(maxsize=2)
def _available(with_pseudo: bool) -> tuple[Language, ...]:
    offers = catalogs.offered(LOCALES)
    made = [code for code in pseudo.LANGUAGES if with_pseudo and (PSEUDO / code).is_dir()]
    return (
        _language("en"),
        *(_language(code, offers[code]) for code in sorted(offers) if code != "en"),
        *(Language(code, code.replace("_", "-"), pseudo.LANGUAGES[code]) for code in made),
    )


def here_first() -> list[Language]:
    """The languages for the row on top: the reader's own first, which would be out of sight on a phone."""
    own = str(get_locale())
    return sorted(available(), key=lambda one: one.code != own)


@lru_cache(maxsize=64)
def partly_translated(code: str) -> str:
    """That a language is not whole yet, in its own words where it has them."""
    with force_locale(code):
        return pgettext("a language", "partly translated")


def init_app(app: Flask) -> None:
    """Choose a language for every request and give templates what they need to name it."""
    # The last folder has the last word on plurals, also where it lacks the language: English's rule is the pseudo's.
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = f"{PSEUDO};{LOCALES}"
    babel = Babel(app, locale_selector=selected)
    babel.domain_instance = GuardedDomain("messages", in_demo=app.extensions["homeroom"].demo)
    app.jinja_env.globals.update(
        languages=available, languages_here=here_first, partly_translated=partly_translated,
        grade_level=words.grade_level, staff_roles=words.staff_roles,
    )  # fmt: skip
    app.jinja_env.filters.update(isolated=words.isolated, contact_kind=words.contact_kind)
    app.context_processor(_context)


def selected() -> str:
    """The code of the reader's language: their account's, this browser's choice, its settings, the district's."""
    codes = [language.code for language in available()]
    # A page of an error may be drawn before anybody is known.
    chosen = (current_user.owner.language if current_user.is_authenticated else None) or session.get("language")
    if chosen in codes:
        return str(chosen)
    accepted = request.accept_languages.best_match([language.tag for language in available()])
    if accepted:
        return accepted.replace("-", "_")
    return settings().default_language if settings().default_language in codes else "en"


@blueprint.post("/language")
@public
def switch() -> BaseResponse | Response:
    """Read on in another language; kept by the account when somebody is signed in (D05)."""
    choose(request.form.get("language", ""))
    # After a swapped tab the form still names the page it came with; the browser knows where the reader is.
    return redirect(local_path(_where_from() or request.form.get("next"), url_for("home.children")), 303)


def choose(code: str) -> bool:
    """Go on in this language at once, and keep it with the account of whoever is signed in; False for none of ours."""
    if code not in [language.code for language in available()]:
        return False
    session["language"] = code
    if current_user.is_authenticated:
        Account.update(language=code).where(Account.id == current_user.owner.id).execute()
        current_user.owner.language = code
    refresh()
    return True


def _where_from() -> str | None:
    """The path of the page that the form was sent from, if it is one of ours that can be opened again."""
    try:
        came_from = urlsplit(request.referrer or "")
    except ValueError:
        return None
    ours = came_from.netloc == request.host and came_from.path != url_for("languages.switch")
    return came_from._replace(scheme="", netloc="").geturl() if ours else None


class GuardedDomain(Domain):
    """Catalogs are edited by many hands: entries that could break or inject fall back to English (CHECKS 51)."""

    def __init__(self, domain: str, in_demo: bool = False) -> None:
        super().__init__(domain=domain)
        self._in_demo = in_demo
        self._guarded: dict[Locale | None, Any] = {}

    def get_translations(self) -> Any:
        """The reader's catalog; with numbers for a translator who looks at the demo (see `views.preview`)."""
        return preview.Numbered(self.catalog()) if self._in_demo and preview.is_on() else self.catalog()

    def catalog(self) -> Any:
        """The reader's catalog without entries that could do harm; without any when it cannot be read."""
        # Asked for every sentence of a page; the parent class looks up more than a page has time for.
        locale = get_locale()
        found = self._guarded.get(locale)
        if found is None:
            found = self._loaded(locale)
            if locale is not None:
                self._guarded[locale] = found
        return found

    def _loaded(self, locale: Locale | None) -> Any:
        try:
            found = super().get_translations()
        except (OSError, ValueError, LookupError, SyntaxError, struct.error) as error:
            log.error("%s: the catalog cannot be read, English is shown: %s", locale, error)
            return NullTranslations()
        if hasattr(found, "_catalog"):
            _drop_harmful(found._catalog, str(locale))
        return found


def _drop_harmful(catalog: dict[Any, Any], locale: str) -> None:
    """Take out of `catalog` what could do harm, all forms of a plural together, and say it once."""
    sources = {key: key[0] if isinstance(key, tuple) else key for key in catalog}
    harmful = {
        source for key, source in sources.items() if source and not is_harmless(_asked(key, source), str(catalog[key]))
    }
    for source in sorted(harmful):
        log.warning("%s: the translation of %r is left out: it could break a page", locale, source)
    for key in [key for key, source in sources.items() if source in harmful]:
        del catalog[key]


def _asked(key: object, source: str) -> str:
    """The English of an entry; a plural, of which only the first form is known here, may always say its number."""
    text = source.rpartition("\x04")[2]
    return f"{text} %(num)s" if isinstance(key, tuple) and "%(num)s" not in text else text


def _context() -> dict[str, object]:
    locale = get_locale()
    return {
        "language": str(locale),
        "language_tag": str(locale).replace("_", "-"),
        "text_direction": "rtl" if locale.text_direction == "rtl" else "ltr",
    }


def _language(code: str, offer: str = "whole") -> Language:
    name = Locale.parse(code).get_display_name(code) or code
    return Language(code, code.replace("_", "-"), name[:1].upper() + name[1:], offer == "partly")
