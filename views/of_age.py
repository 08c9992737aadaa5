"""What families read of the day on which a student turns 18 and the guardians' access may end (FERPA, 34 CFR 99.5)."""

from __future__ import annotations

from flask_babel import get_locale
from flask_babel import gettext as _

from models import Student
from services import formats, of_age
from views import words
from views.access import account, settings, today


def notes(students: list[Student]) -> list[str]:
    """A sentence for each of these students out of `Student.visible_to` who is 18 or will be soon, where it matters."""
    found = of_age.soon_or_over(students, settings().at_eighteen, today())
    return [_note(one, found[one.id]) for one in students if one.id in found]


def _note(student: Student, where: of_age.Standing) -> str:
    said = {
        "day": formats.day(where.day, str(get_locale()), "long"),
        "student": words.isolated(student.preferred_given_name or student.given_name),
    }
    if where.ends is not None:
        case = "ends" if where.is_open else "ended"
    elif where.answer is not None:
        case = "agreed"
    else:
        case = "to be asked" if where.day > today() else "not asked"
    return _own(case, said) if account().role == "student" else _childs(case, said)


def _own(case: str, said: dict[str, str]) -> str:
    """What the student reads."""
    return {
        "agreed": _("You have agreed that your guardians may see your record when you are 18."),
        "ended": _(
            "You turned 18 on %(day)s: your guardians cannot see your record. If you want them to, tell the office.",
            **said,
        ),
        "ends": _(
            "Your guardians' access ends on %(day)s, when you turn 18. To let them keep it, tell the office.",
            **said,
        ),
        "to be asked": _(
            "You turn 18 on %(day)s. The school will ask you whether your guardians may still see your record.",
            **said,
        ),
        "not asked": _("You are 18. The school will ask you whether your guardians may still see your record."),
    }[case]


def _childs(case: str, said: dict[str, str]) -> str:
    """What a guardian reads of the child; of one whose record is closed already, nothing is shown."""
    return {
        "agreed": _("%(student)s has agreed that you may see this record after the 18th birthday.", **said),
        "ended": "",
        "ends": _(
            "Your access ends on %(day)s, when %(student)s turns 18, unless %(student)s agrees at the office.",
            **said,
        ),
        "to be asked": _(
            "On %(day)s %(student)s turns 18. The school will ask whether you may still see this record.",
            **said,
        ),
        "not asked": _("%(student)s is 18. The school will ask whether you may still see this record.", **said),
    }[case]
