"""Where to learn more: textbook sites by course, a page for each core class, and the scales grades are read on.

OneRoster resources.csv, courseResources.csv, classResources.csv; in 1.2 scoreScales.csv.
"""

from services.demo.curriculum import LEVELS, Course, all_courses
from services.demo.posted_grades import LETTERS
from services.demo.schools import STAFF_HOST, Section
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear, make_id

_BOOKS = {
    "ELA": "Reading and Writing Online",
    "MTH": "Mathematics Textbook Online",
    "SCI": "Science Textbook and Labs",
    "SOC": "Atlas and Primary Sources",
    "LNG": "Spanish Listening and Practice",
    "CMP": "Coding Workshop",
}
_WITH_A_PAGE = ("ELA", "MTH")


def course_sid(year: SchoolYear, course: Course) -> str:
    """The sourcedId of a course of the catalog."""
    return make_id(year.seed, "course", course.code)


def write_resources(writer: FeedWriter, year: SchoolYear, district: str) -> None:
    """Textbook sites by subject and grade, the library for everyone's reading, and the district's scales."""
    library = make_id(year.seed, "resource", "library")
    _resource(writer, library, "library", "Maple Valley Digital Library", "secondary")
    for course in all_courses():
        if course.kind in ("homeroom", "silent"):
            continue
        sid, course_of = make_id(year.seed, "resource", course.code), course_sid(year, course)
        if course.topic in _BOOKS:
            title = f"{_BOOKS[course.topic]}: {course.title}"
            _resource(writer, sid, f"books/{course.code.lower()}", title, "primary")
            writer.add("courseResources", f"{sid}.c", title, course_of, sid)
        if course.topic == "ELA":
            writer.add("courseResources", f"{sid}.l", "Maple Valley Digital Library", course_of, library)
    if writer.version == "1.2":
        _scales(writer, year, district)


def _resource(writer: FeedWriter, sid: str, path: str, title: str, importance: str) -> None:
    address = f"https://learn.{STAFF_HOST}/{path}"
    writer.add("resources", sid, address, title, "student", importance, "learn.maplevalley", "")


def _scales(writer: FeedWriter, year: SchoolYear, district: str) -> None:
    """Letters for the district, levels for courses graded by standards: `{score:mark}` as in the 1.2 binding."""
    tops = (100, *(least - 1 for least, _ in LETTERS))
    letters = ",".join(f"{{{least}-{top}:{mark}}}" for (least, mark), top in zip(LETTERS, tops, strict=False))
    writer.add("scoreScales", make_id(year.seed, "scale"), "Letter grades", "letter", district, "", "", letters)
    levels = ",".join(f"{{{level}:{text.partition(' - ')[2]}}}" for level, text in LEVELS.items())
    for course in all_courses():
        if course.kind == "standards":
            sid = make_id(year.seed, "scale", course.code)
            cells = "Levels of the standards", "standards", district, course_sid(year, course), "", levels
            writer.add("scoreScales", sid, *cells)


def write_class_resources(writer: FeedWriter, section: Section) -> None:
    """A page of its own for each class in language arts and mathematics; a scale for art, music and PE of the young."""
    course, sid = section.course, section.sid
    if course.kind == "core" and course.topic in _WITH_A_PAGE:
        title = f"Class page: {course.title}"
        path = f"classes/{section.school.code}/{course.code.lower()}-{section.cohort + 1:02d}"
        _resource(writer, f"{sid}.res", path, title, "primary" if course.grade > 5 else "secondary")
        writer.add("classResources", f"{sid}.cr", title, sid, f"{sid}.res")
    if writer.version == "1.2" and course.kind == "silent" and 1 <= course.grade <= 5:
        scale = "{70-100:S},{0-69:N}"
        writer.add("scoreScales", f"{sid}.sc", "Satisfactory", "letter", section.school.sid, "", sid, scale)
