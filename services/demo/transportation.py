"""School buses: which one, which stop, when, both ways. studentTransportations.csv."""

from services.demo.people import Student
from services.demo.schools import School
from services.demo.timetable import clock, first_bell, last_bell
from services.demo.writer import FeedWriter

# In a thousand.
_SHARES = {"elementary": 500, "middle": 450, "high": 200}
_WEEK = "Monday,Tuesday,Wednesday,Thursday,Friday"
_CORNERS = ("1st Street", "3rd Street", "5th Street", "8th Street", "Mill Road", "Park Drive")


def write_bus(writer: FeedWriter, school: School, student: Student) -> None:
    """Two rows for whoever rides the bus; children of one household and level share the stop."""
    home = student.households[0]
    # A household's id is a hash: its digits are as good as drawn numbers, and the same for brothers and sisters.
    number, drawn = divmod(int(home.sid, 16), 1000)
    rides = drawn < _SHARES[school.level]
    if "empty" in student.scenes or not (rides or "bus" in student.scenes):
        return
    route = 10 + number % 12
    street = home.street.partition(" ")[2]
    stop = f"{street} & {_CORNERS[number % len(_CORNERS)]}"
    miles, minutes = 0.8 + number % 61 / 10, 8 + number % 31
    for direction, at in (
        ("To School", first_bell(school.level) - 8 - minutes),
        ("From School", last_bell(school.level) + 7 + minutes),
    ):
        writer.add(
            "studentTransportations",
            f"{student.sid}.{direction[0].lower()}b",
            student.sid,
            *("School Bus", str(100 + route), f"Route {route}", _WEEK, direction, f"{miles:.1f}", stop, clock(at)),
        )
