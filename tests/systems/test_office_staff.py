"""Who works in the office: admins invite people of the feed, change their roles, end their access (X09)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import Browser, link_in, mails
from click.testing import Result
from factories import PASSWORD, TODAY, Cast, account, guardian, officer, school, staff
from flask import Flask

import models as m
from config import Settings
from services import clock, worker
from services.mail import Mailer
from services.office import staff as staff_desk
from services.office.scope import Office
from services.passwords import FieldError

NEW = "seven purple umbrellas"
NOW = dt.datetime(2026, 11, 16, 15, 0)


@pytest.fixture
def admin(app: Flask, cast: Cast, portal: Settings) -> m.Account:
    return officer("admin", portal, person=staff("Ada Morris"))


@pytest.fixture
def desk(app: Flask, admin: m.Account) -> Browser:
    """An admin's browser at the desk."""
    return Browser(app).sign_in_to_office(admin).follow("Staff")


def post(browser: Browser, path: str, *roles: str, **values: str) -> Browser:
    """Send the form at `path` with these boxes ticked and no others."""
    browser.open(path)
    token = next(n.get("value", "") for n in browser._tree().iter("input") if n.get("name") == "csrf_token")
    version = [n.get("value", "") for n in browser._tree().iter("input") if n.get("name") == "made_for"]
    fields = {"csrf_token": token, "made_for": version[0] if version else "", "present": PASSWORD, **values}
    return browser._show(browser.client.post(path, data={**fields, "role": list(roles)}, follow_redirects=True))


def invited(desk: Browser, person: m.Staff, *roles: str, **values: str) -> Browser:
    return post(desk, f"/office/staff/people/{person.id}/invite", *roles, **values)


def roles_of(one: m.Account) -> set[tuple[str, int | None]]:
    return {(row.role, row.school_id) for row in m.OfficeRole.select().where(m.OfficeRole.account == one)}


def account_of(person: m.Staff) -> m.Account:
    return m.Account.get(m.Account.staff == person)


def actions(by: m.Account) -> list[tuple[str, object]]:
    """What the audit log has of an admin at this desk."""
    rows = m.AuditEvent.select().where(m.AuditEvent.account == by, m.AuditEvent.action.startswith("office "))
    return [(row.action, row.details) for row in rows.order_by(m.AuditEvent.id)]


def command(app: Flask, *arguments: str) -> Result:
    result = app.test_cli_runner().invoke(args=["staff", "add", *arguments])
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def accept(app: Flask, person: m.Staff) -> Browser:
    """Follow the invitation, set a password, and sign in."""
    browser = Browser(app).open(link_in(mails("invitation", person.email)[0]))
    browser.send(password=NEW, repeated=NEW)
    return browser.send(user_name=person.email, password=NEW)


# ---- From the search to the first sign-in ------------------------------------------------------------------------


def test_X09_an_admin_invites_a_person_of_the_feed_who_sets_a_password_and_an_app(
    app: Flask, desk: Browser, admin: m.Account
) -> None:
    pat, middle = staff("Pat Vance", role="counselor"), m.School.get(m.School.name == "Cedar Middle")
    m.StaffRole.create(staff=pat, school=middle, role="counselor")
    desk.open("/office/staff").send(q="vance")
    assert "vance" not in desk.response.request.full_path
    assert "Pat Vance Without an account vance@maplevalley.example · Cedar Middle" in desk.text
    desk.follow("Pat Vance")
    assert "vance@maplevalley.example" in desk.text and "it works for three days" in desk.text
    invited(desk, pat, "teacher", f"counselor:{middle.id}")
    assert "The mail with the one-time link is on its way." in desk.page
    assert "Counselor (Cedar Middle) · Teacher" in desk.text and "Has never signed in" in desk.text
    assert "Authenticator app: Off" in desk.text
    (mail,) = mails("invitation")
    assert (mail.recipient, mail.account) == ("vance@maplevalley.example", account_of(pat))
    assert "Pat" not in mail.subject + mail.text and "follow this link within three days" in mail.text
    token = link_in(mail).removeprefix("/reset/")
    assert token not in desk.page, "the office never sees the link"
    browser = accept(app, pat)
    assert browser.path == "/welcome/authenticator", "nothing opens before the app is set up"
    assert roles_of(account_of(pat)) == {("teacher", None), ("counselor", middle.id)}
    given = {"account": account_of(pat).id, "roles": [f"counselor:{middle.id}", "teacher"]}
    assert actions(admin) == [("office access given", given)]
    assert Browser(app).open(link_in(mail)).status == 404, "it works once"


def test_the_password_page_leads_staff_to_their_own_door(app: Flask, desk: Browser) -> None:
    pat = staff("Pat Vance")
    invited(desk, pat, "clerk")
    browser = Browser(app).open(link_in(mails("invitation")[0])).send(password=NEW, repeated=NEW)
    assert browser.path == "/office/sign-in" and "Your new password is set." in browser.page


def test_an_invitation_is_good_for_three_days(app: Flask, desk: Browser) -> None:
    pat = staff("Pat Vance")
    begun = clock.now()
    invited(desk, pat, "clerk")
    path = link_in(mails("invitation")[0])
    clock.set_source(lambda: begun + dt.timedelta(hours=71, minutes=59))
    assert Browser(app).open(path).status == 200
    clock.set_source(lambda: begun + dt.timedelta(hours=72, minutes=1))
    assert Browser(app).open(path).status == 404
    Browser(app).open("/forgot-password").send(email=pat.email)
    assert mails("reset", pat.email), "the owner can ask for a link without the office"


def test_the_mail_is_in_the_districts_language_and_its_text_is_not_kept(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    app = make_app(default_language="es")
    portal: Settings = app.extensions["homeroom"]
    pat, one = staff("Pat Vance"), officer("admin", portal, language="en")
    invited(Browser(app).sign_in_to_office(one), pat, "clerk")
    assert "Su nombre de usuario: vance@maplevalley.example" in mails("invitation")[0].text
    assert worker.run_once(Mailer(f"file://{tmp_path}", portal.mail_from)) == worker.Counts(sent=1)
    assert mails("invitation")[0].text == ""


@pytest.mark.parametrize("typed", ["dana", "OKAFOR d", "kafo", "Okafor@MapleValley.example"])
def test_people_are_found_by_name_and_by_address(desk: Browser, cast: Cast, typed: str) -> None:
    staff("Quincy Quill")
    desk.send(q=typed)
    assert "Dana Okafor" in desk.text and "Quincy" not in desk.text


@pytest.mark.parametrize("typed", ["nobody", "?!", "%", "x" * 5000, "okafor@"])
def test_a_search_for_nobody_says_so(desk: Browser, typed: str) -> None:
    desk.send(q=typed)
    assert desk.status == 200 and "Nobody was found" in desk.text and "Ada Morris" in desk.text


def test_who_has_left_the_feed_is_not_found_and_cannot_be_invited(desk: Browser) -> None:
    gone = staff("Gil Gone", active=False)
    assert "Nobody was found" in desk.send(q="gone").text
    assert desk.open(f"/office/staff/people/{gone.id}/invite").status == 404
    assert desk.open("/office/staff/people/987654/invite").status == 404


@pytest.mark.parametrize("email", [None, "", "no address", "two@a.example, three@a.example"])
def test_a_person_without_an_address_is_not_invited_and_the_page_says_why(desk: Browser, email: str | None) -> None:
    lee = staff("Lee Quill", email=email)
    desk.open(f"/office/staff/people/{lee.id}/invite")
    assert "There is no e-mail address that anything could be sent to." in desk.text
    assert "Change it in your school's own system first" in desk.text
    assert "Send the mail" not in desk.text
    token = next(n.get("value") for n in desk._tree().iter("input") if n.get("name") == "csrf_token")
    sent = {"csrf_token": token, "role": "clerk", "present": PASSWORD}
    answer = desk.client.post(f"/office/staff/people/{lee.id}/invite", data=sent)
    assert answer.status_code == 422
    assert not m.Account.select().where(m.Account.staff == lee).exists() and not mails("invitation")


@pytest.mark.parametrize(
    ("roles", "values", "said"),
    [
        ((), {}, "Choose one of the list."),
        (("principal",), {}, "Choose one of the list."),
        (("clerk:987654",), {}, "Choose one of the list."),
        (("admin:1",), {}, "Choose one of the list."),
        (("clerk:x' OR 1",), {}, "Choose one of the list."),
        (("clerk",), {"present": ""}, "This is not your present password."),
        (("clerk",), {"present": "wrong horse"}, "This is not your present password."),
    ],
)
def test_a_bad_form_invites_nobody(desk: Browser, roles: tuple[str, ...], values: dict[str, str], said: str) -> None:
    pat = staff("Pat Vance")
    invited(desk, pat, *roles, **values)
    assert desk.status == 422 and said in desk.text
    if roles == ("clerk",):
        assert 'value="clerk" checked' in desk.page, "what was chosen is kept"
    assert not m.Account.select().where(m.Account.staff == pat).exists() and not mails("invitation")


def test_an_address_of_a_familys_or_a_colleagues_account_is_refused(desk: Browser, portal: Settings) -> None:
    account(guardian("Pat Vance"), "pat@example.com", portal)
    colleague = staff("Sam Roe")
    invited(desk, colleague, "clerk")
    for email in ("Pat@example.com", colleague.email):
        twin = staff("Pat Vance", email=email)
        invited(desk, twin, "clerk")
        assert desk.status == 422 and "This address is used by another account." in desk.text
        assert not m.Account.select().where(m.Account.staff == twin).exists()
    assert len(mails("invitation")) == 1


def test_who_has_an_account_is_not_invited_twice(desk: Browser) -> None:
    pat = staff("Pat Vance")
    invited(desk, pat, "clerk")
    desk.open(f"/office/staff/people/{pat.id}/invite")
    assert desk.path == f"/office/staff/{account_of(pat).id}"
    desk.open("/office/staff").send(q="vance")
    assert "Pat Vance With an account" in desk.text


def test_all_schools_make_single_ones_needless(desk: Browser) -> None:
    pat, middle = staff("Pat Vance"), m.School.get(m.School.name == "Cedar Middle")
    invited(desk, pat, "clerk", f"clerk:{middle.id}", f"counselor:{middle.id}")
    assert roles_of(account_of(pat)) == {("clerk", None), ("counselor", middle.id)}


# ---- Once more ---------------------------------------------------------------------------------------------------


def test_an_invitation_is_sent_again_and_the_one_before_is_dead(app: Flask, desk: Browser, admin: m.Account) -> None:
    pat = staff("Pat Vance")
    invited(desk, pat, "clerk")
    desk.send(f"/office/staff/{account_of(pat).id}/invitation")
    assert "The mail with the one-time link is on its way." in desk.page
    second, first = mails("invitation")
    assert Browser(app).open(link_in(first)).status == 404
    assert Browser(app).open(link_in(second)).status == 200
    assert actions(admin)[-1] == ("office invitation sent", {"account": account_of(pat).id})
    for _ in range(4):
        desk.send(f"/office/staff/{account_of(pat).id}/invitation")
    assert "enough went to this address" in desk.page and len(mails("invitation")) == 5


def test_who_has_been_here_gets_no_other_invitation(desk: Browser, portal: Settings) -> None:
    clerk = officer("clerk", portal, last_sign_in_at=NOW)
    form = f"/office/staff/{clerk.id}/invitation"
    desk.open(f"/office/staff/{clerk.id}")
    assert form not in desk.page
    token = next(n.get("value") for n in desk._tree().iter("input") if n.get("name") == "csrf_token")
    desk._show(desk.client.post(form, data={"csrf_token": token}, follow_redirects=True))
    assert "Nothing was changed: the account is in another state by now." in desk.page
    assert not mails("invitation")


# ---- The list ----------------------------------------------------------------------------------------------------


def test_the_list_says_who_has_which_role_and_marks_who_has_left(desk: Browser, portal: Settings, cast: Cast) -> None:
    middle = m.School.get(m.School.name == "Cedar Middle")
    clerk = officer("clerk", portal, person=staff("Pat Vance"), at=middle, last_sign_in_at=NOW)
    m.Authenticator.create(account=clerk, salt="x", confirmed_at=NOW)
    officer("teacher", portal, person=staff("Gil Gone", active=False), state="locked")
    officer("clerk", portal, person=staff("Cora Cancelled"), state="cancelled")
    desk.open("/office/staff")
    assert "Pat Vance Active vance@maplevalley.example · School office (Cedar Middle) Last sign-in: Nov" in desk.text
    assert "Authenticator app: On" in desk.text
    assert "Gil Gone Locked after wrong passwords no longer in the SIS" in desk.text
    assert "Cora" not in desk.text and "Rosa" not in desk.text
    assert desk.text.index("Gil Gone") < desk.text.index("Ada Morris") < desk.text.index("Pat Vance"), "by last name"


def test_a_long_list_has_pages_and_the_same_queries(desk: Browser, portal: Settings) -> None:
    few = desk.queries("/office/staff")
    for number in range(105):
        officer("teacher", portal, person=staff(f"Some Body{number:03}"))
    assert desk.queries("/office/staff") == few
    assert "Body098" in desk.text and "Body104" not in desk.text
    desk.follow("More accounts")
    assert "Body104" in desk.text and "Body090" not in desk.text and "More accounts" not in desk.text
    for page in ("0", "-3", "x"):
        assert "Body000" in desk.open(f"/office/staff?page={page}").text


# ---- Roles -------------------------------------------------------------------------------------------------------


def test_roles_are_changed_and_count_from_the_next_page_on(
    app: Flask, desk: Browser, admin: m.Account, portal: Settings
) -> None:
    middle = m.School.get(m.School.name == "Cedar Middle")
    pat = officer("clerk", portal, at=middle)
    theirs = Browser(app).sign_in_to_office(pat).open("/office/requests")
    assert theirs.status == 200
    post(desk, f"/office/staff/{pat.id}", f"counselor:{middle.id}", "teacher")
    assert "The decision counts from now on." in desk.page
    assert roles_of(pat) == {("counselor", middle.id), ("teacher", None)}
    assert theirs.open("/office/requests").status == 404
    assert theirs.open("/office/claims").status == 200, "still signed in"
    roles = [f"counselor:{middle.id}", "teacher"]
    changed = {"account": pat.id, "before": [f"clerk:{middle.id}"], "roles": roles}
    assert actions(admin) == [("office roles changed", changed)]


@pytest.mark.parametrize(("roles", "present"), [((), PASSWORD), (("boss",), PASSWORD), (("teacher",), "wrong")])
def test_a_bad_form_changes_no_role(
    desk: Browser, admin: m.Account, portal: Settings, roles: tuple[str, ...], present: str
) -> None:
    pat = officer("clerk", portal)
    post(desk, f"/office/staff/{pat.id}", *roles, present=present)
    assert desk.status == 422 and "Please check this" in desk.text
    assert roles_of(pat) == {("clerk", None)} and actions(admin) == []


def test_of_two_who_change_the_same_roles_the_second_is_told(desk: Browser, portal: Settings) -> None:
    pat = officer("clerk", portal)
    post(desk, f"/office/staff/{pat.id}", "admin", made_for="teacher")
    assert desk.status == 422 and "Somebody else has just changed this." in desk.text
    assert 'value="clerk" checked' in desk.page and 'value="admin" checked' not in desk.page
    assert roles_of(pat) == {("clerk", None)}


def test_a_school_that_has_left_the_feed_is_not_lost(desk: Browser, portal: Settings) -> None:
    closed = school("Old Mill", active=False)
    pat = officer("clerk", portal, at=closed)
    post(desk, f"/office/staff/{pat.id}", f"clerk:{closed.id}", "teacher")
    assert roles_of(pat) == {("clerk", closed.id), ("teacher", None)}


def test_the_last_admin_keeps_the_role(desk: Browser, admin: m.Account, portal: Settings) -> None:
    officer("admin", portal, person=staff("Gil Gone", active=False))
    officer("admin", portal, state="disabled")
    post(desk, f"/office/staff/{admin.id}", "teacher")
    assert desk.status == 422 and "Somebody has to keep this role: District office." in desk.text
    assert roles_of(admin) == {("admin", None)} and actions(admin) == []
    officer("admin", portal)
    post(desk, f"/office/staff/{admin.id}", "teacher")
    assert roles_of(admin) == {("teacher", None)} and desk.status == 404, "the desk is closed to a teacher"


# ---- The end -----------------------------------------------------------------------------------------------------


def test_X09_ended_access_ends_sessions_and_invitations_at_once(
    app: Flask, desk: Browser, admin: m.Account, portal: Settings
) -> None:
    pat = officer("clerk", portal)
    theirs = Browser(app).sign_in_to_office(pat)
    assert theirs.path == "/office"
    desk.open(f"/office/staff/{pat.id}").follow("Cancel the account").send(present=PASSWORD)
    assert desk.path == "/office/staff" and "The account is cancelled." in desk.page
    assert theirs.open("/office").path == "/office/sign-in"
    assert Browser(app).sign_in_to_office(pat).path == "/office/sign-in"
    assert m.Account.get_by_id(pat.id).state == "cancelled" and roles_of(pat) == set()
    assert actions(admin) == [("office access ended", {"account": pat.id, "before": ["clerk"]})]
    for path in (f"/office/staff/{pat.id}", f"/office/staff/{pat.id}/end"):
        assert desk.open(path).status == 404

    sam = staff("Sam Roe")
    invited(desk, sam, "clerk")
    (mail,) = mails("invitation")
    desk.follow("Cancel the account").send(present=PASSWORD)
    assert Browser(app).open(link_in(mail)).status == 404
    assert m.OutboundMail.get_by_id(mail.id).state == "withdrawn"


@pytest.mark.parametrize("present", ["", "wrong horse"])
def test_access_is_not_ended_without_the_password(desk: Browser, portal: Settings, present: str) -> None:
    pat = officer("clerk", portal)
    desk.open(f"/office/staff/{pat.id}/end").send(present=present)
    assert desk.status == 422 and "This is not your present password." in desk.text
    assert m.Account.get_by_id(pat.id).state == "active"


def test_nobody_cancels_the_own_account(app: Flask, desk: Browser, admin: m.Account, portal: Settings) -> None:
    officer("admin", portal)
    desk.open(f"/office/staff/{admin.id}")
    assert "Cancel the account" not in desk.text
    desk.open(f"/office/staff/{admin.id}/end").send(present=PASSWORD)
    assert desk.status == 422 and "You cannot cancel your own account." in desk.text
    assert m.Account.get_by_id(admin.id).state == "active"


def test_of_two_admins_who_cancel_each_other_at_once_one_remains(cast: Cast, portal: Settings) -> None:
    """Both requests were let in before either was done; the second finds that nobody else is left."""
    first, second = officer("admin", portal), officer("admin", portal)
    staff_desk.end(second.id, by=Office(first, TODAY), now=NOW)
    with pytest.raises(FieldError) as refused:
        staff_desk.end(first.id, by=Office(second, TODAY), now=NOW)
    assert refused.value.code == "last"
    assert m.Account.get_by_id(first.id).state == "active" and roles_of(first) == {("admin", None)}


def test_who_was_cancelled_is_invited_anew_without_what_was_before(app: Flask, desk: Browser, portal: Settings) -> None:
    pat = staff("Pat Vance")
    old = officer("admin", portal, person=pat, last_sign_in_at=NOW)
    m.Authenticator.create(account=old, salt="x", confirmed_at=NOW)
    desk.open(f"/office/staff/{old.id}/end").send(present=PASSWORD)
    m.Staff.update(email="pat.vance@maplevalley.example").where(m.Staff.id == pat.id).execute()
    invited(desk, m.Staff.get_by_id(pat.id), "clerk")
    again = account_of(pat)
    assert (again.id, again.user_name, again.state) == (old.id, "pat.vance@maplevalley.example", "active")
    assert roles_of(again) == {("clerk", None)} and "Has never signed in" in desk.text
    assert Browser(app).sign_in_to_office(again).path == "/office/sign-in", "the old password is gone"
    assert accept(app, m.Staff.get_by_id(pat.id)).path == "/welcome/authenticator"


def test_an_account_whose_owner_has_left_opens_anew_for_the_person_of_the_feed(
    app: Flask, desk: Browser, portal: Settings
) -> None:
    gone = officer("admin", portal, person=staff("Pat Vance", active=False))
    m.Authenticator.create(account=gone, salt="x", confirmed_at=NOW)
    pat = staff("Pat Vance")
    invited(desk, pat, "teacher")
    assert account_of(pat).id == gone.id and roles_of(gone) == {("teacher", None)}
    assert not m.Authenticator.select().exists(), "nothing of the former owner's leads into it"
    assert Browser(app).sign_in_to_office(gone).path == "/office/sign-in"


def test_the_address_of_somebody_who_has_left_gives_the_next_nothing_of_the_account(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    gone = officer("admin", portal)
    m.Authenticator.create(account=gone, salt="x", confirmed_at=NOW)
    m.Staff.update(active=False).where(m.Staff.id == gone.staff_id).execute()
    new = staff("Jamie Newcomer", email=gone.email)
    invited = staff_desk.add(gone.email, "teacher", school=None, settings=portal, now=NOW)
    assert (invited.account.id, invited.account.staff_id) == (gone.id, new.id)
    assert roles_of(gone) == {("teacher", None)} and not m.Authenticator.select().exists()
    assert Browser(app).sign_in_to_office(gone).path == "/office/sign-in", "the former password opens nothing"


# ---- Who may -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["teacher", "counselor", "clerk"])
def test_no_other_role_reaches_the_desk(app: Flask, cast: Cast, portal: Settings, role: str) -> None:
    other, pat = officer("clerk", portal), staff("Pat Vance")
    browser = Browser(app).sign_in_to_office(officer(role, portal))
    assert "Staff" not in [" ".join("".join(a.itertext()).split()) for a in browser._tree().iter("a")]
    token = next(n.get("value") for n in browser._tree().iter("input") if n.get("name") == "csrf_token")
    for path in (
        "/office/staff", f"/office/staff/people/{pat.id}/invite", f"/office/staff/{other.id}",
        f"/office/staff/{other.id}/end", f"/office/staff/{other.id}/invitation",
    ):  # fmt: skip
        sent = {"csrf_token": token, "role": "admin", "present": PASSWORD, "q": "pat", "made_for": "clerk"}
        assert browser.client.post(path, data=sent).status_code == 404
        assert browser.open(path).status in (404, 405)
    assert roles_of(other) == {("clerk", None)} and not mails("invitation")


def test_a_familys_account_is_none_of_this_desks(desk: Browser, cast: Cast) -> None:
    for path in (f"/office/staff/{cast.rosa.id}", f"/office/staff/{cast.rosa.id}/end", "/office/staff/987654"):
        assert desk.open(path).status == 404


# ---- The command -------------------------------------------------------------------------------------------------


def test_the_command_prints_a_link_or_mails_an_invitation(app: Flask, cast: Cast) -> None:
    printed = command(app, "sam@maplevalley.example", "--role", "admin", "--name", "Sam Roe")
    name, link = printed.output.splitlines()
    assert name == "Sam Roe: admin" and link.startswith("http://localhost/reset/") and not mails("invitation")
    pat = staff("Pat Vance")
    result = command(app, pat.email, "--role", "clerk", "--invite")
    assert result.output.splitlines() == ["Pat Vance: clerk", f"The invitation is on its way to {pat.email}."]
    assert accept(app, pat).path == "/welcome/authenticator"


def test_the_command_refuses_what_no_mail_can_be_sent_to(app: Flask, cast: Cast) -> None:
    refused = command(app, "sam at home", "--role", "admin", "--name", "Sam Roe", "--invite")
    assert refused.exit_code == 1 and refused.output.startswith("Error: no mail can be sent to sam at home: ")
    assert refused.output.count("\n") == 1
    assert not m.Account.select().where(m.Account.user_name == "sam at home").exists(), "nothing half done"
    for _ in range(5):
        assert command(app, "sam@maplevalley.example", "--role", "admin", "--name", "S R", "--invite").exit_code == 0
    refused = command(app, "sam@maplevalley.example", "--role", "admin", "--invite")
    assert refused.exit_code == 1 and "try again later" in refused.output


def test_the_command_opens_a_cancelled_account_anew(app: Flask, cast: Cast, portal: Settings) -> None:
    old = officer("admin", portal, person=staff("Pat Vance"), state="cancelled")
    assert command(app, old.email, "--role", "clerk").exit_code == 0
    assert m.Account.get_by_id(old.id).state == "active" and roles_of(old) == {("clerk", None)}
