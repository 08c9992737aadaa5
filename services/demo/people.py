"""Students, contacts and households of one family, and the builder that makes their ids and particulars."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Literal
from unicodedata import normalize

from services.demo.names import Name
from services.demo.year import SchoolYear, make_id, seeded

GRADES = ("KG", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12")
#: The same grades in Ed-Fi's words.
GRADE_NAMES = (
    "Kindergarten",
    "First grade",
    "Second grade",
    "Third grade",
    "Fourth grade",
    "Fifth grade",
    "Sixth grade",
    "Seventh grade",
    "Eighth grade",
    "Ninth grade",
    "Tenth grade",
    "Eleventh grade",
    "Twelfth grade",
)
#: What a student of the cast may be there to show. "empty" is a record with nothing in it, "behind" one that lacks
#: credits in mathematics alone.
Scene = Literal[
    "empty",
    "unexcused",
    "tardies",
    "incidents",
    "overdue",
    "fine",
    "refund",
    "low balance",
    "unpaid",
    "bus",
    "behind",
    "gifted",
    "esl",
    "reading support",
    "athletics",
]
_STREETS = (
    "Juniper Lane",
    "Cedar Street",
    "Summit Avenue",
    "Orchard Road",
    "Mill Creek Drive",
    "Larkspur Court",
    "Second Avenue",
    "Depot Street",
    "Heron Way",
    "Old Quarry Road",
    "Maple Street",
    "Fir Place",
    "Sunnyside Boulevard",
    "Hatchery Road",
    "Prospect Street",
    "Willow Bend",
    "Grange Road",
    "Canal Street",
)
_AREAS = ("503", "541", "971", "458")
_MAIL_HOSTS = ("mail.example", "post.example", "example.org", "example.com", "example.net")
# NFKD leaves these whole.
_FOLD = str.maketrans({"đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ß": "ss", "æ": "ae"})


def ascii_fold(text: str) -> str:
    """Lower-case letters and digits only: `Dela Cruz` → `delacruz`, `Nguyễn` → `nguyen`."""
    plain = normalize("NFKD", text.translate(_FOLD)).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in plain if letter.isalnum())


@dataclass(slots=True)
class Household:
    """One address; its id ties guardians and children together."""

    sid: str
    street: str
    unit: str
    postal: str


@dataclass(slots=True)
class Student:
    """One student. `grade` is 0 for kindergarten to 12.

    `ability` 0..1 and the chances of handing in late or not at all drive the gradebook. `standing` is blank,
    "transferred", "next" (registered for next year only) or "withdrawn" (left last year). `scenes` are what the demo
    shows of this student whatever chance says.
    """

    sid: str
    number: str
    name: Name
    preferred: str
    sex: str
    birth: date
    grade: int
    race: str
    hispanic: bool
    secret: str
    ability: float
    missing: float
    late: float
    households: tuple[Household, ...]
    entry: date | None = None
    standing: str = ""
    school: str = ""
    agents: tuple[str, ...] = ()
    language: str = "en"
    scenes: frozenset[Scene] = frozenset()

    @property
    def is_new(self) -> bool:
        """Whether the district has no record of earlier years: joined this year from elsewhere."""
        return self.entry is not None and self.standing != "transferred"


@dataclass(slots=True)
class Contact:
    """A guardian or other contact; `email` is blank for those who have none."""

    sid: str
    person_id: str
    name: Name
    role: str
    email: str
    phone: str
    home_phone: str
    household: Household


@dataclass(slots=True)
class Link:
    """Student × contact, with the cells of studentContactAssociations.csv ("" where the SIS says nothing)."""

    student: Student
    contact: Contact
    relation: str
    primary: bool = False
    lives: bool = True
    emergency: bool = True
    restrictions: str = ""
    legal: bool = True
    access: str = "true"
    mail: bool = True
    pickup: bool = True
    restricted_from: date | None = None


@dataclass(slots=True)
class Family:
    """Everyone the SIS ties together, and the language the school writes to them in."""

    index: int
    language: str
    children: list[Student] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


class FamilyBuilder:
    """Builds one family; everything random in it comes from the family's own generator."""

    def __init__(self, year: SchoolYear, index: int, language: str = "en") -> None:
        self.year = year
        self.rng = seeded(year.seed, "family", index)
        self.family = Family(index, language)
        self._households = 0

    def household(self) -> Household:
        """A new address in Maple Valley."""
        rng = self.rng
        self._households += 1
        unit = f"Apt {rng.randint(1, 48)}" if rng.random() < 0.25 else ""
        return Household(
            make_id(self.year.seed, "household", self.family.index, self._households),
            f"{rng.randint(101, 9899)} {rng.choice(_STREETS)}",
            unit,
            f"97{rng.randint(970, 976)}",
        )

    def contact(
        self,
        name: Name,
        household: Household,
        *,
        role: str = "parent",
        email: bool = True,
        persona: bool = False,
    ) -> Contact:
        """Adds a contact. Personas get a plain address, others one with the family's number: none repeats."""
        rng, family = self.rng, self.family
        number = len(family.contacts)
        address = ""
        if email:
            stem = f"{ascii_fold(name.given)}.{ascii_fold(name.family)}"[:48]
            suffix = "" if persona else f"{family.index}{chr(97 + number) if number else ''}"
            address = f"{stem}{suffix}@{'mail.example' if persona else rng.choice(_MAIL_HOSTS)}"
        contact = Contact(
            make_id(self.year.seed, "contact", family.index, number),
            _number(self.year.seed, family.index * 8 + number, 10_000_000, 67_108_859),
            name,
            role,
            address,
            _phone(rng),
            _phone(rng) if rng.random() < 0.2 else "",
            household,
        )
        family.contacts.append(contact)
        return contact

    def child(
        self,
        name: Name,
        sex: str,
        grade: int,
        *households: Household,
        race: str = "white",
        hispanic: bool = False,
    ) -> Student:
        """Adds a child of that grade (0 is kindergarten), with a birth date that fits."""
        rng, family, start = self.rng, self.family, self.year.start.year
        number = len(family.children)
        ability = min(0.99, max(0.35, rng.gauss(0.80, 0.11)))
        careless = 0.5 if ability < 0.65 else 0.12
        student = Student(
            make_id(self.year.seed, "student", family.index, number),
            _number(self.year.seed, family.index * 8 + number, 1_000_000, 8_388_593),
            name,
            _nickname(name, rng),
            sex,
            date(start - 6 - grade, 9, 2) + timedelta(days=rng.randrange(365)),
            grade,
            race,
            hispanic,
            f"{rng.randrange(1_000_000):06d}",
            ability,
            rng.random() * careless * 0.5,
            rng.random() * careless,
            households,
            language=family.language,
        )
        family.children.append(student)
        return student

    def link(
        self,
        student: Student,
        contact: Contact,
        relation: str,
        *,
        primary: bool = False,
        lives: bool = True,
        legal: bool = True,
        access: str = "true",
        mail: bool = True,
        pickup: bool = True,
        restrictions: str = "",
        restricted_from: date | None = None,
    ) -> Link:
        """Ties a contact to a child. Who may not use the portal is no agent of the child in OneRoster."""
        link = Link(
            student,
            contact,
            relation,
            primary,
            lives,
            not restrictions,
            restrictions,
            legal,
            access,
            mail,
            pickup,
            restricted_from,
        )
        self.family.links.append(link)
        if legal and access != "false":
            student.agents += (contact.sid,)
        return link


def _number(seed: int, index: int, base: int, prime: int) -> str:
    """A number in base .. base + prime, in no visible order; none repeats for indexes below the prime."""
    return str(base + (index * 5_039_477 + seed * 1_299_709 + prime // 3) % prime)


def _phone(rng: Random) -> str:
    return f"({rng.choice(_AREAS)}) 555-01{rng.randrange(100):02d}"


_NICKNAMES = {
    "Emily": "Em",
    "Matthew": "Matt",
    "Andrew": "Drew",
    "Katherine": "Kate",
    "Alejandra": "Ale",
    "Santiago": "Santi",
    "Abigail": "Abby",
    "Nathan": "Nate",
    "Isaiah": "Zay",
    "Min-jung": "Mina",
}


def _nickname(name: Name, rng: Random) -> str:
    return _NICKNAMES.get(name.given, "") if rng.random() < 0.5 else ""
