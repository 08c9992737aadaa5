"""Each school's calendar day by day, and what takes place: calendarDates.csv and ext.schoolEvents.csv."""

from datetime import date, timedelta
from typing import NamedTuple

from services.demo.schools import School
from services.demo.timetable import early_days
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear

_OPEN, _CLOSED, _STAFF = "Instructional day", "Holiday", "Teacher only day"
_EARLY = "Student late arrival/early dismissal"
_FAMILIES, _EVERYONE = "guardian", "guardian,student"


class _Plan(NamedTuple):
    """An event on the school day that lies so far into the year (0 to 1); blank times last all day."""

    at: float
    title: str
    start: str = ""
    end: str = ""
    place: str = ""
    text: str = ""
    audience: str = _EVERYONE
    days: int = 1
    grades: str = ""


_CLASS = "How to read grades and write to teachers in the portal. Childcare and interpreters are there."
_REGISTER = "Bring a proof of address and the child's birth certificate."
_DISTRICT = (
    _Plan(0.0, "First day of school", text="Welcome back!"),
    _Plan(0.06, "School board meeting", "18:30:00", "20:30:00", "1 District Plaza", "Open to everyone.", _FAMILIES),
    _Plan(0.17, "School board meeting", "18:30:00", "20:30:00", "1 District Plaza", "Open to everyone.", _FAMILIES),
    _Plan(0.28, "School board meeting", "18:30:00", "20:30:00", "1 District Plaza", "Open to everyone.", _FAMILIES),
    _Plan(0.39, "School board meeting", "18:30:00", "20:30:00", "1 District Plaza", "Open to everyone.", _FAMILIES),
    _Plan(0.58, "School board meeting", "18:30:00", "20:30:00", "1 District Plaza", "Open to everyone.", _FAMILIES),
    _Plan(0.80, "School board meeting", "18:30:00", "20:30:00", "1 District Plaza", "Open to everyone.", _FAMILIES),
    _Plan(0.34, "Computer class for families", "17:30:00", "19:00:00", "Cedar Middle, library", _CLASS, _FAMILIES),
    _Plan(0.62, "Kindergarten registration opens", "", "", "Every elementary school", _REGISTER, _FAMILIES),
    _Plan(1.0, "Last day of school", text="School ends at noon."),
)
_LEVELS = {
    "elementary": (
        _Plan(0.05, "Back to School Night", "18:00:00", "19:30:00", "Gym", "Meet your child's teacher.", _FAMILIES),
        _Plan(0.13, "Picture day", text="Order forms come home the week before."),
        _Plan(0.31, "PTA meeting", "18:00:00", "19:00:00", "Library", "", _FAMILIES),
        _Plan(0.36, "Book fair", "", "", "Library", "Families may come before school.", _EVERYONE, 4),
        _Plan(0.44, "Winter concert", "17:30:00", "18:30:00", "Gym", "Doors open at 5:15.", _EVERYONE),
        _Plan(0.66, "Science night", "17:30:00", "19:00:00", "Cafeteria"),
        _Plan(0.78, "Walk to school day", text="Walk or ride together; helmets on."),
        _Plan(0.95, "Field day", "09:00:00", "13:00:00", "Playground", "Bring water and a hat."),
    ),
    "middle": (
        _Plan(0.06, "Back to School Night", "18:30:00", "20:00:00", "Commons", "Follow your child's day.", _FAMILIES),
        _Plan(0.14, "Picture day"),
        _Plan(0.33, "Spirit week", "", "", "", "A theme for each day; see the school's page.", _EVERYONE, 4),
        _Plan(0.37, "PTA meeting", "18:30:00", "19:30:00", "Library", "", _FAMILIES),
        _Plan(0.46, "Band and choir concert", "19:00:00", "20:15:00", "Commons"),
        _Plan(
            0.69,
            "High school planning night",
            "18:30:00",
            "20:00:00",
            "Commons",
            "Counselors explain how to choose classes for grade 9.",
            grades="Eighth grade",
        ),
        _Plan(0.97, "Promotion ceremony", "17:00:00", "18:30:00", "Gym", "", _EVERYONE, 1, "Eighth grade"),
    ),
    "high": (
        _Plan(0.07, "Back to School Night", "18:30:00", "20:00:00", "Auditorium", "Meet the teachers.", _FAMILIES),
        _Plan(0.18, "Homecoming game", "19:00:00", "21:30:00", "Stadium"),
        _Plan(
            0.32,
            "College application night",
            "18:00:00",
            "19:30:00",
            "Library",
            "Help with applications and financial aid forms.",
            grades="Twelfth grade",
        ),
        _Plan(0.38, "Fall play", "19:00:00", "21:00:00", "Auditorium", "Students free, others $5.", _EVERYONE, 2),
        _Plan(0.49, "Final exams", "", "", "", "Bring a pencil and a calculator.", _EVERYONE, 3),
        _Plan(0.72, "Course request night", "18:00:00", "19:00:00", "Commons", "", _FAMILIES),
        _Plan(0.90, "Prom", "19:00:00", "23:00:00", "Gym", "", "student", 1, "Eleventh grade,Twelfth grade"),
        _Plan(1.0, "Graduation", "18:00:00", "20:00:00", "Stadium", "", _EVERYONE, 1, "Twelfth grade"),
    ),
}


def calendar_code(year: SchoolYear) -> str:
    """The one calendar that all schools of the district follow that year."""
    return f"MV{year.school_year}"


def write_calendar(writer: FeedWriter, year: SchoolYear, school: School) -> None:
    """Every weekday of the year, and the week before it, when teachers are in."""
    code, ends, early, is_open = calendar_code(year), str(year.school_year), early_days(year), {*year.days}
    staff = {*_staff_days(year)}
    for count in range((year.end - year.start).days + 8):
        day = year.start - timedelta(days=7) + timedelta(days=count)
        if day.weekday() > 4:
            continue
        kinds = _OPEN if day in is_open else _STAFF if day in staff else _CLOSED
        if day in early:
            kinds = f"{_OPEN},{_EARLY}"
        iso = day.isoformat()
        writer.add("calendarDates", f"{school.sid}.c{iso}", school.sid, code, ends, iso, kinds)


def _staff_days(year: SchoolYear) -> list[date]:
    """The week before school, and the two days before Thanksgiving's break, for talks with families."""
    before = [year.start - timedelta(days=back) for back in range(7, 0, -1)]
    return [*before, *_thanksgiving(year)[:2]]


def _thanksgiving(year: SchoolYear) -> list[date]:
    """The closed weekdays of November."""
    month = [date(year.start.year, 11, day) for day in range(1, 31)]
    return [day for day in month if day.weekday() < 5 and day not in year.days]


def write_district_events(writer: FeedWriter, year: SchoolYear, district: str) -> None:
    """Events of everybody: those above, talks with families, and the breaks, all day long."""
    for number, plan in enumerate(_DISTRICT):
        _event(writer, year, f"{district}.v{number}", district, plan)
    week = _thanksgiving(year)
    gaps = [(one, other) for one, other in zip(year.days, year.days[1:], strict=False) if (other - one).days > 9]
    spans = [
        ("Family conferences", week[0], week[1], "Teachers meet with families; no classes."),
        ("Thanksgiving break", week[2], week[-1], "Schools are closed."),
        *(
            (title, one + timedelta(days=3), other - timedelta(days=3), "Schools are closed.")
            for title, (one, other) in zip(("Winter break", "Spring break"), _breaks(gaps), strict=False)
        ),
    ]
    for number, (title, begin, end, text) in enumerate(spans):
        cells = title, text, begin.isoformat(), "", end.isoformat(), "", "", _EVERYONE, ""
        writer.add("ext.schoolEvents", f"{district}.b{number}", district, *cells)


def _breaks(gaps: list[tuple[date, date]]) -> list[tuple[date, date]]:
    """Gaps of a week and more between school days, without Thanksgiving's."""
    return [gap for gap in gaps if gap[0].month != 11]


def write_school_events(writer: FeedWriter, year: SchoolYear, school: School) -> None:
    """The school's own events."""
    for number, plan in enumerate(_LEVELS[school.level]):
        _event(writer, year, f"{school.sid}.v{number}", school.sid, plan)


def _event(writer: FeedWriter, year: SchoolYear, sid: str, org: str, plan: _Plan) -> None:
    at = round(plan.at * (len(year.days) - 1))
    begin, end = year.days[at], year.days[min(at + plan.days, len(year.days)) - 1]
    times = begin.isoformat(), plan.start, end.isoformat(), plan.end
    writer.add("ext.schoolEvents", sid, org, plan.title, plan.text, *times, plan.place, plan.audience, plan.grades)
