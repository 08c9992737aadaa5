"""A guardian entered at the counter whom the SIS brings later: two rows become one (G09, D06, C01)."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import factories
import pytest
from browsing import Browser
from factories import PASSWORD, TODAY, Cast, officer
from flask import Flask
from peewee import ForeignKeyField, OperationalError, PostgresqlDatabase

import models as m
from config import Settings
from services import agreements, clock, keys
from services.office import joining, rights
from services.office.scope import Office

DAY = dt.timedelta(days=1)


class Counter:
    """Grandmother Lena was entered at the counter for Ana and has an account; the SIS has brought her since."""

    def __init__(self, app: Flask, cast: Cast, portal: Settings) -> None:
        self.app, self.cast, self.portal = app, cast, portal
        at_school = m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.ana).school
        self.staff = officer("clerk", portal, at=at_school)
        self.clerk = Browser(app).sign_in_to_office(self.staff)
        self.entered = factories.guardian("Lena Ortiz", sourced_id=None, email="lena@example.com", person_id="H-1")
        self.pair = factories.guardianship(
            cast.ana, self.entered, from_associations=False, default_access=False, from_office=True,
            office_access=True, office_document="Form", relation="Legal guardian",
        )  # fmt: skip
        self.account = factories.account(self.entered, "lena@example.com", portal)
        self.of_sis = factories.guardian("Lena Ortiz", email="Lena@Example.com")

    def paired(self, child: m.Student, **values: Any) -> m.Guardianship:
        """What the SIS says of her and a child."""
        return factories.guardianship(child, self.of_sis, **values)

    @property
    def page(self) -> str:
        return f"/office/guardians/{self.entered.id}"

    def join(self) -> Browser:
        return self.clerk.open(self.page).follow("Compare and join").send(sure="1")

    def now(self, child: m.Student) -> m.Guardianship:
        return m.Guardianship.get(m.Guardianship.guardian == self.of_sis, m.Guardianship.student == child)


@pytest.fixture
def counter(app: Flask, cast: Cast, portal: Settings) -> Counter:
    return Counter(app, cast, portal)


def test_G09_the_clerk_confirms_and_all_that_the_portal_knows_moves(counter: Counter) -> None:
    t, cast = counter, counter.cast
    t.paired(cast.ana, relation="Grandparent", default_access=False)
    t.paired(cast.zoe, relation="Grandparent", default_access=False)
    home = Browser(t.app).sign_in(t.account)
    agreements.publish({"en": "Be kind."}, clock.now())
    agreement = agreements.current()
    m.AgreementAcceptance.create(account=t.account, agreement=agreement, at=clock.now())
    m.Account.update(duties=[]).where(m.Account.id == t.account.id).execute()
    m.Preference.create(account=t.account, digest="weekly")
    message = m.Message.create(
        account=t.account, student=cast.ana, staff=cast.teacher, body="Hello", created_at=clock.now()
    )
    t.clerk.open(f"/office/guardians/{t.of_sis.id}")
    assert "Somebody entered at the office is probably the same person" in t.clerk.text
    t.clerk.open(t.page)
    assert "The SIS probably has the same person" in t.clerk.text and "same e-mail address" in t.clerk.text
    t.clerk.follow("Compare and join")
    for part in ("In the SIS", "Entered at the office", "H-1", "Grandparent", "lena@example.com", "Active"):
        assert part in t.clerk.text, part
    t.clerk.send()
    assert t.clerk.status == 422 and "tick the box" in t.clerk.text and m.JoinedGuardian.select().count() == 0
    t.clerk.send(sure="1")
    assert t.clerk.path == f"/office/guardians/{t.of_sis.id}" and "one guardian now" in t.clerk.text
    moved = m.Account.get_by_id(t.account.id)
    assert moved.guardian_id == t.of_sis.id and m.Message.get_by_id(message.id).account_id == moved.id
    assert m.AgreementAcceptance.get().account_id == m.Preference.get().account_id == moved.id
    assert home.open(f"/students/{cast.ana.id}").status == 200, "signed in still, and by the office's grant"
    assert home.open(f"/students/{cast.zoe.id}").status == 404, "the SIS's relation alone gives nothing"
    assert (t.now(cast.ana).office_access, t.now(cast.ana).office_document) == (True, "Form")
    assert t.clerk.open(t.page).status == 404
    assert t.clerk.open(f"/office/students/{cast.ana.id}").text.count("Lena Ortiz") == 1
    assert t.clerk.open("/office").send(q="ortiz").page.count("/office/guardians/") == 1
    said = m.AuditEvent.get(m.AuditEvent.action == "guardians joined")
    assert (said.student_id, said.account_id) == (cast.ana.id, t.staff.id)
    assert said.details == {"guardian": t.of_sis.id, "joined": t.entered.id}
    assert "one guardian" not in t.clerk.open(f"/office/guardians/{t.of_sis.id}").text
    assert "Compare and join" not in t.clerk.text


NO = {"office_access": False, "office_document": "Order 1"}
YES = {"office_access": True, "office_document": "Form"}


@pytest.mark.parametrize(
    ("entered", "of_sis", "expected"),
    [
        (NO, YES, NO), (YES, NO, NO), (YES, {}, YES), ({}, NO, NO),
        (NO, {**NO, "office_document": "Order 2"}, {**NO, "office_document": "Order 2; Order 1"}),
        ({**NO, "office_from": TODAY, "office_until": TODAY + DAY}, {**NO, "office_from": TODAY - DAY},
         {"office_from": TODAY - DAY, "office_until": None}),
        ({**NO, "office_from": TODAY, "office_until": TODAY}, {**NO, "office_until": TODAY + DAY},
         {"office_from": None, "office_until": TODAY + DAY}),
        ({"withheld": ["grades"]}, {"withheld": ["behavior", "grades"]}, {"withheld": ["behavior", "grades"]}),
        ({"activated_at": dt.datetime(2026, 9, 1)}, {}, {"activated_at": dt.datetime(2026, 9, 1)}),
    ],
)  # fmt: skip
def test_D06_the_stricter_decision_about_each_child_stays(
    counter: Counter, entered: dict[str, Any], of_sis: dict[str, Any], expected: dict[str, Any]
) -> None:
    t = counter
    nothing = {"office_access": None, "office_document": None}
    m.Guardianship.update({**nothing, **entered}).where(m.Guardianship.id == t.pair.id).execute()
    t.paired(t.cast.ana, **of_sis)
    before = [one for one in (t.entered, t.of_sis) if _closed(t, one)]
    t.join()
    now = t.now(t.cast.ana)
    assert {name: getattr(now, name) for name in expected} == expected
    if before:
        assert Browser(t.app).sign_in(t.account).open(f"/students/{t.cast.ana.id}").status == 404


def _closed(t: Counter, guardian: m.Guardian) -> bool:
    mine = (m.Guardianship.guardian == guardian) & (m.Guardianship.student == t.cast.ana)
    return m.Guardianship.select().where(mine, m.Guardianship.is_withheld_by_office(TODAY)).exists()


def test_C01_what_the_sis_forbids_stays_forbidden(counter: Counter) -> None:
    counter.paired(counter.cast.ana, portal_access=False)
    counter.join()
    assert Browser(counter.app).sign_in(counter.account).open(f"/students/{counter.cast.ana.id}").status == 404


def test_G09_two_accounts_in_use_are_not_joined_and_a_cancelled_one_gives_way(counter: Counter) -> None:
    t = counter
    t.paired(t.cast.ana)
    other = factories.account(t.of_sis, "lena2@example.com", t.portal)
    page = t.join()
    assert page.status == 422 and "Both have an account" in page.text
    assert m.JoinedGuardian.select().count() == 0 and m.Account.get_by_id(t.account.id).guardian_id == t.entered.id
    m.Account.update(state="cancelled").where(m.Account.id == other.id).execute()
    t.join()
    assert m.Account.get_by_id(t.account.id).guardian_id == t.of_sis.id
    assert m.Account.get_by_id(other.id).guardian_id == t.entered.id
    assert Browser(t.app).sign_in(t.account).open(f"/students/{t.cast.ana.id}").status == 200


def test_G09_a_key_that_waits_works_for_the_joined_guardian(counter: Counter) -> None:
    t = counter
    t.account.delete_instance()
    t.paired(t.cast.ana)
    drafts = keys.draft(t.entered, [t.cast.ana], email=None, settings=t.portal)
    keys.write(drafts, settings=t.portal, now=clock.now())
    t.join()
    home = Browser(t.app).open("/register").send(key=drafts[0].value)
    home.send(user_name="lena@example.com", password=PASSWORD, repeated=PASSWORD)
    assert m.Account.get(m.Account.guardian == t.of_sis)


def test_G09_with_an_account_no_key_is_left_that_would_open_another(counter: Counter) -> None:
    t = counter
    t.paired(t.cast.ana)
    keys.write(keys.draft(t.of_sis, [t.cast.ana], email=None, settings=t.portal), settings=t.portal, now=clock.now())
    t.join()
    assert not m.ActivationKey.select().where(keys.is_live(clock.now())).exists()


@pytest.mark.parametrize("spoil", ["name", "child", "gone", "both of the SIS"])
def test_G09_only_likely_matches_are_offered(counter: Counter, spoil: str) -> None:
    t = counter
    m.Guardian.update(email="another@example.com").where(m.Guardian.id == t.of_sis.id).execute()
    t.paired(t.cast.zoe if spoil == "child" else t.cast.ana)
    change: dict[str, Any] = {
        "name": {"given_name": "Lea", "given_key": "lea"}, "gone": {"active": False}, "child": {},
        "both of the SIS": {"sourced_id": None},
    }[spoil]  # fmt: skip
    if change:
        m.Guardian.update(change).where(m.Guardian.id == t.of_sis.id).execute()
    assert "Compare and join" not in t.clerk.open(t.page).text
    assert t.clerk.open(f"{t.page}/join/{t.of_sis.id}").status == 404
    assert t.clerk.open(f"{t.page}/join/{t.entered.id}").status == 404
    with pytest.raises(joining.NotTheSame):
        joining.join(t.entered, t.of_sis, by=Office(t.staff, TODAY), now=clock.now())


def test_G09_the_same_name_and_child_is_a_match_without_an_address(counter: Counter) -> None:
    t = counter
    m.Guardian.update(email=None, given_name="LÉNA").where(m.Guardian.id == t.of_sis.id).execute()
    t.paired(t.cast.ana)
    assert "same name and child" in t.clerk.open(t.page).text
    assert "one guardian now" in t.join().text


def _is_offered(t: Counter, clerk: Browser | None = None) -> bool:
    """Whether either's page offers the other; the page that joins them has to agree."""
    clerk, of_sis = clerk or t.clerk, f"/office/guardians/{t.of_sis.id}"
    offered = {"Compare and join" in clerk.open(page).text for page in (t.page, of_sis)}
    opened = {clerk.open(f"{t.page}/join/{t.of_sis.id}").status, clerk.open(f"{of_sis}/join/{t.entered.id}").status}
    (found,) = offered
    assert opened == ({200} if found else {404})
    return found


def _rename(guardian: m.Guardian) -> None:
    m.Guardian.update(given_name="Lea", given_key="lea").where(m.Guardian.id == guardian.id).execute()


def test_G09_only_an_address_that_was_proved_makes_two_the_same(counter: Counter) -> None:
    t = counter
    _rename(t.of_sis)
    t.paired(t.cast.ana)
    assert _is_offered(t)
    m.Account.update(email_verified_at=None).where(m.Account.id == t.account.id).execute()
    assert not _is_offered(t), "anybody can give an address that is somebody else's"
    with pytest.raises(joining.NotTheSame):
        joining.join(t.entered, t.of_sis, by=Office(t.staff, TODAY), now=clock.now())
    assert m.Account.get_by_id(t.account.id).guardian_id == t.entered.id


def test_G09_the_same_address_under_another_name_takes_a_child_in_common(counter: Counter) -> None:
    t = counter
    t.paired(t.cast.zoe)
    assert _is_offered(t), "the same name and a proved address"
    _rename(t.of_sis)
    assert not _is_offered(t)
    t.paired(t.cast.ana)
    assert _is_offered(t)


@pytest.mark.parametrize("whose", ["entered", "of_sis"])
def test_G09_a_child_beyond_the_clerks_schools_leaves_the_join_to_somebody_who_reaches_it(
    counter: Counter, whose: str
) -> None:
    t = counter
    t.paired(t.cast.ana)
    factories.guardianship(t.cast.ben, getattr(t, whose), from_office=True, office_access=True)
    assert not _is_offered(t)
    with pytest.raises(joining.NotTheSame):
        joining.join(t.entered, t.of_sis, by=Office(t.staff, TODAY), now=clock.now())
    admin = Browser(t.app).sign_in_to_office(officer("admin", t.portal))
    assert _is_offered(t, admin)
    assert "one guardian now" in admin.open(t.page).follow("Compare and join").send(sure="1").text
    assert Browser(t.app).sign_in(t.account).open(f"/students/{t.cast.ben.id}").status == 200


def test_G09_who_may_not_decide_about_rights_joins_nobody(counter: Counter) -> None:
    t = counter
    t.paired(t.cast.ana)
    middle = m.SchoolEnrollment.get(m.SchoolEnrollment.student == t.cast.ana).school
    counselor = Browser(t.app).sign_in_to_office(officer("counselor", t.portal, at=middle))
    assert "Compare and join" not in counselor.open(t.page).text
    assert counselor.open(f"{t.page}/join/{t.of_sis.id}").status == 404
    far = Browser(t.app).sign_in_to_office(officer("clerk", t.portal, at=factories.school("Far High")))
    assert far.open(f"{t.page}/join/{t.of_sis.id}").status == 404


@pytest.mark.parametrize("whose", ["entered", "of_sis"])
def test_D06_a_restriction_entered_while_two_are_joined_is_not_lost(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    t = counter
    pairs = {"entered": t.pair, "of_sis": t.paired(t.cast.ana)}
    pair = m.Guardianship.get_by_id(pairs[whose].id)
    happened: list[type[Exception] | None] = []

    def restrict() -> None:
        with m.database.obj.connection_context():
            postgresql = isinstance(m.database.obj, PostgresqlDatabase)
            m.database.obj.execute_sql("SET lock_timeout = '100ms'" if postgresql else "PRAGMA busy_timeout = 0")
            try:
                rights.restrict(
                    pair, document="Order 5", reason="", begins=None, ends=None, by=Office(t.staff, TODAY),
                    now=clock.now(),
                )  # fmt: skip
            except (OperationalError, rights.Changed) as error:
                happened.append(type(error))
            else:
                happened.append(None)

    def elsewhere() -> None:
        thread = threading.Thread(target=restrict)
        thread.start()
        thread.join()

    together = joining._together

    def meanwhile(kept: m.Guardianship, moved: m.Guardianship) -> dict[str, Any]:
        elsewhere()
        return together(kept, moved)

    monkeypatch.setattr(joining, "_together", meanwhile)
    joining.join(t.entered, t.of_sis, by=Office(t.staff, TODAY), now=clock.now())
    assert happened == [OperationalError], "it has to wait for the end of the join"
    elsewhere()
    assert happened[1:] == [rights.Changed], "whoever decided looks again at what stands now"
    assert t.now(t.cast.ana).office_document == "Form"


def test_D06_decisions_of_before_are_in_the_history_of_the_one_who_stays(counter: Counter) -> None:
    t = counter
    t.paired(t.cast.ana)
    rights = f"/office/guardians/{t.entered.id}/students/{t.cast.ana.id}/rights"
    t.clerk.open(f"{rights}/restrict").send(document="Order 9")
    t.join()
    t.clerk.open(rights.replace(f"/{t.entered.id}/", f"/{t.of_sis.id}/", 1))
    assert "Access restricted" in t.clerk.text and "Order 9" in t.clerk.text


def test_G09_every_table_that_names_a_guardian_is_thought_of() -> None:
    """A new one follows by itself; one with a unique column would need a rule of its own."""
    named = {
        (table, field)
        for table in m.ALL_TABLES
        for field in table._meta.sorted_fields
        if isinstance(field, ForeignKeyField) and field.rel_model is m.Guardian
    }
    moved = set(joining._pointing())
    assert {table for table, _ in named - moved} == {m.Account, m.Guardianship, m.JoinedGuardian}
    for table, field in moved:
        unique = [columns for columns, is_unique in table._meta.indexes if is_unique]
        assert not field.unique and not any(field.name in columns for columns in unique)
