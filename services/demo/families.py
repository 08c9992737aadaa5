"""Random families: who lives together, who is whose guardian, who may see what."""

from random import Random

from services.demo.names import Lineage, Name, lineage, pick_community, relative
from services.demo.people import Contact, Family, FamilyBuilder, Household, Student
from services.demo.year import SchoolYear, seeded

_KINDS = ("together", "mother", "father", "split", "step", "grandmother")
_SHARES = (0.60, 0.16, 0.04, 0.12, 0.05, 0.03)
_CHILDREN = (0.45, 0.35, 0.14, 0.06)
_NO_EMAIL = 0.06
_RESTRICTED = 0.02
_LATE_JOINER = 0.02
_RELATIVES = (("Grandmother", "female"), ("Aunt", "female"), ("Uncle", "male"), ("Grandfather", "male"))


def random_family(year: SchoolYear, index: int, room: int) -> Family:
    """Family number `index`, of at most `room` children."""
    rng = seeded(year.seed, "community", index)
    community = pick_community(rng)
    language = community.language if rng.random() < community.language_share else "en"
    build = FamilyBuilder(year, index, language)
    rng = build.rng
    line = lineage(rng, community)
    kind = rng.choices(_KINDS, _SHARES)[0]
    home = build.household()
    away = build.household() if kind == "split" else None
    _children(build, line, room, (home, away) if away else (home,))
    _PARENTS[kind](build, line, home, away or home)
    if rng.random() < 0.10:
        _emergency_contact(build, line)
    return build.family


def _children(build: FamilyBuilder, line: Lineage, room: int, homes: tuple[Household, ...]) -> None:
    """One to four children, one to four grades apart, now and then twins; the oldest in any grade."""
    rng, community = build.rng, line.community
    wanted = min(room, rng.choices((1, 2, 3, 4), _CHILDREN)[0])
    grade = rng.randrange(13)
    names: frozenset[str] = frozenset()
    for _ in range(wanted):
        sex = rng.choice(("female", "male"))
        name = line.child(rng, sex, names)
        names |= {name.given}
        student = build.child(name, sex, grade, *homes, race=community.race, hispanic=community.hispanic)
        if rng.random() < _LATE_JOINER:
            joined = rng.choice(build.year.days[5:45])
            student.entry = joined if joined <= build.year.today else None
        grade -= 0 if rng.random() < 0.02 else rng.randint(1, 4)
        if grade < 0:
            return


def _add(build: FamilyBuilder, name: Name, home: Household, role: str = "parent") -> Contact:
    return build.contact(name, home, role=role, email=build.rng.random() >= _NO_EMAIL)


def _said(rng: Random) -> str:
    """Many districts leave the portal flag blank for parents; the portal then decides (DECISIONS 2)."""
    return "true" if rng.random() < 0.8 else ""


def _together(build: FamilyBuilder, line: Lineage, home: Household, away: Household) -> None:
    mother, father = _add(build, line.mother, home), _add(build, line.father, home)
    for child in build.family.children:
        build.link(child, mother, "Mother", primary=True, access=_said(build.rng))
        build.link(child, father, "Father", access=_said(build.rng))


def _mother(build: FamilyBuilder, line: Lineage, home: Household, away: Household) -> None:
    mother = _add(build, line.mother, home)
    for child in build.family.children:
        build.link(child, mother, "Mother", primary=True, access=_said(build.rng))


def _father(build: FamilyBuilder, line: Lineage, home: Household, away: Household) -> None:
    father = _add(build, line.father, home)
    for child in build.family.children:
        build.link(child, father, "Father", primary=True, access=_said(build.rng))


def _split(build: FamilyBuilder, line: Lineage, home: Household, away: Household) -> None:
    """Two households; in a few families a court has restricted the father."""
    rng = build.rng
    mother, father = _add(build, line.mother, home), _add(build, line.father, away)
    restricted = rng.random() < _RESTRICTED / _SHARES[3]
    shared = rng.random() < 0.5
    for child in build.family.children:
        build.link(child, mother, "Mother", primary=True)
        if restricted:
            restrict(build, child, father)
        else:
            build.link(child, father, "Father", lives=shared, mail=rng.random() < 0.7)
    if restricted:
        for child in build.family.children:
            child.households = (home,)


def restrict(build: FamilyBuilder, child: Student, father: Contact) -> None:
    """A father whom a court order keeps from the record: a contact of the school's, without portal access."""
    build.link(
        child,
        father,
        "Father",
        lives=False,
        legal=False,
        access="false",
        mail=False,
        pickup=False,
        restrictions="Court order on file: no contact, no records",
        restricted_from=build.year.start,
    )


def _step(build: FamilyBuilder, line: Lineage, home: Household, away: Household) -> None:
    """A mother and a stepfather, who is no legal guardian; access as the office once set it."""
    rng = build.rng
    mother = _add(build, line.mother, home)
    name = relative(rng, "male", line.father, line.community)
    stepfather = _add(build, name._replace(family=rng.choice(line.community.families)), home, "relative")
    access = rng.choice(("", "false", "true"))
    for child in build.family.children:
        build.link(child, mother, "Mother", primary=True)
        build.link(child, stepfather, "Father, step", legal=False, access=access, mail=False)


def _grandmother(build: FamilyBuilder, line: Lineage, home: Household, away: Household) -> None:
    name = relative(build.rng, "female", line.mother, line.community)
    grandmother = _add(build, name, home, "guardian")
    for child in build.family.children:
        build.link(child, grandmother, "Grandmother", primary=True)


def _emergency_contact(build: FamilyBuilder, line: Lineage) -> None:
    """Someone to call, and no more."""
    rng = build.rng
    relation, sex = rng.choice(_RELATIVES)
    name = relative(rng, sex, line.mother, line.community)
    other = _add(build, name, build.household(), "relative")
    for child in build.family.children:
        build.link(child, other, relation, lives=False, legal=False, access="false", mail=False)


_PARENTS = {
    "together": _together,
    "mother": _mother,
    "father": _father,
    "split": _split,
    "step": _step,
    "grandmother": _grandmother,
}
