"""A browser without JavaScript: it follows links, fills in forms as they stand on the page, and looks twice."""

from __future__ import annotations

import logging
import re
from collections import Counter
from copy import copy
from typing import Any, Self
from xml.etree.ElementTree import Element

import html5lib
from factories import PASSWORD
from flask import Flask
from werkzeug.test import TestResponse

from models import Account, OutboundMail

#: Elements of old pages that html5lib accepts, and attributes that would need a looser CSP.
FORBIDDEN = re.compile(r"<(?:script(?! src)|style|font|center)\b|\sstyle=|\son[a-z]+=|hx-on|href=.javascript:", re.I)


class Browser:
    """One person at one browser. `page` is the last answer's text, `status` its code, `path` where it is."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.path, self.page, self.status = "/", "", 0
        self._address = "/"
        self.response: TestResponse

    def open(self, path: str, **options: Any) -> Self:
        """Follow a link."""
        return self._show(self.client.get(path, follow_redirects=True, **options))

    def follow(self, label: str) -> Self:
        """Click the first link of the page that reads `label`."""
        links = {" ".join("".join(node.itertext()).split()): node.get("href") for node in self._tree().iter("a")}
        return self.open(links[label])

    def send(self, form: int | str = 0, /, button: tuple[str, str] | None = None, **values: str) -> Self:
        """Fill in a form of the page and send it; `form` is its place on the page or its address.

        The bar's forms (languages, sign-out) do not count: 0 is the first form in the main part.
        """
        chosen = self._form(form)
        fields = _filled_in(chosen)
        offered = {node.get("name") for kind in ("input", "textarea", "select") for node in chosen.iter(kind)}
        unknown = set(values) - offered
        assert not unknown, f"the form has no {unknown}"
        target = chosen.get("action") or self._address
        data = {**fields, **values, **(dict([button]) if button else {})}
        return self._show(self.client.post(target, data=data, follow_redirects=True))

    def tab(self) -> Browser:
        """Another tab of the same browser, which shows the same page."""
        return copy(self)

    def sign_in(self, account: Account, password: str = PASSWORD) -> Self:
        """Go to the sign-in page and sign in as `account`."""
        self.open("/sign-in")
        if 'name="password"' not in self.page:
            return self.send(user_name=account.user_name).send(password=password)
        return self.send(user_name=account.user_name, password=password)

    def sign_in_to_office(self, account: Account) -> Self:
        """Go to the staff's door and sign in; the accounts of tests have no authenticator unless a test sets one up."""
        return self.open("/office/sign-in").send(user_name=account.user_name, password=PASSWORD)

    def sign_out(self) -> Self:
        """Press the button in the bar."""
        return self.send("/sign-out")

    def queries(self, path: str) -> int:
        """How many statements it takes to open a page that has been opened before."""
        assert self.open(path).status == 200
        statements: list[logging.LogRecord] = []
        log, listener = logging.getLogger("peewee"), logging.Handler()
        listener.emit = statements.append  # type: ignore[method-assign]
        level = log.level
        log.setLevel(logging.DEBUG)
        log.addHandler(listener)
        try:
            self.open(path)
        finally:
            log.removeHandler(listener)
            log.setLevel(level)
        return len(statements)

    def fragment(self, path: str) -> TestResponse:
        """What htmx gets for a tab."""
        return self.client.get(path, headers={"HX-Request": "true", "HX-Request-Type": "partial"})

    @property
    def text(self) -> str:
        """What a person reads in the main part: no tags, single spaces."""
        main = next(self._tree().iter("main"))
        # Invisible marks that keep the direction of a name to itself.
        seen = " ".join(main.itertext()).replace("\u2068", "").replace("\u2069", "")
        return " ".join(seen.split())

    def _show(self, response: TestResponse) -> Self:
        self.response, self.status = response, response.status_code
        self.path, self.page = response.request.path, response.get_data(as_text=True)
        self._address = response.request.full_path.rstrip("?")
        if response.mimetype == "text/html":
            self._check()
        return self

    def _tree(self) -> Element:
        return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(self.page)

    def _form(self, wanted: int | str) -> Element:
        if isinstance(wanted, int):
            return list(next(self._tree().iter("main")).iter("form"))[wanted]
        return next(form for form in self._tree().iter("form") if form.get("action") == wanted)

    def _check(self) -> None:
        """What holds for every page that any test opens (STYLE 18, 21, 22, 40)."""
        tree = self._tree()
        heading = [" ".join("".join(node.itertext()).split()) for node in tree.iter("h1")]
        assert len(heading) == 1, f"{self.path}: {len(heading)} h1"
        # No-break spaces, as French sets them, count as spaces here as they do in the heading.
        title = " ".join((next(tree.iter("title")).text or "").split())
        assert title.startswith(heading[0]), f"{self.path}: title {title!r}, heading {heading[0]!r}"
        twice = [name for name, times in Counter(n.get("id") for n in tree.iter() if n.get("id")).items() if times > 1]
        assert not twice, f"{self.path}: duplicate ids {twice}"
        assert not FORBIDDEN.search(self.page), f"{self.path}: {FORBIDDEN.search(self.page)}"
        root = next(tree.iter("html"))
        assert root.get("lang") and root.get("dir") in ("ltr", "rtl")
        for form in tree.iter("form"):
            token = [node for node in form.iter("input") if node.get("name") == "csrf_token"]
            assert form.get("method") != "post" or len(token) == 1, f"{self.path}: a form without its token"
        labels = {node.get("for") for node in tree.iter("label")}
        for node in (*tree.iter("input"), *tree.iter("textarea"), *tree.iter("select")):
            unseen = node.get("type") in ("hidden", "submit") or "hidden" in node.attrib
            assert unseen or node.get("id") in labels, f"{self.path}: no label"
        assert "no-store" in self.response.headers["Cache-Control"]


def mails(kind: str, to: str | None = None) -> list[OutboundMail]:
    """The mails of this kind in the outbox (to that address), the latest first, as a person reads them."""
    found = list(OutboundMail.select().where(OutboundMail.kind == kind).order_by(OutboundMail.id.desc()))
    for mail in found:
        mail.text = mail.text.replace("\u2068", "").replace("\u2069", "")
    return [mail for mail in found if to is None or mail.recipient == to]


def link_in(mail: OutboundMail) -> str:
    """Where the first link of a mail leads."""
    found = re.search(r"http://localhost(/\S*)", mail.text)
    assert found is not None, mail.text
    return found.group(1)


def _filled_in(form: Element) -> dict[str | None, str]:
    """What a browser would send of a form that nobody has touched."""
    fields = {
        node.get("name"): node.get("value", "")
        for node in form.iter("input")
        if node.get("type") != "submit" and (node.get("type") != "checkbox" or node.get("checked") is not None)
    }
    fields |= {node.get("name"): (node.text or "").removeprefix("\n") for node in form.iter("textarea")}
    for select in form.iter("select"):
        options = list(select.iter("option"))
        chosen = next((option for option in options if option.get("selected") is not None), options[0])
        fields[select.get("name")] = chosen.get("value", chosen.text or "")
    return fields
