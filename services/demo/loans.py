"""What students have from the library, the book room and the technology desk, with fines and refunds."""

from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from services.demo.people import Student
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear

_LOAN = timedelta(days=14)
_FINE_A_DAY = 0.10
_FINE_AT_MOST = 5.0
_WARNING = "Please return it or talk to the librarian."


class _Item(NamedTuple):
    kind: str
    item_class: str
    title: str
    author: str
    call_number: str
    price: str


def _book(title: str, author: str, price: str = "16.99") -> _Item:
    return _Item("Book", "library", title, author, f"FIC {author.split()[-1][:3].upper()}", price)


_YOUNG = (
    _book("Charlotte's Web", "E. B. White"),
    _book("Frog and Toad Are Friends", "Arnold Lobel", "9.99"),
    _book("Where the Wild Things Are", "Maurice Sendak", "14.50"),
    _book("Last Stop on Market Street", "Matt de la Peña", "17.99"),
    _book("The Snowy Day", "Ezra Jack Keats", "9.99"),
    _book("Ramona Quimby, Age 8", "Beverly Cleary", "8.99"),
)
_OLDER = (
    _book("Holes", "Louis Sachar", "11.99"),
    _book("The Crossover", "Kwame Alexander"),
    _book("Inside Out & Back Again", "Thanhha Lai", "12.50"),
    _book("Brown Girl Dreaming", "Jacqueline Woodson", "13.99"),
    _book("Hatchet", "Gary Paulsen", "10.99"),
    _book("A Wrinkle in Time", "Madeleine L'Engle", "12.99"),
)
_TEENS = (
    _book("The House on Mango Street", "Sandra Cisneros", "14.00"),
    _book("Things Fall Apart", "Chinua Achebe", "15.00"),
    _book("Fahrenheit 451", "Ray Bradbury", "15.99"),
    _book("American Born Chinese", "Gene Luen Yang", "17.99"),
    _book("The Hobbit", "J. R. R. Tolkien", "18.99"),
)
_TEXTBOOKS = {
    "middle": (
        _Item("Textbook", "textbook", "Mathematics in Context", "Maple Valley SD", "TXT MTH", "84.00"),
        _Item("Textbook", "textbook", "Earth, Life and Matter", "Maple Valley SD", "TXT SCI", "91.50"),
    ),
    "high": (
        _Item("Textbook", "textbook", "Algebra and Functions", "Maple Valley SD", "TXT MTH", "96.00"),
        _Item("Textbook", "textbook", "World Voices: A Reader", "Maple Valley SD", "TXT ELA", "72.25"),
    ),
}
_LAPTOP = _Item("Laptop", "device", "Chromebook with charger", "", "TECH", "310.00")


def write_loans(writer: FeedWriter, year: SchoolYear, student: Student, rng: Random) -> None:
    """libraryTransactions.csv: what is out now, and what came back with a fine or a refund."""
    days = year.days_since(student.entry)
    if "empty" not in student.scenes and days:
        _Card(writer, year, student, days, rng).fill()


class _Card:
    """One student's library card."""

    def __init__(
        self, writer: FeedWriter, year: SchoolYear, student: Student, days: tuple[date, ...], rng: Random
    ) -> None:
        self._writer, self._year, self._student, self._days, self._rng = writer, year, student, days, rng
        self._number = 0

    def fill(self) -> None:
        """Device and textbooks for the year; library books of the last weeks; what a persona must show."""
        student, rng, scenes = self._student, self._rng, self._student.scenes
        level = "elementary" if student.grade <= 5 else "middle" if student.grade <= 8 else "high"
        shelf = _YOUNG if student.grade <= 3 else _OLDER if student.grade <= 8 else _TEENS
        # In summer everything is back, but for what is owed.
        is_over = self._year.today > self._year.end
        lent = [] if is_over else [*_TEXTBOOKS.get(level, ()), *([_LAPTOP] if student.grade >= 4 else [])]
        for item in lent:
            self._add(item, self._days[min(2, len(self._days) - 1)], self._year.end, "Checked out")
        books = rng.sample(shelf, 3)
        if "overdue" in scenes:
            self._borrow(books[0], 35)
        if "fine" in scenes:
            self._late(books[1])
        if "refund" in scenes or rng.random() < 0.004:
            self._found_again(books[2])
        if is_over or scenes & {"overdue", "fine", "refund"}:
            return
        for book in books[: rng.choice((0, 1, 1, 2) if level != "high" else (0, 0, 0, 1))]:
            self._borrow(book, rng.randrange(1, 45 if rng.random() < 0.15 else 14))
        if rng.random() < 0.02:
            self._late(books[2])

    def _borrow(self, book: _Item, ago: int) -> None:
        """Out for so many days; after two weeks it is overdue, and from middle school on a fine grows."""
        taken = self._on(ago)
        due = taken + _LOAN
        if due >= self._year.today:
            self._add(book, taken, due, "Checked out")
            return
        amount = min(_FINE_AT_MOST, (self._year.today - due).days * _FINE_A_DAY)
        fine = ("", "", "", "", "")
        if self._student.grade >= 6:
            fine = ("Overdue", self._year.today.isoformat(), f"10 cents a day. {_WARNING}", f"{amount:.2f}", "")
        self._add(book, taken, due, "Overdue", fine)

    def _late(self, book: _Item) -> None:
        """Came back damaged some weeks ago; the fine is still open."""
        taken = self._on(50)
        assessed = self._on(25)
        cells = ("Damaged", assessed.isoformat(), "Water on the last pages", "6.50", self._reference())
        self._add(book, taken, taken + _LOAN, "Returned", cells)

    def _found_again(self, book: _Item) -> None:
        """Paid for as lost, then found: the school gives the money back, which is an amount below zero."""
        taken = self._on(60)
        cells = ("Refund", self._on(10).isoformat(), "Lost book was found", f"-{book.price}", self._reference())
        self._add(book, taken, taken + _LOAN, "Returned", cells)

    def _on(self, ago: int) -> date:
        """The latest school day at least so many days ago, or the first one."""
        limit = self._year.today - timedelta(days=ago)
        return next((day for day in reversed(self._days) if day <= limit), self._days[0])

    def _reference(self) -> str:
        return f"F{self._student.number}{self._number}"

    def _add(
        self, item: _Item, taken: date, due: date, state: str, fine: tuple[str, str, str, str, str] = ("",) * 5
    ) -> None:
        student = self._student
        code = f"{item.item_class[0].upper()}{int(student.number) * 7 % 1_000_000:06d}{self._number}"
        self._writer.add(
            "libraryTransactions",
            f"{student.sid}.b{self._number}",
            student.sid,
            *(item.kind, item.title, item.author, code, item.call_number, item.price),
            *(taken.isoformat(), due.isoformat(), *fine, state, item.item_class),
        )
        self._number += 1
