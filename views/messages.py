"""Messages from families to teachers: 500 characters of plain text, and a list of what was sent (G07, G08)."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from peewee import JOIN
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from models import Message, OutboundMail, School, SchoolContact, Section, Staff, Student
from services import clock, formats, messages
from services.drafts import Kept
from services.messages import MAX_LENGTH, MessageRefused, To
from services.record import contacts
from services.record.classes import Class, classes_of, current
from services.record.contacts import Contact, Office
from views import drafts, fragments, mailing
from views.access import account, settings, student_or_404, today, visible_students, withheld
from views.drafts import keeps_draft
from views.forms import Form
from views.words import isolated, refusal

blueprint = Blueprint("messages", __name__)


class MessageForm(Form):
    """The message as typed."""

    body = TextAreaField()


class Written(NamedTuple):
    """A message as its writer reads of it; `state` is that of its mail, `left_at` when it left."""

    message: Message
    to: str
    at: str
    state: str
    left_at: str
    offices: list[Office]


class Child(NamedTuple):
    """Whom one can write to about a child; classes come with their teachers."""

    student: Student
    classes: list[Class]
    advisors: list[Contact]
    offices: list[Office]


@blueprint.get("/messages")
def sent() -> Response:
    """What this account wrote, to whom, when, and whether it has left."""
    locale, zone = str(get_locale()), settings().time_zone
    # What was written about a child goes with the right to see that child.
    children = [child.id for child in visible_students()]
    rows = list(
        Message.select(
            Message, Student, Staff, Section, School, OutboundMail.state,
            OutboundMail.sent_at,
        )
        .join(Student)
        .switch(Message)
        .join(Staff, JOIN.LEFT_OUTER)
        .switch(Message)
        .join(SchoolContact, JOIN.LEFT_OUTER)
        .join(School, JOIN.LEFT_OUTER)
        .switch(Message)
        .join(Section, JOIN.LEFT_OUTER)
        .switch(Message)
        .join(OutboundMail, JOIN.LEFT_OUTER, on=(OutboundMail.message == Message.id), attr="mail")
        .where(Message.account == account(), Message.student.in_(children))
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(100)
    )  # fmt: skip
    offices = contacts.offices_of({row.student_id for row in rows}, today()) if rows else {}
    written = []
    for row in rows:
        mail, written_at = getattr(row, "mail", None), formats.moment(row.created_at, zone, locale)
        state, left_at = (mail.state, mail.sent_at) if mail is not None else ("", None)
        left = formats.moment(left_at, zone, locale)
        written.append(Written(row, _name_of(row), written_at, state, left, offices.get(row.student_id, [])))
    return fragments.render("messages/_sent.html", title=_("Messages"), written=written)


@blueprint.get("/messages/new")
def choose() -> Response:
    """Whom to write to: the teachers of each child's classes, counselors and administrators, the offices (D19)."""
    if not settings().messages:
        abort(404)
    children, day = visible_students(), today()
    ids = [child.id for child in children]
    classes = current(classes_of([child.id for child in children if "grades" not in withheld(child)]), day)
    advisors, offices = contacts.advisors_of(ids, day), contacts.offices_of(ids, day)
    return fragments.render(
        "messages/_choose.html", title=_("Write a message"), reply_to=messages.reply_to(account(), settings()),
        children=[
            Child(child, [c for c in classes if c.student_id == child.id], advisors.get(child.id, []),
                  offices.get(child.id, []))
            for child in children
        ],
    )  # fmt: skip


@blueprint.route("/students/<int:student_id>/write/<int:staff_id>", methods=["GET", "POST"])
@blueprint.route("/students/<int:student_id>/grades/<int:section_id>/write/<int:staff_id>", methods=["GET", "POST"])
@blueprint.route("/students/<int:student_id>/write/office/<int:contact_id>", methods=["GET", "POST"])
@keeps_draft
def write(
    student_id: int, staff_id: int | None = None, section_id: int | None = None, contact_id: int | None = None
) -> Response:
    """Write to a teacher of one of the student's classes, a counselor or administrator of the school, or the office."""
    student = student_or_404(student_id, None if section_id is None else "grades")
    taught, to = _recipient_or_404(student, section_id, staff_id, contact_id)
    form, reply_to = MessageForm(), messages.reply_to(account(), settings())
    if request.mimetype == "multipart/form-data":
        return _page(form, student, taught, to, _("Files cannot be sent here: only plain text."), status=415)
    if reply_to is None:
        return _page(form, student, taught, to, status=403 if form.is_submitted() else 200)
    if not form.is_submitted():
        draft = drafts.unsent()
        form.body.data = draft.typed.get("body", "") if draft else ""
        return _page(form, student, taught, to, draft=draft)
    # As it came: characters that the form leaves out are a reason to refuse, not to send something else.
    typed = request.form.get("body", "")
    try:
        messages.send(
            account=account(), student=student, to=to, section_id=section_id,
            mail=mailing.compose(
                "message", messages.language_of(to, settings()), sender=account().person.name, reply_to=reply_to,
                student=student.name, section=taught.title if taught else "", body=messages.normalized(typed),
                by_student=account().role == "student",
            ),
            typed=typed, settings=settings(), now=clock.now(),
        )  # fmt: skip
    except MessageRefused as refused:
        return _page(form, student, taught, to, refusal(refused, typed), status=422)
    drafts.forget()
    flash(
        _(
            "Your message to %(teacher)s is on its way. The answer comes to %(address)s.",
            teacher=isolated(to.name),
            address=isolated(reply_to),
        )
    )
    if taught is None:
        return redirect(url_for("students.overview", student_id=student.id), 303)
    return redirect(url_for("students.section", student_id=student.id, section_id=section_id), 303)


def _recipient_or_404(
    student: Student, section_id: int | None, staff_id: int | None, contact_id: int | None
) -> tuple[Class | None, To]:
    """Whom to write to, and the class if it is about one: this student's, takes mail, and messages are on."""
    if not settings().messages:
        abort(404)
    if contact_id is not None:
        offices = contacts.offices(student, today())
        office = next((one for one in offices if one.contact_id == contact_id), None) or abort(404)
        return None, To(_office_of(office.name), office.email or "", contact_id=contact_id)
    if section_id is None:
        people = contacts.advisors(student, today())
        found = next((one for one in people if one.staff_id == staff_id and one.email), None) or abort(404)
        return None, To(found.name, found.email or "", staff_id=found.staff_id)
    classes = current(classes_of([student.id]), today())
    taught = next((c for c in classes if c.section_id == section_id), None) or abort(404)
    teacher = next((t for t in taught.teachers if t.id == staff_id and t.email), None) or abort(404)
    return taught, To(teacher.name, teacher.email or "", staff_id=teacher.id)


def _office_of(school: str) -> str:
    return _("Office of %(school)s", school=isolated(school))


def _name_of(message: Message) -> str:
    """Whom a message went to."""
    if message.staff is not None:
        return str(message.staff.name)
    contact = message.contact
    return _office_of(contact.school.name) if contact is not None and contact.school is not None else _("Office")


def _page(
    form: MessageForm, student: Student, taught: Class | None, to: To, error: str = "", status: int = 200,
    draft: Kept | None = None,
) -> Response:  # fmt: skip
    reply_to = messages.reply_to(account(), settings())
    return fragments.render(
        "messages/_write.html", status=status,
        title=_("Message to %(teacher)s", teacher=isolated(to.name)),
        form=form, student=student, taught=taught, to=to, error=error, draft=draft,
        reply_to=reply_to, limit=MAX_LENGTH, offices=[] if reply_to else contacts.offices(student, today()),
    )  # fmt: skip
