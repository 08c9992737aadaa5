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
from services.messages import MAX_LENGTH, MessageRefused
from services.record.classes import Class, Teacher, classes_of, current
from views import fragments, mailing
from views.access import account, settings, student_or_404, today, visible_students
from views.forms import Form
from views.words import isolated

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


@blueprint.route("/students/<int:student_id>/grades/<int:section_id>/write/<int:staff_id>", methods=["GET", "POST"])
def write(student_id: int, section_id: int, staff_id: int) -> Response:
    """Write to a teacher of one of the student's classes."""
    student = student_or_404(student_id, "grades")
    taught, teacher = _teacher_or_404(student, section_id, staff_id)
    form = MessageForm()
    if request.mimetype == "multipart/form-data":
        return _page(form, student, taught, teacher, _("Files cannot be sent here: only plain text."), status=415)
    if not account().reply_address:
        return _page(form, student, taught, teacher, status=403 if form.is_submitted() else 200)
    if not form.is_submitted():
        return _page(form, student, taught, teacher)
    # As it came: characters that the form leaves out are a reason to refuse, not to send something else.
    typed = request.form.get("body", "")
    try:
        messages.send(
            account=account(), student=student, staff=Staff.get_by_id(teacher.id), section_id=section_id,
            mail=mailing.compose(
                "message", settings().default_language, sender=account().person.name, reply_to=account().reply_address,
                student=student.name, section=taught.title, body=messages.normalized(typed),
            ),
            typed=typed, settings=settings(), now=clock.now(),
        )  # fmt: skip
    except MessageRefused as refused:
        return _page(form, student, taught, teacher, _explain(refused, typed), status=422)
    flash(
        _("Your message to %(teacher)s is on its way. The answer comes to your e-mail.", teacher=isolated(teacher.name))
    )
    return redirect(url_for("students.section", student_id=student.id, section_id=section_id), 303)


def _teacher_or_404(student: Student, section_id: int, staff_id: int) -> tuple[Class, Teacher]:
    """The class and its teacher, if both are this student's, the teacher takes mail, and messages are on."""
    classes = current(classes_of([student.id]), today())
    taught = next((c for c in classes if c.section_id == section_id), None) or abort(404)
    teacher = next((t for t in taught.teachers if t.id == staff_id and t.email), None) or abort(404)
    return (taught, teacher) if settings().messages else abort(404)


def _page(
    form: MessageForm, student: Student, taught: Class, teacher: Teacher, error: str = "", status: int = 200
) -> Response:
    return fragments.render(
        "messages/_write.html", status=status,
        title=_("Message to %(teacher)s", teacher=isolated(teacher.name)),
        form=form, student=student, taught=taught, teacher=teacher, error=error,
        reply_to=account().reply_address, limit=MAX_LENGTH,
    )  # fmt: skip


def _explain(refused: MessageRefused, typed: str) -> str:
    return {
        "blank": _("Write something first."),
        "long": _(
            "The message has %(length)s characters. At most %(limit)s fit: please shorten it.",
            length=messages.length(typed), limit=MAX_LENGTH,
        ),
        "control": _("The message holds characters that cannot be sent. Please type it again."),
        "address": _("The school has no e-mail address on file that this message could go to. Please call the school."),
        "often": _("You have written as many messages today as the portal takes. Please call the school."),
    }[refused.code]  # fmt: skip
