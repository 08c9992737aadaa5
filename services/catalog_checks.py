"""What is wrong with a translation: whether it can stand in for the English, is whole, and fits where it stands.

Catalogs are edited by many hands and Jinja prints a translation without escaping it, also within attributes: nothing in
one may do more than words do (`is_harmless`). The rest of the checks keeps sentences right, not pages safe.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from babel.messages import Message

_PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?([#0\- +]*(?:\d+|\*)?(?:\.\d+)?[a-zA-Z%])")

#: What a translation may hold only where the English holds it too; letters are compared without regard to case.
_FOREIGN = (
    re.compile(r"https?:|//|www\.|[\w-]+\.(?:com|org|net|edu|gov|info|io|us)\b", re.I),
    re.compile(r"\b(?:java|vb)script\s*:|\bdata\s*:[\w/]+[;,]", re.I),
    re.compile(r"\bon[a-z]{3,}\s*=|\b(?:hx|ws|sse)-[a-z]|\b(?:style|src|href|class|id|formaction)\s*=", re.I),
    re.compile(r'"|`|\{\{|\{%|\{#'),
    re.compile(r"&#|&\w+;"),
    # Other control characters, line ends among them (the subject of a mail is one line), and what turns a line around.
    re.compile("[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\ufffe\uffff]"),
)

_LIMIT = re.compile(r"at most (\d+) characters")


class Mistake(NamedTuple):
    """What is wrong with one entry: `kind` is placeholder, plural, tag or length."""

    kind: str
    source: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.source!r}: {self.what}"


def is_harmless(source: str, translation: str) -> bool:
    """Whether `translation` can stand in for `source` on any page (see `_harm`)."""
    return _harm(source, translation) is None


def mistakes(message: Message, plurals: int) -> list[Mistake]:
    """What is wrong with one entry; entries without a translation are only incomplete."""
    sources, translations = forms(message.id), forms(message.string)
    if not any(translations):
        return []
    found = [*_of_each_form(message, sources, translations), *_of_plurals(sources, translations, plurals)]
    return [Mistake(kind, sources[0], what) for kind, what in found]


def forms(texts: object) -> list[str]:
    """The singular and the plurals of a msgid or msgstr, which has only one form where nothing is counted."""
    return [str(text or "") for text in texts] if isinstance(texts, (list, tuple)) else [str(texts or "")]


def limit(message: Message) -> int | None:
    """How many characters a translation may have, as a comment for translators says."""
    found = _LIMIT.search(" ".join(message.auto_comments))
    return int(found[1]) if found else None


def _harm(source: str, translation: str) -> tuple[str, str] | None:
    """The first reason not to show a translation: its kind, and what it is."""
    if "<" in translation or ">" in translation:
        return "tag", "tags"
    for pattern in _FOREIGN:
        allowed = {one.lower() for one in pattern.findall(source)}
        if foreign := [one for one in pattern.findall(translation) if one.lower() not in allowed]:
            return "tag", f"the English does not have {foreign[0]!r}"
    if translation.count("\u2066") + translation.count("\u2067") + translation.count("\u2068") != translation.count(
        "\u2069"
    ):
        return "tag", "an isolate that does not end"
    if extra := Counter(_PLACEHOLDER.findall(translation)) - _most(source):
        name, conversion = next(iter(extra))
        return "placeholder", f"the English has no such %{f'({name})' if name else ''}{conversion}, or has it once"
    if "%" in _PLACEHOLDER.sub("", translation):
        return "placeholder", "a percent sign, or a placeholder that is not finished"
    return None


def _most(source: str) -> Counter[tuple[str, str]]:
    return Counter(_PLACEHOLDER.findall(source))


def _of_each_form(message: Message, sources: list[str], translations: list[str]) -> Iterator[tuple[str, str]]:
    most = limit(message)
    for text in filter(None, translations):
        harm = min((_harm(source, text) for source in sources), key=lambda one: one is not None)
        if harm is not None:
            yield harm[0], f"{harm[1]}: {text!r}"
        elif lost := _lost(sources, text, text is translations[-1]):
            yield "placeholder", f"lacks {', '.join(sorted(lost))}: {text!r}"
        if most is not None and len(text) > most:
            yield "length", f"{len(text)} characters, {most} fit: {text!r}"


def _lost(sources: list[str], text: str, is_last: bool) -> set[str]:
    """The names that a form lacks; all but the last form may say the number in words, as Arabic does for two."""
    lost = {name for name, _ in _PLACEHOLDER.findall(sources[-1])} - {name for name, _ in _PLACEHOLDER.findall(text)}
    return lost if is_last else lost - {"num"}


def _of_plurals(sources: list[str], translations: list[str], plurals: int) -> Iterator[tuple[str, str]]:
    if len(sources) > 1 and (len(translations) != plurals or not all(translations)):
        yield "plural", f"needs {plurals} forms, has {len(list(filter(None, translations)))}"
