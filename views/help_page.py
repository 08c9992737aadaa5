"""Help for everybody, before signing in too: what is needed, what to check, whom to ask, and a tour (G14, G19, D18)."""

from __future__ import annotations

from flask import Blueprint, current_app, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from models import School, Student
from services import clock, formats, help_page
from services.help_page import Reader
from services.record import freshness
from views import fragments, help_words, words
from views.access import account, public, settings, today, visible_students, withheld
from views.students import frame

blueprint = Blueprint("help", __name__, url_prefix="/help")


@blueprint.get("")
@public
def page() -> Response:
    """One page of short answers. Who is signed in also reads whom to ask at the own schools (D18)."""
    locale, zone = str(get_locale()), settings().time_zone
    reader = Reader(locale, settings().default_language, zone)
    mine = _students()
    schools = help_page.schools_of([one.id for one in mine], today()) if mine is not None else None
    links = help_page.links(reader)
    return fragments.render(
        "help/_page.html",
        title=_("Help"),
        portal=settings(),
        first=settings().registration[:1],
        contacts=help_page.contacts(schools or []),
        contact_roles=help_words.contact_roles(),
        training=help_page.training(clock.now(), schools, reader),
        zone=formats.zone_name(zone, locale),
        places=help_page.places(reader),
        links=[one for one in links if one.kind != "faq"],
        answers=[one for one in links if one.kind == "faq"],
        kinds=help_words.links(),
        offices=help_page.offices(),
        pilot=School.select().where(School.active, School.kind == "school", ~School.switched_on).exists(),
        children=[(one.name, _tabs(one)) for one in mine or []],
    )


@blueprint.get("/tour")
@public
def tour() -> Response:
    """The tabs one after the other, each in a sentence; who is signed in gets links into a child's record (G14)."""
    mine = _students() or []
    addresses = _tabs(mine[0]) if mine else {}
    steps = [
        (words.tabs()[name], sentence, addresses.get(name, ""))
        for name, sentence in help_words.tour().items()
        if frame.TABS[name].endpoint in current_app.view_functions and (name in addresses or not mine)
    ]
    return fragments.render(
        "help/_tour.html", title=_("A tour of the portal"), steps=steps, child=mine[0].name if mine else "",
        portal=settings(),
    )  # fmt: skip


def _students() -> list[Student] | None:
    """The children of the family that is signed in, oldest first; None for everybody else."""
    if not current_user.is_authenticated or account().duties or account().role == "staff":
        return None
    return visible_students()


def _tabs(student: Student) -> dict[str, str]:
    """The addresses of the tabs that this account has for a student."""
    delivered = freshness.delivered()
    return {
        name: url_for(one.endpoint, student_id=student.id)
        for name, one in frame.TABS.items()
        if one.endpoint in current_app.view_functions
        and one.section not in withheld(student)
        and (one.always or delivered.keys() & set(one.files))
    }
