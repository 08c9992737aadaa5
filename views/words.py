"""Codes of the record in the reader's words."""

from __future__ import annotations

from flask_babel import get_locale, ngettext, pgettext
from flask_babel import gettext as _

from config import Settings
from models import Agreement
from services.passwords import FieldError

#: Characters that would turn the text around them.
_DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def statuses() -> dict[str, str]:
    """The states of an assignment, looked up by the cells of large tables (see `services.record.assignments`)."""
    return {
        "missing": pgettext("state of an assignment", "Missing"),
        "exempt": pgettext("state of an assignment", "Excused"),
        "incomplete": pgettext("state of an assignment", "Incomplete"),
        "submitted": pgettext("state of an assignment", "Turned in"),
        "unscored": pgettext("state of an assignment", "No score yet"),
        "due": pgettext("state of an assignment", "Due"),
        "late": pgettext("state of an assignment", "Late"),
        "scored": "",
    }


def isolated(name: str) -> str:
    """A name for the inside of a sentence: its direction, whatever it is, ends with it (UAX 9, 2.4.2)."""
    inner = "".join(char for char in name if char not in _DIRECTIONS)
    return f"\u2068{inner}\u2069"


def grade_level(code: str) -> str:
    """A CEDS grade level such as `07` or `KG`; a code that is not known is shown as the feed has it (DECISIONS 9)."""
    by_code = {
        "IT": _("Infants and toddlers"),
        "PR": _("Preschool"),
        "PK": _("Prekindergarten"),
        "TK": _("Transitional kindergarten"),
        "KG": _("Kindergarten"),
    }
    if code.isdecimal():
        return _("Grade %(level)s", level=int(code))
    return by_code.get(code.upper(), code)


def too_many() -> str:
    """That a network address has to wait: every limit by address has a window of a quarter of an hour by default."""
    return _("Too many tries. Please wait a quarter of an hour and try again.")


def field_error(error: FieldError, settings: Settings) -> str:
    """What is wrong with a field, and what would do."""
    least = settings.password_min_length
    by_code = {
        "short": ngettext("Use at least %(num)s character.", "Use at least %(num)s characters.", least),
        "long": _("This password is too long."),
        "common": _("Too many people use this password. Choose words that nobody would guess."),
        "own": _("This is a word of your district or your name. Choose words that nobody would guess."),
        "reused": _("You have used this password before. Choose another."),
        "different": _("The two passwords are not the same."),
        "taken": _("Somebody already signs in with this name. Please use another."),
        "needed": _("Please accept the agreement to go on."),
        "account": _("You have an account already. Sign in, and add this child on your account's page."),
        "wrong": _("One of the answers is not what the school has. Please check them."),
        "unknown": _("Choose a question."),
        "twice": _("Choose three different questions."),
        "old": _("This is not your present password."),
    }
    if error.field == "user_name" and error.code == "invalid":
        if settings.user_name == "email":
            return _("Enter an e-mail address like name@example.com.")
        return _(
            "Use %(least)s to %(most)s letters and digits, and not digits only.",
            least=settings.user_name_min,
            most=settings.user_name_max,
        )
    if error.field == "email":
        return (
            _("This address is used by another account.")
            if error.code == "taken"
            else _("Enter an e-mail address like name@example.com.")
        )
    if error.field.startswith("answer"):
        return _("Answer each question with at least three characters.")
    return by_code[error.code]


def relations() -> dict[str, str]:
    """What a guardian can be to a child (see `services.roles`)."""
    return {
        "mother": _("Mother"),
        "father": _("Father"),
        "grandparent": _("Grandparent"),
        "stepparent": _("Stepparent"),
        "guardian": _("Legal guardian"),
        "other": _("Other"),
    }


def questions() -> dict[str, str]:
    """The security questions (see `services.questions`)."""
    return {
        "pet": _("What was the name of your first pet?"),
        "street": _("On which street did you live as a child?"),
        "teacher": _("What was the name of your favorite teacher?"),
        "friend": _("What was the first name of your best friend in childhood?"),
        "book": _("Which book did you like best as a child?"),
        "food": _("Which dish did you like best as a child?"),
        "place": _("In which town or village was your mother born?"),
        "song": _("Which song did your family often sing or play?"),
        "game": _("Which game did you play most as a child?"),
        "hero": _("Who was your hero when you were a child?"),
    }


def agreement_text(agreement: Agreement | None, settings: Settings) -> tuple[str, str]:
    """The agreement in the reader's language, else in the district's, and the language it is in."""
    if agreement is None:
        return "", ""
    for language in (str(get_locale()), settings.default_language, *agreement.texts):
        if language in agreement.texts:
            return agreement.texts[language], language
    return "", ""
