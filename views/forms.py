"""What all forms share: text without the invisible characters that no keyboard types."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import Field, StringField

#: Marks around a name in a sentence, which come along when it is copied from a page or a mail.
_ISOLATES = str.maketrans("", "", "\u2066\u2067\u2068\u2069")


def without_controls(text: str | None) -> str | None:
    """The text without control characters, line ends and tabs excepted: no page, mail or database takes them."""
    if text is None:
        return None
    return "".join(char for char in text if char in "\r\n\t" or unicodedata.category(char) not in ("Cc", "Cs"))


def without_isolates(text: str | None) -> str | None:
    """The text without the marks that keep a name's direction to itself."""
    return text.translate(_ISOLATES) if text is not None else None


def _cleaned(value: Any) -> Any:
    """What a field holds, text without control characters; days and boxes are no text."""
    return without_controls(value) if isinstance(value, str) else value


class Form(FlaskForm):
    """A form with its own token (STYLE 22) whose fields drop control characters before anybody looks at them."""

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Only what a form on a page can send: no JSON, no files."""
            if formdata is None:
                return None
            return request.form if form.is_submitted() else None

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Add the filters: the first to every field, the second to those of one line."""
            filters = [_cleaned, *unbound_field.kwargs.get("filters", ())]
            if unbound_field.field_class is StringField:
                filters.append(without_isolates)
            return unbound_field.bind(form=form, **{**options, "filters": filters})


class QuestionsForm(Form):
    """Three security questions, each chosen once and answered."""

    question1 = StringField()
    answer1 = StringField()
    question2 = StringField()
    answer2 = StringField()
    question3 = StringField()
    answer3 = StringField()
