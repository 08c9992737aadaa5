"""The district's own codes, and what they mean to a family: codes.csv."""

from services.demo.writer import FeedWriter

ATTENDANCE = "AttendanceEventCategoryDescriptor"

# code set: local code, Ed-Fi's code, what a family reads, what it counts as, whether families may see it.
_CODES: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
    ATTENDANCE: (
        ("AE", "Excused Absence", "Absent, excused", "excused", ""),
        ("AU", "Unexcused Absence", "Absent, not excused", "unexcused", ""),
        ("TD", "Tardy", "Tardy", "tardy", ""),
        ("EX", "Excused Absence", "Away for a school activity", "exempt", ""),
        ("UK", "Unexcused Absence", "Absent, reason not known yet", "unknown", ""),
        ("P", "In Attendance", "Present, arrived by a late bus", "present", ""),
    ),
    "BehaviorDescriptor": (
        ("DIS", "School Code of Conduct", "Disrupted class", "", "true"),
        ("HPL", "School Code of Conduct", "Rough play", "", "true"),
        ("LNG", "School Code of Conduct", "Disrespectful language", "", "true"),
        ("TEC", "School Code of Conduct", "Misused a phone or computer", "", "true"),
        ("CUT", "School Code of Conduct", "Left class without permission", "", "true"),
        ("OBS", "Other", "Office observation", "", "false"),
    ),
    "DisciplineDescriptor": (
        ("CNF", "Conference", "Talk with the family", "", "true"),
        ("LDT", "Detention", "Lunch detention", "", "true"),
        ("DET", "Detention", "After-school detention", "", "true"),
        ("RST", "Restorative Practice", "Made amends", "", "true"),
        ("ISS", "In School Suspension", "In-school suspension", "", "true"),
    ),
    "GradeTypeDescriptor": (
        ("4.5 Weeks", "Mid-Term Grade", "4.5 weeks", "", ""),
        ("Grading Period", "Grading Period", "9 weeks", "", ""),
        ("Progress Report", "Progress Report", "In progress", "", ""),
        ("Semester", "Semester", "Semester", "", ""),
    ),
}


def write_codes(writer: FeedWriter) -> None:
    """All of them, once for the district."""
    for code_set, codes in _CODES.items():
        for number, (local, value, says, counts_as, visible) in enumerate(codes):
            writer.add("codes", f"code.{code_set}.{number}", code_set, local, value, says, counts_as, visible)
