"""The user agreement: its versions, and a new one (G10)."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from models import Agreement
from services import agreements, clock, formats
from views import fragments
from views.access import settings
from views.forms import Form
from views.office.by_language import codes_with_names, texts_typed
from views.office.gate import blueprint, needs, office

#: An agreement is several pages long at most.
LONGEST = 10_000


@blueprint.route("/agreement", methods=["GET", "POST"], endpoint="agreement")
@needs("district")
def page() -> Response:
    """The versions with who accepted them; a new one is shown as families will read it before it is published."""
    form, newest = Form(), agreements.current()
    known = newest.texts if newest is not None else {}
    if not form.is_submitted():
        return _page(form, known)
    if not agreements.are_asked_for(settings()):
        abort(404)
    texts = {code: text.strip() for code, text in texts_typed("text", known).items()}
    errors = _errors(texts, known)
    if errors or "publish" not in request.form:
        return _page(form, texts, errors, preview=not errors)
    version = agreements.publish({code: text for code, text in texts.items() if text}, clock.now())
    office().note("agreement published", clock.now(), agreement=version.id)
    flash(_("The new version is published. Guardians are asked for it before they see anything else."))
    return redirect(url_for("office.agreement"), 303)


def _errors(texts: dict[str, str], known: dict[str, str]) -> dict[str, str]:
    errors = {
        f"text_{code}": _("At most %(length)s characters.", length=LONGEST)
        for code, text in texts.items()
        if len(text) > LONGEST
    }
    first = settings().default_language
    if not texts.get(first):
        errors[f"text_{first}"] = _("The district's own language needs a text.")
    elif {code: text for code, text in texts.items() if text} == known:
        errors["form"] = _("This is the version that is in force.")
    return errors


def _page(
    form: Form, texts: dict[str, str], errors: dict[str, str] | None = None, *, preview: bool = False
) -> Response:
    locale, zone = str(get_locale()), settings().time_zone
    versions = [
        (one.id, formats.moment(one.published_at, zone, locale), sorted(one.texts), formats.number(accepted, locale))
        for one, accepted in agreements.versions()
    ]
    return fragments.render(
        "office/_agreement.html", status=422 if errors else 200, title=_("User agreement"), form=form, texts=texts,
        codes=codes_with_names(texts), errors=errors or {}, preview=preview, versions=versions,
        asked_for=agreements.are_asked_for(settings()), guardians=formats.number(agreements.guardians(), locale),
    )  # fmt: skip


@blueprint.get("/agreement/<int:number>", endpoint="agreement_version")
@needs("district")
def version(number: int) -> Response:
    """What a version says, in each of its languages."""
    found: Agreement = Agreement.get_or_none(Agreement.id == number) or abort(404)
    return fragments.render(
        "office/_agreement_version.html", title=_("Version %(number)s", number=found.id), texts=found.texts,
        names=dict(codes_with_names(found.texts)),
    )  # fmt: skip
