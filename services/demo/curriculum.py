"""What the demo's schools teach: courses by grade, categories with weights, assignments, comments."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["homeroom", "core", "elective", "standards", "silent"]


@dataclass(frozen=True)
class Course:
    """One course. `kind` says what its gradebook holds:

    core and elective: line items with scores; standards: line items on a 1-4 scale; silent: nothing before
    the end of a semester (art, music, PE, kindergarten); homeroom: nothing ever. `per_semester` counts line
    items.
    """

    code: str
    title: str
    subject: str
    kind: Kind
    grade: int
    topic: str = ""
    per_semester: int = 0


@dataclass(frozen=True)
class Slot:
    """A place in a student's timetable: one course all year, or one a semester."""

    courses: tuple[Course, ...]


@dataclass(frozen=True)
class Category:
    """A share of the course grade, and what its line items are called."""

    key: str
    title: str
    weight: str
    points: tuple[int, ...]
    form: str


_SUBJECTS = {
    "ELA": "English Language and Literature",
    "MTH": "Mathematics",
    "SCI": "Life and Physical Sciences",
    "SOC": "Social Sciences and History",
    "LNG": "World Languages",
    "ART": "Fine and Performing Arts",
    "MUS": "Fine and Performing Arts",
    "PED": "Physical, Health, and Safety Education",
    "CMP": "Computer and Information Sciences",
    "ENG": "Engineering and Technology",
    "HRM": "Homeroom",
    "BUS": "Business and Marketing",
}
_PER_SEMESTER: dict[Kind, int] = {"core": 20, "elective": 12, "standards": 10, "silent": 0, "homeroom": 0}


def _course(grade: int, topic: str, title: str, kind: Kind = "core", number: int = 0) -> Course:
    count = 12 if kind == "core" and grade <= 5 else _PER_SEMESTER[kind]
    return Course(
        f"{topic}{grade:02d}{' ABCDEFGHI'[number].strip()}",
        title,
        _SUBJECTS[topic],
        kind,
        grade,
        topic,
        count,
    )


def _elementary(grade: int) -> tuple[Slot, ...]:
    label = f"Grade {grade}" if grade else "Kindergarten"
    kind: Kind = "silent" if grade == 0 else "standards" if grade <= 2 else "core"
    return tuple(
        Slot((course,))
        for course in (
            _course(grade, "HRM", f"Homeroom, {label}", "homeroom"),
            _course(grade, "ELA", f"Language Arts, {label}", kind),
            _course(grade, "MTH", f"Mathematics, {label}", kind),
            _course(grade, "SCI", f"Science, {label}", kind),
            _course(grade, "SOC", f"Social Studies, {label}", kind),
            _course(grade, "ELA", f"Reading, {label}", "standards" if grade else "silent", 2),
            _course(grade, "ART", f"Art, {label}", "silent"),
            _course(grade, "MUS", f"Music, {label}", "silent"),
            _course(grade, "PED", f"PE, {label}", "silent"),
        )
    )


def _middle(grade: int) -> tuple[Slot, ...]:
    """Eight slots: the first four meet in periods 1-4, the others in 5-8."""
    return (
        Slot((_course(grade, "ELA", f"Language Arts {grade}"),)),
        Slot((_course(grade, "MTH", f"Mathematics {grade}" if grade < 8 else "Algebra I"),)),
        Slot((_course(grade, "SCI", ("Earth Science", "Life Science", "Physical Science")[grade - 6]),)),
        Slot((_course(grade, "PED", f"PE {grade}", "silent"),)),
        Slot((_course(grade, "SOC", ("World Cultures", "State History", "U.S. History to 1877")[grade - 6]),)),
        Slot((_course(grade, "LNG", f"Spanish {('A', 'B', 'I')[grade - 6]}", "elective"),)),
        Slot(
            (
                _course(grade, "ART", f"Art {grade}", "silent"),
                _course(grade, "MUS", f"Music {grade}", "silent"),
            )
        ),
        Slot((_course(grade, "CMP", f"Computer Applications {grade}", "elective"),)),
    )


_HIGH = {
    9: ("English 9", "Biology", "Spanish I", "Algebra I", "World Geography", "Computer Science Principles"),
    10: ("English 10", "Chemistry", "Spanish II", "Geometry", "World History", "Introduction to Engineering"),
    11: ("English 11", "Physics", "Spanish III", "Algebra II", "U.S. History", "Psychology"),
    12: (
        "English 12",
        "Environmental Science",
        "Spanish IV",
        "Precalculus",
        "Government",
        "Personal Finance",
    ),
}
_LAST_TOPIC = {9: "CMP", 10: "ENG", 11: "SOC", 12: "BUS"}
_ELECTIVES = (("ART", "Studio Art"), ("MUS", "Concert Band"), ("MUS", "Choir"), ("ART", "Theater"))


def _high(grade: int) -> tuple[Slot, ...]:
    """As _middle; the elective slot's course is chosen by cohort, see `elective`."""
    english, science, spanish, maths, history, last = _HIGH[grade]
    social = (
        (_course(grade, "SOC", history),)
        if grade < 12
        else (_course(grade, "SOC", "Government"), _course(grade, "SOC", "Economics", number=2))
    )
    return (
        Slot((_course(grade, "ELA", english),)),
        Slot((_course(grade, "SCI", science),)),
        Slot((_course(grade, "LNG", spanish, "elective"),)),
        Slot(
            (
                _course(grade, "PED", f"PE {grade}", "silent"),
                _course(grade, "PED", f"Health {grade}", "silent", number=2),
            )
        ),
        Slot((_course(grade, "MTH", maths),)),
        Slot(social),
        Slot((elective(grade, 0),)),
        Slot((_course(grade, _LAST_TOPIC[grade], last, "elective", number=9),)),
    )


ELECTIVE_SLOT = 6


def elective(grade: int, cohort: int) -> Course:
    """The arts course that a high-school cohort takes."""
    number = (cohort + grade) % len(_ELECTIVES)
    topic, title = _ELECTIVES[number]
    return _course(grade, topic, f"{title} {('I', 'II', 'III', 'IV')[grade - 9]}", "silent", number + 1)


PLANS: dict[int, tuple[Slot, ...]] = {
    grade: _elementary(grade) if grade <= 5 else _middle(grade) if grade <= 8 else _high(grade) for grade in range(13)
}


def all_courses() -> list[Course]:
    """Every course of the district's catalog, once."""
    found = {course.code: course for plan in PLANS.values() for slot in plan for course in slot.courses}
    for grade in range(9, 13):
        for cohort in range(len(_ELECTIVES)):
            course = elective(grade, cohort)
            found[course.code] = course
    return list(found.values())


# Gradebook -----------------------------------------------------------------------------------------------

_STANDARD = (
    Category("hw", "Homework", "0.2", (10, 20), "{}: practice"),
    Category("qz", "Quizzes", "0.2", (15, 20, 25), "Quiz {n}: {}"),
    Category("ts", "Tests", "0.4", (50, 100), "Test {n}: {}"),
    Category("pj", "Projects", "0.2", (40, 50), "Project: {}"),
)
CATEGORIES: dict[str, tuple[Category, ...]] = {
    "ELA": (
        Category("rd", "Reading and Journals", "0.25", (10, 20), "Reading journal: {}"),
        Category("es", "Essays", "0.35", (50, 100), "Essay: {}"),
        Category("vo", "Vocabulary and Grammar", "0.15", (20, 25), "Vocabulary check {n}: {}"),
        Category("ts", "Unit Tests", "0.25", (50, 100), "Unit test {n}: {}"),
    ),
    "MTH": _STANDARD,
    "SCI": (
        Category("lb", "Labs", "0.3", (25, 30), "Lab {n}: {}"),
        Category("hw", "Homework", "0.15", (10,), "{}: questions"),
        Category("qz", "Quizzes", "0.15", (15, 20), "Quiz {n}: {}"),
        Category("ts", "Unit Tests", "0.4", (50, 100), "Unit test {n}: {}"),
    ),
    "SOC": (
        Category("rd", "Reading Notes", "0.2", (10,), "Notes: {}"),
        Category("ds", "Discussion and Maps", "0.2", (10, 15), "Map and discussion: {}"),
        Category("ts", "Tests", "0.35", (50, 100), "Test {n}: {}"),
        Category("pj", "Research Projects", "0.25", (50, 75), "Research: {}"),
    ),
    "LNG": (
        Category("pr", "Participation and Practice", "0.3", (10,), "Practice: {}"),
        Category("or", "Speaking", "0.3", (20, 25), "Speaking: {}"),
        Category("qz", "Quizzes", "0.4", (20, 30), "Quiz {n}: {}"),
    ),
    "standards": (
        Category("st", "Standards", "0.6", (4,), "{}"),
        Category("wk", "Classwork", "0.2", (4,), "{}: classwork"),
        Category("ob", "Observation", "0.2", (4,), "{}: observation"),
    ),
    "other": (
        Category("as", "Assignments", "0.4", (10, 20), "{}"),
        Category("qz", "Checks", "0.2", (10, 15), "Check {n}: {}"),
        Category("pj", "Projects", "0.4", (50, 100), "Project: {}"),
    ),
}
# Which category the n-th line item belongs to; every category comes up among the first four.
ROTATION = {4: (0, 1, 2, 3, 0, 1, 0, 0, 1, 0), 3: (0, 1, 2, 0, 1, 0, 2, 0, 1, 0)}

TOPICS: dict[str, tuple[str, ...]] = {
    "ELA": (
        "theme and main idea",
        "characters who change",
        "narrative voice",
        "evidence from the text",
        "persuasive writing",
        "poetry",
        "informational text",
        "compare two versions",
        "memoir",
        "drama",
    ),
    "MTH": (
        "ratios and rates",
        "linear equations",
        "slope",
        "area and volume",
        "fractions",
        "probability",
        "expressions",
        "functions",
        "data displays",
        "proportional reasoning",
    ),
    "SCI": (
        "measurement",
        "cells and systems",
        "energy transfer",
        "waves",
        "weather patterns",
        "ecosystems",
        "matter and its changes",
        "forces and motion",
        "genetics",
        "the water cycle",
    ),
    "SOC": (
        "geography and maps",
        "early settlements",
        "trade routes",
        "the Constitution",
        "migration",
        "industrial change",
        "primary sources",
        "local government",
        "supply and demand",
        "civil rights",
    ),
    "LNG": (
        "greetings",
        "family and home",
        "food",
        "school day",
        "the past tense",
        "travel",
        "weather",
        "asking the way",
        "sports",
        "traditions",
    ),
    "other": (
        "Getting started",
        "Design notebook",
        "Spreadsheets",
        "Presentation skills",
        "Interview",
        "Prototype",
        "Peer review",
        "Budget",
        "Case study",
        "Portfolio",
    ),
}
_STANDARDS = {
    "ELA": (
        *("Phonics: blends and digraphs", "Retells a story in order", "Asks and answers questions"),
        *("Reads with accuracy", "Writes complete sentences", "Spells common words"),
    ),
    "MTH": (
        *("Counts and compares to 120", "Works with place value", "Adds and subtracts within 20"),
        *("Explains thinking in words", "Measures and tells time", "Names and builds shapes"),
    ),
    "SCI": (
        "Observes and records",
        "Sorts living things",
        "Asks a question to test",
        "Describes the weather",
    ),
    "SOC": ("Uses maps and symbols", "Tells past from present", "Describes a community", "Explains rules"),
}
_DESCRIPTIONS = {
    "ELA": ("", "Two pages, double spaced.", "Bring your draft to class.", "Quote at least two passages."),
    "MTH": ("", "Show all steps.", "Pages 14-18, odd numbers only.", "No calculator."),
    "SCI": ("", "Bring your lab notebook.", "Work with a partner.", "Label every axis and unit."),
    "SOC": ("", "Use at least three sources.", "Work with a partner.", "One page of notes."),
    "other": ("", "", "Bring your notebook to class.", "Work with a partner."),
}


def topics(course: Course) -> tuple[str, ...]:
    """What the course's line items are about."""
    if course.kind == "standards":
        return _STANDARDS[course.topic]
    return TOPICS[book_key(course)]


def descriptions(course: Course) -> tuple[str, ...]:
    """Instructions that a line item may carry; blank for none, as in the early grades."""
    return ("",) if course.kind == "standards" else _DESCRIPTIONS.get(course.topic, _DESCRIPTIONS["other"])


def book_key(course: Course) -> str:
    """Which of CATEGORIES and TOPICS the course uses."""
    if course.kind == "standards":
        return "standards"
    return course.topic if course.topic in CATEGORIES else "other"


GOOD = (
    "Excellent work!",
    "Very thorough. Keep it up.",
    "Clear thinking & tidy notes.",
    "Thoughtful answers throughout.",
    "Great improvement on the last unit.",
    "+5 for the bonus question.",
)
MIDDLING = (
    "Good start. Check your work on the last page.",
    "Please see me about question 4.",
    "Solid effort; add more detail next time.",
    "Watch your units.",
    "You may revise this until Friday.",
)
POOR = (
    "Come to tutoring on Tuesday, please.",
    "Several answers left blank. You may retake this.",
    "Please finish the second half and hand it in again.",
    "Let's talk about how to study for this.",
)
MISSING_NOTES = (
    "Not handed in. Half credit until the end of the quarter.",
    "Please turn this in.",
    "Absent that day; make up by Friday.",
)
# Characters that a page, a CSV or a PDF could get wrong, and one comment that runs right to left.
AWKWARD = (
    'Check that x < 5 & y > 3; you wrote "x > 5", which isn\'t <b>quite</b> right.',
    "أحسنت يا جادا! عمل رائع ودقيق.",
    "=SUM of all parts is 12, not 21: recheck",
)
LEVELS = {1: "1 - Beginning", 2: "2 - Approaching", 3: "3 - Meets", 4: "4 - Exceeds"}
