"""The words of the help page: what the tour says of each tab, and what the office's entries are."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import pgettext


def tour() -> dict[str, str]:
    """A sentence or two for each tab, in the order of the tour (see `views.students.frame.TABS`)."""
    return {
        "overview": _("The newest grades, what is missing and what comes next, on one page. Begin here."),
        "grades": _("The grade of each class. Choose a class to see every assignment and the teacher's name."),
        "to_do": _("What is missing, and what is due in the next days."),
        "attendance": _("The days and classes your child has missed, and whether the school counts them as excused."),
        "schedule": _("Today's classes in order of time, with room and teacher."),
        "calendar": _(
            "School events, days without school, and when work is due. It can go into your phone's calendar."
        ),
        "behavior": _("What the school has written down about your child's behavior."),
        "tests": _("Results of the state's and the district's tests, with what they mean."),
        "history": _("Courses of earlier years with their grades and credits."),
        "programs": _("Programs that your child takes part in."),
        "library": _("Books and devices that your child has to give back, and when."),
        "fees": _("The meal account's balance, and what there is to pay."),
        "transportation": _("The bus, the stop and the time."),
        "reports": _("Pages to print or to keep, such as a progress report."),
    }


def contact_roles() -> dict[str, str]:
    """What a contact is (see `services.office.pages.ROLES`)."""
    return {
        "point_person": _("Point person for the portal"),
        "portal_team": _("Portal team"),
        "registrar": _("Registrar"),
        "counselor": _("Counselor"),
        "principal": _("Principal"),
        "interpreter": _("Interpreter"),
    }


def links() -> dict[str, str]:
    """What a link can be (see `services.office.pages.LINKS`)."""
    return {
        "guide": pgettext("on the help page", "Guide"),
        "video": pgettext("on the help page", "Video"),
        "form": pgettext("on the help page", "Form to fill in"),
        "document": pgettext("on the help page", "Document"),
        "faq": _("Question and answer"),
    }
