"""Mail that could not be delivered, and what the office can do about it."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services import clock
from services.office import undelivered
from services.office.undelivered import Failed
from views import fragments
from views.office.gate import blueprint, guardian_or_404, needs, office
from views.office.why import moment


@blueprint.get("/undelivered", endpoint="undelivered")
@needs("accounts")
def listed() -> Response:
    """What the portal has given up: to whom, why, and whose address is wrong."""
    found = undelivered.failed(office(), clock.now())
    return fragments.render(
        "office/_undelivered.html",
        title=_("Undelivered mail"),
        found=[(moment(one.mail.created_at), one, kind(one.mail.kind), _why(one)) for one in found],
    )


@blueprint.post("/undelivered/<int:mail_id>/<any(retry, drop):action>", endpoint="undelivered_mail")
@needs("accounts")
def decide(mail_id: int, action: str) -> Response:
    """Send one again, or take it off the list."""
    try:
        if action == "retry":
            undelivered.retry(mail_id, office(), clock.now())
            flash(_("The mail will be sent again at once."))
        else:
            undelivered.give_up(mail_id, office(), clock.now())
            flash(_("The mail is off the list."))
    except undelivered.NotNow:
        flash(_("Nothing was changed: somebody else has dealt with it already."))
    return redirect(url_for("office.undelivered"), 303)


@blueprint.post("/guardians/<int:guardian_id>/mail-comes-back", endpoint="mail_comes_back")
@needs("accounts")
def comes_back(guardian_id: int) -> Response:
    """Mark the address of a guardian's account: no mail goes there until its owner has proved one."""
    guardian = guardian_or_404(guardian_id)
    try:
        undelivered.comes_back(guardian, office(), clock.now())
        flash(_("No further mail goes to this address. The guardian is asked for another at the next sign-in."))
    except undelivered.NotNow:
        flash(_("Nothing was changed: the account has no address, or it has been marked already."))
    return redirect(url_for("office.guardian", guardian_id=guardian_id), 303)


def kind(name: str) -> str:
    """What a mail was about, for the office."""
    known = {
        "message": _("A family's message"),
        "key": _("Activation key"),
        "digest": _("News from school"),
        "marked_absent": _("News from school"),
        "absence": _("Report of an absence"),
        "work_order": _("Work order"),
    }
    return known.get(name, _("About the account"))


def _why(one: Failed) -> str:
    """Why it was given up, in words for somebody who knows no mail server."""
    step, answer = (one.mail.last_error or "").partition(":")[::2]
    if step == "recipient" and answer.strip().startswith("5"):
        return _("The mail server says that there is no such mailbox.")
    if step == "content" and answer.strip().startswith("5"):
        return _("The mail server did not take the mail. Please tell technical support.")
    return _("It was tried for a day in vain. Please tell technical support.")
