"""Signing in at the district's OpenID provider, where one is set; and the link to it on one's own account's page."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from flask import Blueprint, abort, flash, redirect, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from models import Account
from services import accounts, authenticators, clock, formats, openid, provider_accounts, recovery
from services.accounts import AccountClosed, CodeNeeded
from services.passwords import FieldError
from views import fragments, mailing, words
from views.access import account, local_path, owner, public, settings, sign_in_session
from views.authenticator import PROVED_FOR, ChangeForm, wrong_with

log = logging.getLogger(__name__)
blueprint = Blueprint("provider", __name__)

#: Where each kind of people signs in by other ways, and where they go afterwards.
_DOORS = {"staff": ("office.sign_in", "office.home"), "students": ("sign_in.form", "home.children")}


@blueprint.app_template_global()
def provider_name(purpose: str = "") -> str:
    """What the provider is called; empty where it is not for these people."""
    if purpose and purpose not in settings().oidc_for:
        return ""
    return settings().oidc_name or urlsplit(settings().oidc_issuer).hostname or ""


@blueprint.get("/sign-in/provider/<any(staff, students):purpose>")
@public
def begin(purpose: str) -> Response:
    """Send the browser to the provider. It is a link: browsers follow no form to another host under our policy."""
    if purpose not in settings().oidc_for:
        abort(404)
    if current_user.is_authenticated:
        return fragments.render("sign_in/_already.html", title=_("You are signed in"))
    return _away_to_the_provider(purpose, back=request.args.get("next", ""))


@blueprint.get("/sign-in/provider/return")
@public
def back() -> Response:
    """The way back from the provider: what it says is checked, and the one it names let in or linked."""
    if not settings().oidc_for:
        abort(404)
    try:
        found = openid.finish(
            request.args, state=session.pop("provider", ""), wanted=provider_accounts.wanted(settings()),
            redirect_uri=_redirect_uri(), settings=settings(), now=clock.now(),
        )  # fmt: skip
    except openid.NotBegun:
        return _refused(_("This sign-in is over, or it was begun in another browser. Please begin again."), 400)
    except openid.NotFinished as error:
        log.info("a sign-in at the provider was not finished: %s", error)
        return _refused(_("%(provider)s has not let you in.", provider=_isolated_name()), 403)
    except openid.NotTrusted as error:
        log.warning("an answer of the provider was refused: %s", error)
        return _refused(
            _("The answer of %(provider)s does not fit. Please begin again.", provider=_isolated_name()), 400
        )
    except openid.ProviderAway as error:
        return _away(error)
    if found.sign_in.purpose == "link":
        return _linked(found)
    return _let_in(found)


@blueprint.get("/security/provider")
def page() -> Response:
    """Whether one's own account is linked to the provider; after the password, the way there to link it."""
    _offered_or_404()
    found = provider_accounts.of(account(), settings())
    zone, locale = settings().time_zone, str(get_locale())
    return fragments.render(
        "provider/_page.html",
        title=_("Sign-in at %(provider)s", provider=_isolated_name()),
        since=formats.moment(found.linked_at, zone, locale) if found else "",
        used=formats.moment(found.used_at, zone, locale) if found else "",
        provider=provider_name(),
        is_proved=_is_proved(),
    )


@blueprint.route("/security/provider/<any(link, unlink):action>", methods=["GET", "POST"])
def change(action: str) -> Response:
    """Link or unlink one's own account, after the password and, where there is one, a code."""
    _offered_or_404()
    if (provider_accounts.of(account(), settings()) is None) == (action == "unlink"):
        return redirect(url_for("provider.page"), 303)
    form = ChangeForm()
    error = _wrong_with(form) if form.is_submitted() else None
    if not form.is_submitted() or error is not None:
        return _form_page(action, form, error)
    if action == "unlink":
        provider_accounts.unlink(account(), compose=mailing.compose, settings=settings(), now=clock.now())
        flash(_("%(provider)s no longer signs in to your account.", provider=_isolated_name()))
        return redirect(url_for("provider.page"), 303)
    session["provider_from"] = clock.now().timestamp()
    return redirect(url_for("provider.page"), 303)


@blueprint.get("/security/provider/go")
def go() -> Response:
    """Send the browser to the provider to be linked, within a quarter of an hour of the password."""
    _offered_or_404()
    if not _is_proved() or provider_accounts.of(account(), settings()) is not None:
        return redirect(url_for("provider.page"), 303)
    session.pop("provider_from")
    return _away_to_the_provider("link", of=owner())


def _let_in(found: openid.Identified) -> Response:
    """Sign the one in whom the provider names."""
    purpose = found.sign_in.purpose
    if current_user.is_authenticated:
        return fragments.render("sign_in/_already.html", title=_("You are signed in"))
    if purpose not in settings().oidc_for:
        abort(404)
    door, first_page = _DOORS[purpose]
    try:
        token = provider_accounts.sign_in(
            found, ip=request.remote_addr or "", compose=mailing.compose, settings=settings(), now=clock.now()
        )
    except CodeNeeded as needed:
        session["second"] = needed.token
        return redirect(url_for("sign_in.code", next=local_path(found.sign_in.back, url_for(first_page))), 303)
    except AccountClosed as closed:
        return _refused(words.closed(closed.state), 403, door, offices=True)
    except (provider_accounts.Unknown, provider_accounts.Taken) as error:
        log.info("nobody is linked to a person whom the provider has let in: %s", type(error).__name__)
        return _refused(_unknown(purpose), 403, door)
    sign_in_session(token)
    return redirect(local_path(found.sign_in.back, url_for(first_page)), 303)


def _linked(found: openid.Identified) -> Response:
    """Link the account that has begun this, if it is still the one that is signed in."""
    if not current_user.is_authenticated or owner().id != found.sign_in.account_id or current_user.viewing:
        return _refused(_("This sign-in is over, or it was begun in another browser. Please begin again."), 400)
    _offered_or_404()
    try:
        provider_accounts.link(owner(), found, compose=mailing.compose, settings=settings(), now=clock.now())
    except provider_accounts.Taken:
        flash(_("That account at %(provider)s is connected to another account here.", provider=_isolated_name()))
        return redirect(url_for("provider.page"), 303)
    flash(_("From now on you can sign in at %(provider)s.", provider=_isolated_name()))
    return redirect(url_for("provider.page"), 303)


def _away_to_the_provider(purpose: str, *, back: str = "", of: Account | None = None) -> Response:
    try:
        begun = openid.begin(
            purpose, redirect_uri=_redirect_uri(), account=of, back=back[:1000], settings=settings(), now=clock.now()
        )
    except (openid.ProviderAway, openid.NotTrusted) as error:
        return _away(error)
    session["provider"] = begun.state
    return redirect(begun.address, 303)


def _away(error: Exception) -> Response:
    log.warning("the provider is away: %s", error)
    away = _("%(provider)s cannot be reached right now. Try again in a minute, or sign in another way.",
             provider=_isolated_name())  # fmt: skip
    return _refused(away, 503)


def _refused(text: str, status: int, door: str = "", *, offices: bool = False) -> Response:
    """Why nobody was let in, and the other ways."""
    is_in = bool(current_user.is_authenticated)
    return fragments.render(
        "provider/_refused.html", status=status, text=text, is_in=is_in,
        title=_("That did not work") if is_in else _("You are not signed in"),
        doors=[door] if door else [_DOORS[one][0] for one in settings().oidc_for],
        schools=recovery.offices() if offices else None,
    )  # fmt: skip


def _is_proved() -> bool:
    """Whether the password was given a short time ago, to link the account."""
    return bool(clock.now().timestamp() - session.get("provider_from", 0.0) < PROVED_FOR.total_seconds())


def _unknown(purpose: str) -> str:
    if purpose == "staff":
        return _(
            "Your account at %(provider)s is not connected to an account of the office. Sign in with your password and"
            " connect it under My account.", provider=_isolated_name(),
        )  # fmt: skip
    return _(
        "Your account at %(provider)s does not name a student of this district. Ask your school.",
        provider=_isolated_name(),
    )


def _offered_or_404() -> None:
    if not provider_accounts.is_offered(owner().role, settings()):
        abort(404)


def _wrong_with(form: ChangeForm) -> FieldError | None:
    """What is wrong with the password or, where the account has an authenticator, the code."""
    if authenticators.is_on(account()):
        return wrong_with(form)
    try:
        accounts.confirm(account(), form.present.data or "", settings=settings(), now=clock.now())
    except FieldError as error:
        return error
    return None


def _form_page(action: str, form: ChangeForm, error: FieldError | None) -> Response:
    titles = {
        "link": _("Connect your account at %(provider)s", provider=_isolated_name()),
        "unlink": _("Disconnect your account at %(provider)s", provider=_isolated_name()),
    }
    return fragments.render(
        "provider/_change.html", status=200 if error is None else 422, title=titles[action], form=form, action=action,
        provider=provider_name(), ask_code=authenticators.is_on(account()),
        errors={} if error is None else {error.field: words.field_error(error, settings())},
    )  # fmt: skip


def _isolated_name() -> str:
    return words.isolated(provider_name())


def _redirect_uri() -> str:
    """The address that the provider knows; it begins as the settings say."""
    return settings().portal_url.rstrip("/") + url_for("provider.back")
