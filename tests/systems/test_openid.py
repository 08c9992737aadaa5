"""Signing in at the district's OpenID provider: a real one, on this machine (X09, S01)."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browsing import Browser, mails
from factories import PASSWORD, Cast, account, guardian, officer, school, student
from factories import cast as make_cast
from flask import Flask
from openid_provider import CLIENT_ID, CLIENT_SECRET, Provider, new_key, query_of
from test_authenticator import set_up

import models as m
from config import ConfigError, Settings, load
from services import accounts, clock, openid, provider_accounts, questions

MakeApp = Callable[..., Flask]
RETURN = "/sign-in/provider/return"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    started = Provider()
    yield started
    started.stop()


@pytest.fixture
def provider(running: Provider) -> Iterator[Provider]:
    running.reset()
    openid.forget()
    yield running
    openid.forget()


class District:
    """A portal with that provider."""

    def __init__(self, make_app: MakeApp, provider: Provider, **more: Any) -> None:
        options = {
            "oidc_issuer": provider.issuer, "oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET,
            "oidc_name": "Maple Login", "oidc_for": ("staff", "students"),
            "oidc_student_claim": "student_number", **more,
        }  # fmt: skip
        self.app, self.provider = make_app(**options), provider
        self.portal: Settings = self.app.extensions["homeroom"]

    def to_the_provider(self, purpose: str = "staff", browser: Browser | None = None) -> tuple[Browser, str]:
        """Click on the way in: the browser, and the address that it is sent to."""
        browser = browser or Browser(self.app)
        sent = browser.client.get(f"/sign-in/provider/{purpose}")
        assert sent.status_code == 303, sent.get_data(as_text=True)
        return browser, sent.headers["Location"]

    def sign_in(self, purpose: str = "staff", **person: Any) -> Browser:
        """The whole way: to the provider, where `person` signs in, and back."""
        if person:
            self.provider.person = person
        browser, address = self.to_the_provider(purpose)
        return browser.open(self.provider.visit(address))


@pytest.fixture
def district(make_app: MakeApp, provider: Provider) -> District:
    return District(make_app, provider)


@pytest.fixture
def people(district: District) -> Cast:
    return make_cast(district.portal)


def linked(district: District, owner: m.Account, subject: str = "u-1") -> m.Account:
    m.ProviderIdentity.create(
        issuer=district.provider.issuer, subject=subject, account=owner, linked_at=clock.now()
    )  # fmt: skip
    return owner


# ---- The protocol ------------------------------------------------------------------------------------------------


def test_X09_the_way_to_the_provider_has_state_nonce_and_pkce(district: District) -> None:
    _, address = district.to_the_provider()
    asked = query_of(address)
    assert address.startswith(f"{district.provider.issuer}/authorize?")
    assert asked["response_type"] == "code" and asked["client_id"] == CLIENT_ID
    assert asked["redirect_uri"] == f"http://localhost{RETURN}"
    assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 43 and len(asked["nonce"]) >= 43
    assert asked["scope"] == "openid email profile" and asked["prompt"] == "login"
    _, other = district.to_the_provider()
    assert {query_of(other)[name] for name in ("state", "nonce", "code_challenge")}.isdisjoint(asked.values())
    stored = repr(list(m.ProviderSignIn.select().tuples()))
    assert asked["state"] not in stored


def test_X09_a_linked_member_of_staff_comes_in(district: District, people: Cast) -> None:
    clerk = linked(district, officer("clerk", district.portal))
    page = Browser(district.app).open("/office/sign-in")
    assert "Sign in with Maple Login" in page.text
    browser = district.sign_in()
    assert browser.path == "/office"
    assert m.SignInAttempt.get(m.SignInAttempt.account == clerk).succeeded
    assert m.ProviderIdentity.get().used_at is not None
    assert not m.ProviderSignIn.select().exists()
    (exchanged,) = [one for one in district.provider.asked if one["path"] == "/token"]
    assert len(exchanged["code_verifier"]) >= 43 and "client_secret" not in exchanged


def test_the_page_that_was_asked_for_opens_and_no_other_host(district: District, people: Cast) -> None:
    linked(district, officer("admin", district.portal))
    for asked, opened in (("/office/audit", "/office/audit"), ("//evil.example/x", "/office")):
        browser = Browser(district.app)
        sent = browser.client.get("/sign-in/provider/staff", query_string={"next": asked})
        back = browser.client.get(district.provider.visit(sent.headers["Location"]))
        assert (back.status_code, back.headers["Location"]) == (303, opened)


def test_a_wrong_state_lets_nobody_in(district: District, people: Cast) -> None:
    linked(district, officer("clerk", district.portal))
    browser, address = district.to_the_provider()
    back = district.provider.visit(address)
    state = query_of(address)["state"]
    for wrong in (back.replace(state, "x" * len(state)), back.replace(state, ""), back.replace("&state=", "&x=")):
        other, _ = district.to_the_provider()
        refused(other.open(wrong), 400, "begun in another browser")
    stranger = Browser(district.app)
    refused(stranger.open(back), 400, "begun in another browser")
    assert browser.open(back).path == "/office", "in the browser that has begun it"


def test_an_answer_works_once(district: District, people: Cast) -> None:
    linked(district, officer("clerk", district.portal))
    browser, address = district.to_the_provider()
    back = district.provider.visit(address)
    cookie = browser.client.get_cookie("portal")
    assert cookie is not None
    browser.open(back)
    assert browser.path == "/office"
    thief = Browser(district.app)
    thief.client.set_cookie("portal", cookie.value)
    refused(thief.open(back), 400, "This sign-in is over")


def test_an_answer_that_takes_more_than_ten_minutes_is_over(district: District, people: Cast) -> None:
    linked(district, officer("clerk", district.portal))
    begun = clock.now()
    clock.set_source(lambda: begun)
    browser, address = district.to_the_provider()
    clock.set_source(lambda: begun + dt.timedelta(minutes=10))
    refused(browser.open(district.provider.visit(address)), 400, "This sign-in is over")
    district.to_the_provider()
    assert m.ProviderSignIn.select().count() == 1, "old ones do not stay"


#: Claims of an ID token that was made for another sign-in, client or time, or by another.
ODD: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "x" * 43},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": "https://evil.example"},
    "another client": {"aud": "somebody-else"},
    "two clients": {"aud": [CLIENT_ID, "somebody-else"], "azp": "somebody-else"},
    "over": {"exp": 1_600_000_000},
    "no end": {"exp": None},
    "no subject": {"sub": None},
    "empty subject": {"sub": ""},
    "a number for a subject": {"sub": 7},
    "another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("what", ODD)
def test_a_token_that_was_not_made_for_this_lets_nobody_in(
    district: District, people: Cast, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    linked(district, officer("clerk", district.portal))
    district.provider.odd = ODD[what]
    refused(district.sign_in(), 400, "The answer of Maple Login does not fit.")
    assert "an answer of the provider was refused" in caplog.text
    assert not m.LoginSession.select().exists()


def test_another_signature_lets_nobody_in(district: District, people: Cast) -> None:
    linked(district, officer("clerk", district.portal))
    district.provider.signs_with = new_key("first")
    refused(district.sign_in(), 400, "does not fit")


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_signature_that_others_can_make_lets_nobody_in(district: District, people: Cast, algorithm: str) -> None:
    linked(district, officer("clerk", district.portal))
    district.provider.algorithm = algorithm
    refused(district.sign_in(), 400, "does not fit")


def test_a_made_up_code_lets_nobody_in(district: District, people: Cast) -> None:
    linked(district, officer("clerk", district.portal))
    browser, address = district.to_the_provider()
    refused(browser.open(f"{RETURN}?code=made-up&state={query_of(address)['state']}"), 400, "does not fit")


def test_an_answer_of_another_issuer_is_not_exchanged(district: District, people: Cast) -> None:
    linked(district, officer("clerk", district.portal))
    browser, address = district.to_the_provider()
    back = district.provider.visit(address)
    district.provider.asked.clear()
    refused(browser.open(f"{back}&iss=https%3A%2F%2Fevil.example"), 400, "does not fit")
    assert district.provider.asked == []


def test_a_provider_that_names_itself_has_to(district: District, people: Cast) -> None:
    linked(district, officer("clerk", district.portal))
    district.provider.described = {"authorization_response_iss_parameter_supported": True}
    browser, address = district.to_the_provider()
    refused(browser.open(district.provider.visit(address)), 400, "does not fit")
    browser, address = district.to_the_provider()
    back = district.provider.visit(address)
    assert browser.open(f"{back}&iss={district.provider.issuer}").path == "/office"


@pytest.mark.parametrize("query", ["error=access_denied", "error=<b>x</b>", "", "code="])
def test_who_turns_back_at_the_provider_reads_so(district: District, query: str) -> None:
    browser, address = district.to_the_provider()
    refused(
        browser.open(f"{RETURN}?{query}&state={query_of(address)['state']}"), 403, "Maple Login has not let you in."
    )
    assert "<b>x" not in browser.page


@pytest.mark.parametrize("query", ["", "?state=", "?state=%00", "?state=%ff&code=x", f"?code={'x' * 3000}&state=y"])
def test_odd_ways_back_are_told_so(district: District, query: str) -> None:
    refused(Browser(district.app).open(f"{RETURN}{query}"), 400, "Please begin again.")


@pytest.mark.parametrize(
    "described",
    [{"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/token"}, {"jwks_uri": None},
     {"authorization_endpoint": "javascript:alert(1)"}],
)  # fmt: skip
def test_a_description_that_does_not_fit_sends_nobody_anywhere(district: District, described: dict[str, Any]) -> None:
    district.provider.described = described
    refused(Browser(district.app).open("/sign-in/provider/staff"), 503, "cannot be reached right now")


# ---- When it is away ---------------------------------------------------------------------------------------------


def test_a_provider_that_is_away_stops_no_other_way_in(make_app: MakeApp, provider: Provider) -> None:
    gone = Provider()
    gone.stop()
    district = District(make_app, gone)
    people = make_cast(district.portal)
    clerk = officer("clerk", district.portal)
    browser = refused(Browser(district.app).open("/sign-in/provider/staff"), 503, "Maple Login cannot be reached")
    browser.follow("Sign in to the office").send(user_name=clerk.user_name, password=PASSWORD)
    assert browser.path == "/office"
    assert Browser(district.app).sign_in(people.pupil).status == 200


def test_a_broken_provider_is_not_asked_again_at_once(district: District) -> None:
    start = clock.now()
    clock.set_source(lambda: start)
    district.provider.is_broken = True
    for _ in range(3):
        refused(Browser(district.app).open("/sign-in/provider/staff"), 503, "cannot be reached")
    assert len(district.provider.asked) == 1
    district.provider.is_broken = False
    clock.set_source(lambda: start + dt.timedelta(seconds=21))
    assert district.to_the_provider()[1].startswith(district.provider.issuer)


def test_a_provider_that_breaks_on_the_way_back_is_told_so(district: District, people: Cast) -> None:
    linked(district, officer("clerk", district.portal))
    browser, address = district.to_the_provider()
    back = district.provider.visit(address)
    district.provider.is_broken = True
    refused(browser.open(back), 503, "cannot be reached")


def test_new_keys_of_the_provider_are_found(district: District, people: Cast) -> None:
    linked(district, officer("clerk", district.portal))
    assert district.sign_in().path == "/office"
    old = district.provider.key
    try:
        district.provider.key = district.provider.signs_with = new_key("second")
        assert district.sign_in().path == "/office"
    finally:
        district.provider.key = old


# ---- Staff -------------------------------------------------------------------------------------------------------


def test_an_unknown_subject_gets_no_account(district: District, people: Cast) -> None:
    clerk = linked(district, officer("clerk", district.portal), "u-1")
    before = m.Account.select().count()
    browser = district.sign_in(sub="u-2", email=clerk.email, email_verified=True)
    refused(browser, 403, "is not connected to an account of the office")
    browser = district.sign_in(sub="U-1")
    refused(browser, 403, "is not connected")
    assert m.Account.select().count() == before
    assert m.ProviderIdentity.select().count() == 1


def test_the_same_subject_of_another_issuer_is_somebody_else(district: District, people: Cast) -> None:
    clerk = officer("clerk", district.portal)
    m.ProviderIdentity.create(issuer="https://former.example", subject="u-1", account=clerk, linked_at=clock.now())
    refused(district.sign_in(), 403, "is not connected")


@pytest.mark.parametrize(
    ("claims", "opens"),
    [
        ({"email_verified": True}, True),
        ({"email_verified": False}, False),
        ({"email_verified": "true"}, False),
        ({}, False),
        ({"email_verified": True, "email": "other@maplevalley.example"}, False),
        ({"email_verified": True, "email": None}, False),
        ({"email_verified": True, "email": ["x"]}, False),
    ],
)
def test_staff_are_linked_by_a_verified_address_where_the_setting_says_so(
    make_app: MakeApp, provider: Provider, claims: dict[str, Any], opens: bool
) -> None:
    district = District(make_app, provider, oidc_link_by_email=True)
    clerk = officer("clerk", district.portal)
    browser = district.sign_in(**{"sub": "u-9", "email": clerk.email.upper(), **claims})
    assert (browser.path == "/office") is opens
    assert m.ProviderIdentity.select().count() == int(opens)
    assert len(mails("provider_on", clerk.email)) == int(opens)
    if opens:
        again = district.sign_in(sub="u-9", email="changed@maplevalley.example", email_verified=False)
        assert again.path == "/office", "from then on the subject counts"
        refused(district.sign_in(sub="u-10", email=clerk.email, email_verified=True), 403, "is not connected")


def test_an_address_that_only_the_user_info_has_counts_too(make_app: MakeApp, provider: Provider) -> None:
    district = District(make_app, provider, oidc_link_by_email=True)
    clerk = officer("clerk", district.portal)
    provider.userinfo = {"email": clerk.email, "email_verified": True}
    assert district.sign_in(sub="u-9").path == "/office"
    m.ProviderIdentity.delete().execute()
    provider.userinfo["sub"] = "somebody else"
    refused(district.sign_in(sub="u-9"), 400, "does not fit")


def test_guardians_are_not_linked_by_their_address(make_app: MakeApp, provider: Provider) -> None:
    district = District(make_app, provider, oidc_link_by_email=True)
    people = make_cast(district.portal)
    refused(district.sign_in(sub="g", email=people.rosa.email, email_verified=True), 403, "is not connected")


def test_the_code_of_the_app_is_still_asked(district: District, people: Cast) -> None:
    clerk = officer("clerk", district.portal)
    _, codes = set_up(Browser(district.app).sign_in_to_office(clerk))
    linked(district, clerk)
    browser = district.sign_in(sub="u-1", amr=["pwd", "mfa"], acr="mfa")
    assert browser.path == "/sign-in/code", "no setting says that the provider asks for a second factor"
    assert browser.open("/office").path == "/office/sign-in"
    browser.open("/sign-in/code?next=/office").send(code=codes[0])
    assert browser.path == "/office"


@pytest.mark.parametrize(
    ("says", "counts"),
    [({"amr": ["pwd", "mfa"]}, True), ({"acr": "mfa"}, True), ({"amr": ["pwd"]}, False), ({}, False),
     ({"acr": "mfa2"}, False), ({"acr": ["mfa"]}, False), ({"amr": [{"mfa": 1}, 7]}, False)],
)  # fmt: skip
def test_the_providers_second_factor_counts_where_the_setting_names_it(
    make_app: MakeApp, provider: Provider, says: dict[str, Any], counts: bool
) -> None:
    district = District(make_app, provider, oidc_second_factor=("mfa",))
    clerk = officer("clerk", district.portal)
    set_up(Browser(district.app).sign_in_to_office(clerk))
    linked(district, clerk)
    browser = district.sign_in(sub="u-1", **says)
    assert browser.path == ("/office" if counts else "/sign-in/code")


def test_who_has_no_app_yet_sets_one_up_first(district: District, people: Cast) -> None:
    linked(district, officer("clerk", district.portal, duties=["authenticator"]))
    browser = district.sign_in()
    assert browser.path == "/welcome/authenticator"
    assert browser.open("/office").path == "/welcome/authenticator"


@pytest.mark.parametrize("state", ["locked", "disabled"])
def test_a_closed_account_stays_closed(district: District, people: Cast, state: str) -> None:
    clerk = linked(district, officer("clerk", district.portal, state=state))
    refused(district.sign_in(), 403, "ask the school to reactivate it")
    assert not m.SignInAttempt.get(m.SignInAttempt.account == clerk).succeeded
    assert not m.LoginSession.select().exists()


def test_a_cancelled_account_is_linked_to_nobody(district: District, people: Cast) -> None:
    clerk = linked(district, officer("clerk", district.portal))
    accounts.cancel(clerk, clock.now())
    assert not m.ProviderIdentity.select().exists()
    refused(district.sign_in(), 403, "is not connected")


def test_staff_link_their_account_after_password_and_code_and_unlink_it(district: District, people: Cast) -> None:
    clerk = officer("clerk", district.portal)
    browser = Browser(district.app).sign_in_to_office(clerk)
    _, codes = set_up(browser)
    browser.open("/security").follow("Connect").follow("Connect")
    browser.send(present="wrong", code=codes[0])
    assert browser.status == 422
    browser.send(present=PASSWORD, code="000000")
    assert browser.status == 422
    assert browser.client.get("/security/provider/go").headers["Location"] == "/security/provider"
    browser.send(present=PASSWORD, code=codes[1])
    assert browser.path == "/security/provider" and "Go to Maple Login" in browser.text
    sent = browser.client.get("/security/provider/go")
    district.provider.person = {"sub": "u-77"}
    browser.open(district.provider.visit(sent.headers["Location"]))
    assert "From now on you can sign in at Maple Login." in browser.text
    assert m.ProviderIdentity.get().account_id == clerk.id
    assert len(mails("provider_on", clerk.email)) == 1
    assert district.sign_in(sub="u-77").path == "/sign-in/code"

    browser.open("/security/provider").follow("Disconnect").send(present=PASSWORD, code=codes[2])
    assert "no longer signs in" in browser.text
    assert len(mails("provider_off", clerk.email)) == 1
    refused(district.sign_in(sub="u-77"), 403, "is not connected")
    actions = [one.action for one in m.AuditEvent.select().where(m.AuditEvent.account == clerk)]
    assert {"provider linked", "provider unlinked"} <= set(actions)


def test_what_somebody_else_is_linked_to_cannot_be_linked(district: District, people: Cast) -> None:
    linked(district, officer("admin", district.portal), "u-1")
    browser = Browser(district.app).sign_in_to_office(officer("clerk", district.portal))
    browser.open("/security/provider/link").send(present=PASSWORD)
    sent = browser.client.get("/security/provider/go")
    browser.open(district.provider.visit(sent.headers["Location"]))
    assert "is connected to another account here" in browser.text
    assert m.ProviderIdentity.select().count() == 1


def test_a_link_begun_by_one_is_not_ended_by_another(district: District, people: Cast) -> None:
    browser = Browser(district.app).sign_in_to_office(officer("clerk", district.portal))
    browser.open("/security/provider/link").send(present=PASSWORD)
    back = district.provider.visit(browser.client.get("/security/provider/go").headers["Location"])
    other = Browser(district.app).sign_in_to_office(officer("admin", district.portal))
    refused(other.open(back), 400, "begun in another browser")
    browser.sign_out()
    refused(browser.open(back), 400, "Please begin again.")
    assert not m.ProviderIdentity.select().exists()


# ---- Students ----------------------------------------------------------------------------------------------------


def test_S01_a_student_comes_in_by_the_number_in_a_claim(district: District, people: Cast) -> None:
    page = Browser(district.app).open("/sign-in")
    assert "Students: Sign in with Maple Login" in page.text
    browser = district.sign_in("students", sub="s-1", student_number=people.ana.number)
    assert browser.path == f"/students/{people.ana.id}"
    assert m.ProviderIdentity.get().account_id == people.pupil.id
    again = district.sign_in("students", sub="s-1", student_number=people.zoe.number)
    assert again.path == f"/students/{people.ana.id}", "from then on the subject counts"


def test_S01_a_student_without_an_account_gets_one(district: District, people: Cast) -> None:
    browser = district.sign_in("students", sub="s-2", student_number=int(people.ben.number or 0))
    assert browser.path == f"/students/{people.ben.id}"
    made = m.Account.get(m.Account.student == people.ben)
    assert (made.user_name, made.duties, made.email) == (people.ben.number, [], None)
    assert Browser(district.app).open("/sign-in").send(user_name=made.user_name, password="").status == 422
    assert {one.action for one in m.AuditEvent.select()} >= {"account opened", "provider linked"}


@pytest.mark.parametrize("value", ["", " ", "0000", None, True, ["7000001"], {"a": 1}, "7000001 OR 1=1", "x" * 5000])
def test_a_claim_that_names_nobody_opens_nothing(district: District, people: Cast, value: object) -> None:
    before = m.Account.select().count()
    browser = district.sign_in("students", sub="s-3", student_number=value)
    refused(browser, 403, "does not name a student of this district")
    assert m.Account.select().count() == before and not m.ProviderIdentity.select().exists()


def test_a_number_that_two_students_bear_opens_neither(district: District, people: Cast) -> None:
    twin = student("Anna Reyes", school("Elm High"), number=people.ana.number)
    refused(district.sign_in("students", sub="s-3", student_number=twin.number), 403, "does not name a student")


def test_D02_a_student_of_a_school_that_is_off_gets_no_account(district: District, people: Cast) -> None:
    m.School.update(switched_on=False).execute()
    refused(district.sign_in("students", sub="s-3", student_number=people.ben.number), 403, "does not name a student")


def test_a_second_person_cannot_come_in_as_the_same_student(district: District, people: Cast) -> None:
    district.sign_in("students", sub="s-1", student_number=people.ana.number)
    refused(district.sign_in("students", sub="s-2", student_number=people.ana.number), 403, "does not name a student")
    assert m.ProviderIdentity.select().count() == 1


def test_nothing_of_an_impostors_opens_the_account_that_a_student_opens_anew(
    make_app: MakeApp, provider: Provider
) -> None:
    """Somebody opened Ben's account with questions and an address of their own, and the office cancelled it."""
    district = District(make_app, provider, student_accounts="district")
    ben = make_cast(district.portal).ben
    theirs = account(
        ben, ben.number or "", district.portal, email="impostor@example.org", email_verified_at=clock.now()
    )
    m.Account.update(failures=4, blocked_until=clock.now() + dt.timedelta(hours=1)).execute()
    typed = {f"question{n}": name for n, name in enumerate(("pet", "street", "teacher"), 1)}
    answers = {f"answer{n}": f"impostor {n}" for n in (1, 2, 3)}
    questions.set_for(theirs, {**typed, **answers}, settings=district.portal)
    m.CalendarFeed.create(account=theirs, student=ben, token_hash="x", created_at=clock.now())
    accounts.cancel(m.Account.get_by_id(theirs.id), clock.now())
    assert not m.SecurityAnswer.select().exists() and not m.CalendarFeed.select().exists()
    assert district.sign_in("students", sub="s-9", student_number=ben.number).path == f"/students/{ben.id}"
    now = m.Account.get_by_id(theirs.id)
    assert (now.state, now.email, now.email_verified_at, now.failures, now.blocked_until) == (
        "active", None, None, 0, None,
    )  # fmt: skip
    given = {"pet": "impostor 1", "street": "impostor 2", "teacher": "impostor 3"}
    with pytest.raises(questions.WrongAnswers):
        questions.verify(now, given, settings=district.portal, now=clock.now())
    assert Browser(district.app).open("/sign-in").send(user_name=ben.number, password=PASSWORD).status == 422


def test_two_tabs_at_a_first_sign_in_both_come_in(
    district: District, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second tab has looked for the account and its link before the first one made them."""
    district.sign_in("students", sub="s-7", student_number=people.ben.number)
    assert m.ProviderIdentity.get().subject == "s-7"
    looks = {"_identity": 0, "of": 0}

    def too_early(name: str, at_first: int) -> None:
        look = getattr(provider_accounts, name)

        def early(*what: object) -> object:
            looks[name] += 1
            return None if looks[name] <= at_first else look(*what)

        monkeypatch.setattr(provider_accounts, name, early)

    too_early("_identity", 2)
    too_early("of", 1)
    second = district.sign_in("students", sub="s-7", student_number=people.ben.number)
    assert (second.status, second.path) == (200, f"/students/{people.ben.id}")
    assert looks == {"_identity": 3, "of": 1}, "it looked once more"
    assert [one.account.student_id for one in m.ProviderIdentity] == [people.ben.id]
    linked = m.AuditEvent.select().where(m.AuditEvent.action == "provider linked")
    assert linked.count() == 1, "what the second tab had begun was undone"


def test_a_user_name_that_somebody_has_is_not_taken_away(district: District, people: Cast) -> None:
    account(guardian("Nora Newcomer"), people.ben.number or "", district.portal)
    refused(district.sign_in("students", sub="s-2", student_number=people.ben.number), 403, "does not name a student")


def test_the_claim_may_hold_the_sourced_id(make_app: MakeApp, provider: Provider) -> None:
    district = District(make_app, provider, oidc_student_matches="sourced_id", oidc_student_claim="sid")
    people = make_cast(district.portal)
    assert district.sign_in("students", sub="s", sid=people.ben.sourced_id).path == f"/students/{people.ben.id}"
    refused(district.sign_in("students", sub="t", sid=people.zoe.number), 403, "does not name a student")


def test_each_side_has_its_own_door(district: District, people: Cast) -> None:
    linked(district, officer("clerk", district.portal), "u-1")
    linked(district, people.pupil, "s-1")
    refused(district.sign_in("students", sub="u-1"), 403, "does not name a student")
    refused(district.sign_in("staff", sub="s-1"), 403, "is not connected")


# ---- Off, and settings -------------------------------------------------------------------------------------------


def test_without_the_setting_there_is_no_such_way(app: Flask, cast: Cast, portal: Settings) -> None:
    browser = Browser(app)
    for path in ("/sign-in/provider/staff", "/sign-in/provider/students", RETURN):
        assert browser.open(path).status == 404
    for path in ("/sign-in", "/office/sign-in"):
        assert "Sign in with" not in browser.open(path).text
    clerk = browser.sign_in_to_office(officer("clerk", portal))
    for path in ("/security/provider", "/security/provider/link", "/security/provider/go"):
        assert clerk.open(path).status == 404
    assert "Connect" not in clerk.open("/security").text


def test_who_is_not_named_by_the_setting_has_no_such_way(make_app: MakeApp, provider: Provider) -> None:
    district = District(make_app, provider, oidc_for=("staff",))
    people = make_cast(district.portal)
    assert Browser(district.app).open("/sign-in/provider/students").status == 404
    for owner in (people.rosa, people.pupil):
        assert Browser(district.app).sign_in(owner).open("/security/provider").status == 404


def test_somebody_who_is_signed_in_is_told_so_first(district: District, people: Cast) -> None:
    browser = Browser(district.app).sign_in(people.rosa).open("/sign-in/provider/staff")
    assert "This browser is signed in as Rosa Reyes." in browser.text
    assert not m.ProviderSignIn.select().exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"oidc_issuer": ""}, "oidc_issuer: oidc_for needs it"),
        ({"oidc_client_id": ""}, "oidc_client_id: oidc_for needs it"),
        ({"oidc_client_secret": ""}, "oidc_client_secret: oidc_for needs it"),
        ({"oidc_issuer": "http://login.example.org"}, "oidc_issuer: .* is no issuer"),
        ({"oidc_issuer": "login.example.org"}, "oidc_issuer: .* is no issuer"),
        ({"oidc_issuer": "https://login.example.org/?a=1"}, "oidc_issuer: .* is no issuer"),
        ({"oidc_for": ("parents",)}, "oidc_for: 'parents' is none of"),
        ({"oidc_for": ("students",)}, "oidc_student_claim: "),
        ({"oidc_scopes": ("email",)}, "oidc_scopes: "),
        ({"oidc_prompt": "none"}, "oidc_prompt: "),
    ],
)
def test_settings_that_make_no_sense_stop_the_start(wrong: dict[str, Any], said: str) -> None:
    right = {
        "secret_key": "x" * 32, "oidc_issuer": "https://login.example.org", "oidc_client_id": "a",
        "oidc_client_secret": "b", "oidc_for": ("staff",),
    }  # fmt: skip
    environ = {"PORTAL_CONFIG": "/nonexistent"}
    assert load(environ, **right).oidc_for == ("staff",)
    with pytest.raises(ConfigError, match=said):
        load(environ, **{**right, **wrong})


def test_neither_secret_nor_token_nor_name_is_logged(
    district: District, people: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    linked(district, officer("clerk", district.portal))
    browser = district.sign_in(sub="u-1", email="private@example.org")
    assert browser.path == "/office"
    for secret in (CLIENT_SECRET, "private@example.org", "id_token", "code_verifier"):
        assert secret not in caplog.text


def refused(browser: Browser, status: int, said: str) -> Browser:
    """That the page says so, and that nobody is signed in who was not."""
    assert (browser.status, said in browser.text) == (status, True), (browser.status, browser.text)
    return browser
