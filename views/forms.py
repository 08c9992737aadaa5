"""What all forms share: text without the invisible characters that no keyboard types."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import Field, StringField


def without_controls(text: str | None) -> str | None:
    """The text without control characters, line ends and tabs excepted: no page, mail or database takes them."""
    if text is None:
        return None
    return "".join(char for char in text if char in "\r\n\t" or unicodedata.category(char) not in ("Cc", "Cs"))


class Form(FlaskForm):
    """A form with its own token (STYLE 22) whose fields drop control characters before anybody looks at them."""

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Only what a form on a page can send: no JSON, no files."""
            if formdata is None:
                return None
            return request.form if form.is_submitted() else None

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Add the filter to every field."""
            filters = [without_controls, *unbound_field.kwargs.get("filters", ())]
            return unbound_field.bind(form=form, **{**options, "filters": filters})


class QuestionsForm(Form):
    """Three security questions, each chosen once and answered."""

    question1 = StringField()
    answer1 = StringField()
    question2 = StringField()
    answer2 = StringField()
    question3 = StringField()
    answer3 = StringField()
