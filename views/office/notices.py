"""Telling families: notices of the district, a school, grades or a class, in every language (C04)."""

from __future__ import annotations

import datetime as dt

from flask import abort, flash, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from peewee import ModelSelect
from werkzeug.wrappers import Response
from wtforms import BooleanField, DateField, StringField

from models import Notice, NoticeTranslation, School
from services import clock, formats, notices
from views import fragments, languages
from views.access import account, settings, today
from views.forms import Form, without_controls
from views.office.gate import blueprint, needs, office

#: A title is a line, a body a page.
LONGEST_TITLE, LONGEST_BODY = 120, 4000


class NoticeForm(Form):
    """Whom a notice is for and when; its texts come language by language."""

    school = StringField()
    grade_levels = StringField()
    begins_on = DateField()
    ends_on = DateField()
    important = BooleanField()
    public = BooleanField()


@blueprint.get("/notices", endpoint="notices")
@needs("tell")
def listed() -> Response:
    """The notices that this member of staff may change, the latest first."""
    found = _mine().order_by(Notice.begins_on.desc(), Notice.id.desc()).limit(200)
    titles: dict[int, list[NoticeTranslation]] = {}
    for text in NoticeTranslation.select().where(NoticeTranslation.notice.in_([one.id for one in found])):
        titles.setdefault(text.notice_id, []).append(text)
    locale = str(get_locale())
    rows = [
        (
            one, [text.language for text in titles.get(one.id, [])],
            next((text.title for text in titles.get(one.id, [])), ""),
            formats.day(one.begins_on, locale), formats.day(one.ends_on, locale),
            one.ends_on is not None and one.ends_on < today(),
        )
        for one in found
    ]  # fmt: skip
    return fragments.render("office/_notices.html", title=_("Notices"), rows=rows, sent=_of_feed())


@blueprint.route("/notices/new", methods=["GET", "POST"], endpoint="new_notice")
@blueprint.route("/notices/<int:notice_id>", methods=["GET", "POST"], endpoint="notice")
@needs("tell")
def edit(notice_id: int | None = None) -> Response:
    """Write a notice or change one; "Preview" shows it as families will see it, before anybody does."""
    notice = _mine().where(Notice.id == notice_id).first() or abort(404) if notice_id is not None else None
    form = NoticeForm(data=_data(notice) if not request.form else None)
    if not form.is_submitted():
        return _page(notice, form, _texts(notice))
    texts = {
        code: (_typed(f"title_{code}"), _typed(f"body_{code}"))
        for code in codes()
    }  # fmt: skip
    errors = _errors(form, texts)
    school = _school(form)
    if errors or "preview" in request.form:
        return _page(notice, form, texts, errors, preview=not errors)
    found = notices.publish(
        texts, school=school, grade_levels=form.grade_levels.data or "", begins_on=form.begins_on.data,
        ends_on=form.ends_on.data, important=bool(form.important.data), public=bool(form.public.data),
        by=account(), now=clock.now(), replaces=notice,
    )  # fmt: skip
    office().note("notice published", clock.now(), notice=found.id, school=found.school_id)
    flash(_("The notice is published."))
    return redirect(url_for("office.notices"), 303)


@blueprint.post("/notices/<int:notice_id>/end", endpoint="end_notice")
@needs("tell")
def end(notice_id: int) -> Response:
    """Take a notice down today."""
    notice = _mine().where(Notice.id == notice_id).first() or abort(404)
    yesterday = today() - dt.timedelta(days=1)
    Notice.update(ends_on=yesterday, begins_on=min(notice.begins_on, yesterday)).where(Notice.id == notice.id).execute()
    office().note("notice ended", clock.now(), notice=notice.id)
    flash(_("The notice has been taken down."))
    return redirect(url_for("office.notices"), 303)


def prefilled(data: dict[str, object], texts: dict[str, tuple[str, str]]) -> Response:
    """The form of a new notice with this in it; nothing is stored before somebody publishes it from there."""
    return _page(None, NoticeForm(formdata=None, data=data), texts, action=url_for("office.new_notice"))


def _of_feed() -> list[tuple[str, str, str, bool, int]]:
    """The notices that the SIS sends: title, first and last day, whether they must be confirmed, how often read."""
    locale = str(get_locale())
    schools = None if office().may("district") else [one.id for one in office().schools("tell")]
    return [
        (one.title, formats.day(one.begins_on, locale), formats.day(one.ends_on, locale), one.must_confirm, one.readers)
        for one in notices.of_feed(today(), schools)
    ]


def _mine() -> ModelSelect:
    """The office's own notices of the schools that this member of staff acts for; the district's are an admin's."""
    schools = [one.id for one in office().schools("tell")]
    own = Notice.school.in_(schools)
    own = (own | Notice.school.is_null()) if office().may("district") else own
    return Notice.select().where(own, Notice.sourced_id.is_null())


def _school(form: NoticeForm) -> School | None:
    """The school that was chosen; only an admin may write to the whole district."""
    if not form.school.data:
        return None if office().may("district") else abort(404)
    number = int(form.school.data) if form.school.data.isdecimal() else 0
    found: School = office().schools("tell").where(School.id == number).first() or abort(404)
    return found


def _errors(form: NoticeForm, texts: dict[str, tuple[str, str]]) -> dict[str, str]:
    errors = {}
    if not any(title for title, _body in texts.values()):
        errors[f"title_{settings().default_language}"] = _("Give the notice a title in at least one language.")
    for code, (title, body) in texts.items():
        if body and not title:
            errors[f"title_{code}"] = _("This text has no title.")
        if len(title) > LONGEST_TITLE or len(body) > LONGEST_BODY:
            errors[f"title_{code}"] = _(
                "At most %(title)s characters in the title and %(body)s in the text.",
                title=LONGEST_TITLE, body=LONGEST_BODY,
            )  # fmt: skip
    if form.begins_on.data is None:
        errors["begins_on"] = _("Enter a day.")
    elif form.ends_on.data is not None and form.ends_on.data < form.begins_on.data:
        errors["ends_on"] = _("The last day is before the first one.")
    if form.ends_on.data is None and form.ends_on.raw_data and form.ends_on.raw_data[0]:
        errors["ends_on"] = _("Enter a day.")
    return errors


def _typed(name: str) -> str:
    return (without_controls(request.form.get(name, "")) or "").replace("\r\n", "\n").strip()


def codes() -> list[str]:
    """The portal's languages, the district's own first."""
    first = settings().default_language
    return sorted((one.code for one in languages.available()), key=lambda code: (code != first, code))


def _texts(notice: Notice | None) -> dict[str, tuple[str, str]]:
    found = dict.fromkeys(codes(), ("", ""))
    if notice is not None:
        for text in NoticeTranslation.select().where(NoticeTranslation.notice == notice):
            found[text.language] = (text.title, text.body)
    return found


def _data(notice: Notice | None) -> dict[str, object]:
    if notice is None:
        return {"begins_on": today()}
    return {
        "school": str(notice.school_id or ""), "grade_levels": notice.grade_levels, "begins_on": notice.begins_on,
        "ends_on": notice.ends_on, "important": notice.is_important, "public": notice.is_public,
    }  # fmt: skip


def _page(
    notice: Notice | None, form: NoticeForm, texts: dict[str, tuple[str, str]], errors: dict[str, str] | None = None,
    *, preview: bool = False, action: str = "",
) -> Response:  # fmt: skip
    names = {one.code: one.name for one in languages.available()}
    return fragments.render(
        "office/_notice.html", status=422 if errors else 200,
        title=_("Change the notice") if notice else _("New notice"),
        notice=notice, form=form, errors=errors or {}, preview=preview, action=action,
        texts=[(code, names.get(code, code), *text) for code, text in texts.items()],
        schools=[(str(one.id), one.name) for one in office().schools("tell")], all_schools=office().may("district"),
    )  # fmt: skip
