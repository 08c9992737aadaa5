"""What a diploma takes: the district's graduation plans, who follows which, and how courses count toward them."""

from typing import NamedTuple

from services.demo.curriculum import Course, all_courses
from services.demo.people import Student
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear, make_id

CREDITS = 24
_REQUIRED_TEST = "OSR"
_CORE, _CHOICE, _ELECTIVE = "Core", "World Language", "Elective"
_SUBJECTS = {
    "ELA": "English Language Arts",
    "MTH": "Mathematics",
    "SCI": "Science",
    "SOC": "Social Studies",
    "LNG": "Foreign Language and Literature",
    "PED": "Physical, Health, and Safety Education",
    "ART": "Fine and Performing Arts",
    "MUS": "Fine and Performing Arts",
}


class _Requirement(NamedTuple):
    """One line of the plan. `topics` pick the courses where they are listed by code."""

    kind: str
    subject: str
    category: str
    title: str
    credits: str
    topic: str = ""


_REQUIREMENTS = (
    _Requirement("CreditsBySubject", _SUBJECTS["ELA"], "", "Language arts", "4"),
    _Requirement("CreditsBySubject", _SUBJECTS["MTH"], "", "Mathematics", "3"),
    _Requirement("CreditsBySubject", _SUBJECTS["SCI"], "", "Science", "3"),
    _Requirement("CreditsBySubject", _SUBJECTS["SOC"], "", "Social sciences", "3"),
    _Requirement("CreditsByCourse", "", "", "Physical education", "1", "PE"),
    _Requirement("CreditsByCourse", "", "", "Health", "1", "Health"),
    _Requirement("CreditsByCreditCategory", "", _CHOICE, "World language", "3"),
    _Requirement("CreditsByCreditCategory", "", _ELECTIVE, "Electives", "6"),
)


def plan_sid(year: SchoolYear, grade: int) -> str:
    """The plan of everybody who is in that grade this year; blank before high school."""
    return make_id(year.seed, "plan", year.school_year + 12 - grade) if grade >= 9 else ""


def graduates_on(year: SchoolYear, grade: int) -> str:
    """The last day of that grade's year in grade 12."""
    return year.other(12 - grade).end.isoformat()


def write_plans(writer: FeedWriter, year: SchoolYear, district: str) -> None:
    """graduationPlans.csv and graduationPlanRequirements.csv: one plan for each class now in high school."""
    courses = [course for course in all_courses() if course.grade >= 9]
    for grade in range(12, 8, -1):
        sid = plan_sid(year, grade)
        ends = str(year.school_year + 12 - grade)
        writer.add("graduationPlans", sid, district, "Standard", ends, str(CREDITS), "false")
        for number, need in enumerate(_REQUIREMENTS):
            codes = ",".join(course.code for course in courses if need.topic and course.title.startswith(need.topic))
            cells = need.kind, need.subject, need.category, need.title, codes, need.credits, ""
            writer.add("graduationPlanRequirements", f"{sid}.{number}", sid, *cells)
        cells = "RequiredAssessment", "", "", "Essential skills: reading", "", "", _REQUIRED_TEST
        writer.add("graduationPlanRequirements", f"{sid}.test", sid, *cells)


def write_own_plan(writer: FeedWriter, year: SchoolYear, student: Student) -> None:
    """studentGraduationPlans.csv, for a student in high school."""
    cells = plan_sid(year, student.grade), graduates_on(year, student.grade)
    writer.add("studentGraduationPlans", f"{student.sid}.g", student.sid, *cells)


def counts_as(course: Course) -> tuple[str, str]:
    """Subject and credit category of a high-school course. Each counts toward one requirement only."""
    if course.code.endswith("I"):  # the last slot: computing, engineering, psychology, finance
        return "Other", _ELECTIVE
    category = _CHOICE if course.topic == "LNG" else _ELECTIVE if course.topic in ("ART", "MUS") else _CORE
    return _SUBJECTS[course.topic], category
