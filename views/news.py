"""News by mail and text: what a guardian chooses, and the address at which they are stopped (X05, D07)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from babel.lists import format_list
from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import get_locale, npgettext, pgettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import StringField

from services import clock, formats, numbers, preferences
from services.digests import choices
from services.digests.choices import ALERTS, Choice
from services.passwords import FieldError
from services.record import months
from views import fragments, words
from views.access import account, public, settings, visible_students
from views.forms import Form

blueprint = Blueprint("news", __name__)

#: Ways that news can go.
WAYS = ("mail", "text")


class NewsForm(Form):
    """How often and when; the boxes are read by their names, such as `mail_grades`."""

    digest = StringField()
    day = StringField()
    hour = StringField()
    quiet_from = StringField()
    quiet_until = StringField()


@blueprint.record_once
def _without_token(state: BlueprintSetupState) -> None:
    # Mail systems send the one click without any cookie (RFC 8058 3.1): the address itself is the proof.
    state.app.extensions["csrf"].exempt(f"{stop.__module__}.{stop.__name__}")


@blueprint.route("/preferences/news", methods=["GET", "POST"])
def choose() -> Response:
    """How often, when, what and by which way; what would change nothing is not offered."""
    _guardian_or_404()
    form = NewsForm()
    if not form.is_submitted():
        return _page(form, choices.of(preferences.of(account())))
    chosen = _typed(form)
    try:
        choices.choose(account(), chosen, settings=settings(), now=clock.now())
    except FieldError as error:
        return _page(form, chosen, error)
    flash(_("Your choice is kept."))
    return redirect(url_for("preferences.page"), 303)


@blueprint.post("/preferences/news/answer")
def answer() -> Response:
    """The answer to the one question of the first sign-in."""
    _guardian_or_404()
    try:
        choices.answer(account(), request.form.get("digest", ""), now=clock.now())
    except FieldError:
        return redirect(url_for("news.choose"), 303)
    flash(_("Your choice is kept. You can change it at any time under Preferences."))
    return redirect(url_for("home.children"), 303)


@blueprint.route("/unsubscribe/<string(maxlength=128):token>", methods=["GET", "POST"])
@public
def stop(token: str) -> Response:
    """Stop all news with one button, or with the one click of a mail program; a link that is opened stops nothing.

    The answer is a page and no redirect, which mail systems do not follow (RFC 8058 3.2).
    """
    mine = choices.stops(token, settings()) or abort(404)
    if request.method == "POST":
        choices.stop(mine, now=clock.now())
        return fragments.render("news/_stopped.html", title=_("No more news"), is_stopped=True)
    return fragments.render("news/_stopped.html", title=_("Stop these messages?"), is_stopped=False)


def question() -> dict[str, str]:
    """What the card on the first page needs to ask a guardian who was never asked; empty for everybody else."""
    recipient = choices.must_be_asked(account(), settings())
    if not recipient:
        return {}
    return {"recipient": recipient if "@" in recipient else numbers.shown(recipient)}


def summary() -> str:
    """What the guardian has chosen, in a sentence or two; empty for students, and where nothing can be sent."""
    mine = preferences.of(account())
    if account().role != "guardian" or not preferences.ways_of(account(), mine, settings()):
        return ""
    day, time = _week_days()[mine.digest_day], _hours()[mine.digest_hour]
    often = {
        "daily": _("News comes every day at %(time)s.", time=time),
        "weekly": _("News comes every week on %(day)s at %(time)s.", day=day, time=time),
    }.get(mine.digest, _("No regular news is sent to you."))
    alerts = _("You are told on the same day when a child is marked absent.") if mine.attendance_alerts else ""
    return f"{often} {alerts}".strip()


@blueprint.app_template_global("attendance_words")
def attendance_words() -> dict[str, str]:
    """What a day counts as, for mails."""
    return words.attendance()


@blueprint.app_template_global("counted_news")
def counted_news(counts: Mapping[str, int]) -> str:
    """How much there is of each kind of news, as short as a text message wants it."""
    said = {
        "grades": lambda n: npgettext("in a text message", "%(num)s grade", "%(num)s grades", n),
        "missing": lambda n: npgettext("in a text message", "%(num)s missing", "%(num)s missing", n),
        "attendance": lambda n: npgettext("in a text message", "%(num)s absent or late", "%(num)s absent or late", n),
        "balance": lambda n: npgettext("in a text message", "%(num)s low balance", "%(num)s low balances", n),
        "loans": lambda n: npgettext("in a text message", "%(num)s to give back", "%(num)s to give back", n),
        "notices": lambda n: npgettext("in a text message", "%(num)s notice", "%(num)s notices", n),
    }
    return str(format_list([said[kind](count) for kind, count in counts.items()], "unit", locale=str(get_locale())))


def _guardian_or_404() -> None:
    """News are for guardians: a student's own record is a click away."""
    if account().role != "guardian":
        abort(404)


def _page(form: NewsForm, chosen: Choice, error: FieldError | None = None) -> Response:
    mine = preferences.of(account())
    ways = preferences.ways_of(account(), mine, settings())
    offered = choices.offered(visible_students())
    kinds = chosen.kinds or {next(iter(ways), ""): choices.KINDS}
    return fragments.render(
        "news/_page.html",
        status=200 if error is None else 422,
        title=_("News from school"),
        form=form,
        errors={} if error is None else {one.field: _error(one) for one in error.all},
        chosen=chosen,
        often=_often(),
        ways=ways,
        shown=numbers.shown,
        kinds=[(kind, text) for kind, text in _kinds().items() if kind in offered],
        ticked={f"{way}_{kind}" for way in ways for kind in kinds.get(way, ())},
        alerts="attendance" in offered,
        hours=_hours(),
        days=[(day, _week_days()[day]) for day in _in_order()],
    )


def _typed(form: NewsForm) -> Choice:
    """What was chosen; what is no number is none of the numbers that there are. Boxes not offered stay as they were."""
    before = choices.of(preferences.of(account())).kinds
    offered = [*choices.offered(visible_students()), ALERTS]
    kinds = {
        way: [
            kind
            for kind in (*choices.KINDS, ALERTS)
            if (request.form.get(f"{way}_{kind}") if kind in offered else kind in before.get(way, ()))
        ]
        for way in WAYS
    }
    # Nobody has chosen yet: kinds that come with a later feed are wanted as all others are.
    for way in WAYS if not before else ():
        kinds[way] += [kind for kind in choices.KINDS if kind not in offered and kinds[way]]
    return Choice(
        form.digest.data or "", _number(form.day.data), _number(form.hour.data), _hour_or_none(form.quiet_from.data),
        _hour_or_none(form.quiet_until.data), [day for day in range(7) if request.form.get(f"quiet_{day}")], kinds,
    )  # fmt: skip


def _number(typed: str | None) -> int:
    return int(typed) if typed and typed.isascii() and typed.isdecimal() and len(typed) < 3 else -1


def _hour_or_none(typed: str | None) -> int | None:
    return _number(typed) if typed else None


def _error(error: FieldError) -> str:
    """What is wrong with a field, and what would do."""
    return {
        "digest": _("Choose how often."),
        "day": _("Choose a day."),
        "hour": _("Choose an hour."),
        "kinds": _("Choose at least one kind of news, or choose that none are sent."),
        "quiet_from": _("Choose both hours, and two different ones, or none."),
        "quiet_days": _("On at least one day something must be sent. To get nothing, choose so above."),
    }[error.field]


def _often() -> dict[str, str]:
    return {
        "weekly": _("Once a week"),
        "daily": _("Every day on which there is something new"),
        "off": pgettext("how often messages come", "Never"),
    }


def _kinds() -> dict[str, str]:
    return {
        "grades": _("New scores and grades"),
        "missing": _("Missing work"),
        "attendance": _("Absences, and days late"),
        "balance": _("A low balance of the meal account"),
        "loans": _("Books and other things to give back"),
        "notices": _("Notices of the school and the district"),
    }


def _hours() -> list[str]:
    locale = str(get_locale())
    return [formats.time_of_day(dt.time(hour), locale) for hour in range(24)]


def _week_days() -> list[str]:
    """The names of the days of the week, Monday's first."""
    return [name for _short, name in months.week_days(0, str(get_locale()))]


def _in_order() -> list[int]:
    """The days of the week as the district counts them."""
    first = months.first_day_of_week(settings().time_zone)
    return [(first + ahead) % 7 for ahead in range(7)]
