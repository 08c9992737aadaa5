"""Who works in the office: admins invite people of the feed, change their roles and end their access (X09)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from models import School, Staff
from services import accounts, clock
from services.office import staff
from services.office.search import staff as search_staff
from services.office.staff import AT_SCHOOLS, Member, NotNow, Place, TooManyMails
from services.passwords import Complaints, FieldError
from views import fragments, mailing, words
from views.access import owner, settings
from views.forms import Form
from views.office import searches
from views.office.accounts import too_many_mails
from views.office.gate import blueprint, needs, office
from views.office.why import moment


class ConfirmForm(Form):
    """The own password, for what cannot be left to whoever finds the browser open."""

    present = PasswordField()


class RolesForm(ConfirmForm):
    """The roles are boxes of one name; `made_for` is the version of the roles that the form was shown for."""

    made_for = StringField()


@blueprint.route("/staff", methods=["GET", "POST"], endpoint="staff")
@needs("district")
def page() -> Response:
    """Find a person of the feed by name or e-mail address; below, everybody who has an account."""
    form = Form()
    if form.is_submitted():
        return searches.results(["q"])
    typed, number = searches.typed("q")["q"], max(request.args.get("page", 1, type=int), 1)
    people, more = search_staff(typed)
    members = staff.listed(number)
    return fragments.render(
        "office/_staff.html",
        title=_("Staff"),
        form=form,
        typed=typed,
        people=people,
        more=more,
        accounts=staff.accounts_of(people),
        schools=staff.schools_of(people),
        members=[_line(one) for one in members[: staff.SHOWN]],
        following=number + 1 if len(members) > staff.SHOWN else None,
    )


@blueprint.route("/staff/people/<int:person_id>/invite", methods=["GET", "POST"], endpoint="invite_staff")
@needs("district")
def invite(person_id: int) -> Response:
    """Choose what a person of the feed is to be here; the portal mails the invitation."""
    person: Staff = Staff.get_or_none(Staff.id == person_id, Staff.active) or abort(404)
    form, schools = RolesForm(), list(office().schools("district"))
    account = staff.accounts_of([person]).get(person.id)
    if account is not None:
        return redirect(url_for("office.staff_account", account_id=account.id), 303)
    errors: dict[str, str] = {}
    if form.is_submitted():
        try:
            places = _confirmed(form, schools)
            account = staff.invite(
                person, places, by=office(), compose=mailing.compose, settings=settings(), now=clock.now()
            )
            flash(_("The mail with the one-time link is on its way."))
            return redirect(url_for("office.staff_account", account_id=account.id), 303)
        except FieldError as error:
            errors = _said(error)
        except NotNow:
            flash(_("Nothing was changed: somebody else has dealt with it already."))
            return redirect(url_for("office.staff"), 303)
        except TooManyMails:
            errors = {"form": too_many_mails()}
    return fragments.render(
        "office/_staff_invite.html",
        status=422 if errors else 200,
        title=_("Invite to the office"),
        person=person,
        mailable=staff.address_of(person) is not None,
        form=form,
        errors=errors,
        version="",
        **_boxes(schools, set(request.form.getlist("role"))),
    )


@blueprint.route("/staff/<int:account_id>", methods=["GET", "POST"], endpoint="staff_account")
@needs("district")
def account(account_id: int) -> Response:
    """One account: its state, and its roles to change."""
    member, form, errors = _member_or_404(account_id), RolesForm(), {}
    schools = list(office().schools("district"))
    # A school that is switched off meanwhile, or has left the feed, must not be lost with the next change.
    schools += [school for _role, school in member.roles if school is not None and school not in schools]
    chosen = {one.key for one in member.places}
    if form.is_submitted():
        try:
            places = _confirmed(form, schools)
            staff.change_roles(account_id, places, form.made_for.data or "", by=office(), now=clock.now())
            flash(_("The decision counts from now on."))
            return redirect(url_for("office.staff_account", account_id=account_id), 303)
        except FieldError as error:
            errors = _said(error)
            if error.code != "changed":
                chosen = set(request.form.getlist("role"))
        except NotNow:
            abort(404)
    return fragments.render(
        "office/_staff_account.html",
        status=422 if errors else 200,
        title=member.account.staff.name,
        form=form,
        errors=errors,
        version=member.version,
        line=_line(member),
        own=member.account == owner(),
        **_boxes(schools, chosen),
    )


@blueprint.post("/staff/<int:account_id>/invitation", endpoint="invite_again")
@needs("district")
def invite_again(account_id: int) -> Response:
    """Mail another invitation to somebody who has not been here yet."""
    member = _member_or_404(account_id)
    try:
        staff.send_again(member, by=office(), compose=mailing.compose, settings=settings(), now=clock.now())
        flash(_("The mail with the one-time link is on its way."))
    except NotNow:
        flash(_("Nothing was changed: the account is in another state by now."))
    except TooManyMails:
        flash(too_many_mails())
    return redirect(url_for("office.staff_account", account_id=account_id), 303)


@blueprint.route("/staff/<int:account_id>/end", methods=["GET", "POST"], endpoint="end_staff")
@needs("district")
def end(account_id: int) -> Response:
    """Cancel the account: whoever is signed in with it is out with the next click."""
    member, form, errors = _member_or_404(account_id), ConfirmForm(), {}
    if form.is_submitted():
        try:
            _confirm(form)
            staff.end(account_id, by=office(), now=clock.now())
            flash(_("The account is cancelled."))
            return redirect(url_for("office.staff"), 303)
        except FieldError as error:
            errors = _said(error)
        except NotNow:
            abort(404)
    return fragments.render(
        "office/_staff_end.html",
        status=422 if errors else 200,
        title=_("Cancel the account"),
        line=_line(member),
        form=form,
        errors=errors,
    )


def _member_or_404(account_id: int) -> Member:
    return staff.find(account_id) or abort(404)


def _confirm(form: ConfirmForm) -> None:
    """Raise FieldError unless it is the admin who sits there."""
    accounts.confirm(owner(), form.present.data or "", settings=settings(), now=clock.now())


def _confirmed(form: RolesForm, schools: list[School]) -> set[Place]:
    """The roles that were chosen, by somebody who knows the password. Raises FieldError for either or both."""
    complaints, places = Complaints(), set()
    with complaints:
        places = staff.chosen(request.form.getlist("role"), schools)
    with complaints:
        _confirm(form)
    complaints.raise_any()
    return places


def _boxes(schools: list[School], chosen: set[str]) -> dict[str, Any]:
    """What the boxes for roles need: those for everywhere, and those at each school, each with its key."""
    roles = words.office_roles()
    return {
        "chosen": chosen,
        "everywhere": [(name, roles[name]) for name in staff.ROLES if name not in AT_SCHOOLS],
        "at_schools": [(name, roles[name]) for name in AT_SCHOOLS],
        "schools": sorted(schools, key=lambda school: school.name),
    }


def _line(member: Member) -> dict[str, Any]:
    """An account as the list and its page show it."""
    return {
        "member": member,
        "roles": [_role(*one) for one in member.roles],
        "state": words.account_states()[member.account.state],
        "last_sign_in": moment(member.account.last_sign_in_at),
    }


# ---- In words ----------------------------------------------------------------------------------------------------


def _role(role: str, school: School | None) -> str:
    title = words.office_roles()[role]
    if school is None or role not in AT_SCHOOLS:
        return title
    return _("%(title)s (%(school)s)", title=title, school=words.isolated(school.name))


def _said(error: FieldError) -> dict[str, str]:
    known = {
        "choice": _("Choose one of the list."),
        "changed": _("Somebody else has just changed this. Look at the page again."),
        "last": _("Somebody has to keep this role: %(role)s.", role=words.office_roles()["admin"]),
        "own": _("You cannot cancel your own account. Somebody else has to do it."),
    }
    return {one.field: known.get(one.code) or words.field_error(one, settings()) for one in error.all}
