"""A family's whole visit in browsers that show text alone and know no JavaScript (X01): w3m and links2.

NetSurf has no way to be driven that a test could use; it shows that pages and stylesheet come and the cookie goes back.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from factories import PASSWORD
from server import People, Server
from terminal import PATIENCE, Links, W3m


@pytest.mark.parametrize("kind", [W3m, Links], ids=["w3m", "links2"])
def test_X01_a_text_browser_signs_in_reads_grades_writes_and_signs_out(
    server: Server, people: People, tmp_path: Path, kind: type[W3m | Links]
) -> None:
    browser = kind(f"{server.origin}/sign-in", tmp_path)
    try:
        visit(browser)
        ((body,),) = server.ask("SELECT body FROM message")
        assert body == "Ana was sick on Friday."
        assert server.ask("SELECT count(*) FROM login_session WHERE ended_at IS NULL") == [(0,)]
    finally:
        browser.close()


def visit(browser: W3m | Links) -> None:
    """Sign in, read grades, send a message, sign out."""
    browser.see("Planned maintenance")
    browser.fill("Sign in", **{"E-mail address or user ID": "rosa@example.com", "Password": "wrong"})
    browser.see("Please check")
    browser.fill("Sign in", Password=PASSWORD)
    browser.see("My children")
    browser.press("Ana Reyes")
    browser.see("Overview")
    browser.press("Grades")
    grades = browser.see("Updated")
    assert "Mathematics 7" in grades and "B+ (88)" in grades
    browser.press("Mathematics 7")
    assert "17.5 / 20" in browser.see("Ratio quiz")
    browser.press("Write a message")
    browser.see("At most 500 characters")
    browser.fill("Send", **{"Your message": "Ana was sick on Friday."})
    # links2 shows pages as it has seen them before, whatever they say about that: here one that is new.
    browser.see("Ratio quiz")
    browser.press("Messages")
    browser.see("Ana was sick on Friday.")
    browser.press("Sign out")
    browser.see("First time here?")


def test_X01_netsurf_gets_page_and_stylesheet_keeps_the_cookie_and_asks_for_no_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--access-logfile=- --access-logformat='asked %(U)s %(s)s %({cookie}i)s.'")
    server = Server(tmp_path)
    netsurf = subprocess.Popen(
        ["netsurf-fb", "-f", "ram", f"{server.origin}/"], env={**os.environ, "HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        asked = wait_for(server, "portal.css 200")
    finally:
        netsurf.kill()
        netsurf.wait()
        server.stop()
    assert "asked / 303 -." in asked and "asked /sign-in 200" in asked
    assert re.search(r"portal.css 200 portal=", asked), "the cookie that the page set comes back"
    assert "portal.js" not in asked


def wait_for(server: Server, text: str) -> str:
    """What the server wrote, once `text` is in it."""
    until = time.monotonic() + PATIENCE
    while text not in server.log and time.monotonic() < until:
        time.sleep(0.1)
    return server.log
