"""Codes of the record in the reader's words."""

from __future__ import annotations

from flask_babel import get_locale, ngettext, pgettext
from flask_babel import gettext as _

from config import Settings
from models import Agreement
from services import messages
from services.messages import MessageRefused
from services.passwords import FieldError

#: Characters that would turn the text around them.
_DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def statuses() -> dict[str, str]:
    """The states of an assignment, looked up by the cells of large tables (see `services.record.assignments`)."""
    return {
        "missing": pgettext("state of an assignment", "Missing"),
        "exempt": pgettext("state of an assignment", "Excused"),
        "incomplete": pgettext("state of an assignment", "Incomplete"),
        "submitted": pgettext("state of an assignment", "Turned in"),
        "unscored": pgettext("state of an assignment", "No score yet"),
        "due": pgettext("state of an assignment", "Due"),
        "late": pgettext("state of an assignment", "Late"),
        "scored": "",
    }


def grade_states() -> dict[str, str]:
    """What a posted grade is (see `services.record.grades.Cell`)."""
    return {
        "final": pgettext("of a posted grade", "Final"),
        "in_progress": pgettext("of a posted grade", "In progress"),
        "not_yet": pgettext("of a posted grade", "Not available yet"),
        "none": pgettext("of a posted grade", "Nothing posted"),
    }


def request_states() -> dict[str, str]:
    """What has become of a request to the school."""
    return {
        "open": pgettext("state of a request", "Sent"),
        "done": pgettext("state of a request", "Done"),
        "declined": pgettext("state of a request", "Not done"),
    }


def refusal(refused: MessageRefused, typed: str) -> str:
    """Why a text of the family to the school is not taken."""
    return {
        "blank": _("Write something first."),
        "long": _(
            "The message has %(length)s characters. At most %(limit)s fit: please shorten it.",
            length=messages.length(typed), limit=messages.MAX_LENGTH,
        ),
        "control": _("The message holds characters that cannot be sent. Please type it again."),
        "address": _("The school has no e-mail address on file that this message could go to. Please call the school."),
        "often": _("You have written as many messages today as the portal takes. Please call the school."),
    }[refused.code]  # fmt: skip


def absence_reasons() -> dict[str, str]:
    """Why a child is absent (the setting `absence_reasons`)."""
    return {
        "illness": pgettext("why a child is absent", "Illness"),
        "appointment": pgettext("why a child is absent", "Doctor or another appointment"),
        "family": pgettext("why a child is absent", "Family matter"),
        "religious": pgettext("why a child is absent", "Religious holiday"),
        "other": pgettext("why a child is absent", "Another reason"),
    }


def absence_states() -> dict[str, str]:
    """What has become of an absence that a guardian reported, for the guardian."""
    return {
        "new": pgettext("state of a reported absence", "Sent"),
        "seen": pgettext("state of a reported absence", "Seen by the school"),
        "recorded": pgettext("state of a reported absence", "Recorded"),
        "declined": pgettext("state of a reported absence", "Not accepted"),
        "withdrawn": pgettext("state of a reported absence", "Withdrawn"),
    }


def looked_at() -> dict[str, str]:
    """What a member of staff looked at, by the names of the office's pages (see `services.record.disclosures`)."""
    return {
        "student": _("The student's page: guardians, enrollments, account"),
        "guardian": _("A guardian's page with the children"),
        "account": _("The student's account"),
        "key": _("Activation keys"),
        "reset": _("A reset of the account"),
        "rights": _("Rights of guardians"),
        "why": _("Who may see the student"),
        "work order": _("A problem handed to technical support"),
        "absence": _("A reported absence"),
        "absences": _("The list of reported absences"),
        "view as": _("The record, as a guardian sees it"),
    }


def office_roles() -> dict[str, str]:
    """What somebody is in the office (see `services.office.staff.ROLES`)."""
    return {
        "teacher": _("Teacher"),
        "counselor": _("Counselor"),
        "clerk": _("School office"),
        "admin": _("District office"),
    }


def desks() -> dict[str, str]:
    """The office's pages by their endpoints, in the order of its navigation."""
    return {
        # Translators: a page of the office, where it looks for people
        "office.home": _("Search"),
        "office.registration": pgettext("verb", "Register"),
        # Translators: a page of the office: what families ask it to change
        "office.requests": _("Requests"),
        "office.absences": _("Absences"),
        # Translators: a page of the office: students' accounts that are to be ended
        "office.resets": _("Account resets"),
        "office.undelivered": _("Undelivered mail"),
        "office.claims": _("Not registered yet"),
        "office.notices": _("Notices"),
        "office.pages": _("Dates and places"),
        "office.schools": _("Schools"),
        # Translators: a page of the office: who works in it
        "office.staff": _("Staff"),
        # Translators: a page of the office: when the portal is closed for work on it
        "office.maintenance": _("Maintenance"),
        "office.agreement": _("User agreement"),
        # Translators: a page of the office: the nightly files from the school's own system
        "office.feeds": _("Feeds"),
        # Translators: a page of the office: students who come of age
        "office.eighteen": _("Turning 18"),
        # Translators: a page of the office: problems handed to technical support
        "office.work_orders": _("Work orders"),
        "office.audit": _("Who looked at what"),
        # Translators: a page of the office: how many people use the portal
        "office.usage": _("Usage"),
    }


def account_states() -> dict[str, str]:
    """The states of an account, for the office (docs/accounts.md)."""
    return {
        "active": pgettext("state of an account", "Active"),
        "pending": pgettext("state of an account", "E-mail address not verified yet"),
        "dormant": pgettext("state of an account", "Not used for a long time: address must be verified again"),
        "left": pgettext("state of an account", "Closed: no child here any more"),
        "locked": pgettext("state of an account", "Locked after wrong passwords"),
        "disabled": pgettext("state of an account", "Disabled by the office"),
        "cancelled": pgettext("state of an account", "Cancelled"),
    }


def key_states() -> dict[str, str]:
    """What has become of an activation key."""
    return {
        "live": pgettext("state of a key", "Not used yet"),
        "used": pgettext("state of a key", "Used"),
        "revoked": pgettext("state of a key", "Replaced"),
        "over": pgettext("state of a key", "Expired"),
    }


def tabs() -> dict[str, str]:
    """The tabs of a student's record (see `views.students.frame.TABS`)."""
    return {
        # Translators: a tab of a student's record
        "overview": _("Overview"),
        "grades": _("Grades"),
        # Translators: a tab of a student's record: assignments that are due
        "to_do": _("To do"),
        "attendance": _("Attendance"),
        "schedule": pgettext("of classes", "Schedule"),
        "calendar": _("Calendar"),
        "behavior": _("Behavior"),
        "tests": pgettext("standardized tests", "Tests"),
        "history": _("Course history"),
        # Translators: a tab of a student's record: special services and courses of study
        "programs": _("Programs"),
        "library": _("Library"),
        "fees": _("Fees and meals"),
        # Translators: a tab of a student's record: the way to school
        "transportation": _("Bus"),
        # Translators: a tab of a student's record: papers to print
        "reports": _("Reports"),
    }


def day_kinds() -> dict[str, str]:
    """Kinds of days in a school's calendar, by Ed-Fi's words for them (see `services.record.day_kinds`)."""
    return {
        "holiday": pgettext("kind of day", "Holiday"),
        "make-up day": pgettext("kind of day", "Make-up day: school is open"),
        "student late arrival/early dismissal": pgettext("kind of day", "School begins late or ends early"),
        "teacher only day": pgettext("kind of day", "Day for teachers only: no school"),
        "weather day": pgettext("kind of day", "No school because of the weather"),
        "strike": pgettext("kind of day", "No school: strike"),
        "emergency day": pgettext("kind of day", "No school: emergency"),
        "non-instructional day": pgettext("kind of day", "No school"),
    }


def attendance() -> dict[str, str]:
    """What a day or a class counts as (see `services.record.attendance.KINDS`)."""
    return {
        "unexcused": pgettext("attendance", "Unexcused"),
        "unknown": pgettext("attendance", "Unknown"),
        "excused": pgettext("attendance", "Excused"),
        "exempt": pgettext("attendance", "Exempt"),
        "tardy": pgettext("attendance", "Tardy"),
        "present": pgettext("attendance", "Present"),
    }


def incident_roles() -> dict[str, str]:
    """A student's part in an incident that others made (Ed-Fi's words for it, in small letters)."""
    return {
        # Translators: a student's part in an incident
        "witness": _("Saw what happened"),
        # Translators: a student's part in an incident
        "victim": _("Was harmed"),
        # Translators: a student's part in an incident
        "reporter": _("Told the school about it"),
    }


def staff_roles() -> dict[str, str]:
    """What somebody at a school is, for families (OneRoster's roles)."""
    return {
        "counselor": _("Counselor"),
        "principal": _("Principal"),
        # Translators: somebody at a school: an assistant principal
        "siteAdministrator": _("Administrator"),
        "administrator": _("Administrator"),
        "teacher": _("Teacher"),
    }


def loan_kinds() -> dict[str, str]:
    """What can be on loan (see `services.record.library`)."""
    return {
        "library": pgettext("on loan", "Library"),
        "textbook": _("Textbook"),
        # Translators: on loan, such as a laptop computer
        "device": _("Device"),
        # Translators: on loan
        "book": _("Book"),
    }


def test_words() -> dict[str, str]:
    """Ed-Fi's kinds of scores and reasons of tests, by their names in small letters; others are shown as they come."""
    return {
        # Translators: of a standardized test
        "scale score": _("Scale score"),
        # Translators: of a standardized test
        "raw score": _("Raw score"),
        # Translators: of a standardized test
        "composite score": _("Total score"),
        "percentile": pgettext("of a test", "Percentile"),
        "percentile rank": pgettext("of a test", "Percentile"),
        "national percentile": _("Percentile in the country"),
        "state percentile": _("Percentile in the state"),
        "lexile measure": _("Lexile reading measure"),
        "absent": pgettext("why a test was not taken", "Absent"),
        "medical waiver": pgettext("why a test was not taken", "Excused for health reasons"),
        "parental waiver": pgettext("why a test was not taken", "Excused by the family"),
        "refused": pgettext("why a test was not taken", "Refused"),
        "1st retest": pgettext("a test", "Taken again"),
        "2nd retest": pgettext("a test", "Taken for the third time"),
    }


def history_words() -> dict[str, str]:
    """Ed-Fi's terms, ways of taking a course and kinds of averages, by their names in small letters."""
    return {
        "fall semester": _("Fall semester"),
        "spring semester": _("Spring semester"),
        "summer semester": _("Summer term"),
        # Translators: when a course was taken
        "year round": _("Whole year"),
        "weighted": pgettext("of a grade point average", "Weighted"),
        "unweighted": pgettext("of a grade point average", "Not weighted"),
        "transfer credit": _("Credit from another school"),
        "credit recovery": _("Made up after it was not passed"),
        # Translators: how a course was taken
        "online course": _("Online"),
        # Translators: how a course was taken
        "correspondence": _("By correspondence"),
        # Translators: how credit for a course was earned
        "examination": _("By an exam"),
    }


def course_states() -> dict[str, str]:
    """How a course in the history stands (see `services.record.history.Entry`)."""
    return {
        "in_progress": pgettext("state of a course", "In progress"),
        "passed": pgettext("state of a course", "Passed"),
        "failed": pgettext("state of a course", "Not passed"),
        "incomplete": pgettext("state of a course", "Incomplete"),
        "withdrawn": pgettext("state of a course", "Withdrawn"),
    }


def isolated(name: str) -> str:
    """A name for the inside of a sentence: its direction, whatever it is, ends with it (UAX 9, 2.4.2)."""
    inner = "".join(char for char in name if char not in _DIRECTIONS)
    return f"\u2068{inner}\u2069"


def grade_level(code: str) -> str:
    """A CEDS grade level such as `07` or `KG`; a code that is not known is shown as the feed has it (DECISIONS 9)."""
    by_code = {
        "IT": _("Infants and toddlers"),
        "PR": _("Preschool"),
        "PK": _("Prekindergarten"),
        "TK": _("Transitional kindergarten"),
        "KG": _("Kindergarten"),
    }
    if code.isdecimal():
        return _("Grade %(level)s", level=int(code))
    return by_code.get(code.upper(), code)


def closed(state: str) -> str:
    """Why the right password does not open an account that only the school opens (see `models.Account`)."""
    if state == "locked":
        return _("This account is locked after too many wrong passwords. Please ask the school to reactivate it.")
    return _("This account is closed. Please ask the school to reactivate it.")


def too_many() -> str:
    """That a network address has to wait: every limit by address has a window of a quarter of an hour by default."""
    return _("Too many tries. Please wait a quarter of an hour and try again.")


def field_error(error: FieldError, settings: Settings) -> str:
    """What is wrong with a field, and what would do."""
    least = settings.password_min_length
    by_code = {
        "short": ngettext("Use at least %(num)s character.", "Use at least %(num)s characters.", least),
        "long": _("This password is too long."),
        "common": _("Too many people use this password. Choose words that nobody would guess."),
        "own": _("This is a word of your district or your name. Choose words that nobody would guess."),
        "reused": _("You have used this password before. Choose another."),
        "different": _("The two passwords are not the same."),
        "taken": _("Somebody already signs in with this name. Please use another."),
        "needed": _("Please accept the agreement to go on."),
        "account": _("You have an account already. Sign in, and add this child on your account's page."),
        "wrong": _("One of the answers is not what the school has. Please check them."),
        "unknown": _("Choose a question."),
        "twice": _("Choose three different questions."),
        "same": _("All three answers are the same. Give answers that nobody would guess."),
        "unanswered": _("Answer this question."),
        "often": _("The address has been changed often today. Please ask the school, or try again tomorrow."),
        "old": _("This is not your present password."),
        "code": wrong_code(),
    }
    if error.code == "empty":
        return _left_out(error.field)
    if error.field == "birth_date":
        return _("Enter a date such as 2015-04-30.")
    if error.field == "key" and error.code == "invalid":
        return ngettext(
            "This is not complete. It has %(num)s letter or digit.",
            "This is not complete. It has %(num)s letters and digits.",
            32 if settings.key_style == "guid" else 16,
        )
    if error.field == "user_name" and error.code == "invalid":
        if settings.user_name == "email":
            return _("Enter an e-mail address like name@example.com.")
        return _(
            "Use %(least)s to %(most)s letters and digits, and not digits only.",
            least=settings.user_name_min,
            most=settings.user_name_max,
        )
    if error.field == "email" and error.code == "taken":
        return _("This address is used by another account.")
    if error.field == "email" and error.code == "invalid":
        return _("Enter an e-mail address like name@example.com.")
    if error.field.startswith("answer") and error.code == "short":
        return _("Answer each question with a word of at least two letters.")
    return by_code[error.code]


def field_errors(error: FieldError, settings: Settings) -> dict[str, str]:
    """What is wrong with each field of a form, by field."""
    return {one.field: field_error(one, settings) for one in error.all}


def _left_out(field: str) -> str:
    """That a field was left empty."""
    by_field = {
        "email": _("Enter an e-mail address like name@example.com."),
        "user_name": _("Enter your user name."),
        "user_id": _("Enter your e-mail address or user ID."),
        "person_id": _("Enter the Person ID."),
        "key": _("Enter what the school has given you: it may also be pasted."),
        "birth_date": _("Enter the date of birth."),
        "given_name": _("Enter the first name."),
        "family_name": _("Enter the last name."),
        "student_number": _("Enter the student's number."),
        "secret": _("Enter the secret number."),
        "code": _("Enter the code."),
    }
    return by_field[field]


def wrong_code() -> str:
    """That a code of the authenticator app, or a backup code, is not the one."""
    return _("This code does not work. Each code works once, and the app shows a new one every half minute.")


def contact_kind(kind: str) -> str:
    """What an address or a phone number is for, as Ed-Fi names it; the SIS's own word where it has another."""
    known = {
        "billing": pgettext("kind of address or phone", "Billing"),
        "business": pgettext("kind of address or phone", "Business"),
        "emergency": pgettext("kind of address or phone", "Emergency"),
        "emergency 1": pgettext("kind of address or phone", "Emergency"),
        "emergency 2": pgettext("kind of address or phone", "Emergency"),
        "fax": pgettext("kind of address or phone", "Fax"),
        "home": pgettext("kind of address or phone", "Home"),
        "mailing": pgettext("kind of address or phone", "Mailing"),
        "mobile": pgettext("kind of address or phone", "Mobile"),
        "other": pgettext("kind of address or phone", "Other"),
        "physical": pgettext("kind of address or phone", "Physical"),
        "temporary": pgettext("kind of address or phone", "Temporary"),
        "work": pgettext("kind of address or phone", "Work"),
    }
    return known.get(kind.lower(), kind)


def relations() -> dict[str, str]:
    """What a guardian can be to a child (see `services.roles`)."""
    return {
        "mother": _("Mother"),
        "father": _("Father"),
        "grandparent": _("Grandparent"),
        "stepparent": _("Stepparent"),
        "guardian": _("Legal guardian"),
        "other": pgettext("relation to a child", "Other"),
    }


def questions() -> dict[str, str]:
    """The security questions (see `services.questions`)."""
    return {
        "pet": _("What was the name of your first pet?"),
        "street": _("On which street did you live as a child?"),
        "teacher": _("What was the name of your favorite teacher?"),
        "friend": _("What was the first name of your best friend in childhood?"),
        "book": _("Which book did you like best as a child?"),
        "food": _("Which dish did you like best as a child?"),
        "place": _("In which town or village was your mother born?"),
        "song": _("Which song did your family often sing or play?"),
        "game": _("Which game did you play most as a child?"),
        "hero": _("Who was your hero when you were a child?"),
    }


def agreement_text(agreement: Agreement | None, settings: Settings) -> tuple[str, str]:
    """The agreement in the reader's language, else in the district's, and the language it is in."""
    if agreement is None:
        return "", ""
    for language in (str(get_locale()), settings.default_language, *agreement.texts):
        if language in agreement.texts:
            return agreement.texts[language], language
    return "", ""
