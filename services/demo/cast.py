"""The demo's cast: the first families of the district, written by hand, and the staff who have accounts.

These families come before all random ones, so that a persona is the same person in a district of any size.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.demo.families import restrict
from services.demo.names import Name
from services.demo.people import Contact, Family, FamilyBuilder, Scene, Student
from services.demo.year import SchoolYear, make_id, school_year

Role = Literal["guardian", "student", "teacher", "counselor", "clerk", "admin"]
State = Literal["active", "unregistered"]

# (school key, department, number): the school key is zone/level/number, as in schools.py.
TEACHER = ("0/middle/0", "Mathematics", 0)
COUNSELOR = ("0/high/0", "Counseling", 0)
CLERK = ("0/middle/0", "Office", 0)
ADMIN = ("district", "Office", 0)
STAFF_NAMES = {
    TEACHER: Name("Marcus", "", "Bellweather"),
    COUNSELOR: Name("Grace", "", "Nakamura-Ellis"),
    CLERK: Name("Patricia", "", "Lindgren"),
    ADMIN: Name("Samuel", "", "Adeyemi"),
}


@dataclass(frozen=True)
class Persona:
    """A person of the feed who gets an account in the demo.

    `student_ids` are sourcedIds: a guardian's children, a student's own, and for a teacher the children of
    guardian personas in the teacher's sections; empty for other staff.
    """

    role: Role
    name: str
    language: str
    sourced_id: str
    state: State
    scenario: str
    student_ids: tuple[str, ...]


@dataclass(frozen=True)
class Cast:
    """All personas; and students of the feed who are there to show something, by a short key."""

    personas: tuple[Persona, ...]
    students: dict[str, str]

    def find(self, scenario: str) -> Persona:
        """The one persona whose scenario contains that text; LookupError otherwise."""
        found = [persona for persona in self.personas if scenario in persona.scenario]
        if len(found) != 1:
            raise LookupError(f"{len(found)} personas for {scenario!r}")
        return found[0]


class _Stage:
    """Collects families, personas and showcase students while the scenes below are built."""

    def __init__(self, year: SchoolYear) -> None:
        self.year = year
        self.families: list[Family] = []
        self.personas: list[Persona] = []
        self.students: dict[str, str] = {}

    def family(self, language: str = "en") -> FamilyBuilder:
        """Opens the next family."""
        build = FamilyBuilder(self.year, len(self.families), language)
        self.families.append(build.family)
        return build

    def guardian(self, build: FamilyBuilder, who: Contact, scenario: str, state: State = "active") -> None:
        """Gives a contact an account, for the children open to them (all of theirs if none is)."""
        links = [link for link in build.family.links if link.contact is who]
        open_links = [link for link in links if link.access == "true"] or links
        self.personas.append(
            Persona(
                "guardian",
                who.name.display,
                build.family.language,
                who.sid,
                state,
                scenario,
                tuple(link.student.sid for link in open_links),
            )
        )

    def student(self, build: FamilyBuilder, who: Student, scenario: str) -> None:
        """Gives a student an account."""
        self.personas.append(
            Persona("student", who.name.display, build.family.language, who.sid, "active", scenario, (who.sid,))
        )

    def staff(self, role: Role, key: tuple[str, str, int], scenario: str, students: tuple[str, ...] = ()) -> None:
        """Gives a member of staff an account."""
        self.personas.append(
            Persona(
                role,
                STAFF_NAMES[key].display,
                "en",
                make_id(self.year.seed, "staff", *key),
                "active",
                scenario,
                students,
            )
        )


def _shows(student: Student, *scenes: Scene) -> Student:
    """Marks a student as the one to show these."""
    student.scenes |= {*scenes}
    return student


def _steady(student: Student, ability: float) -> Student:
    """A student who hands in everything."""
    student.ability, student.missing, student.late = ability, 0.0, 0.02
    return student


def _parents(build: FamilyBuilder, mother: Contact, father: Contact | None = None) -> None:
    for child in build.family.children:
        build.link(child, mother, "Mother", primary=True)
        if father:
            build.link(child, father, "Father")


def _three_schools(stage: _Stage) -> None:
    build, black = stage.family(), "blackOrAfricanAmerican"
    home = build.household()
    mother = build.contact(Name("Monique", "", "Washington"), home, persona=True)
    father = build.contact(Name("André", "", "Washington"), home)
    jada = _steady(build.child(Name("Jada", "Simone", "Washington"), "female", 9, home, race=black), 0.93)
    malik = build.child(Name("Malik", "", "Washington"), "male", 6, home, race=black)
    malik.ability, malik.missing, malik.late, malik.preferred = 0.66, 0.34, 0.22, ""
    zoe = build.child(Name("Zoë", "", "Washington"), "female", 2, home, race=black)
    _shows(jada, "gifted", "athletics")
    _shows(malik, "unexcused", "tardies", "incidents", "overdue", "fine", "low balance", "unpaid", "bus")
    _shows(zoe, "reading support", "bus")
    _parents(build, mother, father)
    stage.guardian(build, mother, "three children at three schools, one with a lot of missing work")
    stage.student(build, jada, "high-school student with nothing missing")
    stage.staff(
        "teacher",
        TEACHER,
        "mathematics at two schools, teaches two of one family's children",
        (jada.sid, malik.sid),
    )
    stage.students |= {"nothing missing": jada.sid, "much missing": malik.sid}


def _spanish(stage: _Stage) -> None:
    build = stage.family("es")
    home = build.household()
    mother = build.contact(Name("María Elena", "", "Hernández Ruiz"), home, persona=True)
    father = build.contact(Name("Jorge", "", "Castillo Mendoza"), home, email=False)
    diego = build.child(Name("Diego", "", "Castillo Hernández"), "male", 7, home, hispanic=True)
    valentina = build.child(Name("Valentina", "", "Castillo Hernández"), "female", 3, home, hispanic=True)
    _shows(diego, "refund", "tardies")
    _shows(valentina, "esl", "bus", "low balance")
    _parents(build, mother, father)
    stage.guardian(build, mother, "two children at two schools, Spanish")
    stage.student(build, diego, "middle-school student from a Spanish-speaking home")


def _vietnamese(stage: _Stage) -> None:
    build = stage.family("vi")
    home = build.household()
    mother = build.contact(Name("Hương", "Thị", "Trần"), home, persona=True)
    father = build.contact(Name("Đức", "Văn", "Nguyễn"), home)
    anh = build.child(Name("Anh", "Minh", "Nguyễn"), "female", 4, home, race="asian")
    khoi = build.child(Name("Khôi", "Minh", "Nguyễn"), "male", 4, home, race="asian")
    khoi.birth = anh.birth
    _parents(build, mother, father)
    stage.guardian(build, mother, "twins, Vietnamese")
    stage.students |= {"twin": anh.sid, "other twin": khoi.sid}


def _arabic(stage: _Stage) -> None:
    build = stage.family("ar")
    home = build.household()
    mother = build.contact(Name("Layla", "", "Haddad"), home, persona=True)
    father = build.contact(Name("Tariq", "", "al-Khatib"), home)
    omar = build.child(Name("Omar", "Tariq", "al-Khatib"), "male", 10, home)
    yasmin = build.child(Name("Yasmin", "Tariq", "al-Khatib"), "female", 8, home)
    _shows(omar, "unpaid", "esl")
    _shows(yasmin, "overdue")
    _parents(build, mother, father)
    stage.guardian(build, mother, "two children, Arabic")


def _somali(stage: _Stage) -> None:
    build = stage.family("so")
    home = build.household()
    mother = build.contact(Name("Fadumo", "Abdi", "Warsame"), home, persona=True)
    father = build.contact(Name("Hassan", "Mohamed", "Farah"), home, email=False)
    for given, sex, grade in (
        ("Liban", "male", 11),
        ("Ayaan", "female", 8),
        ("Guled", "male", 5),
        ("Ifrah", "female", 1),
    ):
        build.child(Name(given, "Hassan", "Mohamed"), sex, grade, home, race="blackOrAfricanAmerican")
    liban, ayaan, guled, _ = build.family.children
    _shows(_steady(liban, 0.8), "behind", "bus", "unpaid")
    _shows(ayaan, "athletics")
    _shows(guled, "esl", "unexcused")
    stage.students["behind in mathematics"] = liban.sid
    _parents(build, mother, father)
    stage.guardian(build, mother, "four children, Somali")


def _split(stage: _Stage) -> None:
    """Liam lives with his mother and stepfather; his father has Nora with another mother."""
    build = stage.family()
    hers, his = build.household(), build.household()
    mother = build.contact(Name("Katherine", "", "Sullivan"), hers, persona=True)
    father = build.contact(Name("Brian", "", "O'Connor"), his, persona=True)
    other = build.contact(Name("Ingrid", "", "Lindqvist"), his)
    stepfather = build.contact(Name("Greg", "", "Novak"), hers, role="relative")
    liam = build.child(Name("Liam", "", "O'Connor"), "male", 5, hers, his)
    nora = build.child(Name("Nora", "", "O'Connor-Lindqvist"), "female", 1, his)
    build.link(liam, mother, "Mother", primary=True)
    build.link(liam, father, "Father", lives=False, mail=False, pickup=False)
    build.link(liam, stepfather, "Father, step", legal=False, access="false", mail=False)
    build.link(nora, other, "Mother", primary=True)
    build.link(nora, father, "Father")
    stage.guardian(build, mother, "split family: mother with full rights")
    stage.guardian(build, father, "split family: father in another household, with another child there")
    stage.students["two households"] = liam.sid


def _small_families(stage: _Stage) -> None:
    build = stage.family()
    home = build.household()
    mother = build.contact(Name("Leilani", "", "Kahananui"), home, email=False)
    build.child(Name("Makoa", "", "Kahananui"), "male", 7, home, race="nativeHawaiianOrOtherPacificIslander")
    _parents(build, mother)
    stage.guardian(build, mother, "no e-mail address")

    build = stage.family()
    home, away = build.household(), build.household()
    mother = build.contact(Name("Shannon", "", "Whitlock"), home)
    father = build.contact(Name("Travis", "", "Whitlock"), away, persona=True)
    emma = build.child(Name("Emma", "", "Whitlock"), "female", 4, home)
    build.link(emma, mother, "Mother", primary=True)
    restrict(build, emma, father)
    stage.guardian(build, father, "restricted father, no portal access", "unregistered")

    build = stage.family()
    home = build.household()
    mother = build.contact(Name("Min-jung", "", "Park"), home, persona=True)
    build.child(Name("Ji-woo", "", "Kang"), "female", 3, home, race="asian")
    _parents(build, mother)
    stage.guardian(build, mother, "not registered yet, will receive an activation key", "unregistered")

    build = stage.family()
    home = build.household()
    mother = build.contact(Name("Priya", "", "Raman"), home, persona=True)
    father = build.contact(Name("Karthik", "", "Raman"), home)
    ananya = _shows(build.child(Name("Ananya", "", "Raman"), "female", 0, home, race="asian"), "empty")
    stage.students["nothing on record"] = ananya.sid
    _parents(build, mother, father)
    stage.guardian(build, mother, "one child in kindergarten, nothing posted yet")


def _showcase(stage: _Stage) -> None:
    """Families without accounts whose data is awkward in a way that real families' data is."""
    build, year = stage.family(), stage.year
    home = build.household()
    mother = build.contact(Name("Tamika", "", "Boudreaux"), home)
    for name, sex, grade in (
        (Name("Darnell", "", "Jackson"), "male", 12),
        (Name("Aaliyah", "", "Pierre"), "female", 8),
        (Name("Xavier", "", "Thibodeaux"), "male", 2),
    ):
        build.child(name, sex, grade, home, race="blackOrAfricanAmerican")
    _parents(build, mother)
    stage.students["surname of its own"] = build.family.children[0].sid

    def alone(
        key: str,
        parent: Name,
        child: Name,
        sex: str,
        grade: int,
        relation: str = "Mother",
        race: str = "white",
    ) -> tuple[FamilyBuilder, Student]:
        build = stage.family()
        home = build.household()
        role = "parent" if relation in ("Mother", "Father") else "guardian"
        contact = build.contact(parent, home, role=role)
        student = build.child(child, sex, grade, home, race=race)
        build.link(student, contact, relation, primary=True)
        stage.students[key] = student.sid
        return build, student

    _, adult = alone("eighteen", Name("Joanna", "", "Kowalska"), Name("Jakub", "", "Kowalski"), "male", 12)
    adult.birth = _years_before(year.today, 18) - timedelta(days=40)
    build, isaiah = alone(
        "grandmother",
        Name("Dorothy", "", "Freeman"),
        Name("Isaiah", "", "Freeman"),
        "male",
        9,
        "Grandmother",
        "blackOrAfricanAmerican",
    )
    aunt = build.contact(Name("Renée", "", "Freeman"), build.household(), role="relative")
    build.link(isaiah, aunt, "Aunt", lives=False, legal=False, access="false", mail=False)
    # Moved up a grade, and so a school: with one school a level there is no other transfer.
    _, moved = alone("transferred", Name("Xiuying", "", "Chen"), Name("Haoran", "", "Liu"), "male", 6, race="asian")
    moved.standing, moved.entry = "transferred", _transfer_day(year)
    _, soon = alone(
        "next year only",
        Name("Selam", "", "Alemu"),
        Name("Dawit", "", "Yonas"),
        "male",
        0,
        race="blackOrAfricanAmerican",
    )
    soon.standing, soon.birth = (
        "next",
        soon.birth.replace(year=soon.birth.year + 1, day=min(soon.birth.day, 28)),
    )
    _, gone = alone("withdrawn last year", Name("Agnieszka", "", "Nowak"), Name("Hania", "", "Nowak"), "female", 7)
    gone.standing = "withdrawn"
    # A guardian with one name only: OneRoster asks for a family name, and the SIS repeats the name.
    alone(
        "guardian with one name",
        Name("Suharti", "", "Suharti"),
        Name("Dewi", "", "Lestari"),
        "female",
        1,
        race="asian",
    )
    alone(
        "long name",
        Name("Anastasia-Guadalupe", "", "Featherstonehaugh-Papadimitropoulos"),
        Name(
            "Maximilian-Alexander",
            "Christopher",
            "Featherstonehaugh-Papadimitropoulos-Montgomery de la Croix",
        ),
        "male",
        6,
    )


def _years_before(day: date, years: int) -> date:
    """That many birthdays earlier; 29 February becomes the 28th."""
    return day.replace(year=day.year - years, day=min(day.day, 28))


def _transfer_day(year: SchoolYear) -> date:
    """A school day some six weeks into the year, or the last one so far."""
    begun = [day for day in year.days if day <= year.today]
    return begun[min(30, len(begun) - 1)]


_SCENES: tuple[Callable[[_Stage], None], ...] = (
    _three_schools,
    _spanish,
    _vietnamese,
    _arabic,
    _somali,
    _split,
    _small_families,
    _showcase,
)


def first_families(year: SchoolYear) -> tuple[list[Family], Cast]:
    """The hand-written families (29 students), in the order they enter the district, and the cast."""
    stage = _Stage(year)
    for scene in _SCENES:
        scene(stage)
    stage.staff("counselor", COUNSELOR, "counselor at the high school")
    stage.staff("clerk", CLERK, "office clerk at the middle school")
    stage.staff("admin", ADMIN, "district administrator")
    return stage.families, Cast(tuple(stage.personas), stage.students)


def demo_cast(seed: int = 1) -> Cast:
    """The cast of that seed without writing anything; ids do not depend on date or district size."""
    return first_families(school_year(seed, date(2026, 3, 16)))[1]
