"""Resets of students' accounts: asked for by teachers, done by the office (S05)."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services import clock
from services.office import resets
from views import fragments, words
from views.access import settings
from views.forms import Form
from views.office.gate import blueprint, needs, office, student_or_404
from views.office.requests import states
from views.office.why import moment


@blueprint.context_processor
def _for_every_page() -> dict[str, object]:
    """Whether there is anything to reset in this district."""
    return {"students_have_accounts": settings().student_accounts != "off"}


@blueprint.route("/students/<int:student_id>/reset", methods=["GET", "POST"], endpoint="ask_reset")
@needs("ask for reset")
def ask(student_id: int) -> Response:
    """Ask for a reset of this student's account, and see what has become of it."""
    if settings().student_accounts == "off":
        abort(404)
    student = student_or_404(student_id, "reset")
    form = Form()
    if form.is_submitted():
        try:
            resets.ask(student, by=office(), settings=settings(), now=clock.now())
        except resets.TooMany:
            return fragments.render("_error.html", status=429, title=_("Too much at once"),
                                    text=_("You have asked for as many resets today as the portal takes."))  # fmt: skip
        except resets.NotNow:
            flash(_("Nothing was changed: a reset has been asked for, or there is no account."))
        else:
            flash(_("The office has your request."))
        return redirect(url_for("office.ask_reset", student_id=student.id), 303)
    requests = resets.of_student(student)
    return fragments.render(
        "office/_ask_reset.html",
        title=_("Reset the account of %(student)s", student=words.isolated(student.name)),
        student=student,
        form=form,
        requests=[(moment(one.created_at), one.state, moment(one.closed_at)) for one in requests],
        states=states(),
        can_ask=resets.may_ask(student, settings()) and not any(one.state == "open" for one in requests),
    )


@blueprint.get("/resets", endpoint="resets")
@needs("accounts")
def listed() -> Response:
    """The resets that were asked for, in one state, open ones first come first."""
    state = request.args.get("state", "open")
    if state not in states():
        abort(404)
    found = resets.listed(office(), state, request.args.get("after", type=int))
    shown = found[: resets.SHOWN]
    return fragments.render(
        "office/_resets.html",
        title=_("Account resets"),
        requests=[(moment(one.request.created_at), moment(one.request.closed_at), one) for one in shown],
        state=state,
        states=states(),
        last=shown[-1].request.id if len(found) > len(shown) else None,
    )


@blueprint.post("/resets/<int:request_id>", endpoint="close_reset")
@needs("accounts")
def close(request_id: int) -> Response:
    """Reset the account or decline."""
    found = resets.find(office(), request_id) or abort(404)
    outcome = request.form.get("outcome", "")
    try:
        resets.close(found, outcome, by=office(), now=clock.now())
    except resets.NotNow:
        flash(_("Nothing was changed: somebody has dealt with this request already."))
    else:
        name = words.isolated(found.student.name)
        flash(
            _("The account of %(student)s is reset. The student can claim it again.", student=name)
            if outcome == "done"
            else _("The request about %(student)s was declined.", student=name)
        )
    return redirect(url_for("office.resets"), 303)
