"""Pseudo-languages: English made strange, to see what is not translatable and what has no room for longer words.

A sentence that went through gettext has accents and brackets and is 40 % longer; what stands on a page without them did
not. One is written from left to right, one in Arabic letters from right to left. They lie apart from the real ones, and
only a demo or a portal in debug mode looks there (see `views.languages`).
"""

from __future__ import annotations

import math
import re
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from config import LOCALES, PSEUDO
from services.catalog_checks import forms

#: Codes that CLDR knows and no district uses, with what they are called in the switch.
LANGUAGES = {"en_001": "[Þšéûðö]", "ar_001": "[ثسعيدو]"}

_LATIN = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞQŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļɱñöþqŕšţûṽŵẋýž",
)
_ARABIC = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهابتثجحخدذرزسشصضطظعغفقكلمنه",
)
_PADDING = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

_PLACEHOLDER = re.compile(r"(%\(\w+\)[a-z]|%%)")


def make(template: Path = LOCALES / "messages.pot", root: Path = PSEUDO) -> list[str]:
    """Write the compiled catalogs of both below `root`; return their codes."""
    with template.open(encoding="utf-8") as file:
        source = read_po(file)
    for language in LANGUAGES:
        catalog = Catalog(locale=language, charset="utf-8")
        for message in source:
            if message.id:
                catalog.add(message.id, _strange(message.id, language, catalog.num_plurals), context=message.context)
        path = root / language / "LC_MESSAGES" / "messages.mo"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as compiled:
            write_mo(compiled, catalog)
    return list(LANGUAGES)


def strange(text: str, language: str) -> str:
    """One sentence in a pseudo-language: brackets, other letters, 40 % more of them, the same placeholders."""
    letters = _ARABIC if language.startswith("ar") else _LATIN
    parts = _PLACEHOLDER.split(text)
    said = "".join(part if place % 2 else part.translate(letters) for place, part in enumerate(parts))
    words = " ".join(_PADDING * (len(text) // 60 + 1))
    return f"[{said} {words[: math.ceil(len(text) * 0.4)].strip().translate(letters)}]"


def _strange(msgid: object, language: str, plurals: int) -> str | tuple[str, ...]:
    texts = [strange(text, language) for text in forms(msgid)]
    return (texts[0], *[texts[-1]] * (plurals - 1)) if len(texts) > 1 else texts[0]
