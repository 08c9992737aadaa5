"""Keys for a whole class or school: letters to print, or a list (G09, H05). Both ask for the password again."""

from __future__ import annotations

import io

from flask import abort, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from models import School
from services import accounts, clock, spreadsheets
from services.keys import IssuedKey
from services.office import key_lists
from services.office.key_lists import Chosen, TooMany
from services.passwords import FieldError
from services.pdf.sheets import letters as draw_letters
from services.throttle import Limit
from views import fragments, words
from views.access import account, settings, today
from views.forms import Form
from views.office import letter_texts
from views.office.gate import blueprint, needs, office
from views.office.pdf import Busy, one_at_a_time, pdf


class IssueForm(Form):
    """Whose keys, and the own password."""

    school = StringField()
    section = StringField()
    role = StringField()
    reissue = StringField()
    present = PasswordField()


@blueprint.get("/register/lists", endpoint="key_lists")
@needs("register")
def choose() -> Response:
    """Choose a school or a class, and see how many keys there are to make; nothing is made here."""
    chosen = _chosen(dict(request.args))
    return _page(chosen, IssueForm(formdata=None))


@blueprint.post("/register/lists/letters", endpoint="print_letters")
@needs("register")
def print_letters() -> Response:
    """Letters in one file, in the order in which they are handed out; the keys are good once the file is made."""
    form = IssueForm()
    chosen = _chosen(request.form) or abort(404)
    try:
        _confirm(form, Limit("letters", tries=key_lists.LETTERS_A_DAY, minutes=24 * 60, secret=settings().secret_key))
        with one_at_a_time():
            now = clock.now()
            found = key_lists.bundles(chosen, office(), settings(), now)
            drafts = [draft for one in found for draft in one.drafts]
            if not drafts:
                raise FieldError("role", "nobody")
            body = draw_letters(
                letter_texts.letters([(one.drafts, one.student, one.class_title) for one in found], chosen.school),
                title=_("Letters"), language=settings().default_language, made=now,
            )  # fmt: skip
            key_lists.issue(drafts, chosen, office(), by="letters", settings=settings(), now=now)
    except FieldError as error:
        return _page(chosen, form, {error.field: _said(error)}, 422)
    except TooMany as many:
        return _page(chosen, form, {"section": _too_many(str(many))}, 422)
    except Busy:
        return _page(chosen, form, {"present": _("Another file is being made. Try again in a minute.")}, 503)
    return pdf(body, "letters")


@blueprint.post("/register/lists/keys", endpoint="export_keys")
@needs("register")
def export_keys() -> Response:
    """The keys as CSV, as `flask keys export` writes it."""
    form = IssueForm()
    chosen = _chosen(request.form) or abort(404)
    try:
        _confirm(form, Limit("key list", tries=key_lists.LISTS_A_DAY, minutes=24 * 60, secret=settings().secret_key))
        if not sum(_counts(chosen)[: 2 if chosen.reissue else 1]):
            raise FieldError("role", "nobody")
        issued = key_lists.listed(chosen, office(), settings=settings(), now=clock.now())
    except FieldError as error:
        return _page(chosen, form, {error.field: _said(error)}, 422)
    out = io.StringIO(newline="")
    spreadsheets.write(out, IssuedKey._fields, issued)
    headers = {"Content-Disposition": 'attachment; filename="keys.csv"'}
    # Excel takes a file without this mark for one in the old Windows alphabet.
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=headers)


def _confirm(form: IssueForm, limit: Limit) -> None:
    """Raise FieldError unless it is the member of staff who sits there, and not too often today."""
    accounts.confirm(account(), form.present.data or "", settings=settings(), now=clock.now())
    if not limit.take(str(account().id), clock.now()):
        raise FieldError("present", "today")


def _chosen(given: dict[str, str]) -> Chosen | None:
    """The school, the class and the role that were chosen; None before a school was. 404 for others' schools."""
    schools = {str(one.id): one for one in office().schools("register")}
    if not given.get("school"):
        # There is nothing to choose from.
        return Chosen(next(iter(schools.values())), None, "guardian") if len(schools) == 1 else None
    school: School = schools.get(given["school"]) or abort(404)
    classes = {str(one.id): one for one in key_lists.sections(school, today())} if given.get("section") else {}
    section = classes.get(given.get("section", ""))
    role = given.get("role") or "guardian"
    if role not in key_lists.roles(settings()):
        abort(404)
    return Chosen(school, section, role, reissue=bool(given.get("reissue")))


def _counts(chosen: Chosen) -> tuple[int, int]:
    return key_lists.count(chosen, office(), settings(), clock.now())


def _page(chosen: Chosen | None, form: IssueForm, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    fresh, holding = _counts(chosen) if chosen is not None else (0, 0)
    return fragments.render(
        "office/_key_lists.html", status=status, title=_("Letters and lists"), form=form, errors=errors or {},
        chosen=chosen, fresh=fresh, holding=holding,
        schools=[(str(one.id), one.name) for one in office().schools("register")],
        sections=[
            (str(one.id), " · ".join(filter(None, (one.title, one.code))))
            for one in (key_lists.sections(chosen.school, today()) if chosen is not None else [])
        ],
        roles=[(name, _roles()[name]) for name in key_lists.roles(settings())],
        identified=settings().check_identity,
        counted=ngettext("%(num)s key is to be made.", "%(num)s keys are to be made.", fresh),
        others=ngettext(
            "%(num)s more person has a key that was not used yet.",
            "%(num)s more people have a key that was not used yet.", holding,
        ),
        dying=ngettext(
            "Make a new key for this person too: the %(num)s key that was handed out stops working.",
            "Make new keys for these people too: the %(num)s keys that were handed out stop working.", holding,
        ),
        most=key_lists.MOST, back=url_for("office.registration"),
    )  # fmt: skip


def _roles() -> dict[str, str]:
    return {"guardian": _("Guardians"), "student": _("Students")}


def _too_many(count: str) -> str:
    return _(
        "These would be %(count)s letters, and one file takes %(most)s. Choose a class.",
        count=count, most=key_lists.MOST,
    )  # fmt: skip


def _said(error: FieldError) -> str:
    return {
        "nobody": _("There is nobody to make a key for."),
        "today": _("That is enough for today. Try again tomorrow."),
    }.get(error.code) or words.field_error(error, settings())
