"""Zones, schools and their staff; sections with teachers and rooms that never clash in a period.

A zone is a set of schools whose students go to school together from kindergarten to grade 12. The district is
written zone by zone, which is what keeps memory flat.
"""

from dataclasses import dataclass, field

from services.demo.cast import ADMIN, STAFF_NAMES, TEACHER
from services.demo.curriculum import ELECTIVE_SLOT, PLANS, Course, elective
from services.demo.names import COMMUNITIES, Name, lineage, pick_community
from services.demo.people import GRADES, Student, ascii_fold
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear, Session, make_id, seeded

STAFF_HOST = "maplevalley.example"
SECTION_MAX = 30
ELEMENTARY_SIZE = 520
_TEACHER_LOAD = 6
_FIRST_NAMES = {"elementary": "Juniper", "middle": "Cedar", "high": "Summit"}
_TREES = (
    "Aspen",
    "Birch",
    "Alder",
    "Hazel",
    "Laurel",
    "Linden",
    "Maple",
    "Oak",
    "Poplar",
    "Rowan",
    "Sequoia",
    "Spruce",
    "Sycamore",
    "Tamarack",
    "Walnut",
    "Willow",
    "Yew",
    "Acacia",
    "Chestnut",
    "Cypress",
    "Elm",
    "Fir",
    "Hawthorn",
    "Hemlock",
    "Hickory",
    "Magnolia",
    "Mulberry",
    "Olive",
    "Pine",
    "Redwood",
)
_PLACES = (
    "Creek",
    "Ridge",
    "Grove",
    "Hollow",
    "Meadow",
    "Bend",
    "Point",
    "Valley",
    "Landing",
    "Hill",
    "Park",
    "Falls",
    "Prairie",
    "Canyon",
    "Bluff",
    "Crossing",
    "Glen",
    "Springs",
    "Terrace",
    "Harbor",
    "Forest",
    "Heights",
    "Lake",
    "View",
)
_LEVEL_TITLES = {"elementary": "Elementary", "middle": "Middle", "high": "High"}
GRADES_OF = {"elementary": range(0, 6), "middle": range(6, 9), "high": range(9, 13)}


@dataclass(slots=True)
class School:
    """One school; `roster` holds this year's students by grade in the order they came."""

    sid: str
    key: str
    name: str
    level: str
    code: str
    roster: dict[int, list[Student]] = field(default_factory=dict)
    former: list[tuple[int, Student]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Students enrolled now."""
        return sum(len(students) for students in self.roster.values())


@dataclass(slots=True)
class Teacher:
    """A teacher with room and the (term, period) pairs already taken."""

    sid: str
    name: Name
    room: str
    busy: set[tuple[str, int]] = field(default_factory=set)
    sections: int = 0


@dataclass(slots=True)
class Section:
    """One class: a course for one cohort of a grade, in one period of its terms."""

    sid: str
    course: Course
    school: School
    cohort: int
    period: int
    terms: tuple[Session, ...]
    room: str
    teachers: tuple[Teacher, ...]
    students: list[Student]
    former: list[Student]


def zone_schools(seed: int, zone: int, students: int, *, single: bool) -> list[School]:
    """The schools of one zone: one middle and one high school, elementary schools by size.

    With `single`, Juniper, Cedar and Summit and no others.
    """
    pupils = students * 6 // 13
    feeders = 1 if single else max(1, round(pupils / ELEMENTARY_SIZE))
    wanted = [("elementary", number) for number in range(feeders)] + [("middle", 0), ("high", 0)]
    schools = []
    for level, number in wanted:
        key = f"{zone}/{level}/{number}"
        if zone == 0 and number == 0:
            stem = _FIRST_NAMES[level]
        else:
            serial = zone * 7 + number + 2 * (level == "middle") + 3 * (level == "high")
            stem = f"{_TREES[serial % len(_TREES)]} {_PLACES[serial // len(_TREES) % len(_PLACES)]}"
        code = f"{zone + 1:02d}{('elementary', 'middle', 'high').index(level) + 1}{number + 1}"
        schools.append(School(make_id(seed, "school", key), key, f"{stem} {_LEVEL_TITLES[level]}", level, code))
    return schools


class Faculty:
    """The staff of one zone: hires as sections need teachers, and writes each person's rows on hiring."""

    def __init__(self, writer: FeedWriter, year: SchoolYear, zone: int, schools: list[School]) -> None:
        self.writer, self.year, self.zone, self.schools = writer, year, zone, schools
        self._pools: dict[tuple[str, str], list[Teacher]] = {}
        self._hired: dict[str, int] = {}
        self._emails: set[str] = set()
        self._count = 0

    def hire(self, school: School, department: str, role: str = "teacher") -> Teacher:
        """One more member of staff."""
        number = self._hired.get(f"{school.key} {department}", 0)
        self._hired[f"{school.key} {department}"] = number + 1
        key = (school.key, department, number)
        orgs = [school.sid]
        if key == TEACHER:
            orgs += [other.sid for other in self.schools if other.level == "high"]
        self._count += 1
        sid = make_id(self.year.seed, "staff", *key)
        name = STAFF_NAMES.get(key) or self._name(key)
        self.person(sid, role, orgs, name, key in STAFF_NAMES)
        return Teacher(sid, name, f"{'ABCD'[self._count % 4]}-{100 + self._count}")

    def _name(self, key: tuple[str, str, int]) -> Name:
        rng = seeded(self.year.seed, "staff", *key)
        group = COMMUNITIES[0] if rng.random() < 0.4 else pick_community(rng)
        line = lineage(rng, group)
        return line.mother if rng.random() < 0.7 else line.father

    def person(self, sid: str, role: str, orgs: list[str], name: Name, persona: bool) -> None:
        """Writes a member of staff. Addresses outside zone 0 and double ones carry a number."""
        number = self.zone * 1000 + self._count
        local = f"{ascii_fold(name.given)}.{ascii_fold(name.family)}"[:48]
        if not persona and (self.zone or local in self._emails):
            local += str(number)
        self._emails.add(local)
        email = f"{local}@{STAFF_HOST}"
        code = str(100_000 + (number * 7_919 + self.year.seed * 31) % 899_981)
        self.writer.user(
            sid,
            role,
            orgs,
            {
                "username": local,
                "userIds": f"{{Local:E{code}}}",
                "givenName": name.given,
                "middleName": name.middle,
                "familyName": name.family,
                "identifier": code,
                "email": email,
            },
        )
        self.writer.add("electronicMails", f"{sid}.e0", sid, email, "Organization", "true", "")

    def district_office(self, district: str) -> None:
        """The district administrator, once."""
        self.person(
            make_id(self.year.seed, "staff", *ADMIN),
            "districtAdministrator",
            [district],
            STAFF_NAMES[ADMIN],
            True,
        )

    def office(self, school: School) -> None:
        """Principal, clerk and counselors of a school."""
        self.hire(school, "Principal", "principal")
        self.hire(school, "Office", "siteAdministrator")
        for _ in range(max(1, round(school.size / 350))):
            self.hire(school, "Counseling", "counselor")

    def teacher(self, school: School, department: str, terms: tuple[Session, ...], period: int) -> Teacher:
        """A teacher of the department who is free then, hired if there is none."""
        pool = self._pools.setdefault((school.key, department), self._shared(school, department))
        slots = {(term.sid, period) for term in terms}
        for teacher in pool:
            if teacher.sections < _TEACHER_LOAD and not teacher.busy & slots:
                break
        else:
            teacher = self.hire(school, department)
            pool.append(teacher)
        teacher.busy |= slots
        teacher.sections += 1
        return teacher

    def _shared(self, school: School, department: str) -> list[Teacher]:
        """The cast's teacher works at two schools: in periods 1-4 at the middle, then at the high school."""
        if school.level == "high" and self.zone == 0 and department == TEACHER[1]:
            return self._pools.get((TEACHER[0], department), [])[:1]
        return []


def grade_sections(faculty: Faculty, school: School, grade: int) -> list[Section]:
    """All sections of one grade at one school, with their students and teachers."""
    students = school.roster.get(grade, [])
    if not students:
        return []
    count = -(-len(students) // SECTION_MAX)
    if school.level == "elementary":
        return _elementary_sections(faculty, school, grade, count)
    return _secondary_sections(faculty, school, grade, count)


def _elementary_sections(faculty: Faculty, school: School, grade: int, count: int) -> list[Section]:
    """One class stays together all day; art, music and PE have teachers of their own."""
    year, sections = faculty.year, []
    for cohort in range(count):
        own = faculty.hire(school, f"Grade {GRADES[grade]}")
        students = school.roster[grade][cohort::count]
        former = [student for at, student in school.former if at == grade and cohort == 0]
        for place, slot in enumerate(PLANS[grade]):
            course = slot.courses[0]
            period = 0 if place == 0 else (place - 1 + cohort + grade) % 8 + 1
            special = course.topic in ("ART", "MUS", "PED")
            teacher = faculty.teacher(school, course.topic, year.semesters, period) if special else own
            sections.append(
                Section(
                    _sid(year, school, course, cohort),
                    course,
                    school,
                    cohort,
                    period,
                    year.semesters,
                    teacher.room,
                    (teacher,),
                    students,
                    former,
                )
            )
    return sections


def _secondary_sections(faculty: Faculty, school: School, grade: int, count: int) -> list[Section]:
    """Two cohorts a student: one for periods 1-4, another for 5-8, so that classmates differ.

    Within a half the courses rotate through the periods by cohort: no student is ever in two places.
    """
    year, sections = faculty.year, []
    roster = school.roster[grade]
    halves = (
        [roster[cohort::count] for cohort in range(count)],
        [
            [student for place, student in enumerate(roster) if (place // count + place) % count == cohort]
            for cohort in range(count)
        ],
    )
    for place, slot in enumerate(PLANS[grade]):
        half = place // 4
        for cohort in range(count):
            period = half * 4 + (place + cohort + grade) % 4 + 1
            courses = slot.courses
            if school.level == "high" and place == ELECTIVE_SLOT:
                courses = (elective(grade, cohort),)
            for number, course in enumerate(courses):
                terms = year.semesters if len(courses) == 1 else (year.semesters[number],)
                teachers = _teachers(faculty, school, course, cohort, terms, period)
                room = teachers[0].room if teachers else "Portable 2"
                sections.append(
                    Section(
                        _sid(year, school, course, cohort),
                        course,
                        school,
                        cohort,
                        period,
                        terms,
                        room,
                        teachers,
                        halves[half][cohort],
                        [],
                    )
                )
    return sections


def _teachers(
    faculty: Faculty, school: School, course: Course, cohort: int, terms: tuple[Session, ...], period: int
) -> tuple[Teacher, ...]:
    """Usually one; some sections have a co-teacher, and one in the district has nobody yet."""
    if school.key == "0/high/0" and course.topic == "BUS" and cohort == 0:
        return ()
    first = faculty.teacher(school, course.subject, terms, period)
    if course.topic in ("ELA", "MTH") and cohort % 4 == 1:
        return first, faculty.teacher(school, "Learning Support", terms, period)
    return (first,)


def _sid(year: SchoolYear, school: School, course: Course, cohort: int) -> str:
    return make_id(year.seed, "class", year.start.year, school.key, course.code, cohort)
