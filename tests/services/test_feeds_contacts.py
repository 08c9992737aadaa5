"""Addresses, telephones, e-mail addresses, schools' contacts, identification codes; since when students are here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from feeding import SECRET, District, delta, reasons
from flask import Flask
from peewee import Database, PostgresqlDatabase

import models as m
from services import claims, clock
from services.feeds.files import FILES
from services.feeds.importer import FeedError
from services.feeds.scratch import Scratch
from services.feeds.values import Remark
from services.hashing import keyed_hash

ADDRESSES = """\
    sourcedId,userSourcedId,addressTypeDescriptor,streetNumberName,apartmentRoomSuiteNumber,city,stateAbbreviationDescriptor,postalCode,beginDate,endDate,ext.householdId
    a1,p1,uri://ed-fi.org/AddressTypeDescriptor#Home,12 Alder Street,3B,Maple Valley,OR,97970,2024-07-01,,h1
    a2,s1,Home,12 Alder Street,3B,Maple Valley,OR,97970,,2027-06-30,h1
    a3,t1,Home,9 Staff Road,,Maple Valley,OR,97970,,,"""
TELEPHONES = """\
    sourcedId,userSourcedId,telephoneNumber,telephoneNumberTypeDescriptor,orderOfPriority,textMessageCapabilityIndicator
    f1,p1,(503) 555-0142,Mobile,1,true
    f2,p1,(503) 555-0143,Home,2,false
    f3,s2,(503) 555-0144,,,
    f4,t1,(503) 555-0145,Work,1,"""
MAILS = """\
    sourcedId,userSourcedId,electronicMailAddress,electronicMailTypeDescriptor,primaryEmailAddressIndicator
    m1,p2,carlos@work.example,Work,
    m2,p2,carlos@home.example,Home/Personal,false
    m3,t1,dana@home.example,Home/Personal,true
    m4,s1,ana@home.example,Home/Personal,true"""
ORG_CONTACTS = """\
    sourcedId,orgSourcedId,nameOfInstitution,streetNumberName,city,stateAbbreviationDescriptor,postalCode,telephoneNumber,institutionTelephoneNumberTypeDescriptor,webSite
    k1,o1,Cedar,400 Cedar Avenue,Maple Valley,OR,97970,(503) 555-0119,Fax,cedar.example.com
    k2,o1,Cedar,400 Cedar Avenue,Maple Valley,OR,97970,(503) 555-0111,Main,https://cedar.example.com/
    k3,d1,Maple Valley,1 Main Street,Maple Valley,OR,97970,,,"""
CODES = """\
    sourcedId,status,dateLastModified,studentSourcedId,studentIdentificationSystemDescriptor,identificationCode
    i1,,,s1,uri://ed-fi.org/StudentIdentificationSystemDescriptor#District, QZ-4711-ANA\x20
    i2,,,s2,District,QZ-4712-BEN"""

MORE = {
    "addresses": ADDRESSES, "telephones": TELEPHONES, "electronicMails": MAILS, "orgContacts": ORG_CONTACTS,
    "studentIdentificationCodes": CODES,
}  # fmt: skip


@pytest.fixture
def district(tmp_path: Path, db: Database) -> District:
    found = District(tmp_path / "feed")
    for name, text in MORE.items():
        found.write(name, text)
    return found


def of(model: type[m.Table]) -> dict[str, Any]:
    return {one.sourced_id: one for one in model.select().order_by(model.sourced_id)}


def owner(row: Any) -> tuple[str | None, str | None]:
    return (row.guardian and row.guardian.sourced_id, row.student and row.student.sourced_id)


def carlos() -> str | None:
    found: str | None = m.Guardian.get(m.Guardian.sourced_id == "p2").other_email
    return found


# ---- Addresses and telephones -----------------------------------------------------------------------------------


def test_addresses_go_to_guardians_and_students_and_those_of_staff_come_to_nothing(district: District) -> None:
    report = district.load()
    assert report.problems == ()
    found = of(m.Address)
    assert {key: owner(row) for key, row in found.items()} == {"a1": ("p1", None), "a2": (None, "s1")}
    home = found["a1"]
    assert (home.kind, home.street, home.apartment, home.city, home.state, home.postal_code, home.household) == (
        "Home", "12 Alder Street", "3B", "Maple Valley", "OR", "97970", "h1",
    )  # fmt: skip
    assert (home.begin_date, home.end_date) == (dt.date(2024, 7, 1), None)
    assert found["a2"].end_date == dt.date(2027, 6, 30)


def test_telephones_go_to_guardians_and_students_in_their_order(district: District) -> None:
    district.load()
    found = of(m.Telephone)
    assert {key: owner(row) for key, row in found.items()} == {
        "f1": ("p1", None), "f2": ("p1", None), "f3": (None, "s2"),
    }  # fmt: skip
    assert [(row.number, row.kind, row.priority, row.can_text) for row in found.values()] == [
        ("(503) 555-0142", "Mobile", 1, True), ("(503) 555-0143", "Home", 2, False),
        ("(503) 555-0144", None, None, None),
    ]  # fmt: skip


def test_a_bulk_file_replaces_and_keeps_the_rows_that_are_the_same(district: District) -> None:
    district.load()
    before = {key: row.id for key, row in of(m.Telephone).items()}
    district.remove("telephones", "f2")
    district.replace("telephones", "f1,p1,(503) 555-0142", "f1,p2,(503) 555-0199")
    district.replace("addresses", "a1,p1", "a9,p1")
    report = district.load()
    assert {one.table: (one.added, one.changed, one.removed, one.unchanged) for one in report.tables} == {
        "address": (1, 0, 1, 1), "telephone": (0, 1, 1, 1),
    }  # fmt: skip
    found = of(m.Telephone)
    assert (owner(found["f1"]), found["f1"].number, found["f1"].id) == (("p2", None), "(503) 555-0199", before["f1"])
    assert set(found) == {"f1", "f3"}
    assert set(of(m.Address)) == {"a9", "a2"}


def test_a_delta_adds_changes_and_removes_what_it_names(district: District, tmp_path: Path) -> None:
    district.load()
    report = delta(tmp_path / "noon", addresses="""\
        sourcedId,status,userSourcedId,streetNumberName,city
        a1,tobedeleted,,,
        a2,active,s1,7 Birch Road,Maple Valley
        a4,active,p2,8 Birch Road,Maple Valley
        a5,active,t1,8 Birch Road,Maple Valley""", telephones="""\
        sourcedId,status,userSourcedId,telephoneNumber
        f3,tobedeleted,s2,(503) 555-0144""").load()  # fmt: skip
    assert report.problems == ()
    assert {key: (owner(row), row.street) for key, row in of(m.Address).items()} == {
        "a2": ((None, "s1"), "7 Birch Road"), "a4": (("p2", None), "8 Birch Road"),
    }  # fmt: skip
    assert set(of(m.Telephone)) == {"f1", "f2"}


def test_a_parent_who_becomes_staff_alone_takes_the_address_away(district: District) -> None:
    district.load()
    district.replace("users", "p1,,,true,o1,parent", "p1,,,true,o1,teacher")
    assert district.load(allow_shrink=True).problem_count == 0
    assert set(of(m.Address)) == {"a2"}
    assert set(of(m.Telephone)) == {"f3"}


def test_somebody_who_is_staff_and_a_parent_has_an_address(district: District) -> None:
    district.write("roles", "sourcedId,userSourcedId,roleType,role,orgSourcedId\nx1,t1,secondary,parent,o1")
    assert district.load().problems == ()
    assert owner(of(m.Address)["a3"]) == ("t1", None)
    assert m.Guardian.get(m.Guardian.sourced_id == "t1").other_email == "dana@home.example"
    district.delete("roles")
    district.load()
    assert "a3" in of(m.Address)  # without roles.csv nobody says that it has ended
    district.write("roles", "sourcedId,userSourcedId,roleType,role,orgSourcedId\nx2,t1,primary,teacher,o1")
    district.load()
    assert "a3" not in of(m.Address)


@pytest.mark.parametrize(
    ("file", "row", "severity", "reason"),
    [
        ("addresses", "a9,x9,Home,,,,,,,,", "error", ":5 userSourcedId 'x9' names no student or guardian or staff"),
        ("addresses", "a9,,Home,,,,,,,,", "error", ":5 userSourcedId is blank"),
        ("addresses", "a9,p1,Home,,,,,,soon,,", "warning", ":5 beginDate 'soon' is not a date"),
        ("telephones", "f9,p1,,Home,1,", "error", ":6 telephoneNumber is blank"),
        ("telephones", "f9,p1,5550100,Home,first,", "warning", ":6 orderOfPriority 'first' is not a number"),
        ("telephones", "f9,p1,5550100,Home,1.5,", "warning", ":6 orderOfPriority '1.5' is not a whole number"),
        ("telephones", "f9,p1,5550100,Home,99999999999,", "warning", ":6 orderOfPriority '99999999999' is not a whole"),
        ("electronicMails", "m9,p2,carlos,Work,", "warning", ":6 electronicMailAddress 'carlos' is no e-mail address"),
        ("electronicMails", "m9,x9,a@b.example,Work,", "error", ":6 userSourcedId 'x9' names no student or"),
        ("orgContacts", "k9,x9,,,,,,,,", "error", ":5 orgSourcedId 'x9' names no school"),
        ("orgContacts", "k9,o1,,,,,,,,javascript:alert(1)", "warning", ":5 webSite 'javascript:alert(1)' is no"),
    ],
)  # fmt: skip
def test_a_bad_row_is_reported_where_it_stands(
    district: District, file: str, row: str, severity: str, reason: str
) -> None:
    district.append(file, row)
    found = reasons(district.load(), severity)
    assert len(found) == 1
    assert found[0].startswith(f"{file}.csv{reason}")


def test_a_known_row_that_turns_bad_keeps_its_old_version(district: District) -> None:
    district.load()
    district.replace("addresses", "a1,p1", "a1,x9")
    district.replace("telephones", "f1,p1,(503) 555-0142", "f1,p1,")
    district.replace("studentIdentificationCodes", "i2,,,s2,District,QZ-4712-BEN", "i2,,,s2,District,")
    report = district.load()
    assert (report.problem_count, {one.removed for one in report.tables}) == (3, {0})
    assert of(m.Address)["a1"].street == "12 Alder Street"
    assert of(m.Telephone)["f1"].number == "(503) 555-0142"
    assert set(of(m.IdentificationCode)) == {"i1", "i2"}


# ---- E-mail addresses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "best"),
    [
        ("m1,p2,a@x.example,Work,\nm2,p2,b@x.example,Home/Personal,", "b@x.example"),
        ("m1,p2,a@x.example,Home/Personal,\nm2,p2,b@x.example,Work,true", "b@x.example"),
        ("m1,p2,a@x.example,Work,\nm2,p2,b@x.example,Organization,", "a@x.example"),
        ("m1,p2,nowhere,Home/Personal,true\nm2,p2,b@x.example,Other,", "b@x.example"),
        ("m1,p2,a@x.example,uri://x/Type#Work,maybe\nm2,p2,b@x.example,Work,1", "b@x.example"),
        ("m1,p2,nowhere,Home/Personal,true", None),
        ("m1,p2,,Home/Personal,true", None),
    ],
)  # fmt: skip
def test_the_best_of_a_guardians_addresses_is_taken(district: District, rows: str, best: str | None) -> None:
    district.write("electronicMails", MAILS.split("\n")[0] + "\n" + rows)
    district.load()
    assert carlos() == best


def test_the_address_of_users_csv_stands_before_it(district: District) -> None:
    district.append("electronicMails", "m9,p1,rosa@other.example,Home/Personal,true")
    district.load()
    rosa = m.Guardian.get(m.Guardian.sourced_id == "p1")
    assert (rosa.other_email, rosa.address_on_file) == ("rosa@other.example", "rosa@example.com")
    assert m.Guardian.get(m.Guardian.sourced_id == "p2").address_on_file == "carlos@home.example"


def test_a_bulk_file_without_the_guardian_blanks_the_address(district: District) -> None:
    district.load()
    district.remove("electronicMails", "m2")
    district.load()
    assert carlos() == "carlos@work.example"
    district.remove("electronicMails", "m1")
    district.load()
    assert carlos() is None


def test_a_delta_ends_only_the_address_that_was_chosen(district: District, tmp_path: Path) -> None:
    header = "sourcedId,status,userSourcedId,electronicMailAddress\n"
    district.load()
    delta(tmp_path / "1", electronicMails=header + "m1,tobedeleted,p2,carlos@work.example").load()
    assert carlos() == "carlos@home.example"
    delta(tmp_path / "2", electronicMails=header + "m2,active,p2,carlos@new.example").load()
    assert carlos() == "carlos@new.example"
    delta(tmp_path / "3", electronicMails=header + "m2,tobedeleted,p2,carlos@new.example").load()
    assert carlos() is None


# ---- Schools ----------------------------------------------------------------------------------------------------


def test_a_schools_main_telephone_and_address_are_taken(district: District) -> None:
    district.load()
    cedar, whole = of(m.School)["o1"], of(m.School)["d1"]
    assert (cedar.street, cedar.city, cedar.state, cedar.postal_code, cedar.phone, cedar.web_site) == (
        "400 Cedar Avenue", "Maple Valley", "OR", "97970", "(503) 555-0111", "https://cedar.example.com/",
    )  # fmt: skip
    assert (whole.street, whole.phone, whole.name) == ("1 Main Street", None, "Maple Valley")
    district.remove("orgContacts", "k2")
    district.load()
    cedar = of(m.School)["o1"]
    assert (cedar.phone, cedar.web_site) == ("(503) 555-0119", "https://cedar.example.com")


def test_a_school_that_loses_its_contact_keeps_everything_else(district: District, tmp_path: Path) -> None:
    district.load()
    header = "sourcedId,status,orgSourcedId,telephoneNumber\n"
    delta(tmp_path / "1", orgContacts=header + "k1,tobedeleted,o1,(503) 555-0119").load()
    assert of(m.School)["o1"].phone == "(503) 555-0111"
    delta(tmp_path / "2", orgContacts=header + "k2,tobedeleted,o1,(503) 555-0111").load()
    cedar = of(m.School)["o1"]
    assert (cedar.street, cedar.state, cedar.phone, cedar.web_site) == (None, None, None, None)
    assert (cedar.name, cedar.active) == ("Cedar Middle", True)


# ---- Identification codes ---------------------------------------------------------------------------------------


def hash_of(code: str, secret: str = SECRET) -> str:
    return keyed_hash(secret, "identification code", code)


def everything_stored(db: Database) -> bytes:
    """All that the database holds: the SQLite files' bytes, or every row of every PostgreSQL table."""
    if isinstance(db, PostgresqlDatabase):
        rows = (db.execute_sql(f'SELECT t::text FROM "{table}" t').fetchall() for table in db.get_tables())
        return repr(list(rows)).encode()
    return b"".join(path.read_bytes() for path in sorted(Path(db.database).parent.glob("portal.db*")))


def test_a_code_is_stored_as_its_keyed_hash(district: District) -> None:
    assert district.load().problems == ()
    found = of(m.IdentificationCode)
    assert {key: (row.student.sourced_id, row.system, row.code_hash) for key, row in found.items()} == {
        "i1": ("s1", "District", hash_of("QZ-4711-ANA")), "i2": ("s2", "District", hash_of("QZ-4712-BEN")),
    }  # fmt: skip


def test_codes_are_replaced_in_bulk_and_amended_by_a_delta(district: District, tmp_path: Path) -> None:
    district.load()
    district.remove("studentIdentificationCodes", "i2")
    district.load()
    assert set(of(m.IdentificationCode)) == {"i1"}
    header = "sourcedId,status,studentSourcedId,identificationCode\n"
    delta(tmp_path / "1", studentIdentificationCodes=header + "i1,active,s1,QZ-9\ni3,active,s2,QZ-8").load()
    assert {key: row.code_hash for key, row in of(m.IdentificationCode).items()} == {
        "i1": hash_of("QZ-9"), "i3": hash_of("QZ-8"),
    }  # fmt: skip
    delta(tmp_path / "2", studentIdentificationCodes=header + "i1,tobedeleted,,").load()
    assert set(of(m.IdentificationCode)) == {"i3"}


SPOILED = {
    "a blank code": "i3,,,s1,District,",
    "a student whom nobody knows": "i3,,,QZ-STUDENT,District,QZ-4713",
    "the same id twice": "QZ-ID,,,s1,District,QZ-4713\nQZ-ID,,,s1,District,QZ-4714",
    "an odd status": "i3,QZ-STATUS,,s1,District,QZ-4713",
    "an id with spaces": "QZ ID,,,s1,District,QZ-4713",
    "a cell too many": "i3,,,s1,District,QZ-4713,QZ-4714",
    "a cell too few": "i3,,s1,QZ-SHIFTED,QZ-4713",
    "one cell": "QZ-4713",
    "two rows in one": 'i3,,,s1,"District,QZ-4713\ni4,,,s2,District",QZ-4714',
    "a quote in the middle": 'i3,,,s1,"District"QZ,QZ-4713',
    "a quote that never ends": 'i3,,,s1,District,"QZ-4713',
    "a NUL": "i3,,,s1,District,QZ-47\x0013",
    "a code too long": f"i3,,,s1,District,{'QZ' * 200}",
    "an id too long": f"{'QZ' * 200},,,s1,District,QZ-4713",
}


@pytest.mark.parametrize("rows", SPOILED.values(), ids=SPOILED)
def test_no_code_is_anywhere_in_plain_whatever_is_wrong_with_the_file(
    district: District, db: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, rows: str
) -> None:
    staged: list[object] = []
    load = Scratch.load

    def watched(self: Scratch, table: str, columns: list[str], rows: Iterable[tuple[object, ...]]) -> None:
        def each() -> Iterator[tuple[object, ...]]:
            for row in rows:
                staged.append(row)
                yield row

        load(self, table, columns, each())

    monkeypatch.setattr(Scratch, "load", watched)
    district.load()
    hashes = {key: row.code_hash for key, row in of(m.IdentificationCode).items()}
    district.append("studentIdentificationCodes", *rows.split("\n"))
    report = district.load()
    assert report.problem_count + report.warning_count > 0 or "QZ ID" in rows
    texts = [repr(report), caplog.text, *(problem.reason for problem in m.FeedProblem)]
    assert not any("QZ" in text for text in texts)
    assert not any("QZ-47" in repr(row) for row in staged)
    assert not any("QZ-SHIFTED" in repr(row) or "QZQZ" in repr(row) for row in staged)
    stored = everything_stored(db)
    assert (b"District" in stored, b"QZ-47" in stored) == (True, False)
    assert hashes.items() <= {key: row.code_hash for key, row in of(m.IdentificationCode).items()}.items()


def test_columns_that_are_mixed_up_are_not_quoted_either(district: District, db: Database) -> None:
    district.write("studentIdentificationCodes", """\
        sourcedId,studentSourcedId,identificationCode
        i1,QZ-4711,s1
        i2,QZ-4712,s2""")  # fmt: skip
    report = district.load()
    assert reasons(report, "error") == [
        f"studentIdentificationCodes.csv:{line} studentSourcedId the value names no student of this feed"
        for line in (2, 3)
    ]
    assert b"QZ-47" not in everything_stored(db)


def test_no_kind_of_a_confidential_file_quotes_what_it_reads() -> None:
    confidential = [file for file in FILES.values() if file.is_confidential]
    assert [file.name for file in confidential] == ["studentIdentificationCodes"]
    for file in confidential:
        for column in file.columns:
            for cell in ("QZ 4711", "QZ" * 200, "QZ{}[]"):
                try:
                    column.kind.convert(cell)
                except Remark as remark:
                    assert "QZ" not in remark.reason


def test_without_a_secret_the_feed_is_refused(district: District) -> None:
    with pytest.raises(FeedError, match="studentIdentificationCodes.csv needs the portal's secret_key"):
        district.load(secret="")
    assert (m.Student.select().count(), m.FeedRun.get().state) == (0, "failed")
    district.delete("studentIdentificationCodes")
    assert district.load(secret="").state == "applied"


def test_under_another_secret_the_codes_are_made_anew(district: District) -> None:
    district.load()
    assert district.load().state == "unchanged"
    report = district.load(secret="another secret")
    assert [(one.table, one.changed) for one in report.tables] == [("identification_code", 2)]
    assert of(m.IdentificationCode)["i1"].code_hash == hash_of("QZ-4711-ANA", "another secret")
    assert {one.file for one in report.files if not one.known} == {"studentIdentificationCodes"}


def test_the_command_hashes_with_the_portals_secret(app: Flask, tmp_path: Path) -> None:
    district = District(tmp_path / "feed")
    district.write("studentIdentificationCodes", CODES)
    done: Result = app.test_cli_runner().invoke(args=["feed", "import", str(district.folder)])
    assert (done.exit_code, "QZ" in done.output) == (0, False)
    secret = app.extensions["homeroom"].secret_key
    assert of(m.IdentificationCode)["i2"].code_hash == hash_of("QZ-4712-BEN", secret)


# ---- Since when students are here -------------------------------------------------------------------------------


def test_students_of_the_first_import_wait_for_nothing_and_newcomers_a_day(district: District) -> None:
    """DECISIONS 24."""
    monday = dt.datetime(2026, 9, 7, 6)
    clock.set_source(lambda: monday)
    district.load()
    assert {one.first_delivered_at for one in m.Student} == {monday - claims.WAIT}
    tuesday = monday + dt.timedelta(days=1)
    clock.set_source(lambda: tuesday)
    district.append("users", "s3,,,true,o1,student,cy,,Cy,Ode,7003,,,07")
    district.load()
    district.append("users", "s4,,,true,o1,student,di,,Di,Ode,7004,,,07")
    clock.set_source(lambda: tuesday + dt.timedelta(hours=1))
    district.load()
    assert {key: one.first_delivered_at for key, one in of(m.Student).items()} == {
        "s1": monday - claims.WAIT, "s2": monday - claims.WAIT, "s3": tuesday, "s4": tuesday + dt.timedelta(hours=1),
    }  # fmt: skip


def test_an_import_that_was_refused_is_not_the_first(district: District) -> None:
    now = dt.datetime(2026, 9, 7, 6)
    clock.set_source(lambda: now)
    with pytest.raises(FeedError):
        district.load(secret="")
    district.load(dry_run=True)
    district.load()
    assert {one.first_delivered_at for one in m.Student} == {now - claims.WAIT}
