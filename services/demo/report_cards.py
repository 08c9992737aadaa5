"""What report cards sum up of each quarter that has ended: reportCards.csv."""

from services.demo.attendance import Attendance
from services.demo.people import Student
from services.demo.posted_grades import Mark
from services.demo.schools import School
from services.demo.transcripts import POINTS
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear


def write_report_cards(
    writer: FeedWriter,
    year: SchoolYear,
    school: School,
    student: Student,
    attendance: Attendance,
    marks: list[Mark],
) -> None:
    """Days enrolled, absent and tardy as the register has them; in high school the average of the quarter's grades."""
    if "empty" in student.scenes:
        return
    for place, quarter in enumerate(year.periods):
        days = attendance.enrolled[place]
        if quarter.end >= year.today or not days:
            continue
        absent = attendance.absent[place]
        points = [POINTS[mark.letter] for mark in marks if mark.session is quarter and mark.kind == "Grading Period"]
        average = (f"{sum(points) / len(points):.2f}", "Unweighted") if points else ("", "")
        cells = f"{absent:g}", f"{days - absent:g}", str(attendance.tardy[place]), *average, ""
        writer.add("reportCards", f"{student.sid}.q{place + 1}", student.sid, school.sid, quarter.sid, *cells)
