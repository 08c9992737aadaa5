"""Instructions on one sheet: how to register, to claim an account, and to get back in, as the preset has it (S08).

They name pages, fields and buttons by the very sentences that the pages have, so that both are translated alike; a test
takes the names from the pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from babel.lists import format_list
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from config import Settings
from services.pdf.sheets import Instructions
from views import help_words
from views.help_words import named

#: The sheets, by the last part of their address.
NAMES = ("register", "claim", "reset")


class Shown(NamedTuple):
    """A page as somebody sees it who fills it in: its heading, its fields, its button, and a word of advice.

    `asks` is what there is to do: to `fill in` the fields, to `answer` what is asked, to `accept` what stands there, or
    to choose three `questions` and answer them.
    """

    heading: str
    fields: tuple[str, ...]
    button: str
    advice: str = ""
    asks: str = "fill in"


def names(settings: Settings) -> tuple[str, ...]:
    """The sheets that this preset has: where students have no accounts, there is nothing to claim."""
    return tuple(name for name in NAMES if name != "claim" or settings.student_accounts != "off")


def listed(settings: Settings) -> list[tuple[str, str]]:
    """Those sheets: the last part of the address, and the title."""
    return [(name, _titles(settings)[name]) for name in names(settings)]


def _titles(settings: Settings) -> dict[str, str]:
    by_way = {
        "claim": _("Students: how to claim your account"),
        "district": _("Students: how to sign in the first time"),
        "key": _("Students: how to create your account"),
    }
    return {
        "register": _("Parents and guardians: how to create your account"),
        "claim": by_way.get(settings.student_accounts, ""),
        "reset": _("Forgotten password or user name: how to get back in"),
    }


def sheet(name: str, settings: Settings) -> Instructions:
    """One of the sheets in the language that is in force."""
    needed, parts = {"register": _register, "claim": _claim, "reset": _reset}[name](settings)
    return Instructions(
        is_rtl=get_locale().text_direction == "rtl",
        sender=settings.district_name,
        contact=settings.help_contact,
        title=_titles(settings)[name],
        needed=(_("What you need"), tuple(needed)),
        parts=tuple((heading, tuple(steps)) for heading, steps in parts),
        address=settings.portal_url.rstrip("/"),
        camera=_("Go to this address, or point the camera of a phone at the square:"),
        ending=tuple(_ending(name, settings)),
    )


def _ending(name: str, settings: Settings) -> list[str]:
    if name != "reset":
        return [_("Questions? Ask the school's office.")]
    still = [_("Still not in? Call your school's office during school hours.")]
    if settings.lock_rule == "disable":
        still.insert(0, help_words.locked(settings))
    return still


_Parts = tuple[list[str], list[tuple[str, list[str]]]]


def _register(settings: Settings) -> _Parts:
    link = _("Create an account with what you have from your school")
    steps = [*_begin(), _below(_("First time here?"), link), *_registration(settings.registration, settings)]
    if settings.verify_email == "before":
        steps += [
            _("%(page)s: you get a mail. Open the link in it, and press %(button)s.",
              page=named(_("Please check your e-mail")), button=named(_("Yes, this is my address"))),
            _("Within 15 minutes your account is ready, and you are told so by mail. Then sign in."),
        ]  # fmt: skip
    else:
        steps.append(_written_down())
    if "questions" in settings.first_duties:
        steps.append(_fill_in(_three_questions(_("Security questions"), _when_forgotten())))
    parts = [(_("Step by step"), steps)]
    if settings.key_lookup:
        parts.append((_("No activation key yet?"), _look_up(settings)))
    if settings.key_scope == "child":
        parts.append((_("Another child?"), [help_words.next_child()]))
    return help_words.needed(settings), parts


def _look_up(settings: Settings) -> list[str]:
    secret = settings.lookup_secret_name
    secret = secret[:1].upper() + secret[1:] or _("The secret number from the school's letter")
    asked = (_("Your first name"), _("Your last name"), _("Your child's student number"),
             _("Your child's date of birth"), secret)  # fmt: skip
    return [
        _choose(_("I do not have an activation key yet")),
        _fill_in(Shown(_("Look up your activation key"), asked, _("Next"))),
        _("If they are right, you can create your account at once."),
    ]


def _claim(settings: Settings) -> _Parts:
    if settings.student_accounts == "district":
        return [_("Your student number and your date of birth.")], [(_("Step by step"), _first_sign_in(settings))]
    if settings.student_accounts == "key":
        link = _("Create an account with what you have from your school")
        steps = [*_begin(), _below(_("First time here?"), link)]
        steps += [*_registration(settings.registration, settings), _written_down()]
        return [_("The activation key that the school gives you.")], [(_("Step by step"), steps)]
    steps = [*_begin(), _choose(_("Students: claim my account")), *_registration(settings.claim, settings)]
    steps.append(_written_down())
    after = [_signs_in(settings), _("Students: S, then 0, then the student ID.")]
    needed = [
        _("Your last name, first name and student ID, exactly as at school."),
        _("New students: wait 24 hours after the school has entered you."),
    ]
    return needed, [
        (_("Step by step"), steps),
        (
            # Translators: A heading: how to sign in after the account has been claimed.
            _("From then on"),
            after,
        ),
    ]


def _first_sign_in(settings: Settings) -> list[str]:
    """A student whom the district has given a user name and a first password (D01)."""
    own = Shown(_("Choose a password of your own"), _passwords(), _("Next"), _long_enough(settings))
    return [
        *_begin(), _signs_in(settings), _("Students: your student number."),
        _("Students: the first time, your date of birth as eight digits, month first, such as 04302015."),
        _fill_in(own), _fill_in(_three_questions(_("Security questions"), _when_forgotten())),
    ]  # fmt: skip


def _reset(settings: Settings) -> _Parts:
    asks = "questions" in settings.first_duties
    new = Shown(_("Choose a new password"), _passwords(), _("Set the password"), _long_enough(settings))
    problems = _("Problems signing in")
    by_mail = [
        *_begin(), _choose(problems), _fill_in(Shown(problems, (_("E-mail address"),), _("Send the mail"))),
        _("Open the mail within half an hour. It says your user name. Choose the link in it."),
        *([_("Answer your security questions.")] if asks else []),
        _fill_in(new),
    ]  # fmt: skip
    by_code = [
        _("Ask the school's office for a code. It is printed for you."),
        _choose(problems, _("I have a code from the school")),
        _fill_in(Shown(_("Code from the school"), (_("Code"),), _("Next"))),
        _fill_in(new),
    ]
    parts = [(_("With your e-mail address"), by_mail), (_("With a code from the school"), by_code)]
    if settings.student_accounts in ("claim", "district"):
        parts.append((_("Students"), [
            _choose(problems, _("I am a student")),
            _fill_in(Shown(_("Forgotten password"), (_("User name"),), _("Next"))),
            _fill_in(Shown(_("Forgotten password"), _passwords(), _("Set the password"),
                           _("Answer your questions on the same page. Not sure of the answers? Ask a teacher."))),
        ]))  # fmt: skip
    needed = [_("The e-mail address of your account, or a code from the school.")]
    return needed, parts


# ---- The pages of a registration ---------------------------------------------------------------------------------


def _registration(steps: Iterable[str], settings: Settings) -> list[str]:
    """What to do on each page of a registration (config `registration`, `claim`)."""
    return [_fill_in(_pages(settings)[step]) for step in steps]


def _pages(settings: Settings) -> dict[str, Shown]:
    """The pages of the steps, each as `templates/registration/` shows it."""
    create, forward = _("Create your account"), _("Next")
    return {
        "key": Shown(
            create, (_("Activation key"),), forward,
            _("Type or paste the activation key from the school's letter. Spaces, dashes and small letters do no"
              " harm."),
        ),
        "credentials": Shown(
            create, (_("Person ID"), _("GUID")), forward,
            _("Type or paste the two numbers that you got at the school. Spaces, dashes and braces do no harm."),
        ),
        "token": Shown(
            _("Register a new account"),
            (_("E-mail address or user ID"), _("Your child's date of birth"), _("Token for this child")), forward,
            _("You find your user ID and the token for your child in the mail or letter from the school."),
        ),
        "role": Shown(
            _("A few questions to be sure"), (), forward,
            _("Only the child's guardian can answer these. Five tries, then the school helps."), "answer",
        ),
        "agreement": Shown(_("User agreement"), (_("I accept this agreement"),), forward, asks="accept"),
        "account": _account(settings),
        "password": Shown(_("Choose a password"), _passwords(), forward, _long_enough(settings)),
        "questions": _three_questions(
            _("Challenge questions"),
            _("Answer exactly three. With the answers you can set a new password when you have forgotten yours."),
        ),
        "claim": Shown(
            _("Claim my account"), (_("Last name"), _("First name"), _("Student ID")), forward,
            _("Enter your names and your student ID exactly as the school has them. The ID is the number alone, without"
              " the S."),
        ),
    }  # fmt: skip


def _account(settings: Settings) -> Shown:
    if settings.user_name == "email":
        first = [_("E-mail address")]
        advice = _(
            "You sign in with it, and teachers answer to it. Leave it empty if you have none: you get a number to sign"
            " in with."
        )
    else:
        first = [_("User name")]
        advice = _(
            "%(least)s to %(most)s letters and digits, not digits only. It cannot be changed later.",
            least=settings.user_name_min, most=settings.user_name_max,
        )  # fmt: skip
    if settings.email_required:
        first.append(_("E-mail address"))
    advice = f"{_about(first[0], advice)} {_long_enough(settings)}"
    return Shown(_("Choose how you sign in"), (*first, *_passwords()), _("Create account"), advice)


def _about(field: str, advice: str) -> str:
    # Translators: The name of a field, with its quotation marks, and what to know of it.
    return _("%(field)s: %(advice)s", field=named(field), advice=advice)


def _passwords() -> tuple[str, str]:
    return _("New password"), _("The same password again")


def _three_questions(heading: str, advice: str) -> Shown:
    return Shown(heading, (), _("Next"), advice, "questions")


def _when_forgotten() -> str:
    return _("Answer exactly three. You are asked for them when you have forgotten your password.")


def _long_enough(settings: Settings) -> str:
    hint = ngettext(
        "At least %(num)s character. A few words in a row are easy to remember.",
        "At least %(num)s characters. A few words in a row are easy to remember.", settings.password_min_length,
    )  # fmt: skip
    return _about(_("New password"), hint)


# ---- The sentences -----------------------------------------------------------------------------------------------


def _begin() -> list[str]:
    return [
        _("Open the address in any browser, on a phone or a computer."),
        _("Choose your language in the first line of the page."),
    ]


def _choose(*links: str) -> str:
    # Translators: In these sentences the names of links, pages, fields and buttons come with their quotation marks.
    if len(links) == 1:
        return _("Choose %(link)s.", link=named(links[0]))
    return _("Choose %(link)s, then %(next)s.", link=named(links[0]), next=named(links[1]))


def _below(heading: str, link: str) -> str:
    # Translators: The heading and the link come with their quotation marks.
    return _("Below %(heading)s choose %(link)s.", heading=named(heading), link=named(link))


def _fill_in(page: Shown) -> str:
    """The sentences for one page."""
    fields = format_list([named(one) for one in page.fields], locale=str(get_locale())) if page.fields else ""
    words = {"page": named(page.heading), "fields": fields, "button": named(page.button)}
    said = {
        # Translators: The page, the fields (a list) and the button come with their quotation marks.
        "fill in": _("On the page %(page)s: fill in %(fields)s. Then press %(button)s.", **words),
        # Translators: The page and the button come with their quotation marks.
        "answer": _("On the page %(page)s: answer the questions. Then press %(button)s.", **words),
        # Translators: The page, the box and the button come with their quotation marks.
        "accept": _("On the page %(page)s: read it, check the box %(fields)s, and press %(button)s.", **words),
        # Translators: The page and the button come with their quotation marks.
        "questions": _("On the page %(page)s: choose three questions and answer each. Then press %(button)s.", **words),
    }[page.asks]
    return f"{said} {page.advice}".rstrip()


def _written_down() -> str:
    return _(
        "On the page %(page)s: write your user name down. Then press %(button)s.",
        page=named(_("Your account is ready")), button=named(_("Sign in")),
    )  # fmt: skip


def _signs_in(settings: Settings) -> str:
    name = _("E-mail address or user ID") if settings.user_name == "email" else _("User name")
    if settings.two_steps:
        return _(
            "Sign in: fill in %(name)s and press %(next)s; then fill in %(password)s and press %(button)s.",
            name=named(name), next=named(_("Next")), password=named(_("Password")), button=named(_("Sign in")),
        )  # fmt: skip
    return _(
        "Sign in: fill in %(name)s and %(password)s and press %(button)s.", name=named(name),
        password=named(_("Password")), button=named(_("Sign in")),
    )  # fmt: skip
