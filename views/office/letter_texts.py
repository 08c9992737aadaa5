"""What letters and mails with keys say, in the language of whoever gets them (G09, G20, H05)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from babel.lists import format_list
from flask import url_for
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from models import Guardian, School, Student
from services import clock, formats
from services.keys import Draft
from services.office import people, registration
from services.outbox import Mail
from services.pdf.sheets import Letter
from services.record.family import postal_address
from views import languages, mailing
from views.access import settings, today
from views.words import grade_level, isolated


def language_for(wanted: str | None) -> str:
    """The code of a language of the portal: the one wanted if there is a catalog for it, else the district's."""
    return wanted if wanted in [known.code for known in languages.available()] else settings().default_language


def compose(template: str, language: str, **values: Any) -> Mail:
    """Write a mail with keys; what its steps are is said here once for mails and letters."""
    return mailing.compose(
        template, language_for(language), **values, address=address, steps=directions,
        day=lambda value: formats.day(value, str(get_locale()), "long"), names=_names, questions=questions,
    )  # fmt: skip


def address(has_account: bool) -> str:
    """Where the way with a key begins; no key stands in it."""
    endpoint = "registration.add_child" if has_account else "registration.begin"
    path = url_for(endpoint) if has_account else url_for(endpoint, way="register")
    return settings().portal_url.rstrip("/") + path


def directions(way: str, *, has_account: bool, for_student: bool) -> list[str]:
    """The steps from a key to the record, as this district has set registration (config `registration`)."""
    if way == "token" and has_account:
        return [
            _("Sign in to the portal as always."),
            _("Enter your child's date of birth and the token."),
        ]
    if way == "token":
        return [
            _("Enter your user ID, your child's date of birth and the token."),
            _("Answer a few questions about your child, accept the agreement, and choose a password."),
            _(
                "Every child has a token of its own. To add another child, sign in and choose your name at the top of"
                ' the page, then "Add a child".'
            ),
        ]
    if way == "credentials":
        return [
            _("Enter the Person ID and the GUID."),
            _("Choose a user name and a password, and give your e-mail address."),
            _("You get a mail. Open the link in it, and sign in."),
            _missing(),
        ]
    choose = (
        _("Choose a user name and a password.")
        if settings().user_name == "chosen"
        else _("Enter your e-mail address and choose a password. Without an address you get a number to sign in with.")
    )
    if for_student:
        return [_("Enter the activation key."), choose, _("Sign in. You see your own school record.")]
    return [
        _("Enter the activation key."),
        choose,
        _missing(),
    ]


def _missing() -> str:
    return _("All your children appear by themselves. If one is missing, ask the school's office.")


def letters(
    found: Sequence[tuple[list[Draft], Student | None, str]], school: School | None, language: str | None = None
) -> Iterator[Letter]:
    """The letters, each in the language of its reader (or in `language`), one after the other as they are asked for.

    Each is somebody's keys, the student in whose class the letter is handed out, and the title of that class.
    """
    for drafts, student, class_title in found:
        wanted = language or getattr(drafts[0].person, "language", None)
        with force_locale(language_for(wanted)):
            letter = _letter(drafts, student, class_title, school)
        yield letter


def sender(school: School | None) -> list[str]:
    """Name and address of a school, a line each."""
    if school is None:
        return [settings().district_name]
    city = school.city and school.city + ("," if school.state else "")
    town = " ".join(filter(None, (city, school.state, school.postal_code)))
    return [line for line in (school.name, school.street, town, school.phone) if line]


def _letter(drafts: list[Draft], student: Student | None, class_title: str, school: School | None) -> Letter:
    says, person = registration.letter_of(drafts, settings(), clock.now()), drafts[0].person
    locale = get_locale()
    has_account = _has_account(person) if says["way"] == "token" else False
    for_student = bool(says["for_student"])
    return Letter(
        is_rtl=locale.text_direction == "rtl",
        sender=sender(school),
        corner=_corner(student, class_title),
        day=formats.day(today(), str(locale), "long"),
        reader=person.name,
        to=postal_address(person, today()) if isinstance(person, Guardian) else (),
        title=_("Your way into the family portal"),
        lead=[_lead(says["children"], for_student)],
        codes=codes(says),
        steps=directions(str(says["way"]), has_account=has_account, for_student=for_student),
        address=address(has_account),
        camera=_("Go to this address, or point the camera of a phone at the square:"),
        ending=ending(says["expires"], school),
    )


def _lead(children: Any, for_student: bool) -> str:
    district = isolated(settings().district_name)
    if for_student:
        return _("This letter opens the portal of %(district)s, where you see your school record.", district=district)
    return _(
        "This letter opens the family portal of %(district)s, where you see the school record of %(students)s.",
        district=district, students=_names(children),
    )  # fmt: skip


def codes(says: dict[str, Any]) -> list[tuple[str, str]]:
    """What has to be typed from the letter, with what it is."""
    found = []
    if says["person_id"]:
        found.append((_("Person ID"), says["person_id"]))
    if says["user_id"]:
        found.append((_("User ID"), says["user_id"]))
    return found + [(_label(says["way"], child), value) for child, value in says["codes"]]


def _label(way: str, child: str) -> str:
    if child:
        return _("Token for %(student)s", student=isolated(child))
    return _("GUID") if way == "credentials" else _("Activation key")


def ending(expires: Any, school: School | None) -> list[str]:
    """How long it works, how to keep it, and whom to call."""
    until = formats.day(expires, str(get_locale()), "long")
    return [
        _("It works once, until %(day)s. Keep it safe: whoever has it could use it in your place.", day=until),
        questions(school.name if school is not None else "", school.phone if school is not None else ""),
    ]


def questions(school: str, phone: str | None) -> str:
    """Whom to call."""
    if not phone:
        return _("Questions? Ask the school's office.")
    from_left = f"\u2066{phone}\u2069"
    return _("Questions? Call %(school)s: %(phone)s", school=isolated(school), phone=from_left)


def _corner(student: Student | None, class_title: str) -> list[str]:
    if student is None:
        return []
    level = grade_level(student.grade_level) if student.grade_level else ""
    return [student.name, " · ".join(filter(None, (level, class_title)))]


def _names(names: Any) -> str:
    return str(format_list([isolated(name) for name in names], locale=str(get_locale())))


def _has_account(person: Guardian | Student) -> bool:
    return people.account_of(person) is not None
