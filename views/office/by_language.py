"""Forms with a field for each language of the portal."""

from __future__ import annotations

from collections.abc import Iterable

from flask import request

from views import languages
from views.access import settings
from views.forms import without_controls, without_isolates


def typed(name: str) -> str:
    """What was typed into a field, without characters that no keyboard has."""
    return (without_isolates(without_controls(request.form.get(name, ""))) or "").replace("\r\n", "\n")


def texts_typed(name: str, known: Iterable[str]) -> dict[str, str]:
    """What was typed into the fields `name_en`, `name_es` and so on."""
    return {code: typed(f"{name}_{code}") for code, _name in codes_with_names(known)}


def codes_with_names(known: Iterable[str]) -> list[tuple[str, str]]:
    """The portal's languages, the district's own first, and those of texts that are there besides; with their names."""
    first = settings().default_language
    names = {one.code: one.name for one in languages.available()}
    return [
        (code, names.get(code, code)) for code in sorted({*names, *known}, key=lambda code: (code != first, code))
    ]  # fmt: skip
