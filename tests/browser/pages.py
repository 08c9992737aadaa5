"""Every page in each of its states, for tests that look at all of them. A page that is new goes in here."""

from __future__ import annotations

from collections.abc import Callable

from server import People
from visiting import Visitor

Steps = Callable[[Visitor, People], None]


def _at(path: str, who: str = "", status: int = 200) -> Steps:
    """Open `path`, where {ana}, {math} and so on stand for ids, signed in as `who`."""

    def steps(visitor: Visitor, people: People) -> None:
        if status >= 400:
            visitor.expect_answers(status)
        if who:
            visitor.let_in(who)
        visitor.open(path.format(**ids(people)))

    return steps


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


def _signed_out(visitor: Visitor, people: People) -> None:
    _at("/", "rosa@example.com")(visitor, people)
    visitor.press(".bar form button")


def _broken(visitor: Visitor, people: People) -> None:
    visitor.server.change("ALTER TABLE result RENAME TO result_away")
    _at("/", "rosa@example.com", 500)(visitor, people)


def _swapped(visitor: Visitor, people: People) -> None:
    _at("/students/{busy}", "busy@example.com")(visitor, people)
    visitor.page.click(".tabs a:nth-child(2)")
    visitor.page.wait_for_url("**/grades")


def ids(people: People) -> dict[str, int]:
    """What the addresses of the pages need."""
    cast, busy = people.cast, people.busy
    return {
        "ana": cast.ana.id, "ben": cast.ben.id, "math": cast.math.id, "art": cast.art.id, "teacher": cast.teacher.id,
        "busy": busy.child.id, "full": busy.section.id, "spring": busy.spring.id,
    }  # fmt: skip


ROSA, BUSY = "rosa@example.com", "busy@example.com"
WRITE = _at("/students/{ana}/grades/{math}/write/{teacher}", ROSA)
TO_THE_ACCOUNT = _sent(_at("/register"), {"key": "{key}"})
NEW_PASSWORD = {"password": "a quiet place to read", "repeated": "a quiet place to read"}

STATES: dict[str, Steps] = {
    "sign-in": _at("/sign-in"),
    "sign-in refused": _sent(_at("/sign-in"), {"user_name": "nobody", "password": "wrong"}, 422),
    "already signed in": _at("/sign-in", ROSA),
    "signed out": _signed_out,
    "key": _at("/register"),
    "key refused": _sent(_at("/register"), {"key": "ABCD"}, 422),
    "account": TO_THE_ACCOUNT,
    "account refused": _sent(TO_THE_ACCOUNT, {"user_name": "x", "password": "short", "repeated": "other"}, 422),
    "account ready": _sent(TO_THE_ACCOUNT, NEW_PASSWORD),
    "forgotten": _at("/forgot-password"),
    "forgotten mailed": _sent(_at("/forgot-password"), {"email": "rosa@example.com"}),
    "code": _at("/reset"),
    "code refused": _sent(_at("/reset"), {"code": "ABCD"}, 422),
    "dead link": _at("/verify/none", status=404),
    "my account": _at("/security", ROSA),
    "new password": _at("/security/password", ROSA),
    "new password refused": _sent(_at("/security/password", ROSA), {"password": "short"}, 422),
    "new address": _at("/security/email", ROSA),
    "children": _at("/", ROSA),
    "no children": _at("/", "former@example.com"),
    "overview": _at("/students/{ana}", ROSA),
    "overview withheld": _at("/students/{ana}", "carlos@example.com"),
    "overview full": _at("/students/{busy}", BUSY),
    "overview of a student": _at("/", "7123456"),
    "grades": _at("/students/{ana}/grades", ROSA),
    "grades full": _at("/students/{busy}/grades", BUSY),
    "grades after a swap": _swapped,
    "grades of another term": _at("/students/{busy}/grades?term={spring}", BUSY),
    "grades of an empty term": _at("/students/{busy}/grades?term=999", BUSY),
    "all assignments": _at("/students/{ana}/grades?all=1", ROSA),
    "class": _at("/students/{ana}/grades/{math}", ROSA),
    "class full": _at("/students/{busy}/grades/{full}", BUSY),
    "class without work": _at("/students/{ana}/grades/{art}", ROSA),
    "to do": _at("/students/{ana}/to-do", ROSA),
    "to do empty": _at("/students/{ben}/to-do", ROSA),
    "write": WRITE,
    "write refused": _sent(WRITE, {"body": "x" * 501}, 422),
    "message on its way": _sent(WRITE, {"body": "Ana was sick on Friday.\n\nMay she repeat the quiz?"}),
    "messages none": _at("/messages", ROSA),
    "messages": lambda visitor, people: (STATES["message on its way"](visitor, people), visitor.open("/messages"))[0],
    "mail of the demo": _at("/demo/mail"),
    "not found": _at("/students/999999", ROSA, 404),
    "not allowed": _at("/sign-out", ROSA, 405),
    "failure": _broken,
}
