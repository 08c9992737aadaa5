"""Registration at the counter: the identity check, the key, its mail or letter, and what the family sees (G09, H05)."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import factories
import pypdf
import pypdfium2 as pdfium
import pytest
from browsing import Browser, link_in, mails
from factories import PASSWORD, TODAY, guardian, guardianship, officer, school, school_year, student, telephone
from flask import Flask
from werkzeug.test import TestResponse

import models as m
from config import Settings
from services import agreements, clock, worker
from services.mail import Mailer
from services.office import key_lists
from views.office import pdf as pdf_answers

MakeApp = Callable[..., Flask]
START = dt.datetime(2026, 11, 16, 15, 0)
GOOD = {"password": "my eight", "repeated": "my eight"}
SEEN = {"document": "passport", "legal": "1"}


class Town(NamedTuple):
    """Two schools, each with a clerk; Rosa's children go to one each, Zoe is a stranger's child at Ana's school."""

    app: Flask
    portal: Settings
    cedar: m.School
    birch: m.School
    clerk: m.Account
    other_clerk: m.Account
    rosa: m.Guardian
    ana: m.Student
    ben: m.Student
    zoe: m.Student

    def counter(self, path: str = "/office/register") -> Browser:
        """The clerk of Cedar Middle at work."""
        return Browser(self.app).sign_in_to_office(self.clerk).open(path)

    def for_rosa(self, path: str = "") -> Browser:
        return self.counter(path or f"/office/register/guardians/{self.rosa.id}")


def town(make_app: MakeApp, preset: str = "gwinnett", **values: Any) -> Town:
    clock.set_source(lambda: START)
    app = make_app(preset=preset, **values)
    portal = app.extensions["homeroom"]
    school_year()
    cedar = school(
        "Cedar Middle", phone="770-555-0100", street="12 Oak Street", city="Decatur", state="GA", postal_code="30033"
    )
    birch = school("Birch Elementary")
    ana, zoe = student("Ana Reyes", cedar), student("Zoe Whitfield", cedar, birth_date=dt.date(2013, 12, 24))
    ben = student("Ben Reyes", birch, birth_date=dt.date(2017, 9, 1), grade_level="03")
    rosa = guardian("Rosa Reyes", language="es", person_id="P-88412")
    for child in (ana, ben):
        guardianship(child, rosa, relation="Mother")
    guardianship(zoe, guardian("Wendy Whitfield"), relation="Mother")
    telephone(rosa, "(770) 555-0147")
    agreements.publish({"en": "Keep your password to yourself."}, START)
    clerks = [officer("clerk", portal, at=at) for at in (cedar, birch)]
    return Town(app, portal, cedar, birch, clerks[0], clerks[1], rosa, ana, ben, zoe)


def ticked(*children: m.Student) -> dict[str, str]:
    return {f"child_{child.id}": "1" for child in children}


def shown(browser: Browser) -> dict[str, str]:
    """The codes on the page that shows them once."""
    found = re.findall(r'<li>([^:]+): <strong class="code"><bdi dir="ltr">([^<]+)<', browser.page)
    return {re.sub("[\u2066-\u2069]", "", label): value for label, value in found}


def printed(answer: TestResponse) -> list[str]:
    """The text of each page of a PDF."""
    assert answer.mimetype == "application/pdf", answer.get_data(as_text=True)[:300]
    assert "no-store" in answer.headers["Cache-Control"]
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.get_data())).pages]


def letter(browser: Browser) -> list[str]:
    """Press the button that prints the letter."""
    return printed(ask_for_letter(browser))


def ask_for_letter(browser: Browser) -> TestResponse:
    assert 'action="/office/register/letter"' in browser.page
    fields = dict(re.findall(r'type="hidden" name="(keys|language)" value="([^"]*)"', browser.page.split("<main")[1]))
    return post(browser, "/office/register/letter", fields)


def register(app: Flask, user_id: str, token: str, born: str, relation: str = "mother") -> Browser:
    """The family's way with a token, in a browser of its own."""
    browser = Browser(app).open("/register").send(user_id=user_id, birth_date=born, key=token)
    answers = {"relation": relation, "phone": "0147", "school": "Cedar Middle"}
    browser.send(**{name: value for name, value in answers.items() if f'name="{name}"' in browser.page})
    agreement = agreements.current()
    assert agreement is not None
    return browser.send(accept=str(agreement.id)).send(**GOOD)


def only(pattern: str, text: str) -> str:
    """What the pattern finds first, which has to be there."""
    found = re.search(pattern, text)
    assert found is not None, text
    return found[0]


def actions(of: m.Account) -> list[str]:
    return [one.action for one in m.AuditEvent.select().where(m.AuditEvent.account == of).order_by(m.AuditEvent.id)]


def everything(app: Flask) -> str:
    """All that the database holds, as text."""
    found = app.extensions["database"]
    return " ".join(str(row) for table in m.ALL_TABLES for row in found.execute_sql(f"SELECT * FROM {_name(table)}"))


def _name(table: type[m.Table]) -> str:
    return f'"{table._meta.table_name}"'


# ---- G09: with an e-mail address -----------------------------------------------------------------------------------


def test_G09_with_an_address_the_mail_brings_the_way_and_the_family_sees_that_child_alone(make_app: MakeApp) -> None:
    t = town(make_app)
    counter = t.counter().open("/office/register").send(q="reyes").follow("Rosa Reyes")
    assert "Ana Reyes" in counter.text and "Ben Reyes" not in counter.text, "Ben's school is not the clerk's"
    counter.send(**ticked(t.ana), **SEEN, email="rosa@example.com", delivery="mail")
    assert counter.path == f"/office/guardians/{t.rosa.id}"
    assert "A mail with the key is on its way to rosa@example.com." in counter.text
    (mail,) = mails("key")
    token = re.search(r"\d{4}(?:-\d{4}){3}", mail.text)
    assert token is not None
    assert token[0] not in counter.page, "the office need not see it"
    assert (mail.recipient, "Ana" in mail.subject, "Ana Reyes" in mail.text) == ("rosa@example.com", False, True)
    assert link_in(mail) == "/register" and "rosa@example.com" in mail.text and "770-555-0100" in mail.text
    home = register(t.app, "rosa@example.com", token[0], "2013-04-02")
    assert home.path == "/registered"
    home.open("/sign-in").send(user_name="rosa@example.com", password="my eight")
    assert home.open(f"/students/{t.ana.id}").status == 200
    for other in (t.ben, t.zoe):
        assert home.open(f"/students/{other.id}").status == 404
    check = m.IdentityCheck.get()
    assert (check.document, check.checked_by, check.guardian, check.at) == ("passport", t.clerk, t.rosa, START)


def test_G09_without_an_address_the_letter_has_a_number_to_sign_in_with(make_app: MakeApp) -> None:
    t = town(make_app)
    counter = t.for_rosa().send(**ticked(t.ana), **SEEN, delivery="letter")
    codes = shown(counter)
    assert re.fullmatch(r"\d{13}", codes["User ID"])
    (text,) = letter(counter)
    for part in (*codes.values(), "Ana Reyes", "Rosa Reyes", "Cedar Middle", "12 Oak Street", "Decatur, GA 30033"):
        assert part in text, part
    assert "http://localhost/register" in text
    assert "Ben Reyes" not in text and "Zoe" not in text
    home = register(t.app, codes["User ID"], codes["Token for Ana Reyes"], "2013-04-02")
    home.open("/sign-in").send(user_name=codes["User ID"], password="my eight")
    assert home.open(f"/students/{t.ana.id}").status == 200
    assert home.open(f"/students/{t.ben.id}").status == 404
    assert mails("key") == []


def _lives(guardian: m.Guardian, kind: str, street: str, **values: Any) -> m.Address:
    return m.Address.create(
        sourced_id=f"{kind}{street}", guardian=guardian, kind=kind, street=street, city="Decatur", state="GA",
        postal_code="30031", **values,
    )  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ar"])
def test_G09_the_letter_has_the_guardians_postal_address_in_the_envelopes_window(
    make_app: MakeApp, language: str
) -> None:
    """Nothing but the address may show in the window, wherever the folded letter slides in the envelope."""
    t = town(make_app)
    _lives(t.rosa, "Physical", "9 Pine Road", apartment="Apt 2", household="h1")
    _lives(t.rosa, "Mailing", "PO Box 77", household="h1")
    _lives(t.rosa, "Mailing", "PO Box of long ago", end_date=TODAY - dt.timedelta(days=1))
    father = guardian("Carlos Soto")
    guardianship(t.ana, father, relation="Father")
    _lives(father, "Mailing", "1 Secret Street", household="h2")
    _lives(t.rosa, "Physical", "4 Temporary Way", begin_date=TODAY + dt.timedelta(days=1))
    counter = t.for_rosa().send(**ticked(t.ana), **SEEN, delivery="letter", language=language)
    answer = ask_for_letter(counter)
    (text,) = printed(answer)
    assert "PO Box 77" in text and "Decatur, GA 30031" in text
    for other in ("Pine Road", "Secret", "long ago", "Temporary"):
        assert other not in text
    page = pdfium.PdfDocument(answer.get_data())[0]
    height, words = page.get_height(), page.get_textpage()
    # All that could ever be in the window, in points from the page's upper left corner; and what always is.
    shown = words.get_text_bounded(left=-9, right=387, bottom=height - 261, top=height - 147)
    assert shown.split() == ["Rosa", "Reyes", "PO", "Box", "77", "Decatur,", "GA", "30031"]
    assert words.get_text_bounded(left=63, right=315, bottom=height - 228, top=height - 180).split() == shown.split()


def test_G09_without_a_whole_address_of_the_guardians_own_the_letter_has_none(make_app: MakeApp) -> None:
    t = town(make_app)
    m.Address.create(sourced_id="torn", guardian=t.rosa, kind="Mailing", street="PO Box 77")
    m.Address.create(sourced_id="of-ana", student=t.ana, kind="Home", street="5 Elm", city="Decatur", household="h9")
    (text,) = letter(t.for_rosa().send(**ticked(t.ana), **SEEN, delivery="letter"))
    assert "PO Box 77" not in text and "5 Elm" not in text and "Rosa Reyes" in text
    m.Guardianship.update(household="h9", lives_with=True).where(m.Guardianship.guardian == t.rosa).execute()
    (text,) = letter(t.for_rosa(f"/office/guardians/{t.rosa.id}/new-key").send(delivery="letter"))
    assert "5 Elm" in text, "the home of the child who lives with the guardian"


def test_G09_the_next_child_gets_a_token_for_the_account_that_is_there(make_app: MakeApp) -> None:
    t = town(make_app)
    codes = shown(t.for_rosa().send(**ticked(t.ana), **SEEN, email="rosa@example.com", delivery="letter"))
    assert codes["User ID"] == "rosa@example.com"
    home = register(t.app, "rosa@example.com", codes["Token for Ana Reyes"], "2013-04-02")
    home.open("/sign-in").send(user_name="rosa@example.com", password="my eight")
    other = Browser(t.app).sign_in_to_office(t.other_clerk).open(f"/office/register/guardians/{t.rosa.id}")
    other.send(**ticked(t.ben), **SEEN, email="", delivery="letter")
    codes = shown(other)
    assert codes["User ID"] == "rosa@example.com", "the account's own"
    (text,) = letter(other)
    assert "/add-child" in text and "/register" not in text, "who has an account signs in as always"
    home.open("/add-child").send(birth_date="2017-09-01", key=codes["Token for Ben Reyes"])
    assert home.open(f"/students/{t.ben.id}").status == 200
    again = t.for_rosa()
    assert f'name="child_{t.ana.id}"' not in again.page and "Open already" in again.text


def test_G09_a_guardian_whom_the_sis_does_not_have_is_entered_and_survives_a_bulk_import(
    make_app: MakeApp, tmp_path: Path
) -> None:
    t = town(make_app)
    counter = t.counter().follow("The SIS does not have the guardian: enter a new one")
    counter.send(button=("find", "1"), sought="zoe", given_name="Néstor", family_name="Whitfield")
    assert counter.status == 200 and "Zoe Whitfield" in counter.text and 'value="Néstor"' in counter.page
    counter.send(**ticked(t.zoe), **{f"relation_{t.zoe.id}": "father"}, **SEEN, phone="770 555 0147", delivery="letter")
    codes = shown(counter)
    entered = m.Guardian.get(m.Guardian.given_name == "Néstor")
    pair = m.Guardianship.get(m.Guardianship.guardian == entered)
    assert (entered.sourced_id, entered.given_key, entered.phone) == (None, "nestor", "770 555 0147")
    assert (pair.student, pair.relation, pair.legal_guardian, pair.from_office) == (t.zoe, "Father", True, True)
    assert pair.activated_at is None, "the key alone opens it"
    bulk(t, tmp_path)
    assert m.Guardian.get_by_id(entered.id).active
    home = register(t.app, codes["User ID"], codes["Token for Zoe Whitfield"], "2013-12-24", relation="father")
    home.open("/sign-in").send(user_name=codes["User ID"], password="my eight")
    assert home.open(f"/students/{t.zoe.id}").status == 200
    assert home.open(f"/students/{t.ana.id}").status == 404
    bulk(t, tmp_path)
    assert home.open(f"/students/{t.zoe.id}").status == 200, "and what was opened stays open"
    assert "Whitfield" in t.counter("/office").send(q="nestor").text


def bulk(t: Town, folder: Path) -> None:
    """A whole export of the SIS in which everybody is, except for whom the office has entered."""
    files: dict[str, list[dict[str, str]]] = {
        "orgs": [{"sourcedId": one.sourced_id, "name": one.name, "type": "school"} for one in (t.cedar, t.birch)],
        "users": [
            *(
                {"sourcedId": one.sourced_id, "enabledUser": "true", "role": "student", "givenName": one.given_name,
                 "familyName": one.family_name, "identifier": one.number, "orgSourcedIds": at.sourced_id}
                for one, at in ((t.ana, t.cedar), (t.ben, t.birch), (t.zoe, t.cedar))
            ),
            *(
                {"sourcedId": one.sourced_id, "enabledUser": "true", "role": "parent", "givenName": one.given_name,
                 "familyName": one.family_name, "identifier": one.person_id or "", "orgSourcedIds": t.cedar.sourced_id}
                for one in m.Guardian.select().where(m.Guardian.sourced_id.is_null(False))
            ),
        ],
        "studentContactAssociations": [
            {"sourcedId": f"pair-{pair.id}", "studentSourcedId": pair.student.sourced_id,
             "contactSourcedId": pair.guardian.sourced_id, "relationDescriptor": "Mother"}
            for pair in m.Guardianship.select().where(m.Guardianship.from_associations)
        ],
    }  # fmt: skip
    folder = folder / "export"
    folder.mkdir(exist_ok=True)
    names = [f"file.{name},bulk" for name in ("orgs", "users")]
    (folder / "manifest.csv").write_text(
        "\n".join(["propertyName,value", "manifest.version,1.0", "oneroster.version,1.1", *names]) + "\n"
    )
    for name, rows in files.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    said = t.app.test_cli_runner().invoke(args=["feed", "import", str(folder)])
    assert said.exit_code == 0, said.output


def test_G09_one_letter_for_several_children_has_a_token_for_each(make_app: MakeApp) -> None:
    t = town(make_app)
    counter = (
        Browser(t.app).sign_in_to_office(officer("admin", t.portal)).open(f"/office/register/guardians/{t.rosa.id}")
    )
    codes = shown(counter.send(**ticked(t.ana, t.ben), **SEEN, delivery="letter"))
    assert set(codes) == {"User ID", "Token for Ana Reyes", "Token for Ben Reyes"}
    (text,) = letter(counter)
    assert all(value in text for value in codes.values())


def test_G09_a_form_sent_twice_counts_once(make_app: MakeApp) -> None:
    t = town(make_app)
    counter = t.for_rosa()
    twice = counter.tab()
    values = {**ticked(t.ana), **SEEN, "email": "rosa@example.com", "delivery": "mail"}
    counter.send(**values)
    twice.send(**values)
    assert twice.status == 409 and "This form was sent already" in twice.text
    assert len(mails("key")) == m.ActivationKey.select().count() == m.IdentityCheck.select().count() == 1
    new = t.counter("/office/register/new").send(button=("find", "1"), sought="zoe")
    twice = new.tab()
    values = {
        **ticked(t.zoe), f"relation_{t.zoe.id}": "other", **SEEN, "given_name": "A", "family_name": "B",
        "delivery": "letter",
    }  # fmt: skip
    new.send(**values)
    twice.send(**values)
    assert m.Guardian.select().where(m.Guardian.given_name == "A").count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"document": ""}, "Choose which photo ID you have seen"),
        ({"document": "library card"}, "Choose which photo ID you have seen"),
        ({"legal": ""}, "Only a legal guardian gets a key."),
        ({"email": "", "delivery": "mail"}, "Enter an e-mail address"),
        ({"email": "not one", "delivery": "letter"}, "Enter an e-mail address"),
    ],
)
def test_D06_without_a_photo_id_and_a_legal_guardian_no_key_is_made(
    make_app: MakeApp, wrong: dict[str, str], said: str
) -> None:
    t = town(make_app, "denver")
    counter = t.for_rosa().send(**{**ticked(t.ana), **SEEN, "email": "rosa@example.com", "delivery": "mail", **wrong})
    assert counter.status == 422 and said in counter.text
    assert m.ActivationKey.select().count() == m.IdentityCheck.select().count() == 0
    assert mails("key") == []
    assert f'name="child_{t.ana.id}" type="checkbox" value="1" checked' in counter.page, "what was ticked stays"


def test_G09_another_guardians_address_is_no_user_id_and_nothing_is_entered(make_app: MakeApp) -> None:
    t = town(make_app)
    factories.account(m.Guardian.get(m.Guardian.given_name == "Wendy"), "wendy@example.com", t.portal)
    counter = t.for_rosa().send(**ticked(t.ana), **SEEN, email="Wendy@Example.com", delivery="mail")
    assert counter.status == 422 and "This address is used by another account." in counter.text
    new = t.counter(f"/office/register/new?student={t.zoe.id}").send(
        given_name="A", family_name="B", **ticked(t.zoe), **{f"relation_{t.zoe.id}": "other"}, **SEEN,
        email="wendy@example.com", delivery="mail",
    )  # fmt: skip
    assert new.status == 422
    assert m.Guardian.select().count() == 2 and mails("key") == []
    assert m.ActivationKey.select().count() == m.IdentityCheck.select().count() == 0
    counter.send(email="rosa@example.com")
    assert counter.path == f"/office/guardians/{t.rosa.id}", "the same form may be corrected and sent"


def test_a_guardian_who_has_left_the_sis_gets_no_key(make_app: MakeApp) -> None:
    t = town(make_app)
    m.Guardian.update(active=False).where(m.Guardian.id == t.rosa).execute()
    assert "The guardian is no longer in the SIS" in t.for_rosa().text


def test_a_form_with_everything_wrong_says_it_all_at_once(make_app: MakeApp) -> None:
    t = town(make_app)
    counter = t.counter("/office/register/new").send(delivery="mail", phone="12")
    assert counter.status == 422
    for said in (
        "Enter the first name.", "Enter the last name.", "at least seven digits", "Choose at least one student.",
        "Choose which photo ID", "Only a legal guardian", "Enter an e-mail address",
    ):  # fmt: skip
        assert said in counter.text, said
    assert m.Guardian.select().count() == 2


def test_D06_in_denver_person_id_and_guid_open_the_account_of_the_one_they_were_given_to(make_app: MakeApp) -> None:
    t = town(make_app, "denver")
    counter = t.for_rosa().send(**ticked(t.ana), **SEEN, delivery="letter", email="")
    codes = shown(counter)
    assert codes["Person ID"] == "P-88412" and re.fullmatch(r"\{[0-9A-F-]{36}\}", codes["GUID"])
    (text,) = letter(counter)
    assert codes["GUID"] in text and "P-88412" in text
    home = Browser(t.app).open("/register").send(person_id="P-88412", key=codes["GUID"])
    home.send(user_name="rosareyes", email="rosa@example.com", **GOOD)
    Browser(t.app).open(link_in(mails("verify")[0])).send()
    home.open("/sign-in").send(user_name="rosareyes", password="my eight")
    assert home.path == "/welcome/questions"
    assert m.Account.get(m.Account.guardian == t.rosa).state == "active"


def test_D03_a_guardian_whom_the_office_enters_gets_a_person_id_too(make_app: MakeApp) -> None:
    t = town(make_app, "denver")
    counter = t.counter(f"/office/register/new?student={t.zoe.id}")
    counter.send(
        given_name="Pat", family_name="Whitfield", **ticked(t.zoe), **{f"relation_{t.zoe.id}": "guardian"}, **SEEN,
        delivery="letter",
    )  # fmt: skip
    codes = shown(counter)
    assert re.fullmatch(r"H-\d{8}", codes["Person ID"])
    home = Browser(t.app).open("/register").send(person_id=codes["Person ID"], key=codes["GUID"])
    assert home.path == "/register/account"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"office_access": False}, "Restricted by the office"),
        ({"portal_access": False}, "The SIS withholds the portal"),
        ({"legal_guardian": False}, "Not a legal guardian, says the SIS"),
        ({"restricted_from": dt.date(2026, 11, 1)}, "The SIS withholds the portal"),
    ],
)
def test_D06_what_the_sis_or_the_office_forbids_stays_forbidden_at_the_counter(
    make_app: MakeApp, values: dict[str, Any], said: str
) -> None:
    t = town(make_app)
    m.Guardianship.update(**values).where(m.Guardianship.student == t.ana).execute()
    counter = t.for_rosa()
    assert said in counter.text and f'name="child_{t.ana.id}"' not in counter.page
    answer = post(counter, f"/office/register/guardians/{t.rosa.id}", {**ticked(t.ana), **SEEN, "delivery": "letter"})
    assert answer.status_code == 422 and said in answer.get_data(as_text=True)
    assert m.ActivationKey.select().count() == 0
    pair = m.Guardianship.get(m.Guardianship.student == t.ana)
    assert all(getattr(pair, name) == value for name, value in values.items())


def test_D06_a_relation_that_gives_no_access_by_itself_gets_the_offices_yes(make_app: MakeApp) -> None:
    t = town(make_app, "standard")
    aunt = guardian("Aunt May")
    guardianship(t.ana, aunt, relation="Aunt", default_access=False)
    counter = t.counter(f"/office/register/guardians/{aunt.id}").send(**ticked(t.ana), **SEEN, delivery="letter")
    home = Browser(t.app).open("/register").send(key=shown(counter)["Activation key"])
    home.send(user_name="may@example.com", password="a quiet place to read", repeated="a quiet place to read")
    home.open("/sign-in").send(user_name="may@example.com", password="a quiet place to read")
    assert home.open(f"/students/{t.ana.id}").status == 200
    pair = m.Guardianship.get(m.Guardianship.guardian == aunt)
    assert (pair.office_access, pair.from_office, pair.relation) == (True, False, "Aunt")


def test_a_guardian_with_an_account_for_all_children_needs_no_key(make_app: MakeApp) -> None:
    t = town(make_app, "standard")
    account = factories.account(t.rosa, "rosa@example.com", t.portal)
    home = Browser(t.app).sign_in(account)
    assert home.open(f"/students/{t.zoe.id}").status == 404
    counter = t.for_rosa(f"/office/register/guardians/{t.rosa.id}?student={t.zoe.id}")
    assert "Open already" in counter.text, "Ana is"
    counter.send(**ticked(t.zoe), **{f"relation_{t.zoe.id}": "stepparent"}, **SEEN, delivery="letter")
    assert "No key is needed: Zoe Whitfield can be seen" in counter.text
    assert home.open(f"/students/{t.zoe.id}").status == 200
    assert m.ActivationKey.select().count() == 0


# ---- Whom a clerk reaches ------------------------------------------------------------------------------------------


def test_G09_students_of_another_school_cannot_be_chosen(make_app: MakeApp) -> None:
    t = town(make_app)
    counter = t.for_rosa().send(button=("find", "1"), sought="ben")
    assert "Ben Reyes" not in counter.text and "No student was found whom you may see." in counter.text
    for path in (f"/office/register/guardians/{t.rosa.id}", "/office/register/new"):
        values = {**ticked(t.ben), **SEEN, "delivery": "letter", "given_name": "A", "family_name": "B", "once": "x"}
        assert post(counter, path, values).status_code == 404
    assert t.counter(f"/office/register/new?student={t.ben.id}").text.count("Ben Reyes") == 0
    stranger = m.Guardian.get(m.Guardian.given_name == "Wendy")
    other = Browser(t.app).sign_in_to_office(t.other_clerk)
    for path in (f"/office/register/guardians/{stranger.id}", f"/office/guardians/{stranger.id}/new-key"):
        assert other.open(path).status == 404
    assert m.ActivationKey.select().count() == 0


@pytest.mark.parametrize("role", ["teacher", "counselor"])
def test_only_clerks_and_admins_register(make_app: MakeApp, role: str) -> None:
    t = town(make_app, "henry")
    browser = Browser(t.app).sign_in_to_office(officer(role, t.portal, at=t.cedar))
    paths = [
        "/office/register", "/office/register/new", f"/office/register/guardians/{t.rosa.id}", "/office/register/form",
        f"/office/guardians/{t.rosa.id}/new-key", f"/office/students/{t.ana.id}/key", "/office/register/lists",
        "/office/register/form.pdf",
    ]  # fmt: skip
    for path in paths:
        assert browser.open(path).status == 404, path
    assert browser.open("/office").status == 200 and "/office/register" not in browser.page
    for path in ("/office/register/letter", "/office/register/lists/letters", "/office/register/lists/keys"):
        assert post(browser, path, {"school": str(t.cedar.id), "role": "guardian"}).status_code == 404


def test_families_do_not_come_near(make_app: MakeApp) -> None:
    t = town(make_app, "standard")
    home = Browser(t.app).sign_in(factories.account(t.rosa, "rosa@example.com", t.portal))
    for path in ("/office/register", f"/office/register/guardians/{t.rosa.id}", "/office/register/lists"):
        assert home.open(path).status == 404


def test_a_student_of_a_school_that_is_not_switched_on_gets_nobody_a_key(make_app: MakeApp) -> None:
    t = town(make_app, "denver")
    m.School.update(switched_on=False).where(m.School.id == t.cedar).execute()
    counter = t.for_rosa()
    assert "Not enrolled in a school that is switched on" in counter.text


# ---- Keys are nowhere ------------------------------------------------------------------------------------------------


def test_G09_the_key_is_in_no_table_no_log_and_no_address(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    t = town(make_app, mail_from="portal@district.test")
    caplog.set_level("DEBUG")
    counter = t.for_rosa().send(**ticked(t.ana), **SEEN, delivery="letter")
    token = shown(counter)["Token for Ana Reyes"]
    letter(counter)
    new = t.for_rosa(f"/office/guardians/{t.rosa.id}/new-key").send(delivery="letter")
    second = shown(new)["Token for Ana Reyes"]
    t.for_rosa().send(**ticked(t.ana), **SEEN, email="rosa@example.com", delivery="mail")
    third = only(r"\d{4}(?:-\d{4}){3}", mails("key")[0].text)
    (mail_folder := tmp_path / "mail").mkdir()
    with Mailer(f"file://{mail_folder}", "portal@district.test", "http://localhost") as mailer:
        worker.run_once(mailer, START)
    assert third in next(mail_folder.glob("*.eml")).read_text()
    said = everything(t.app)
    # peewee's own log shows the statements with their values: the row of the mail is the one place, until it is sent.
    logged = " ".join(one.getMessage() for one in caplog.records if one.name != "peewee")
    for value in (token, second, third):
        for written in (value, value.replace("-", "")):
            assert written not in said and written not in logged
    assert mails("key")[0].text == ""
    assert len({one.key_hash for one in m.ActivationKey.select()}) == 3
    details = str([one.details for one in m.AuditEvent.select()])
    assert "rosa@example.com" not in details and "Rosa" not in details


def test_G09_the_letter_is_printed_only_of_live_keys_of_own_students(make_app: MakeApp) -> None:
    t = town(make_app)
    counter = t.for_rosa().send(**ticked(t.ana), **SEEN, delivery="letter")
    token = shown(counter)["Token for Ana Reyes"]
    assert "no-store" in counter.response.headers["Cache-Control"]
    stale = counter.tab()
    for browser, values in (
        (Browser(t.app).sign_in_to_office(t.other_clerk), token), (t.counter(), "1111-1111-1111-1111"),
        (t.counter(), ""),
    ):  # fmt: skip
        assert post(browser, "/office/register/letter", {"keys": values}).status_code == 404
    assert t.counter().client.get("/office/register/letter").status_code == 405
    t.for_rosa(f"/office/guardians/{t.rosa.id}/new-key").send(delivery="letter")
    assert ask_for_letter(stale).status_code == 404, "another has replaced it"


# ---- G20 -------------------------------------------------------------------------------------------------------------


def test_G20_a_token_that_did_not_arrive_is_replaced_and_the_old_one_is_dead(make_app: MakeApp) -> None:
    t = town(make_app)
    t.for_rosa().send(**ticked(t.ana), **SEEN, email="rosa@example.com", delivery="mail")
    first = only(r"\d{4}(?:-\d{4}){3}", mails("key")[0].text)
    page = t.for_rosa(f"/office/guardians/{t.rosa.id}").follow("The key did not arrive: a new one")
    assert "1 key that was handed out stops working." in page.text
    assert "by e-mail to rosa@example.com" in page.text
    page.send(delivery="rosa@example.com")
    second = only(r"\d{4}(?:-\d{4}){3}", mails("key")[0].text)
    assert first != second
    assert len(mails("key", "rosa@example.com")) == 2
    dead = Browser(t.app).open("/register").send(user_id="rosa@example.com", birth_date="2013-04-02", key=first)
    assert dead.status == 422
    assert register(t.app, "rosa@example.com", second, "2013-04-02").path == "/registered"
    issued = [one.details for one in m.AuditEvent.select().where(m.AuditEvent.action == "key issued")]
    assert [(one["by"], one["replaced"]) for one in issued] == [("mail", 0), ("mail", 1)]


def test_G20_a_new_key_goes_to_no_address_that_was_not_known(make_app: MakeApp) -> None:
    t = town(make_app)
    t.for_rosa().send(**ticked(t.ana), **SEEN, email="rosa@example.com", delivery="mail")
    page = t.for_rosa(f"/office/guardians/{t.rosa.id}/new-key")
    answer = post(page, page.path, {"delivery": "thief@example.com", "once": "y", "document": "passport"})
    assert answer.status_code == 422
    assert [mail.recipient for mail in mails("key")] == ["rosa@example.com"]


def test_G20_a_new_key_without_a_photo_id_ever_seen_asks_for_one(make_app: MakeApp) -> None:
    t = town(make_app)
    page = t.for_rosa(f"/office/guardians/{t.rosa.id}/new-key").send(delivery="letter")
    assert page.status == 422 and "Choose which photo ID you have seen" in page.text
    page.send(delivery="letter", document="state_id")
    codes = shown(page)
    assert set(codes) == {"User ID", "Token for Ana Reyes"}, "Ben's school gives Ben's"
    assert m.IdentityCheck.get().document == "state_id"


def test_G20_with_the_number_of_the_first_letter_the_second_has_the_same(make_app: MakeApp) -> None:
    t = town(make_app)
    m.Guardian.update(email="old@example.com").where(m.Guardian.id == t.rosa).execute()
    first = shown(t.for_rosa().send(**ticked(t.ana), **SEEN, email="", delivery="letter"))
    second = shown(t.for_rosa(f"/office/guardians/{t.rosa.id}/new-key").send(delivery="letter"))
    assert first["User ID"] == second["User ID"] and first["User ID"].isdigit()


def test_G20_nothing_to_replace_is_said(make_app: MakeApp) -> None:
    t = town(make_app, "standard")
    factories.account(t.rosa, "rosa@example.com", t.portal)
    page = t.for_rosa(f"/office/guardians/{t.rosa.id}/new-key")
    assert "There is nothing to hand out" in page.text and "<form" not in page.page.split("<main")[1]


@pytest.mark.parametrize(("code", "says"), [("en", "First name"), ("es", "Nombre"), ("vi", "Tên"), ("so", "Magaca")])
def test_G20_the_blank_form_is_printed_in_the_familys_language(make_app: MakeApp, code: str, says: str) -> None:
    t = town(make_app)
    counter = t.counter(f"/office/register/form?language={code}")
    assert says in counter.text and f'<div lang="{code}" dir="ltr">' in counter.page
    answer = counter.client.get(f"/office/register/form.pdf?language={code}")
    text = " ".join(printed(answer)).replace("\n", " ")
    assert says in text and "Cedar Middle" in text
    assert len(pypdf.PdfReader(io.BytesIO(answer.get_data())).pages) == 1


def test_G20_in_arabic_the_form_runs_from_right_to_left(make_app: MakeApp) -> None:
    t = town(make_app)
    counter = t.counter("/office/register").follow("العربية")
    assert '<div lang="ar" dir="rtl">' in counter.page and '<html lang="en" dir="ltr">' in counter.page
    answer = counter.client.get("/office/register/form.pdf?language=ar")
    assert len(printed(answer)) == 1
    for nonsense in ("xx", "../en", "en_US", "%00"):
        assert counter.open(f"/office/register/form?language={nonsense}").status == 404


# ---- The letter ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "label"), [("es", "Código de activación"), ("vi", "Mã kích hoạt"), ("so", "Koodka furista akoonka")]
)
def test_G09_the_letter_is_in_the_familys_language(make_app: MakeApp, code: str, label: str) -> None:
    t = town(make_app, "standard")
    counter = t.for_rosa()
    assert '<option value="es" dir="auto" selected>' in counter.page, "the language that the SIS has is proposed"
    counter.send(**ticked(t.ana), **SEEN, delivery="letter", language=code)
    key = shown(counter)["Activation key"]
    (text,) = letter(counter)
    assert label in text and key in text


def test_G09_an_arabic_letter_is_shaped_and_its_key_still_reads_from_left(make_app: MakeApp) -> None:
    t = town(make_app, "standard")
    counter = t.for_rosa().send(**ticked(t.ana), **SEEN, delivery="letter", language="ar")
    key = shown(counter)["Activation key"]
    (text,) = letter(counter)
    assert key in text and "http://localhost/register" in text
    assert any("\u0600" <= char <= "\u06ff" or "\ufb50" <= char <= "\ufeff" for char in text)


def test_G09_the_mail_is_in_the_familys_language(make_app: MakeApp) -> None:
    t = town(make_app, "standard")
    t.for_rosa().send(**ticked(t.ana), **SEEN, delivery="mail", email="rosa@example.com", language="es")
    assert "Código de activación" in mails("key")[0].text


def test_G09_odd_names_do_no_harm_to_page_mail_and_letter(make_app: MakeApp) -> None:
    t = town(make_app)
    odd = "A<b>\u202e\n=1+1 " + "x" * 230
    m.Student.update(given_name=odd, preferred_given_name=None).where(m.Student.id == t.ana).execute()
    m.Guardian.update(family_name="O'<script>" + "y" * 240).where(m.Guardian.id == t.rosa).execute()
    counter = t.for_rosa().send(**ticked(t.ana), **SEEN, delivery="letter")
    assert "<script>" not in counter.page.split("<main")[1]
    text = " ".join(letter(counter))
    assert "\u202e" not in text and "A<b>" in text
    t.for_rosa().send(**ticked(t.ana), **SEEN, delivery="mail", email="rosa@example.com")
    assert "\n=1+1" not in mails("key")[0].text


# ---- H05 -------------------------------------------------------------------------------------------------------------


def test_H05_a_students_own_key_opens_the_students_record_and_no_other(make_app: MakeApp) -> None:
    t = town(make_app, "henry")
    page = t.counter(f"/office/students/{t.ana.id}").follow("A key for the student")
    codes = shown(page.send())
    (text,) = letter(page)
    assert codes["Activation key"] in text and "where you see your school record" in text
    home = Browser(t.app).open("/register").send(key=codes["Activation key"]).send(user_name="anareyes", **GOOD)
    home.open("/sign-in").send(user_name="anareyes", password="my eight")
    assert home.path == f"/students/{t.ana.id}"
    assert home.open(f"/students/{t.zoe.id}").status == 404
    again = t.counter(f"/office/students/{t.ana.id}/key").send()
    assert again.status == 422 and "This student has an account already." in again.text


def test_H05_where_students_get_no_keys_there_is_no_button_and_no_page(make_app: MakeApp) -> None:
    t = town(make_app, "standard")
    assert "A key for the student" not in t.counter(f"/office/students/{t.ana.id}").text
    assert t.counter(f"/office/students/{t.ana.id}/key").status == 404
    assert t.counter(f"/office/register/lists?school={t.cedar.id}&role=student").status == 404
    henry = Browser(t.app).sign_in_to_office(t.other_clerk)
    assert henry.open(f"/office/students/{t.ana.id}/key").status == 404


def crowd(t: Town, classes: int = 2, each: int = 3) -> list[m.Section]:
    """Sections of Cedar Middle with students who have a mother each."""
    found = []
    for number in range(classes):
        homeroom = factories.section(f"Homeroom {number + 1}", school=t.cedar, kind="homeroom")
        for place in range(each):
            child = student(f"Child{place} Family{number}{place}", t.cedar)
            factories.enroll(child, homeroom)
            guardianship(child, guardian(f"Mother{place} Family{number}{place}", language="ar" if place == 1 else None))
        found.append(homeroom)
    return found


def letters(t: Town, browser: Browser, **values: str) -> TestResponse:
    given = {"school": str(t.cedar.id), "role": "guardian", "section": "", "present": PASSWORD, **values}
    return post(browser, "/office/register/lists/letters", given)


def test_H05_letters_for_a_class_come_in_the_order_of_the_students_names(make_app: MakeApp) -> None:
    t = town(make_app, "henry")
    first, _ = crowd(t)
    counter = t.counter().follow("Letters or a list for a whole class or school")
    counter.open(f"/office/register/lists?school={t.cedar.id}&section={first.id}&role=guardian")
    assert "3 keys are to be made." in counter.text
    assert m.ActivationKey.select().count() == 0, "nothing was made by looking"
    pages = printed(letters(t, counter, section=str(first.id)))
    assert [only(r"Family0\d", text) for text in pages] == ["Family00", "Family01", "Family02"]
    assert all("Homeroom 1" in text for text in pages)
    key = only(r"\{[0-9A-F-]{36}\}", pages[0])
    home = Browser(t.app).open("/register").send(key=key).send(user_name="mother0", **GOOD)
    home.open("/sign-in").send(user_name="mother0", password="my eight")
    mine, others = (m.Student.get(m.Student.family_name == name) for name in ("Family00", "Family01"))
    assert home.open(f"/students/{mine.id}").status == 200
    assert home.open(f"/students/{others.id}").status == 404


def test_H05_a_whole_school_is_sorted_by_class_and_leaves_out_who_has_an_account_or_a_key(make_app: MakeApp) -> None:
    t = town(make_app, "henry")
    crowd(t)
    taken = m.Guardian.get(m.Guardian.family_name == "Family00")
    factories.account(taken, "taken", t.portal)
    counter = t.counter(f"/office/register/lists?school={t.cedar.id}&role=guardian")
    assert "7 keys are to be made." in counter.text
    pages = printed(letters(t, counter))
    names = [only(r"Family\d\d|Reyes|Whitfield", text) for text in pages]
    assert names == ["Reyes", "Whitfield", "Family01", "Family02", "Family10", "Family11", "Family12"]
    counter.open(f"/office/register/lists?school={t.cedar.id}&role=guardian")
    assert (
        "0 keys are to be made." in counter.text and "7 more people have a key that was not used yet." in counter.text
    )
    assert "the 7 keys that were handed out stop working" in counter.text
    assert "There is nobody to make a key for." in letters(t, counter).get_data(as_text=True)
    again = printed(letters(t, counter, reissue="1"))
    assert len(again) == 7
    old = only(r"\{[0-9A-F-]{36}\}", pages[0])
    assert Browser(t.app).open("/register").send(key=old).status == 422
    event = m.AuditEvent.select().where(m.AuditEvent.action == "keys exported").order_by(m.AuditEvent.id.desc()).get()
    assert event.account_id == t.clerk.id
    assert event.details == {
        "by": "letters", "school": t.cedar.id, "section": None, "role": "guardian", "issued": 7, "replaced": 7
    }  # fmt: skip


def test_H05_students_keys_come_as_letters_and_as_a_list(make_app: MakeApp) -> None:
    t = town(make_app, "henry")
    counter = t.counter(f"/office/register/lists?school={t.cedar.id}&role=student")
    pages = printed(letters(t, counter, role="student"))
    assert ["Ana Reyes" in pages[0], "Zoe Whitfield" in pages[1], len(pages)] == [True, True, 2]
    rows = listed(export(t, counter, role="student", reissue="1"))
    assert [row["person"] for row in rows] == ["Ana Reyes", "Zoe Whitfield"]
    home = Browser(t.app).open("/register").send(key=rows[0]["key"]).send(user_name="anareyes", **GOOD)
    home.open("/sign-in").send(user_name="anareyes", password="my eight")
    assert home.path == f"/students/{t.ana.id}"


def export(t: Town, browser: Browser, **values: str) -> TestResponse:
    given = {"school": str(t.cedar.id), "role": "guardian", "section": "", "present": PASSWORD, **values}
    return post(browser, "/office/register/lists/keys", given)


def listed(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.mimetype == "text/csv", answer.get_data(as_text=True)[:300]
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))


def test_H05_a_list_asks_for_the_password_is_limited_defused_and_audited(make_app: MakeApp) -> None:
    t = town(make_app, "henry")
    m.Guardian.update(given_name="=cmd|x", family_name="Whitfield").where(m.Guardian.given_name == "Wendy").execute()
    counter = t.counter(f"/office/register/lists?school={t.cedar.id}&role=guardian")
    for wrong in ("", "wrong"):
        refused = export(t, counter, present=wrong)
        assert refused.status_code == 422 and "This is not your present password." in refused.get_data(as_text=True)
    assert m.ActivationKey.select().count() == 0
    answer = export(t, counter)
    rows = listed(answer)
    assert [row["person"] for row in rows] == ["Rosa Reyes", "'=cmd|x Whitfield"]
    assert (rows[0]["children"], rows[0]["language"]) == ("Ana Reyes", "es"), "no child of another school"
    assert "no-store" in answer.headers["Cache-Control"] and "attachment" in answer.headers["Content-Disposition"]
    for _ in range(2):
        assert export(t, counter, reissue="1").status_code == 200
    refused = export(t, counter, reissue="1")
    assert refused.status_code == 422 and "enough for today" in refused.get_data(as_text=True)
    assert actions(t.clerk).count("keys exported") == 3
    details = str([one.details for one in m.AuditEvent.select()])
    assert not any(row["key"] in details for row in rows)
    clock.set_source(lambda: START + dt.timedelta(hours=24, minutes=1))
    later = Browser(t.app).sign_in_to_office(t.clerk).open(f"/office/register/lists?school={t.cedar.id}")
    assert export(t, later, reissue="1").status_code == 200


def test_H05_another_schools_list_or_class_is_404(make_app: MakeApp) -> None:
    t = town(make_app, "henry")
    first, _ = crowd(t)
    other = Browser(t.app).sign_in_to_office(t.other_clerk).open("/office/register/lists")
    assert "Cedar Middle" not in other.text
    assert other.open(f"/office/register/lists?school={t.cedar.id}").status == 404
    assert letters(t, other).status_code == export(t, other).status_code == 404
    # A class of another school is none of this one.
    assert "Homeroom 1" not in other.open(f"/office/register/lists?school={t.birch.id}&section={first.id}").text
    assert m.ActivationKey.select().count() == 0


def test_D06_where_identity_is_checked_whole_schools_get_keys_only_for_whom_the_office_has_seen(
    make_app: MakeApp,
) -> None:
    t = town(make_app, "denver")
    counter = t.counter(f"/office/register/lists?school={t.cedar.id}&role=guardian")
    assert "0 keys are to be made." in counter.text and "whose photo ID the office has seen" in counter.text
    t.for_rosa().send(**ticked(t.ana), **SEEN, email="", delivery="letter")
    rows = listed(export(t, counter, reissue="1"))
    assert [row["person"] for row in rows] == ["Rosa Reyes"]


def test_H05_too_many_letters_for_one_file_and_a_file_already_being_made_are_said(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    t = town(make_app, "henry")
    crowd(t)
    counter = t.counter(f"/office/register/lists?school={t.cedar.id}&role=guardian")
    monkeypatch.setattr(key_lists, "MOST", 3)
    refused = letters(t, counter)
    assert refused.status_code == 422 and "These would be 8 letters" in refused.get_data(as_text=True)
    monkeypatch.setattr(pdf_answers, "PATIENCE", 0)
    with pdf_answers.one_at_a_time():
        busy = letters(t, counter)
    assert busy.status_code == 503 and "Another file is being made." in busy.get_data(as_text=True)
    assert m.ActivationKey.select().count() == 0


def test_H05_looking_at_a_school_costs_the_same_for_one_family_and_for_many(make_app: MakeApp) -> None:
    t = town(make_app, "henry")
    path = f"/office/register/lists?school={t.cedar.id}&role=guardian"
    counter = t.counter()
    few = counter.queries(path)
    crowd(t, classes=3, each=10)
    assert counter.queries(path) == few


def post(browser: Browser, path: str, values: dict[str, str]) -> TestResponse:
    """A form that the page does not offer, or whose second button is pressed."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)
    assert token is not None
    return browser.client.post(path, data={"csrf_token": token[1], **values})
