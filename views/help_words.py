"""The words of the help page: what the tour says of each tab, and what the office's entries are."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from config import Settings


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


def named(label: str) -> str:
    """The name of a page, field, link or button, in the quotation marks of the language."""
    # Translators: Only the quotation marks that your language uses around the name of a button.
    return pgettext("the name of a button or field", "“%(name)s”") % {"name": label}


def next_child() -> str:
    """How to register for another child, where each has a token of its own (G10)."""
    return _(
        "Sign in, choose your name at the top of the page, then %(link)s. Every child has a token of its own.",
        link=named(_("Add a child")),
    )


def choose_a_child() -> str:
    """The first step of the tour."""
    return _(
        "“My children” shows everybody at a glance. Choose a name. The tabs under the name are the parts of the record."
    )


def messages() -> str:
    """The tour's step to the teachers."""
    return _("Write to a teacher from the page of the class. “Messages” keeps what you have written.")


def preferences() -> str:
    """The tour's step to what the portal sends."""
    return _(
        "Choose your name at the top of the page, then %(link)s: what the portal tells you by mail or text message, how"
        " often, and in which language.",
        link=named(_("Preferences")),
    )


def the_end() -> str:
    """The last step of the tour."""
    return _(
        "The languages stand in the first line of every page. On a computer that others use, press “Sign out” when you"
        " are done."
    )


def pictures() -> dict[str, str]:
    """What is to be seen in each picture of the tour (see `views.tour_pictures.NAMES`)."""
    return {
        # Translators: The next sentences say what a picture shows, for people who do not see it.
        "home": _("Picture: the languages, the bar with “Help” and “Sign out”, below them a card for each child."),
        "overview": _("Picture: the tabs under the child's name, below them what is missing and what is due."),
        "grades": _("Picture: the classes one below the other, each with its teacher and its grade."),
        "to_do": _("Picture: a list of missing work and of work that is due, each with class and day."),
        "attendance": _("Picture: how many days the child was absent, below that a calendar of the month."),
        "messages": _("Picture: a box for the message to the teacher, below it how many characters are left."),
        "preferences": _("Picture: a list to choose the language, below it where notices go and what is told."),
    }


def needed(settings: Settings) -> list[str]:
    """What a guardian needs to register, as the district has set it."""
    first = settings.registration[:1]
    if first == ("credentials",):
        found = [_("The Person ID and the GUID that the school gives you.")]
    elif first == ("token",):
        found = [
            _(
                "Your user ID, your child's date of birth, and the token for that child. Each child has a token of its"
                " own."
            )
        ]
    else:
        found = [_("The activation key that the school gives you.")]
        if settings.key_scope == "child":
            found.append(_("Each child has a key of its own."))
    if settings.check_identity:
        found.append(_("A photo ID, when you ask the school for them."))
    if settings.email_required:
        found.append(_("An e-mail address of your own. Two parents cannot share one."))
    elif settings.user_name == "email":
        found.append(_("An e-mail address, if you have one. Without one you sign in with a number of 13 digits."))
    return found


def answers(settings: Settings) -> list[tuple[str, str]]:
    """What families ask everywhere, with what holds in this district; the office adds its own (G14)."""
    by_office = _("Ask your school's office: it looks at your papers, and changes it in the school's records.")
    return [
        (
            _("What can I see?"),
            _("What the school keeps of your child: grades, assignments, attendance and more. The tour shows it."),
        ),
        (_("What does it cost?"), _("Nothing. The portal is free of charge.")),
        (
            _("Who else can see my child's record?"),
            _("Nobody but the guardians to whom the school has given access, and the school itself. Keep your password"
              " to yourself."),
        ),
        (
            _("Does every class have grades?"),
            _("Teachers post them during the term. Art, music, PE, special programs and the youngest grades may have"
              " none before the end of the term."),
        ),
        (
            _("How new is what I see?"),
            _("Most of it is renewed every day, test results when they are there. Each page says when it was last"
              " updated."),
        ),
        (
            _("When and where can I use the portal?"),
            _("Day and night, wherever there is Internet. Planned maintenance is announced on the page for signing"
              " in."),
        ),
        *([(
            _("Can I write to the teachers?"),
            _("Yes, at most 500 characters, without pictures or attachments. The answer comes to your e-mail address;"
              " without one you cannot write."),
        )] if settings.messages else []),
        (
            _("I have another child. What do I do?"),
            next_child() if settings.key_scope == "child"
            else _("All your children appear by themselves. If one is missing, ask the school's office."),
        ),
        (
            _("Do I have to register again next year, or at another school?"),
            _("No. Your account stays as long as you have a child at a school of the district."),
        ),
        (_("How do I change my address or telephone number?"), by_office),
        (
            _("How do I change my e-mail address?"),
            _("Sign in, and choose your name at the top of the page.") if settings.change_email == "self"
            else _("Ask your school's office. It closes your account, and you register again with the new address."),
        ),
    ]  # fmt: skip


def locked(settings: Settings) -> str:
    """What several wrong passwords lead to, where the school has to open the account again."""
    return ngettext(
        "After %(num)s wrong password the account is locked. The school reactivates it.",
        "After %(num)s wrong passwords in a row the account is locked. The school reactivates it.", settings.lock_after,
    )  # fmt: skip


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
