"""Translation catalogs: extracting the portal's sentences, merging them into each language, checking, compiling.

`locales/messages.pot` is the list of sentences; `locales/<language>/LC_MESSAGES/messages.po` is what translators edit.
A folder is a language: there is no list of them in code. How far its translation is decides whether it is offered.
"""

from __future__ import annotations

import gettext
import io
import json
from pathlib import Path
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.plurals import get_plural
from babel.messages.pofile import PoFileError, read_po, write_po

from config import LOCALES, ROOT
from services.catalog_checks import Mistake, forms, limit, mistakes

TEMPLATE = LOCALES / "messages.pot"

_METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
_OPTIONS = {"**.html": {"silent": "false", "trimmed": "true"}, "**.txt": {"silent": "false", "trimmed": "true"}}
_SOURCES = ("views", "templates")
_KEYWORDS = {
    "_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip

#: A language that lacks one sentence of these files is not offered: nobody agrees to what he cannot read, or is kept
#: out of his account by it. They are the pages of signing in, registering, consenting, security and recovering.
_MUST_HAVE = frozenset({
    "sign_in", "registration", "welcome", "recovery", "security", "authenticator", "components", "forms", "base",
    "errors", "_error",
})  # fmt: skip
_NEEDED = "Needed before the language is offered"

#: Contexts whose words stand in narrow columns or short messages, and how many characters fit.
_NARROW = {"state of an assignment": 20, "attendance": 20, "of a posted grade": 30, "in a text message": 40}

#: A language is offered as a whole from this share of its sentences on, below it as partly translated.
_WHOLE = 0.8

_HEADER = "# The sentences of Homeroom. How to translate them: locales/README.md"

#: Header lines that would change without any sentence changing, or that nobody fills in.
_NOISE = (
    '"Project-Id-Version', '"Report-Msgid-Bugs', '"POT-Creation', '"PO-Revision', '"Last-Translator', '"Generated-By',
    '"Language-Team',
)  # fmt: skip


class Checked(NamedTuple):
    """What the check found in one language; `lacking` are sentences without which the language is not offered."""

    language: str
    translated: int
    total: int
    fuzzy: int = 0
    lacking: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    @property
    def share(self) -> float:
        """How much of it is translated, from 0 to 1."""
        return self.translated / self.total if self.total else 0.0

    @property
    def offer(self) -> str:
        """How readers get the language: `whole`, `partly`, or `none`."""
        if self.lacking:
            return "none"
        return "whole" if self.share >= _WHOLE else "partly"


def languages(root: Path = LOCALES) -> list[str]:
    """The codes of the languages that have a catalog, English excepted: it is the source."""
    return sorted(path.parent.parent.name for path in root.glob("*/LC_MESSAGES/messages.po"))


def offered(root: Path = LOCALES) -> dict[str, str]:
    """How each compiled language is offered to readers (see `Checked.offer`), by its code; English is no part of it."""
    path = root / "offered.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def extract() -> str:
    """The template of today's sentences, as text; it names no places and no date, so that it changes only with them."""
    catalog = Catalog(charset="utf-8", header_comment=_HEADER)
    for folder in _SOURCES:
        found = extract_from_dir(
            ROOT / folder, _METHODS, _OPTIONS, _KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
        )
        for file, _, message, comments, context in found:
            catalog.add(message, auto_comments=[*comments, *_remarks(file, context)], context=context)
    for entry in catalog:
        if most := limit(entry):
            # Weblate counts with it.
            entry.flags.add(f"max-length:{most}")
    return _as_text(catalog)


def _remarks(file: str, context: str | None) -> list[str]:
    """What follows for a translation from where the sentence stands; `file` is below `views` or `templates`."""
    remarks = [f"at most {_NARROW[context]} characters"] if context in _NARROW else []
    return [*remarks, _NEEDED] if Path(file).parts[0].partition(".")[0] in _MUST_HAVE else remarks


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
    # The template has English's two forms of what is counted; the new catalog gets as many as its language has.
    catalog = Catalog(locale=language, charset="utf-8", header_comment=_HEADER)
    catalog.update(_read(TEMPLATE))
    path.write_text(_as_text(catalog), encoding="utf-8")
    return path


def compile_all(root: Path = LOCALES) -> list[Checked]:
    """Build the binary catalogs that the portal reads, and note which languages it offers; return what was found.

    Entries that are fuzzy or could do harm are left out: their English is shown. A file that cannot be read makes no
    catalog, and its language is not offered.
    """
    template = _read(root / "messages.pot")
    found = [_checked(language, template, root) for language in languages(root)]
    for one in found:
        compiled = _path(one.language, root).with_suffix(".mo")
        compiled.unlink(missing_ok=True)
        if one.total:
            with compiled.open("wb") as file:
                write_mo(file, _shown(_read(_path(one.language, root), one.language), one.language))
    offers = {one.language: one.offer for one in found if one.offer != "none"}
    (root / "offered.json").write_text(json.dumps(offers) + "\n", encoding="utf-8")
    return found


def check() -> list[Checked]:
    """Check every language; the template's own row, `en`, has a mistake when the sentences have changed since."""
    current = extract()
    is_stale = not TEMPLATE.exists() or TEMPLATE.read_text(encoding="utf-8") != current
    stale = (Mistake("stale", "messages.pot", "run `make locales`"),) if is_stale else ()
    template = read_po(io.StringIO(current))
    english = Checked("en", len(template), len(template), mistakes=stale)
    return [english, *(_checked(language, template, LOCALES) for language in languages())]


def _checked(language: str, template: Catalog, root: Path) -> Checked:
    """What there is to say about one language; nothing of it is translated when its file cannot be read."""
    try:
        catalog = _read(_path(language, root), language)
    except (PoFileError, ValueError, UnknownLocaleError) as error:
        return Checked(language, 0, 0, lacking=("",), mistakes=(Mistake("file", "messages.po", str(error)),))
    found = [one for message in catalog if message.id for one in mistakes(message, catalog.num_plurals)]
    if not _counts_well(catalog, language):
        found.append(Mistake("plural", "Plural-Forms", f"not the rule of the language: {catalog.plural_forms}"))
    known = {_key(message) for message in catalog}
    if missing := [message for message in template if message.id and _key(message) not in known]:
        found.append(Mistake("stale", "messages.po", f"{len(missing)} sentences are not in it: run `make locales`"))
    shown = {_key(message) for message in _shown(catalog, language) if message.id}
    return Checked(
        language,
        sum(1 for message in template if message.id and _key(message) in shown),
        len(template),
        sum(1 for message in catalog if message.id and message.fuzzy),
        tuple(_source(one) for one in template if _NEEDED in one.auto_comments and _key(one) not in shown),
        tuple(found),
    )


def _shown(catalog: Catalog, language: str) -> Catalog:
    """The entries that readers get to see; those that count only with a rule of plurals that fits the language."""
    clean = Catalog(locale=language, charset="utf-8")
    counts_well = _counts_well(catalog, language)
    if counts_well:
        clean.mime_headers = [("Plural-Forms", catalog.plural_forms)]
    for message in catalog:
        is_shown = message.id and _is_translated(message) and _is_sound(message, catalog.num_plurals)
        if is_shown and (counts_well or not message.pluralizable):
            clean.add(message.id, message.string, context=message.context)
    return clean


def _counts_well(catalog: Catalog, language: str) -> bool:
    """Whether the rule of plurals in a catalog's head can be worked out, and has as many forms as the language.

    CLDR tells whole millions apart in some languages, where most catalogs do not: both are right.
    """
    try:
        rule = gettext.c2py(catalog.plural_expr)
        used = {rule(number) for number in range(1000)}
    except (ValueError, ZeroDivisionError, RecursionError):
        return False
    category = Locale.parse(language).plural_form
    right = {get_plural(language).num_plurals, len({category(number) for number in range(1000)})}
    return catalog.num_plurals in right and used <= set(range(catalog.num_plurals))


def _is_sound(message: Message, plurals: int) -> bool:
    return all(one.kind == "length" for one in mistakes(message, plurals))


def _is_translated(message: Message) -> bool:
    return all(forms(message.string)) and not message.fuzzy


def _key(message: Message) -> tuple[str | None, str]:
    return message.context, _source(message)


def _source(message: Message) -> str:
    return forms(message.id)[0]


def _path(language: str, root: Path = LOCALES) -> Path:
    return root / language / "LC_MESSAGES" / "messages.po"


def _read(path: Path, language: str | None = None) -> Catalog:
    with path.open(encoding="utf-8") as file:
        return read_po(file, locale=language, abort_invalid=True)


def _as_text(catalog: Catalog) -> str:
    catalog.fuzzy = False
    out = io.BytesIO()
    write_po(out, catalog, width=100, no_location=True, sort_output=True, ignore_obsolete=True)
    lines = out.getvalue().decode("utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(_NOISE))
