"""What every answer carries, whoever asks for what."""

from __future__ import annotations

from browsing import Browser
from factories import Cast
from flask import Flask
from test_access import pages_of


def test_every_page_is_kept_out_of_caches_frames_and_foreign_hands(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa)
    for path in (*pages_of(cast), "/sign-in", "/register", "/no-such-page", "/readyz"):
        headers = browser.client.get(path).headers
        assert headers["Cache-Control"] == "no-store", path
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert {"HX-Request", "HX-Request-Type"} <= set(headers["Vary"].split(", "))


def test_static_files_are_named_by_their_content_compressed_and_kept_for_good(app: Flask) -> None:
    from views.assets import FILES, asset

    client = app.test_client()
    for name in FILES:
        path = f"/assets/{asset(name).digest}/{name}"
        for encoding in ("br", "gzip", ""):
            answer = client.get(path, headers={"Accept-Encoding": encoding})
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert answer.headers.get("Content-Encoding", "") == encoding
            assert "Set-Cookie" not in answer.headers
    assert client.get("/assets/0123456789ab/portal.css").status_code == 404
    assert client.get(f"/assets/{asset('portal.css').digest}/../app.py").status_code == 404


def test_a_fragment_is_the_part_of_the_page_and_carries_its_title(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa)
    for path in pages_of(cast):
        if "/students/" in path and "/write/" not in path:
            part = browser.fragment(path).get_data(as_text=True)
            browser.open(path)
            title = browser.page.partition("<title>")[2].partition("</title>")[0]
            assert part.startswith(f"<title>{title}</title>"), path
            assert "<html" not in part
            assert "portal.css" not in part
            heading = part.partition("<h1")[2].partition("</h1>")[0].partition(">")[2]
            assert heading in browser.page


def test_when_history_goes_back_the_whole_page_comes(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa)
    headers = {"HX-History-Restore-Request": "true", "HX-Request-Type": "full"}
    answer = browser.client.get(f"/students/{cast.ana.id}/grades", headers=headers)
    assert answer.get_data(as_text=True).startswith("<!doctype html>")


def test_an_error_is_a_page_in_plain_words_and_a_fragment_does_not_change_the_address(
    browser: Browser, cast: Cast, app: Flask
) -> None:
    browser.sign_in(cast.rosa)
    assert "There is nothing here" in browser.open("/students/999999").text
    part = browser.fragment("/students/999999")
    assert (part.status_code, part.headers["HX-Push-Url"]) == (404, "false")
    assert "<html" not in part.get_data(as_text=True)


def test_a_failure_shows_no_traceback_and_names_nobody_in_the_log(
    make_app: object, app: Flask, cast: Cast, monkeypatch: object, caplog: object
) -> None:
    import services.record.overview as overview

    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    browser = Browser(app).sign_in(cast.rosa)
    monkeypatch.setattr(overview, "cards", lambda *_: 1 / 0)  # type: ignore[attr-defined]
    browser.open("/")
    assert browser.status == 500
    assert "The fault is ours" in browser.text
    assert "ZeroDivision" not in browser.page
    records = caplog.records  # type: ignore[attr-defined]
    assert any(record.getMessage() == "failed: GET /" for record in records)
