"""Every page in each of its states, for tests that look at all of them. A page that is new goes in here."""

from __future__ import annotations

from collections.abc import Callable

from factories import PASSWORD, SECRET
from pyotp import TOTP
from server import People
from visiting import Visitor

from services.hashing import keyed_hash

Steps = Callable[[Visitor, People], None]

#: The addresses that are opened, as they stand below.
OPENED: set[str] = set()


def _at(path: str, who: str = "", status: int = 200) -> Steps:
    """Open `path`, where {ana}, {math} and so on stand for ids, signed in as `who`."""
    OPENED.add(path)

    def steps(visitor: Visitor, people: People) -> None:
        if status >= 400:
            visitor.expect_answers(status)
        if who:
            visitor.let_in(who)
        visitor.open(path.format(**ids(people)))

    return steps


def _at_office(path: str) -> Steps:
    """Open a page of the office, signed in as an admin; {rosa} and {former} stand for guardians' ids."""
    OPENED.add(path)

    def steps(visitor: Visitor, people: People) -> None:
        visitor.open("/office/sign-in")
        visitor.page.fill("#user_name", "admin@maplevalley.example")
        visitor.page.fill("#password", PASSWORD)
        visitor.press("main form button")
        visitor.open(path.format(**ids(people)))

    return steps


def _with_lists(path: str) -> Steps:
    """A page with something on each of the office's lists."""
    OPENED.add(path)

    def steps(visitor: Visitor, people: People) -> None:
        at, ana, change = "2026-11-16 11:30:00", people.cast.ana.id, visitor.server.change
        rosa = visitor.server.ask("SELECT id FROM account WHERE user_name = 'rosa@example.com'")[0][0]
        change(
            "INSERT INTO contact_request (account_id, body, state, created_at) VALUES (?, ?, 'open', ?)",
            rosa, "We moved to 9 Oak Ave.\nThe telephone stays.", at,
        )  # fmt: skip
        change("INSERT INTO reset_request (student_id, state, created_at) VALUES (?, 'open', ?)", ana, at)
        for day, state, answer in (("2026-11-16", "new", None), ("2026-11-17", "declined", "Please call us.")):
            change(
                "INSERT INTO absence_report (account_id, student_id, first_day, last_day, reason, note, state, answer,"
                " created_at) VALUES (?, ?, ?, ?, 'illness', 'A fever.', ?, ?, ?)",
                rosa, ana, day, day, state, answer, at,
            )  # fmt: skip
        change(
            "INSERT INTO feed_run (id, started_at, finished_at, state, summary) VALUES (1, ?, ?, 'applied', ?)", at, at,
            '{"files": [{"file": "users", "mode": "bulk", "known": false, "read": 9, "accepted": 8, "problems": 1,'
            ' "warnings": 0}], "tables": [{"table": "student", "added": 1, "changed": 0, "removed": 0,'
            ' "unchanged": 7}], "problems": 1, "warnings": 0}',
        )  # fmt: skip
        change(
            'INSERT INTO feed_problem (run_id, file, line, "column", severity, reason)'
            " VALUES (1, 'users.csv', 3, 'role', 'error', 's9 has no role')"
        )
        (_at(path, ROSA) if path == "/absences" else _at_office(path))(visitor, people)

    return steps


def _identified(path: str) -> Steps:
    """A page that opens only after Rosa has shown a document."""

    def steps(visitor: Visitor, people: People) -> None:
        _at_office("/office/guardians/{rosa}/identity")(visitor, people)
        visitor.page.select_option("#document", "license")
        visitor.press("main form button")
        if path:
            visitor.press(path)

    return steps


def _handed_out(visitor: Visitor, people: People) -> None:
    """The page that shows a key once."""
    _at_office("/office/register/new?student={ana}")(visitor, people)
    for name, value in {"given_name": "Néstor", "family_name": "Molina"}.items():
        visitor.page.fill(f"#{name}", value)
    for field, value in {"document": "passport", "delivery": "letter"}.items():
        visitor.page.select_option(f"#{field}", value)
    visitor.page.select_option("main .work select", "father")
    visitor.page.check("#legal")
    visitor.press("main form button:not([name])")


def _sent(start: Steps, values: dict[str, str], status: int = 200) -> Steps:
    """From there, fill in the form of the main part and send it."""

    def steps(visitor: Visitor, people: People) -> None:
        start(visitor, people)
        if status >= 400:
            visitor.expect_answers(status)
        for name, value in values.items():
            visitor.page.fill(f"main [name={name}]", value.format(key=people.key))
        visitor.press("main form button")

    return steps


def _sent_by(action: str) -> Steps:
    """Press the button of one form of Ana's calendar."""

    def steps(visitor: Visitor, people: People) -> None:
        _at("/students/{ana}/calendar", ROSA)(visitor, people)
        visitor.press(f'main form[action$="{action}"] button')

    return steps


def _signed_out(visitor: Visitor, people: People) -> None:
    _at("/", "rosa@example.com")(visitor, people)
    visitor.press(".bar form button")


def _in_state(state: str, status: int = 200) -> Steps:
    """Rosa signs in, and her account does not open."""

    def steps(visitor: Visitor, people: People) -> None:
        visitor.server.change("UPDATE account SET state = ? WHERE user_name = ?", state, ROSA)
        if status >= 400:
            visitor.expect_answers(status)
        visitor.open("/sign-in")
        visitor.page.fill("#user_name", ROSA)
        visitor.page.fill("#password", PASSWORD)
        visitor.press("main form button")

    return steps


def _broken(visitor: Visitor, people: People) -> None:
    visitor.server.change("ALTER TABLE result RENAME TO result_away")
    _at("/", "rosa@example.com", 500)(visitor, people)


def _swapped(visitor: Visitor, people: People) -> None:
    _at("/students/{busy}", "busy@example.com")(visitor, people)
    visitor.page.click(".tabs a:nth-child(2)")
    visitor.page.wait_for_url("**/grades")


def _more_tabs(visitor: Visitor, people: People) -> None:
    """The tabs that stand behind "More", one of them the current one."""
    _at("/students/{busy}/library", BUSY)(visitor, people)
    visitor.page.locator(".tabs summary").click()


def _with_app(visitor: Visitor, people: People) -> None:
    """Up to the backup codes: what the page says goes into an app, and its first code comes back."""
    APP(visitor, people)
    key = visitor.page.locator("p.code").inner_text().replace(" ", "")
    visitor.page.fill("main [name=code]", TOTP(key).now())
    visitor.press("main form button")


def _a_test(visitor: Visitor, people: People) -> None:
    _at("/students/{busy}/tests", BUSY)(visitor, people)
    visitor.press("main td a, main th a")


def _history_of_high_school(visitor: Visitor, people: People) -> None:
    visitor.server.change("UPDATE student SET grade_level = '11' WHERE id = ?", people.busy.child.id)
    _at("/students/{busy}/history", BUSY)(visitor, people)


def _then_at(path: str) -> Steps:
    """The page of an account that has an authenticator app."""

    def steps(visitor: Visitor, people: People) -> None:
        _with_app(visitor, people)
        visitor.open(path)

    return steps


def _asked_for_a_code(visitor: Visitor, people: People) -> None:
    _with_app(visitor, people)
    visitor.press(".bar form button")
    visitor.sign_in(ROSA)


def _with_number(visitor: Visitor, people: People) -> None:
    visitor.server.change(
        "INSERT INTO preference (account_id, by_email, by_text, text_number, text_verified_at, digest, digest_day,"
        " digest_hour, attendance_alerts, stop_hash)"
        " SELECT id, 1, 1, '+17205550142', '2026-11-16 11:30:00', 'unset', 5, 8, 0, ? FROM account"
        " WHERE user_name = ?",
        keyed_hash(SECRET, "stop hash", "stop"), ROSA,
    )  # fmt: skip
    _at("/preferences", ROSA)(visitor, people)


def _chosen_no_way(visitor: Visitor, people: People) -> None:
    _with_number(visitor, people)
    visitor.expect_answers(422)
    for name in ("by_email", "by_text"):
        visitor.page.uncheck(f"#{name}")
    visitor.press("main form button")


def _no_kind_of_news(visitor: Visitor, people: People) -> None:
    _with_number(visitor, people)
    visitor.expect_answers(422)
    visitor.open("/preferences/news")
    visitor.page.select_option("#digest", "weekly")
    for box in visitor.page.locator("#kinds input").all():
        box.uncheck()
    visitor.page.select_option("#quiet_from", "21")
    visitor.press("main form button")


def _with_a_text(visitor: Visitor, people: People) -> None:
    text = "To: +17205550142\n\n123456 is your code for the family portal of Maple Valley Schools."
    (visitor.server.mail / "one.txt").write_text(text, encoding="utf-8")
    _at("/demo/mail")(visitor, people)


def _turning_18(born: str, sent: bool = False) -> Steps:
    """The page on which the office records what Ana has answered, and the list with her on it."""

    def steps(visitor: Visitor, people: People) -> None:
        visitor.server.change("UPDATE student SET birth_date = ? WHERE id = ?", born, people.cast.ana.id)
        _at_office("/office/students/{ana}/at-eighteen" if sent else "/office/eighteen")(visitor, people)
        if sent:
            visitor.expect_answers(422)
            visitor.press("main form button")

    return steps


def _to_join(path: str) -> Steps:
    """A second Rosa, entered at the counter, whom the office may join with the SIS's."""

    def steps(visitor: Visitor, people: People) -> None:
        change = visitor.server.change
        change(
            "INSERT INTO guardian (id, given_name, family_name, given_key, family_key, role, active)"
            " VALUES (900, 'Rosa', 'Reyes', 'rosa', 'reyes', 'guardian', 1)"
        )
        change(
            "INSERT INTO guardianship (student_id, guardian_id, default_access, from_associations, from_student_agents,"
            " from_guardian_agents, from_office, office_access, withheld) VALUES (?, 900, 0, 0, 0, 0, 1, 1, '[]')",
            people.cast.ana.id,
        )
        _at_office(path)(visitor, people)

    return steps


def ids(people: People) -> dict[str, int]:
    """What the addresses of the pages need."""
    cast, busy = people.cast, people.busy
    return {
        "ana": cast.ana.id, "ben": cast.ben.id, "math": cast.math.id, "art": cast.art.id, "teacher": cast.teacher.id,
        "rosa": cast.rosa.guardian_id, "former": cast.revoked.guardian_id,
        "busy": busy.child.id, "full": busy.section.id, "spring": busy.spring.id,
    }  # fmt: skip


def _of_staff(path: str, search: str = "") -> Steps:
    """A page about staff: {admin}'s account, whose owner has a role at a school too, or {novak}, who has no address."""
    OPENED.add(path)

    def steps(visitor: Visitor, people: People) -> None:
        ask, change = visitor.server.ask, visitor.server.change
        admin = ask("SELECT id FROM account WHERE user_name = 'admin@maplevalley.example'")[0][0]
        novak = ask("SELECT id FROM staff WHERE family_key = 'novak'")[0][0]
        change("INSERT INTO office_role (account_id, role, school_id) VALUES (?, 'clerk', 1)", admin)
        _at_office("/office")(visitor, people)
        # As it is before the invitation is followed.
        change("UPDATE account SET last_sign_in_at = NULL WHERE id = ?", admin)
        visitor.open(path.format(admin=admin, novak=novak))
        if search:
            visitor.page.fill("#q", search)
            visitor.press("main form button")

    return steps


ROSA, BUSY = "rosa@example.com", "busy@example.com"
APP = _sent(_at("/security/authenticator", ROSA), {"present": PASSWORD})
WRITE = _at("/students/{ana}/grades/{math}/write/{teacher}", ROSA)
TO_THE_ACCOUNT = _sent(_at("/register"), {"key": "{key}"})
NUMBER = _at("/preferences/number", ROSA)
TEXT_CODE = _sent(NUMBER, {"number": "720-555-0142", "present": PASSWORD})
NEW_PASSWORD = {"password": "a quiet place to read", "repeated": "a quiet place to read"}

OF_FORMER = "/office/guardians/{former}/students/{ana}"

VIEW_AS = _at_office("/office/guardians/{rosa}/view-as")

STATES: dict[str, Steps] = {
    "office": _at_office("/office"),
    "office sign-in": _at("/office/sign-in"),
    "office sign-in refused": _sent(_at("/office/sign-in"), {"user_name": "x", "password": "wrong"}, 422),
    "office student": _at_office("/office/students/{ana}"),
    "office guardian": _at_office("/office/guardians/{rosa}"),
    "office why of a student": _at_office("/office/students/{ana}/why"),
    "office rights to lift": _at_office("/office/guardians/{rosa}/students/{ana}/rights"),
    "office notices": _at_office("/office/notices"),
    "office notice": _at_office("/office/notices/new"),
    "office notice refused": _sent(_at_office("/office/notices/new"), {"title_en": ""}, 422),
    "office identity": _at_office("/office/guardians/{rosa}/identity"),
    "notices": _at("/notices", ROSA),
    "family": _at("/family", ROSA),
    "resources": _at("/resources", "7123456"),
    "forgotten user name": _at("/forgot-user-name"),
    "password set": _at("/password-set"),
    "library": _at("/students/{busy}/library", BUSY),
    "fees": _at("/students/{busy}/fees", BUSY),
    "bus": _at("/students/{busy}/transportation", BUSY),
    "office why": _at_office(f"{OF_FORMER}/why"),
    "office why refused": _sent(_at_office(f"{OF_FORMER}/why"), {"body": " "}, 422),
    "office why choose": _sent(_at_office("/office/guardians/{rosa}/why"), {"q": "zoe"}),
    "office view as": VIEW_AS,
    "office view as refused": _sent(VIEW_AS, {"present": "wrong"}, 422),
    "viewing as a guardian": _sent(VIEW_AS, {"present": PASSWORD}),
    "viewing as a guardian closed": lambda visitor, people: (
        STATES["viewing as a guardian"](visitor, people),
        _at("/family", "", 403)(visitor, people),
    )[0],
    "office rights": _at_office(f"{OF_FORMER}/rights"),
    "office restrict refused": _sent(
        _at_office("/office/guardians/{rosa}/students/{ana}/rights/restrict"), {"document": ""}, 422
    ),
    "office sections": _at_office("/office/guardians/{rosa}/students/{ana}/rights/sections"),
    "office connect": _at_office("/office/guardians/{former}/students/{ben}/rights/connect"),
    "office register": _sent(_at_office("/office/register"), {"q": "rosa"}),
    "office register a guardian": _at_office("/office/register/guardians/{former}"),
    "office register refused": _sent(_at_office("/office/register/new?student={ana}"), {"email": "x"}, 422),
    "office register key": _handed_out,
    "office new key": _at_office("/office/guardians/{former}/new-key"),
    "office letters": _at_office("/office/register/lists?school=1&role=guardian"),
    "office blank form": _at_office("/office/register/form?language=ar"),
    "office work orders": _at_office("/office/work-orders"),
    "office eighteen": _turning_18("2008-11-01"),
    "office at eighteen refused": _turning_18("2008-12-24", sent=True),
    "office guardian with a match": _to_join("/office/guardians/900"),
    "office join": _to_join("/office/guardians/900/join/{rosa}"),
    "office undelivered": _at_office("/office/undelivered"),
    "office who is asking": _at_office("/office/students/{ana}/identity"),
    "office who is calling": _sent(
        _at_office("/office/guardians/{rosa}/identity/phone"), {"guardian_name": "Rosa"}, 422
    ),
    "office pages": _at_office("/office/pages"),
    "office training": _at_office("/office/pages/training/new"),
    "office link refused": _sent(_at_office("/office/pages/links/new"), {"urls_en": "http://x"}, 422),
    "office schools": _at_office("/office/schools"),
    "office staff": _of_staff("/office/staff"),
    "office staff found": _of_staff("/office/staff", "okafor"),
    "office staff account": _of_staff("/office/staff/{admin}"),
    "office staff end refused": _sent(_of_staff("/office/staff/{admin}/end"), {"present": PASSWORD}, 422),
    "office staff invite refused": _sent(
        _at_office("/office/staff/people/{teacher}/invite"), {"present": "wrong"}, 422
    ),
    "office staff without an address": _of_staff("/office/staff/people/{novak}/invite"),
    "office maintenance": _at_office("/office/maintenance"),
    "office window refused": _sent(_at_office("/office/maintenance/new"), {"text_en": "x"}, 422),
    "office agreement": _at_office("/office/agreement"),
    "office requests": _with_lists("/office/requests"),
    "office request refused": _sent(_with_lists("/office/requests/1"), {"body": " "}, 422),
    "office resets": _with_lists("/office/resets"),
    "office claims": _at_office("/office/claims"),
    "office claims refused": _sent(_at_office("/office/claims"), {"deadline": ""}, 422),
    "office absences": _with_lists("/office/absences"),
    "office absence": _with_lists("/office/absences/1"),
    "office feeds": _with_lists("/office/feeds"),
    "office feed": _with_lists("/office/feeds/1"),
    "office audit": _with_lists("/office/audit"),
    "office usage": _at_office("/office/usage"),
    "absences": _with_lists("/absences"),
    "absences refused": _sent(_at("/absences", ROSA), {"first_day": ""}, 422),
    "help": _at("/help"),
    "help of a family": _at("/help", ROSA),
    "tour": _at("/help/tour", BUSY),
    "tour before signing in": _at("/help/tour"),
    "instructions": _at("/help/register"),
    "instructions in Arabic": _at("/help/reset?language=ar"),
    "office account": _identified(""),
    "office reset code": _identified("form[action$='account/code'] button"),
    "sign-in": _at("/sign-in"),
    "sign-in refused": _sent(_at("/sign-in"), {"user_name": "nobody", "password": "wrong"}, 422),
    "already signed in": _at("/sign-in", ROSA),
    "account locked": _in_state("locked", 422),
    "address to verify": _in_state("pending"),
    "address to verify refused": _sent(_in_state("pending"), {"email": "rosa@"}, 422),
    "signed out": _signed_out,
    "key": _at("/register"),
    "key refused": _sent(_at("/register"), {"key": "ABCD"}, 422),
    "account": TO_THE_ACCOUNT,
    "account refused": _sent(TO_THE_ACCOUNT, {"user_name": "x", "password": "short", "repeated": "other"}, 422),
    "account ready": _sent(TO_THE_ACCOUNT, NEW_PASSWORD),
    "forgotten": _at("/forgot-password"),
    "forgotten refused": _sent(_at("/forgot-password"), {"email": "rosa"}, 422),
    "forgotten mailed": _sent(_at("/forgot-password"), {"email": "rosa@example.com"}),
    "code": _at("/reset"),
    "code refused": _sent(_at("/reset"), {"code": "ABCD"}, 422),
    "dead link": _at("/verify/none", status=404),
    "my account": _at("/security", ROSA),
    "new password": _at("/security/password", ROSA),
    "new password refused": _sent(_at("/security/password", ROSA), {"password": "short"}, 422),
    "new address": _at("/security/email", ROSA),
    "preferences": _at("/preferences", ROSA),
    "preferences of a student": _at("/preferences", "7123456"),
    "preferences with a number": _with_number,
    "preferences refused": _chosen_no_way,
    "news": _at("/preferences/news", ROSA),
    "news with a number": lambda visitor, people: (_with_number(visitor, people), visitor.open("/preferences/news"))[0],
    "news refused": _no_kind_of_news,
    "news to stop": lambda visitor, people: (_with_number(visitor, people), visitor.open("/unsubscribe/stop"))[0],
    "news stopped": lambda visitor, people: (STATES["news to stop"](visitor, people), visitor.press("main button"))[0],
    "number": NUMBER,
    "number refused": _sent(NUMBER, {"number": "911", "present": PASSWORD}, 422),
    "code in a text": TEXT_CODE,
    "code in a text refused": _sent(TEXT_CODE, {"code": "12345"}, 422),
    "app": _at("/security/authenticator", ROSA),
    "app to connect": APP,
    "app refused": _sent(APP, {"code": "12345"}, 422),
    "backup codes": _with_app,
    "app on": _then_at("/security/authenticator"),
    "app to end": _then_at("/security/authenticator/end"),
    "whom to write to": _at("/messages/new", ROSA),
    "new backup codes": _then_at("/security/authenticator/codes"),
    "asked for a code": _asked_for_a_code,
    "wrong code": _sent(_asked_for_a_code, {"code": "12345"}, 422),
    "children": _at("/", ROSA),
    "no children": _at("/", "former@example.com"),
    "overview": _at("/students/{ana}", ROSA),
    "overview withheld": _at("/students/{ana}", "carlos@example.com"),
    "overview full": _at("/students/{busy}", BUSY),
    "overview of a student": _at("/", "7123456"),
    "grades": _at("/students/{ana}/grades", ROSA),
    "grades full": _at("/students/{busy}/grades", BUSY),
    "grades after a swap": _swapped,
    "more tabs": _more_tabs,
    "grades of another term": _at("/students/{busy}/grades?term={spring}", BUSY),
    "grades of an empty term": _at("/students/{busy}/grades?term=999", BUSY),
    "all assignments": _at("/students/{ana}/grades?all=1", ROSA),
    "class": _at("/students/{ana}/grades/{math}", ROSA),
    "class full": _at("/students/{busy}/grades/{full}", BUSY),
    "class without work": _at("/students/{ana}/grades/{art}", ROSA),
    "to do": _at("/students/{ana}/to-do", ROSA),
    "to do empty": _at("/students/{ben}/to-do", ROSA),
    "attendance": _at("/students/{ana}/attendance", ROSA),
    "attendance full": _at("/students/{busy}/attendance?month=2026-10", BUSY),
    "attendance of a day": _at("/students/{busy}/attendance/2026-10-01", BUSY),
    "attendance of an empty day": _at("/students/{ana}/attendance/2026-10-01", ROSA),
    "behavior": _at("/students/{busy}/behavior", BUSY),
    "behavior none": _at("/students/{ana}/behavior", ROSA),
    "tests": _at("/students/{busy}/tests", BUSY),
    "tests none": _at("/students/{ana}/tests", ROSA),
    "test": _a_test,
    "history": _at("/students/{busy}/history", BUSY),
    "history of high school": _history_of_high_school,
    "history none": _at("/students/{ana}/history", ROSA),
    "programs": _at("/students/{busy}/programs", BUSY),
    "programs none": _at("/students/{ana}/programs", ROSA),
    "reports": _at("/students/{ana}/reports", ROSA),
    "reports withheld": _at("/students/{ana}/reports", "carlos@example.com"),
    "report card": _at("/students/{busy}/reports/report-card", BUSY),
    "transcript": _at("/students/{busy}/reports/transcript", BUSY),
    "transcript empty": _at("/students/{ana}/reports/transcript", ROSA),
    "schedule to print": _at("/students/{busy}/reports/schedule", BUSY),
    "missing to print": _at("/students/{busy}/reports/missing-assignments", BUSY),
    "my data": _at("/my-data", ROSA),
    "my data being made": _sent(_at("/my-data", ROSA), {}),
    "my data of nobody": _at("/my-data", "former@example.com"),
    "schedule": _at("/students/{ana}/schedule", ROSA),
    "schedule full": _at("/students/{busy}/schedule", BUSY),
    "schedule of the year": _at("/students/{busy}/schedule?all=1", BUSY),
    "calendar": _at("/students/{ana}/calendar", ROSA),
    "calendar full": _at("/students/{busy}/calendar", BUSY),
    "calendar of an empty month": _at("/students/{ana}/calendar?month=2027-05", ROSA),
    "calendar of the family": _at("/calendar", ROSA),
    "calendar of nobody": _at("/calendar", "former@example.com"),
    "calendar address": _sent_by("/calendar/address"),
    "write": WRITE,
    "write refused": _sent(WRITE, {"body": "x" * 501}, 422),
    "message on its way": _sent(WRITE, {"body": "Ana was sick on Friday.\n\nMay she repeat the quiz?"}),
    "messages none": _at("/messages", ROSA),
    "messages": lambda visitor, people: (STATES["message on its way"](visitor, people), visitor.open("/messages"))[0],
    "mail of the demo": _at("/demo/mail"),
    "preview for translators": _at("/demo/preview"),
    "preview refused": _at("/demo/strings?number=x", status=422),
    "sentence of the preview": _at("/demo/strings/1"),
    "text of the demo": _with_a_text,
    "not found": _at("/students/999999", ROSA, 404),
    "not allowed": _at("/sign-out", ROSA, 405),
    "failure": _broken,
}
