"""The blank registration form, in any of the portal's languages: a page that prints, and a PDF (G20)."""

from __future__ import annotations

from flask import abort, request
from flask_babel import force_locale, get_locale, pgettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from models import School
from services import clock
from services.pdf.sheets import Blank
from services.pdf.sheets import blank as draw_blank
from views import fragments, languages
from views.access import settings
from views.office.gate import blueprint, needs, office
from views.office.letter_texts import sender
from views.office.pdf import pdf

#: So many children have room on one form.
CHILDREN = 4


@blueprint.get("/register/form", endpoint="blank_form")
@needs("register")
def page() -> Response:
    """The form as a page, with the other languages to choose from."""
    code = _language()
    with force_locale(code):
        form, direction = _form(), get_locale().text_direction
    return fragments.render(
        "office/_blank_form.html", title=_("Registration form"), blank=form, code=code, direction=direction,
        tag=code.replace("_", "-"), children=CHILDREN, portal_languages=languages.available(),
    )  # fmt: skip


@blueprint.get("/register/form.pdf", endpoint="blank_form_pdf")
@needs("register")
def as_pdf() -> Response:
    """The form as a PDF."""
    code = _language()
    with force_locale(code):
        form = _form()
    return pdf(draw_blank(form, language=code.replace("_", "-"), made=clock.now()), "registration-form")


def _language() -> str:
    """One of the portal's languages, by name from the list; 404 for anything else."""
    wanted = request.args.get("language") or settings().default_language
    if wanted not in [known.code for known in languages.available()]:
        abort(404)
    return wanted


def _form() -> Blank:
    """What the office has to know, in the language that is in force."""
    name = [(_("First name"), 1.0), (_("Last name"), 1.0)]
    bring = [
        _("A photo ID: a driver's license, passport, state ID or consular ID."),
        _("If you are not named as a parent in the school's records: a court order or another paper that makes you the"
          " legal guardian."),
    ]  # fmt: skip
    return Blank(
        is_rtl=get_locale().text_direction == "rtl",
        sender=sender(_school()),
        title=_("Registration for the family portal"),
        lead=[
            _("Fill in this form and bring it to the school's office yourself. The office has to see your photo ID."),
        ],
        parts=[
            (pgettext("part of a form", "You"), [
                name,
                [(_("Street and house number"), 2.0), (_("Apartment"), 0.7)],
                [(_("City"), 1.6), (pgettext("of the USA", "State"), 0.5), (_("ZIP code"), 0.8)],
                [(_("Telephone"), 1.0), (_("E-mail address (leave empty if you have none)"), 1.6)],
            ]),
        ],
        grid=(
            _("Your children at our schools"),
            [(_("First and last name"), 2.2), (_("Date of birth"), 1.0), (_("School"), 1.5),
             (pgettext("grade level", "Grade"), 0.6), (_("You are …"), 1.3)],
            CHILDREN,
        ),
        choices=(
            _("In which language do we write to you?"),
            [known.name for known in languages.available()],
        ),
        bring=(_("Please bring"), bring),
        statement=_("I am a parent or legal guardian of the children named above, and what I have written is true."),
        signature=[(_("Signature"), 2.0), (_("Date"), 1.0)],
        office=(_("For the office"), [
            [(_("Photo ID seen"), 1.3), (pgettext("who has seen the photo ID", "By"), 1.0), (_("Date"), 0.7)],
        ]),
    )  # fmt: skip


def _school() -> School | None:
    """The office's own school; none for those who act for several."""
    found = list(office().schools("register").limit(2))
    return found[0] if len(found) == 1 else None
