"""What the office decides, and then the nightly feed (D06, DECISIONS 5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import factories
from browsing import Browser
from factories import TODAY, officer
from feeding import District
from flask import Flask

import models as m
from config import Settings
from services.feeds import undo


def test_D06_no_feed_undoes_what_the_office_decided(app: Flask, tmp_path: Path, portal: Settings) -> None:
    """The SIS says yes to all, brings a pair the office made, and forgets one that it restricted: nothing opens."""
    header = "sourcedId,studentSourcedId,contactSourcedId,relationDescriptor,livesWith,legalGuardian,ext.portalAccess"
    district = District(tmp_path / "feed")
    district.write("studentContactAssociations", f"{header}\na1,s1,p1,Mother,true,true,")
    district.load()
    people = {one.sourced_id: one for table in (m.Student, m.Guardian) for one in table.select()}
    ana, ben, rosa, carlos = (people[name] for name in ("s1", "s2", "p1", "p2"))
    accounts = {one: factories.account(one, f"{one.given_name}@example.com", portal) for one in (rosa, carlos)}
    admin = Browser(app).sign_in_to_office(officer("admin", portal))
    admin.open(at(rosa, ana, "restrict")).send(document="Order 1")
    admin.open(at(carlos, ben, "connect")).send(relation="father", document="Certificate")
    admin.open(at(carlos, ana, "sections"))
    hidden = dict(re.findall(r'name="(csrf_token|made_for)"[^>]* value="([^"]+)"', admin.page))
    withheld = {**hidden, "withheld": ["grades"], "reason": "Order 2"}
    assert admin.client.post(at(carlos, ana, "sections"), data=withheld).status_code == 303

    def check() -> None:
        for one, sees in ((rosa, {"s2"}), (carlos, {"s1", "s2"})):
            assert {child.sourced_id for child in m.Student.visible_to(accounts[one], TODAY)} == sees
        assert pair_of(carlos, ana).withheld == ["grades"]
        assert pair_of(rosa, ana).office_document == "Order 1"

    check()
    district.write(
        "studentContactAssociations",
        f"{header}\na1,s1,p1,Mother,true,true,true\na2,s2,p1,Mother,true,true,true\na3,s1,p2,Father,true,true,true",
    )
    district.load()
    check()
    district.append("studentContactAssociations", "a4,s2,p2,Father,true,true,")
    district.load()
    check()
    district.write("studentContactAssociations", f"{header}\na2,s2,p1,Mother,true,true,\na3,s1,p2,Father,true,true,")
    district.replace("users", '"p1,p2"', "p2")
    district.replace("users", '"s1,s2"', "s2")
    district.load()
    check()
    district.append("studentContactAssociations", "a9,s1,p1,Mother,true,true,true")
    district.load()
    check()


def at(guardian: m.Guardian, student: m.Student, action: str) -> str:
    return f"/office/guardians/{guardian.id}/students/{student.id}/rights/{action}"


def pair_of(guardian: m.Guardian, student: m.Student) -> m.Guardianship:
    return m.Guardianship.get(m.Guardianship.guardian == guardian, m.Guardianship.student == student)


def test_D06_no_feed_undoes_a_students_answer(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    app, born = make_app(at_eighteen="consent"), TODAY.replace(year=TODAY.year - 18)
    portal: Settings = app.extensions["homeroom"]
    district = District(tmp_path / "feed")
    district.load()
    child = m.Student.get(m.Student.sourced_id == "s1")
    parent = m.Guardian.get(m.Guardian.sourced_id == "p1")
    account = factories.account(parent, "p@example.com", portal)
    m.Student.update(birth_date=born).where(m.Student.id == child.id).execute()
    assert child not in m.Student.visible_to(account, TODAY)
    clerk = Browser(app).sign_in_to_office(officer("admin", portal))
    clerk.open(f"/office/students/{child.id}/at-eighteen").send(answer="yes", document="Consent")
    assert child in m.Student.visible_to(account, TODAY)
    before = m.AgeAnswer.get()
    district.replace("users", "Reyes", "Reyes-Soto")
    district.load()
    m.Student.update(birth_date=born).where(m.Student.id == child.id).execute()
    assert child in m.Student.visible_to(account, TODAY)
    assert m.AgeAnswer.get().__data__ == before.__data__


def test_G09_an_undone_feed_leaves_a_joined_guardian_the_account_and_the_children(
    app: Flask, tmp_path: Path, portal: Settings
) -> None:
    """The SIS brings a guardian of the counter's; the two are joined; that import is undone and repeated."""
    district = District(tmp_path / "feed")
    district.load()
    ana = m.Student.get(m.Student.sourced_id == "s1")
    lena = factories.guardian("Lena Ortiz", sourced_id=None, email="lena@example.com")
    factories.guardianship(ana, lena, from_associations=False, from_office=True, office_access=True)
    account = factories.account(lena, "lena@example.com", portal)
    district.append("users", 'p3,,,true,o1,parent,lena,,Lena,Ortiz,9003,lena@example.com,"s1,s2",')
    district.load()
    admin = Browser(app).sign_in_to_office(officer("admin", portal))
    admin.open(f"/office/guardians/{lena.id}").follow("Compare and join").send(sure="1")
    of_sis = m.Guardian.get(m.Guardian.sourced_id == "p3")

    def sees() -> list[str]:
        mine = m.Account.get_by_id(account.id)
        assert mine.guardian_id == of_sis.id
        return sorted(child.sourced_id for child in m.Student.visible_to(mine, TODAY))

    assert sees() == ["s1", "s2"]
    undo.undo()
    assert sees() == ["s1"], "what the office says holds; what the SIS alone said is gone"
    assert Browser(app).sign_in(m.Account.get_by_id(account.id)).open(f"/students/{ana.id}").status == 200
    district.load()
    assert sees() == ["s1", "s2"]
    assert m.Guardian.select().where(m.Guardian.family_name == "Ortiz", m.Guardian.active).count() == 1
    district.remove("users", "p3,")
    district.load()
    assert sees() == [], "and whom the SIS no longer has is gone like everybody else"
