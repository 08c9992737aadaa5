"""Honors: the year's honor roll by average, and quarters without an absence or a tardy. academicHonors.csv."""

from services.demo.attendance import Attendance
from services.demo.people import Student
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear

_ROLL = 3.5
# Middle school has no averages on file; this ability would earn that one.
_ROLL_ABILITY = 0.9


def write_honors(
    writer: FeedWriter,
    year: SchoolYear,
    student: Student,
    averages: list[tuple[SchoolYear, float]],
    attendance: Attendance,
) -> None:
    """`averages` are those at the end of earlier years of high school."""
    if "empty" in student.scenes:
        return
    awards = []
    rolls = [then for then, average in averages if average >= _ROLL]
    if 7 <= student.grade <= 9 and student.ability >= _ROLL_ABILITY and not student.is_new:
        rolls.insert(0, year.other(-1))
    for then in rolls:
        awards.append(("Honor roll", f"Honor roll, {then.year.title}", then.end))
    for place, quarter in enumerate(year.periods):
        whole = attendance.enrolled[place] == len(year.days_of(quarter))
        if quarter.end < year.today and whole and not attendance.absent[place] and not attendance.tardy[place]:
            awards.append(("Attendance award", f"Perfect attendance, {quarter.title}", quarter.end))
    for number, (category, text, day) in enumerate(awards):
        writer.add("academicHonors", f"{student.sid}.h{number}", student.sid, category, text, day.isoformat())
