"""Texts that the office writes in several languages: a mapping of language to text, of which a reader gets one."""

from __future__ import annotations

from collections.abc import Mapping


def best(texts: Mapping[str, str], language: str, default: str) -> tuple[str, str]:
    """The text for a reader and the language it is in: the reader's, else the `default`, else any; empty without one.

    A reader of `es_MX` takes `es` for the own language.
    """
    for code in (language, language.partition("_")[0], default, *sorted(texts)):
        if texts.get(code):
            return texts[code], code
    return "", ""


def mark(found: str, language: str) -> str:
    """The language of a text, if a page has to say that it is not the reader's; else empty."""
    return "" if found in ("", language, language.partition("_")[0]) else found
