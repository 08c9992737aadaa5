"""Messages from families to teachers: 500 characters of plain text, and a list of what was sent (G07, G08)."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from peewee import JOIN
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from models import Message, OutboundMail, Section, Staff, Student
from services import clock, formats, messages
from services.drafts import Kept
from services.messages import MAX_LENGTH, MessageRefused
from services.record import contacts
from services.record.classes import Class, Teacher, classes_of, current
from views import drafts, fragments, mailing
from views.access import account, settings, student_or_404, today, visible_students
from views.drafts import keeps_draft
from views.forms import Form
from views.words import isolated, refusal

blueprint = Blueprint("messages", __name__)


class MessageForm(Form):
    """The message as typed."""

    body = TextAreaField()


@blueprint.get("/messages")
def sent() -> Response:
    """What this account wrote, to whom, when, and whether it has left."""
    locale, zone = str(get_locale()), settings().time_zone
    # What was written about a child goes with the right to see that child.
    children = [child.id for child in visible_students()]
    rows = (
        Message.select(Message, Student, Staff, Section, OutboundMail.state.alias("mail_state"))
        .join(Student)
        .switch(Message)
        .join(Staff)
        .switch(Message)
        .join(Section, JOIN.LEFT_OUTER)
        .switch(Message)
        .join(OutboundMail, JOIN.LEFT_OUTER, on=(OutboundMail.message == Message.id))
        .where(Message.account == account(), Message.student.in_(children))
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(100)
        .objects()
    )
    written = [
        {"message": row, "at": formats.moment(row.created_at, zone, locale), "state": row.mail_state} for row in rows
    ]
    return fragments.render("messages/_sent.html", title=_("Messages"), written=written)


@blueprint.route("/students/<int:student_id>/write/<int:staff_id>", methods=["GET", "POST"])
@blueprint.route("/students/<int:student_id>/grades/<int:section_id>/write/<int:staff_id>", methods=["GET", "POST"])
@keeps_draft
def write(student_id: int, staff_id: int, section_id: int | None = None) -> Response:
    """Write to a teacher of one of the student's classes, or to a counselor or administrator of the school (D19)."""
    student = student_or_404(student_id, None if section_id is None else "grades")
    taught, teacher = _recipient_or_404(student, section_id, staff_id)
    form, reply_to = MessageForm(), messages.reply_to(account(), settings())
    if request.mimetype == "multipart/form-data":
        return _page(form, student, taught, teacher, _("Files cannot be sent here: only plain text."), status=415)
    if reply_to is None:
        return _page(form, student, taught, teacher, status=403 if form.is_submitted() else 200)
    if not form.is_submitted():
        draft = drafts.unsent()
        form.body.data = draft.typed.get("body", "") if draft else ""
        return _page(form, student, taught, teacher, draft=draft)
    # As it came: characters that the form leaves out are a reason to refuse, not to send something else.
    typed = request.form.get("body", "")
    try:
        messages.send(
            account=account(), student=student, staff=Staff.get_by_id(teacher.id), section_id=section_id,
            mail=mailing.compose(
                "message", settings().default_language, sender=account().person.name, reply_to=reply_to,
                student=student.name, section=taught.title if taught else "", body=messages.normalized(typed),
                by_student=account().role == "student",
            ),
            typed=typed, settings=settings(), now=clock.now(),
        )  # fmt: skip
    except MessageRefused as refused:
        return _page(form, student, taught, teacher, refusal(refused, typed), status=422)
    drafts.forget()
    flash(
        _(
            "Your message to %(teacher)s is on its way. The answer comes to %(address)s.",
            teacher=isolated(teacher.name),
            address=isolated(reply_to),
        )
    )
    if taught is None:
        return redirect(url_for("students.overview", student_id=student.id), 303)
    return redirect(url_for("students.section", student_id=student.id, section_id=section_id), 303)


def _recipient_or_404(student: Student, section_id: int | None, staff_id: int) -> tuple[Class | None, Teacher]:
    """Whom to write to, and the class if it is about one: this student's, takes mail, and messages are on."""
    if not settings().messages:
        abort(404)
    if section_id is None:
        people = contacts.advisors(student, today())
        found = next((one for one in people if one.staff_id == staff_id and one.email), None) or abort(404)
        return None, Teacher(found.staff_id, found.name, found.email)
    classes = current(classes_of([student.id]), today())
    taught = next((c for c in classes if c.section_id == section_id), None) or abort(404)
    return taught, next((t for t in taught.teachers if t.id == staff_id and t.email), None) or abort(404)


def _page(
    form: MessageForm, student: Student, taught: Class | None, teacher: Teacher, error: str = "", status: int = 200,
    draft: Kept | None = None,
) -> Response:  # fmt: skip
    return fragments.render(
        "messages/_write.html", status=status,
        title=_("Message to %(teacher)s", teacher=isolated(teacher.name)),
        form=form, student=student, taught=taught, teacher=teacher, error=error, draft=draft,
        reply_to=messages.reply_to(account(), settings()), limit=MAX_LENGTH,
    )  # fmt: skip
