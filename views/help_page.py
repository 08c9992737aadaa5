"""Help for everybody, before signing in too: what is needed, what to check, whom to ask, and a tour (G14, G19, D18)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import segno
from flask import Blueprint, abort, current_app, request, url_for
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from models import School, Student
from services import clock, formats, help_page
from services.help_page import Office, Reader
from services.pdf.sheets import Instructions
from services.pdf.sheets import instructions as draw_instructions
from services.record import freshness
from services.record.classes import Class, classes_of, current
from views import fragments, help_sheets, help_words, languages, tour_pictures, words
from views.access import account, public, settings, today, visible_students, withheld
from views.students import frame
from views.tour_pictures import Picture

blueprint = Blueprint("help", __name__, url_prefix="/help")

#: Pixels of a square of the QR code.
SQUARE = 4


class Child(NamedTuple):
    """A child with the addresses of its tabs, its present classes with their teachers, and its schools' offices."""

    student: Student
    tabs: dict[str, str]
    classes: list[Class]
    offices: list[Office]


class Step(NamedTuple):
    """A step of the tour; `says` is what there is to see in its picture."""

    title: str
    sentence: str
    address: str
    picture: Picture | None
    says: str


@blueprint.get("")
@public
def page() -> Response:
    """One page of short answers. Who is signed in also reads whom to ask at the own schools (D18)."""
    reader = _reader()
    mine = _students()
    offices = help_page.schools_of([one.id for one in mine], today()) if mine is not None else {}
    schools = sorted({school for own in offices.values() for school in own}) if mine is not None else None
    links = help_page.links(reader)
    return fragments.render(
        "help/_page.html",
        title=_("Help"),
        portal=settings(),
        first=settings().registration[:1],
        needed=help_words.needed(settings()),
        locked=help_words.locked(settings()),
        sheets=help_sheets.listed(settings()),
        contacts=help_page.contacts(schools or []),
        contact_roles=help_words.contact_roles(),
        training=help_page.training(clock.now(), schools, reader),
        zone=formats.zone_name(reader.time_zone, reader.language),
        places=help_page.places(reader),
        links=[one for one in links if one.kind != "faq"],
        answers=[one for one in links if one.kind == "faq"],
        own_answers=help_words.answers(settings()),
        kinds=help_words.links(),
        offices=help_page.offices(),
        pilot=School.select().where(School.active, School.kind == "school", ~School.switched_on).exists(),
        children=_children(mine or [], offices),
        may_write=bool(mine) and frame.may_write(),
    )


@blueprint.get("/tour")
@public
def tour() -> Response:
    """The portal's pages one after the other, each in a sentence, some with a picture that the demo sat for (G14).

    Who is signed in gets links into a child's record, and reads of no tab that this account does not have.
    """
    mine = _students() or []
    tabs = _tabs(mine[0], freshness.delivered()) if mine else {}
    shown, drawn_in = tour_pictures.pictures(str(get_locale()))
    alternatives = help_words.pictures()

    def step(name: str, title: str, sentence: str, address: str = "") -> Step:
        return Step(title, sentence, address, shown.get(name), alternatives.get(name, ""))

    steps = [step("home", _("Choose a child"), help_words.choose_a_child())]
    steps += [
        step(name, words.tabs()[name], sentence, tabs.get(name, ""))
        for name, sentence in help_words.tour().items()
        if frame.TABS[name].endpoint in current_app.view_functions and (name in tabs or not mine)
    ]
    if settings().messages:
        steps.append(step("messages", _("Messages"), help_words.messages(), url_for("messages.sent") if mine else ""))
    steps.append(
        step("preferences", _("Preferences"), help_words.preferences(), url_for("preferences.page") if mine else "")
    )
    steps.append(step("end", _("Your language, and the end"), help_words.the_end()))
    return fragments.render(
        "help/_tour.html", title=_("A tour of the portal"), steps=steps, child=mine[0].name if mine else "",
        drawn_in=drawn_in if drawn_in != str(get_locale()) else "",
        kinds=help_words.links(),
        videos=[one for one in help_page.links(_reader()) if one.kind == "video"],
    )  # fmt: skip


@blueprint.get("/<any(register, claim, reset):name>")
@public
def instructions(name: str) -> Response:
    """Instructions that print on one sheet, in any of the portal's languages, for families and to hand out (S08)."""
    code = _language(name)
    with force_locale(code):
        sheet, direction = help_sheets.sheet(name, settings()), get_locale().text_direction
    return fragments.render(
        "help/_sheet.html", title=sheet.title, sheet=sheet, name=name, code=code, tag=code.replace("_", "-"),
        direction=direction, picture=_qr_code(sheet.address), sheets=help_sheets.listed(settings()),
    )  # fmt: skip


@blueprint.get("/<any(register, claim, reset):name>.pdf")
@public
def instructions_pdf(name: str) -> Response:
    """The same as a PDF."""
    code = _language(name)
    with force_locale(code):
        sheet = help_sheets.sheet(name, settings())
    body = _drawn(sheet, code.replace("_", "-"))
    return Response(body, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}.pdf"'})


@lru_cache(maxsize=64)
def _drawn(sheet: Instructions, language: str) -> bytes:
    """Anybody may ask for a sheet, and drawing one takes long: each is drawn once."""
    return draw_instructions(sheet, language=language, made=clock.now())


@lru_cache(maxsize=4)
def _qr_code(address: str) -> str:
    return str(segno.make_qr(address, error="m").svg_inline(scale=SQUARE, light="#fff", svgclass=None, lineclass=None))


def _language(name: str) -> str:
    """One of the portal's languages, by name from the list, or the reader's; 404 for any other and no such sheet."""
    wanted = request.args.get("language") or str(get_locale())
    if name not in help_sheets.names(settings()) or wanted not in [known.code for known in languages.available()]:
        abort(404)
    return wanted


def _reader() -> Reader:
    return Reader(str(get_locale()), settings().default_language, settings().time_zone)


def _students() -> list[Student] | None:
    """The children of the family that is signed in, oldest first; None for everybody else."""
    if not current_user.is_authenticated or account().duties or account().role == "staff":
        return None
    return visible_students()


def _children(mine: list[Student], offices: dict[int, dict[int, Office]]) -> list[Child]:
    """Whom to ask about each child: the teachers, for those who may see the grades (D19), and the schools' offices."""
    shown = [one for one in mine if "grades" not in withheld(one)]
    classes, delivered = classes_of([one.id for one in shown]), freshness.delivered() if mine else {}
    return [
        Child(one, _tabs(one, delivered), current([c for c in classes if c.student_id == one.id], today()),
              list(offices[one.id].values()))
        for one in mine
    ]  # fmt: skip


def _tabs(student: Student, delivered: freshness.Delivered) -> dict[str, str]:
    """The addresses of the tabs that this account has for a student."""
    return {
        name: url_for(one.endpoint, student_id=student.id)
        for name, one in frame.TABS.items()
        if one.endpoint in current_app.view_functions
        and one.section not in withheld(student)
        and (one.always or delivered.keys() & set(one.files))
    }
