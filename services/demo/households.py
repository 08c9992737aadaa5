"""Writes one family: users, roles and everything the supplement says about people."""

from datetime import date, timedelta

from services.demo.graduation import plan_sid
from services.demo.people import GRADE_NAMES, GRADES, Contact, Family, Household, Link, Student
from services.demo.school_calendar import calendar_code
from services.demo.schools import STAFF_HOST
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear

_RACES = (
    "americanIndianOrAlaskaNative",
    "asian",
    "blackOrAfricanAmerican",
    "nativeHawaiianOrOtherPacificIslander",
    "white",
)


def write_family(writer: FeedWriter, year: SchoolYear, family: Family, former_school: str) -> None:
    """All rows of one family. `former_school` is where a student who changed schools came from."""
    for student in family.children:
        _student(writer, student, family.language)
        _enrollment(writer, year, student, former_school)
    for contact in family.contacts:
        schools = list(dict.fromkeys(link.student.school for link in family.links if link.contact is contact))
        _contact(writer, contact, schools, family.language)
    for number, link in enumerate(family.links):
        _link(writer, link, number)


def _student(writer: FeedWriter, student: Student, language: str) -> None:
    sid, name = student.sid, student.name
    email = f"s{student.number}@students.{STAFF_HOST}" if student.grade > 5 else ""
    writer.user(
        sid,
        "student",
        [student.school],
        {
            "enabledUser": "false" if student.standing == "withdrawn" else "true",
            "username": f"s{student.number}",
            "userIds": f"{{Local:{student.number}}}",
            "givenName": name.given,
            "middleName": name.middle,
            "familyName": name.family,
            "identifier": student.number,
            "email": email,
            "agentSourcedIds": ",".join(student.agents),
            "grades": GRADES[student.grade],
            "preferredGivenName": student.preferred,
        },
    )
    writer.add(
        "demographics",
        sid,
        student.birth.isoformat(),
        student.sex,
        *("true" if race == student.race else "false" for race in _RACES),
        "false",
        "true" if student.hispanic else "false",
        "US",
        "OR",
        "",
        "01652",
    )
    writer.add("userLanguages", f"{sid}.l0", sid, language, "Home language")
    writer.add("studentIdentificationCodes", f"{sid}.i0", sid, "District", student.secret)
    if email:
        writer.add("electronicMails", f"{sid}.e0", sid, email, "Organization", "true", "")
    for number, home in enumerate(student.households):
        _address(writer, f"{sid}.a{number}", sid, "Home", home)


def _enrollment(writer: FeedWriter, year: SchoolYear, student: Student, former_school: str) -> None:
    """studentSchoolAssociations.csv: this year's enrollment, or what the student's standing says instead."""

    def add(
        number: int,
        school: str,
        entry: date,
        grade: int,
        leaving: date | None = None,
        why: str = "",
        ends: int = year.school_year,
    ) -> None:
        this_year = ends == year.school_year
        writer.add(
            "studentSchoolAssociations",
            f"{student.sid}.s{number}",
            student.sid,
            school,
            "false" if leaving else "true",
            entry.isoformat(),
            GRADE_NAMES[grade],
            leaving.isoformat() if leaving else "",
            why,
            str(ends),
            calendar_code(year) if this_year else "",
            plan_sid(year, grade) if this_year else "",
        )

    if student.standing == "next":
        add(0, student.school, year.next_start, student.grade, ends=year.school_year + 1)
    elif student.standing == "withdrawn":
        add(
            0,
            student.school,
            year.start - timedelta(days=364),
            student.grade,
            date(year.start.year, 3, 13),
            "Moved out of state",
            year.school_year - 1,
        )
    elif student.standing == "transferred":
        moved = student.entry or year.start
        add(0, former_school, year.start, student.grade - 1, moved, "Transferred")
        add(1, student.school, moved, student.grade)
    else:
        add(0, student.school, student.entry or year.start, student.grade)


def _contact(writer: FeedWriter, contact: Contact, schools: list[str], language: str) -> None:
    sid, name = contact.sid, contact.name
    writer.user(
        sid,
        contact.role,
        schools,
        {
            "userIds": f"{{Local:{contact.person_id}}}",
            "username": f"p{contact.person_id}",
            "givenName": name.given,
            "middleName": name.middle,
            "familyName": name.family,
            "identifier": contact.person_id,
            "email": contact.email,
            "sms": contact.phone,
            "phone": contact.home_phone or contact.phone,
        },
    )
    writer.add("userLanguages", f"{sid}.l0", sid, language, "Correspondence language")
    if contact.email:
        writer.add("electronicMails", f"{sid}.e0", sid, contact.email, "Home/Personal", "true", "")
    writer.add("telephones", f"{sid}.p0", sid, contact.phone, "Mobile", "1", "true", "")
    if contact.home_phone:
        writer.add("telephones", f"{sid}.p1", sid, contact.home_phone, "Home", "2", "false", "true")
    _address(writer, f"{sid}.a0", sid, "Home", contact.household)
    if contact.home_phone and contact.household.unit:
        box = Household(
            contact.household.sid,
            f"PO Box {int(contact.person_id) % 900 + 100}",
            "",
            contact.household.postal,
        )
        _address(writer, f"{sid}.a1", sid, "Mailing", box)


def _address(writer: FeedWriter, sid: str, user: str, kind: str, home: Household) -> None:
    writer.add(
        "addresses",
        sid,
        user,
        kind,
        home.street,
        home.unit,
        "Maple Valley",
        "OR",
        home.postal,
        "Linden",
        "",
        "",
        "",
        home.sid,
    )


def _link(writer: FeedWriter, link: Link, number: int) -> None:
    writer.add(
        "studentContactAssociations",
        f"{link.student.sid}.c{number}",
        link.student.sid,
        link.contact.sid,
        link.relation,
        _flag(link.primary),
        _flag(link.lives),
        _flag(link.emergency),
        "1" if link.primary else "2" if link.legal else "3",
        link.restrictions,
        _flag(link.legal),
        link.access,
        _flag(link.mail),
        _flag(link.pickup),
        link.restricted_from.isoformat() if link.restricted_from else "",
        "",
        link.contact.household.sid,
    )


def _flag(value: bool) -> str:
    return "true" if value else "false"
