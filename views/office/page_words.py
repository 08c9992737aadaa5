"""What the desk of pages calls its kinds of entries, their fields, and what is wrong with them."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import pgettext

from services.office import pages
from services.passwords import FieldError
from views import help_words


def kinds() -> dict[str, tuple[str, str]]:
    """A heading for each kind, and where families read it."""
    return {
        "contacts": (
            _("Contacts"),
            _("Whom families may ask about the portal. Families see those of their children's schools."),
        ),
        "training": (_("Training dates"), _("Everybody can read them on the help page, until they are over.")),
        "places": (
            _("Public computers and free classes"),
            _("Everybody can read them on the help page, before signing in too."),
        ),
        "links": (
            _("Guides, videos, documents and answers"),
            _("Everybody can read them on the help page, before signing in too."),
        ),
        "events": (
            _("Events of the calendar"),
            _("They stand in the calendars of the school's families. The SIS's export leaves them alone."),
        ),
    }


def fields() -> dict[str, tuple[str, str]]:
    """The label of each field, and a hint."""
    optional = _("May stay empty.")
    return {
        "school": (pgettext("a school or the whole district", "For"), ""),
        "name": (pgettext("of a person or place", "Name"), ""),
        "role": (pgettext("of a contact", "Role"), ""),
        "phone": (_("Telephone"), ""),
        "email": (_("E-mail address"), ""),
        "position": (_("Place in the list"), _("The lowest number stands first.")),
        # Translators: one date
        "day": (_("Day"), ""),
        "starts": (_("Begins at"), ""),
        "ends": (_("Ends at"), optional),
        # Translators: label: place of a training or an event
        "place": (_("Where"), ""),
        "address": (pgettext("of a place", "Address"), optional),
        "hours": (_("Opening hours"), optional),
        "web_site": (_("Web site"), _("Begins with https://. May stay empty.")),
        "kind": (_("What it is"), ""),
        "title": (pgettext("of a notice or page", "Title"), ""),
        "begin_date": (_("First day"), ""),
        "end_date": (_("Last day, if there is one"), ""),
        "start_time": (_("Begins at"), _("Without a time it lasts all day.")),
        "end_time": (_("Ends at"), optional),
        "location": (_("Where"), optional),
        "grade_levels": (_("Only for grades"), _("Separated by commas, such as 06, 07. Leave it empty for all.")),
        "description": (pgettext("what a notice or page says", "Text"), optional),
    }


def texts(kind: str) -> dict[str, tuple[str, str]]:
    """The label of each text by language, and a hint."""
    if kind == "links":
        return {
            "titles": (_("Title or question"), ""),
            "texts": (_("Text or answer"), ""),
            "urls": (_("Web address"), _("Begins with https://. A document may have one in each language.")),
        }
    return {"texts": (pgettext("what a notice or page says", "Text"), _("May stay empty."))}


def choices() -> dict[str, list[tuple[str, str]]]:
    """The options of fields that are a choice."""
    return {"role": list(help_words.contact_roles().items()), "kind": list(help_words.links().items())}


def error(found: FieldError) -> str:
    """What is wrong with a field, and what would do."""
    return {
        "empty": _("Fill this in."),
        "long": _(
            "At most %(line)s characters in a line and %(text)s in a text.", line=pages.LINE, text=pages.TEXT
        ),
        "number": _("Enter a number such as 3."),
        "day": _("Enter a day such as 2026-11-30."),
        "time": _("Enter a time such as 18:30."),
        "phone": _("Enter a telephone number."),
        "email": _("Enter an e-mail address like name@example.com."),
        "web": _("Enter an address that begins with https://."),
        "grades": _("Enter grades such as 06, 07."),
        "choice": _("Choose one of the list."),
        "school": _("Choose a school of yours."),
        "order": _("The end is before the beginning."),
        "untitled": _("This language has no title."),
        "unreachable": _("Enter a telephone number or an e-mail address."),
        "unreadable": _("This is not a table in CSV. Save it as CSV (UTF-8) in your spreadsheet program."),
        "no title column": _("The first line has to name the columns; title and first day are needed."),
        "many": _("There are more than 1,000 lines. Send them in parts."),
        "empty file": _("There is no event in it."),
    }[found.code]  # fmt: skip


def errors(found: FieldError) -> dict[str, str]:
    """The same for each field of a form."""
    return {one.field: error(one) for one in found.all}
