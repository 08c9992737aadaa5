"""Translation catalogs: extracting the portal's sentences, merging them into each language, checking, compiling.

`locales/messages.pot` is the list of sentences; `locales/<language>/LC_MESSAGES/messages.po` is what translators edit.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from config import LOCALES, ROOT

TEMPLATE = LOCALES / "messages.pot"

_METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
_OPTIONS = {"**.html": {"silent": "false", "trimmed": "true"}, "**.txt": {"silent": "false", "trimmed": "true"}}
_SOURCES = ("views", "templates")
_KEYWORDS = {
    "_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip

_HEADER = "# The sentences of Homeroom. How to translate them: locales/README.md"

#: Header lines that would change without any sentence changing, or that nobody fills in.
_NOISE = (
    '"Project-Id-Version', '"Report-Msgid-Bugs', '"POT-Creation', '"PO-Revision', '"Last-Translator', '"Generated-By',
    '"Language-Team',
)  # fmt: skip

_PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?([#0\- +]*(?:\d+|\*)?(?:\.\d+)?[a-zA-Z%])")


class Checked(NamedTuple):
    """What the check found in one language: how many sentences are translated, and one line a mistake."""

    language: str
    translated: int
    total: int
    mistakes: list[str]


def languages() -> list[str]:
    """The codes of the languages that have a catalog, English excepted: it is the source."""
    return sorted(path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/messages.po"))


def extract() -> str:
    """The template of today's sentences, as text; it names no places and no date, so that it changes only with them."""
    catalog = Catalog(charset="utf-8", header_comment=_HEADER)
    for folder in _SOURCES:
        found = extract_from_dir(
            ROOT / folder, _METHODS, _OPTIONS, _KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
        )
        for _, _, message, comments, context in found:
            catalog.add(message, auto_comments=comments, context=context)
    return _as_text(catalog)


def update() -> list[str]:
    """Write the template anew and merge it into every language; return the languages."""
    TEMPLATE.write_text(extract(), encoding="utf-8")
    for language in languages():
        path = _path(language)
        catalog = _read(path, language)
        # A guess at what a changed sentence might mean would be shown as if it were right.
        catalog.update(_read(TEMPLATE), no_fuzzy_matching=True)
        path.write_text(_as_text(catalog), encoding="utf-8")
    return languages()


def add(language: str) -> Path:
    """Start a catalog for a language such as `fr` or `zh_Hans`. Raises ValueError when there is no such language."""
    try:
        Locale.parse(language)
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError(f"{language!r} is no language that CLDR knows") from error
    path = _path(language)
    if path.exists():
        raise ValueError(f"{path.relative_to(ROOT)} is there already")
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog = _read(TEMPLATE, language)
    path.write_text(_as_text(catalog), encoding="utf-8")
    return path


def compile_all() -> list[str]:
    """Build the binary catalogs that the portal reads, without fuzzy entries; return the languages."""
    for language in languages():
        path = _path(language)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, _read(path, language), use_fuzzy=False)
    return languages()


def check() -> list[Checked]:
    """Check every language; the template's own row, `en`, has a mistake when the sentences have changed since."""
    current = extract()
    stale = [] if TEMPLATE.exists() and TEMPLATE.read_text(encoding="utf-8") == current else [
        "messages.pot is stale: run `make locales`"
    ]  # fmt: skip
    template = read_po(io.StringIO(current))
    found = [Checked("en", len(template), len(template), stale)]
    for language in languages():
        catalog = _read(_path(language), language)
        mistakes = [line for message in catalog if message.id for line in _mistakes(message, catalog.num_plurals)]
        missing = {(m.context, _source(m)) for m in template if m.id} - {(m.context, _source(m)) for m in catalog}
        if missing:
            mistakes.append(f"{len(missing)} sentences are not in the catalog: run `make locales`")
        done = sum(1 for message in catalog if message.id and _is_translated(message))
        found.append(Checked(language, done, len(template), mistakes))
    return found


def is_harmless(source: str, translation: str) -> bool:
    """Whether `translation` can stand in for `source`: no tags, and no placeholders or % that the source lacks."""
    if "<" in translation or ">" in translation:
        return False
    found = set(_PLACEHOLDER.findall(translation))
    if not found <= set(_PLACEHOLDER.findall(source)):
        return False
    return "%" not in _PLACEHOLDER.sub("", translation)


def _mistakes(message: Message, plurals: int) -> list[str]:
    """What is wrong with one entry, a line each; entries without a translation are only incomplete."""
    sources, translations = _forms(message.id), _forms(message.string)
    if not any(translations):
        return []
    allowed = " ".join(sources)
    lines = [
        f"{_source(message)!r}: tags, or placeholders that the English does not have: {text!r}"
        for text in translations
        if text and not is_harmless(allowed, text)
    ]
    if len(sources) > 1 and len([text for text in translations if text]) != plurals:
        lines.append(f"{_source(message)!r}: needs {plurals} plural forms")
    if message.fuzzy:
        lines.append(f"{_source(message)!r}: is marked fuzzy and not shown")
    lost = set(_PLACEHOLDER.findall(sources[-1])) - set(_PLACEHOLDER.findall(translations[-1] or ""))
    if lost:
        lines.append(f"{_source(message)!r}: lacks {', '.join(sorted(name for name, _ in lost))}")
    return lines


def _is_translated(message: Message) -> bool:
    return all(_forms(message.string)) and not message.fuzzy


def _source(message: Message) -> str:
    return _forms(message.id)[0]


def _forms(texts: object) -> list[str]:
    """The singular and the plurals of a msgid or msgstr, which has only one form where nothing is counted."""
    return [str(text or "") for text in texts] if isinstance(texts, (list, tuple)) else [str(texts or "")]


def _path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "messages.po"


def _read(path: Path, language: str | None = None) -> Catalog:
    with path.open(encoding="utf-8") as file:
        return read_po(file, locale=language)


def _as_text(catalog: Catalog) -> str:
    catalog.fuzzy = False
    out = io.BytesIO()
    write_po(out, catalog, width=100, no_location=True, sort_output=True, ignore_obsolete=True)
    lines = out.getvalue().decode("utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(_NOISE))
