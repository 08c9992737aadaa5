"""The rest of the record, in the order the district is written: for everybody, by school, by section, by student."""

from collections import defaultdict

from services.demo.assessments import Testing, write_assessments
from services.demo.attendance import Register
from services.demo.codes import write_codes
from services.demo.discipline import DisciplineLog
from services.demo.fees import write_fees
from services.demo.graduation import write_own_plan, write_plans
from services.demo.honors import write_honors
from services.demo.loans import write_loans
from services.demo.notices import write_district_notices, write_school_notices
from services.demo.posted_grades import Marks
from services.demo.programs import write_programs
from services.demo.report_cards import write_report_cards
from services.demo.resources import write_class_resources, write_resources
from services.demo.school_calendar import write_calendar, write_district_events, write_school_events
from services.demo.schools import School, Section
from services.demo.timetable import schedules, write_meetings, write_timetable
from services.demo.transcripts import Transcripts
from services.demo.transportation import write_bus
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear, seeded


class Record:
    """Writes what a portal shows beside classes and grades. Holds one school's incident log and no students."""

    def __init__(self, writer: FeedWriter, year: SchoolYear) -> None:
        self._writer, self._year = writer, year
        self._register, self._testing = Register(writer, year), Testing(writer, year)
        self._log: DisciplineLog | None = None

    def write_frame(self, district: str) -> None:
        """What belongs to the district as a whole."""
        write_codes(self._writer)
        write_assessments(self._writer)
        write_plans(self._writer, self._year, district)
        write_resources(self._writer, self._year, district)
        write_district_events(self._writer, self._year, district)
        write_district_notices(self._writer, self._year, district)

    def open_school(self, school: School) -> None:
        """A school's calendar, bells and events, before its sections and students."""
        write_calendar(self._writer, self._year, school)
        write_timetable(self._writer, self._year, school)
        write_school_events(self._writer, self._year, school)
        write_school_notices(self._writer, self._year, school)
        self._log = DisciplineLog(self._writer, self._year, school)

    def write_section(self, section: Section) -> None:
        """Where and when a class meets, and its resources."""
        write_meetings(self._writer, section)
        write_class_resources(self._writer, section)

    def write_students(self, school: School, grade: int, sections: list[Section], marks: Marks) -> None:
        """Everything of the students of one grade; `marks` are the letters posted for them this year."""
        writer, year = self._writer, self._year
        own_schedules = schedules(year, sections) if school.level != "elementary" else {}
        classes = _classes(sections)
        transcripts = Transcripts(writer, year, school, grade) if grade >= 9 else None
        for student in school.roster.get(grade, ()):
            # One generator for all of a student's small files: seeding one costs more than most of them do.
            rng = seeded(year.seed, "record", student.sid)
            own_marks = marks.get(student.sid, [])
            attendance = self._register.take(school, student, own_schedules.get(student.sid, {}), first=student.entry)
            write_report_cards(writer, year, school, student, attendance, own_marks)
            averages = transcripts.add(student, classes[student.sid], own_marks, rng) if transcripts else []
            write_honors(writer, year, student, averages, attendance)
            if transcripts:
                write_own_plan(writer, year, student)
            write_programs(writer, year, school, student, rng)
            write_bus(writer, school, student)
            write_fees(writer, year, student, rng)
            self._testing.write(student, attendance, rng)
            write_loans(writer, year, student, rng)
            if self._log:
                teachers = [teacher for section in classes[student.sid] for teacher in section.teachers]
                self._log.write(student, attendance, teachers, rng)
        if transcripts:
            transcripts.close()
        for at, student in school.former:
            if at == grade:
                self._register.take(school, student, {}, before=student.entry)


def _classes(sections: list[Section]) -> dict[str, list[Section]]:
    """Each student's classes."""
    found: dict[str, list[Section]] = defaultdict(list)
    for section in sections:
        for student in section.students:
            found[student.sid].append(section)
    return found
