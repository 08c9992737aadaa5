"""Writes the demo district zone by zone: schools, families, sections, gradebooks, and each student's record."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from services.demo import curriculum
from services.demo.cast import Cast, first_families
from services.demo.curriculum import all_courses
from services.demo.families import random_family
from services.demo.gradebook import write_categories, write_gradebook
from services.demo.households import write_family
from services.demo.people import GRADES, Family, Student
from services.demo.posted_grades import Marks
from services.demo.record import Record
from services.demo.resources import course_sid
from services.demo.schools import (
    GRADES_OF,
    STAFF_HOST,
    Faculty,
    School,
    Section,
    grade_sections,
    zone_schools,
)
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear, make_id, school_year

DISTRICT = "Maple Valley School District"
FEWEST_STUDENTS = 40
ONE_ZONE = 2000
_ZONE = 3400
# The hand-written families are among these; where they go must not depend on how many schools there are.
_AT_JUNIPER = 40


def write_district(
    out: Path,
    *,
    students: int = 400,
    seed: int = 1,
    today: date,
    oneroster: str = "1.2",
    progress: Callable[[int, int], None] | None = None,
) -> Cast:
    """Writes `out/oneroster/*.csv` and `out/supplement/*.csv` and returns the cast.

    The same arguments give the same bytes. Memory does not grow with `students`: one zone of schools at a
    time is held. `progress` is called now and then with students done and students in all. ValueError for
    fewer than 40 students or a `oneroster` other than "1.1" and "1.2".
    """
    if students < FEWEST_STUDENTS:
        raise ValueError(f"the demo district needs at least {FEWEST_STUDENTS} students, not {students}")
    year = school_year(seed, today)
    first, cast = first_families(year)
    report = progress or (lambda done, total: None)
    zones = 1 if students <= ONE_ZONE else -(-students // _ZONE)
    with FeedWriter(out, oneroster) as writer:
        district = _District(writer, year, make_id(seed, "district"), _families(year, first, students))
        district.write_frame()
        done = 0
        for zone in range(zones):
            size = (students * (zone + 1)) // zones - (students * zone) // zones
            schools = zone_schools(seed, zone, size, single=students <= ONE_ZONE)
            district.move_in(schools, size)
            notes = {cast.students["nothing missing"]: 0} if zone == 0 else {}
            for school in district.write_schools(zone, schools, notes):
                done += school.size
                report(done, students)
    report(students, students)
    return cast


def _families(year: SchoolYear, first: list[Family], students: int) -> Iterator[Family]:
    """The hand-written families, then random ones until there are that many students."""
    left = students
    for family in first:
        left -= len(family.children)
        yield family
    index = len(first)
    while left > 0:
        family = random_family(year, index, left)
        left -= len(family.children)
        index += 1
        yield family


@dataclass
class _District:
    """One run: where rows go and the stream of families that are still to move in."""

    writer: FeedWriter
    year: SchoolYear
    sid: str
    families: Iterator[Family]

    def __post_init__(self) -> None:
        self.record = Record(self.writer, self.year)

    def write_frame(self) -> None:
        """What belongs to the district as a whole: the org, sessions, the catalog, grading categories."""
        writer, year = self.writer, self.year
        writer.add("orgs", self.sid, DISTRICT, "district", "41001", "")
        self._org_contact(self.sid, DISTRICT, "1 District Plaza", "00", "www")
        for session in year.sessions:
            dates = session.start.isoformat(), session.end.isoformat()
            writer.add(
                "academicSessions",
                session.sid,
                session.title,
                session.type,
                *dates,
                session.parent,
                str(year.school_year),
            )
        for course in all_courses():
            sid, grade = course_sid(year, course), GRADES[course.grade]
            writer.add("courses", sid, year.year.sid, course.title, course.code, grade, self.sid, course.subject, "")
        write_categories(writer, year.seed)
        self.record.write_frame(self.sid)

    def _org_contact(self, sid: str, name: str, street: str, phone: str, host: str) -> None:
        self.writer.add(
            "orgContacts",
            f"{sid}.o0",
            sid,
            name,
            street,
            "Maple Valley",
            "OR",
            "97970",
            f"(503) 555-01{phone}",
            "Main",
            f"https://{host}.{STAFF_HOST}/",
        )

    def move_in(self, schools: list[School], size: int) -> None:
        """Writes families until the zone is full, and enters their children in the rosters of its schools."""
        levels = {level: [school for school in schools if school.level == level] for level in GRADES_OF}
        elementary = levels["elementary"]
        count = 0
        for family in self.families:
            near = 0 if family.index < _AT_JUNIPER else family.index % len(elementary)
            for student in family.children:
                level = next(level for level, grades in GRADES_OF.items() if student.grade in grades)
                school = elementary[near] if level == "elementary" else levels[level][0]
                student.school = school.sid
                _enter(school, elementary[0], student)
            write_family(self.writer, self.year, family, elementary[0].sid)
            count += len(family.children)
            if count >= size:
                return

    def write_schools(self, zone: int, schools: list[School], notes: dict[str, int]) -> Iterator[School]:
        """Each school of a zone whose families have moved in: org, staff, sections, gradebooks, students' records.

        `notes` counts the awkward comments given to showcase students so far.
        """
        writer, year = self.writer, self.year
        for school in schools:
            writer.add("orgs", school.sid, school.name, "school", f"41001{school.code}", self.sid)
            stem = school.name.split()[0]
            street, phone = f"{int(school.code) % 900 + 100} {stem} Way", f"{int(school.code) % 100:02d}"
            self._org_contact(school.sid, school.name, street, phone, stem.lower() + school.code * (zone > 0))
        faculty = Faculty(writer, year, zone, schools)
        if zone == 0:
            faculty.district_office(self.sid)
        for school in schools:
            faculty.office(school)
            self.record.open_school(school)
            for grade in GRADES_OF[school.level]:
                marks: Marks = {}
                sections = grade_sections(faculty, school, grade)
                for section in sections:
                    _write_section(writer, year, section)
                    self.record.write_section(section)
                    write_gradebook(writer, year, section, _notes(notes, section), marks)
                self.record.write_students(school, grade, sections, marks)
            yield school


def _notes(notes: dict[str, int], section: Section) -> dict[str, str]:
    """Gives each showcase student one awkward comment a core class, in turn."""
    found = {}
    for student in section.students if notes and section.course.kind == "core" else ():
        if student.sid in notes:
            found[student.sid] = curriculum.AWKWARD[notes[student.sid] % len(curriculum.AWKWARD)]
            notes[student.sid] += 1
    return found


def _enter(school: School, left: School, student: Student) -> None:
    """Puts a student on the roster; who starts next year or left last year is on none."""
    if student.standing in ("next", "withdrawn"):
        return
    if student.standing == "transferred":
        left.former.append((5, student))
    school.roster.setdefault(student.grade, []).append(student)


def _write_section(writer: FeedWriter, year: SchoolYear, section: Section) -> None:
    """The class and the enrollments of its teachers and students."""
    course, sid, school = section.course, section.sid, section.school.sid
    homeroom = course.kind == "homeroom"
    begin, end = section.terms[0].start.isoformat(), section.terms[-1].end.isoformat()
    writer.add(
        "classes",
        sid,
        course.title,
        GRADES[course.grade],
        course_sid(year, course),
        f"{course.code}-{section.cohort + 1:02d}",
        "homeroom" if homeroom else "scheduled",
        section.room,
        school,
        ",".join(term.sid for term in section.terms),
        course.subject,
        "",
        "HR" if homeroom else str(section.period),
    )
    rows: list[tuple[str, ...]] = [
        (
            f"{sid}.t{number}",
            "",
            "",
            sid,
            school,
            teacher.sid,
            "teacher",
            "false" if number else "true",
            begin,
            end,
        )
        for number, teacher in enumerate(section.teachers)
    ]
    for place, student in enumerate(section.students):
        entry = student.entry.isoformat() if student.entry else begin
        rows.append((f"{sid}.{place:02d}", "", "", sid, school, student.sid, "student", "", max(begin, entry), end))
    for place, student in enumerate(section.former):
        left = year.start if student.entry is None else student.entry
        rows.append((f"{sid}.x{place}", "", "", sid, school, student.sid, "student", "", begin, left.isoformat()))
    writer.add_raw("enrollments", rows)
