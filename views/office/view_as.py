"""View the portal as a guardian, to see what is asked about at the counter or on the phone (CHECKS 9)."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import PasswordField

from services import accounts, clock, formats
from services.office import view_as
from services.passwords import FieldError
from views import fragments, words
from views.access import owner, settings
from views.forms import Form
from views.office.gate import blueprint, guardian_or_404, needs, office


class BeginForm(Form):
    """The own password."""

    present = PasswordField()


@blueprint.route("/guardians/<int:guardian_id>/view-as", methods=["GET", "POST"], endpoint="view_as")
@needs("view as")
def begin(guardian_id: int) -> Response:
    """Ask for the password, then open the guardian's first page."""
    guardian, form, error = guardian_or_404(guardian_id), BeginForm(), None
    if form.is_submitted():
        try:
            accounts.confirm(owner(), form.present.data or "", settings=settings(), now=clock.now())
            view_as.begin(guardian, session=current_user.login_session, by=office(), now=clock.now())
            return redirect(url_for("home.children"), 303)
        except FieldError as wrong:
            error = wrong
        except view_as.NotPossible:
            flash(
                _("%(name)s has no account that is open: there is nothing to see.", name=words.isolated(guardian.name))
            )
            return redirect(url_for("office.guardian", guardian_id=guardian.id), 303)
    return fragments.render(
        "office/_view_as.html",
        status=200 if error is None else 422,
        title=_("View as this guardian"),
        guardian=guardian,
        form=form,
        errors={} if error is None else {error.field: words.field_error(error, settings())},
        minutes=int(view_as.LASTS.total_seconds() // 60),
        limited=office().school_ids("view as") is not None,
    )


@blueprint.post("/view-as/end", endpoint="end_view_as")
@needs("view as")
def end() -> Response:
    """Back to the guardian's page in the office."""
    viewing = current_user.viewing
    if viewing is None:
        return redirect(url_for("office.home"), 303)
    view_as.end(viewing, by="button", now=clock.now())
    return redirect(url_for("office.guardian", guardian_id=viewing.account.guardian_id), 303)


@blueprint.app_template_global()
def viewing_until() -> str:
    """When viewing ends by itself, as a time of the district's day."""
    return formats.moment_time(current_user.viewing.until, settings().time_zone, str(get_locale()))
