"""Makes the tour's pictures anew, `static/tour/<language>/<name>.png`: `make pictures`, after the pages have changed.

It makes the demo district anew on a fixed day, serves it, and signs in as a guardian of each language with a phone's
screen. Colors are few and pictures small: a family may pay for every kilobyte.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from config import LOCALES  # noqa: E402
from views.tour_pictures import FOLDER, NAMES  # noqa: E402

#: A school day on which something is missing, due, and late; the same day makes the same pictures.
DAY = "2026-11-17"
WIDTH, HEIGHT = 360, 520
COLORS = 16

#: What a picture may weigh, and all those of a language.
LARGEST, LARGEST_LANGUAGE = 12 * 1024, 84 * 1024


def main() -> int:
    """Take every picture in every language; print what they weigh."""
    flask = [sys.executable, "-m", "flask"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PORTAL_", "DATABASE"))}
    subprocess.run([*flask, "locales", "compile"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*flask, "demo", "--students", "120"], cwd=ROOT, check=True, env=environment | {"PORTAL_TODAY": DAY})
    personas = json.loads((ROOT / "instance/demo/personas.json").read_text(encoding="utf-8"))
    languages = ["en", *sorted(path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/messages.po"))]
    with _served(environment) as origin, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"],
        )
        for language in dict.fromkeys(languages):
            sizes = _take_all(chromium, origin, personas, language)
            print(f"{language}: {sum(sizes.values())} bytes, the largest {max(sizes.values())}")
            if max(sizes.values()) > LARGEST or sum(sizes.values()) > LARGEST_LANGUAGE:
                print(f"too large: {sizes}", file=sys.stderr)
                return 1
    return 0


@contextmanager
def _served(environment: dict[str, str]) -> Iterator[str]:
    """The demo on a free port of the loopback interface; its origin."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    origin = f"http://127.0.0.1:{port}"
    environment = environment | {
        "PORTAL_CONFIG": "instance/demo/portal.toml", "PORTAL_PORTAL_URL": origin, "PORT": str(port),
    }  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-m", "flask", "serve"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        try:
            while not _answers(origin):
                if server.poll() is not None:
                    raise RuntimeError("the demo does not start")
            yield origin
        finally:
            server.terminate()


def _answers(origin: str) -> bool:
    try:
        with urllib.request.urlopen(f"{origin}/livez", timeout=20):
            return True
    except OSError:
        time.sleep(0.2)
        return False


def _take_all(chromium: Browser, origin: str, personas: list[dict[str, Any]], language: str) -> dict[str, int]:
    """The pictures of one language; returns how many bytes each has."""
    guardians = [one for one in personas if one["role"] == "guardian" and one["password"] and one["students"]]
    # A language that nobody in the demo speaks is shown by the first family.
    who = next((one for one in guardians if one["language"] == language), guardians[0])
    context = chromium.new_context(
        base_url=origin,
        viewport={"width": WIDTH, "height": 900},
        locale=language.replace("_", "-"),
        color_scheme="light",
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("#user_name", who["user_id"])
    page.fill("#password", who["password"])
    _press(page, "main form button")
    _press(page, f'.languages button[value="{language}"]')
    if page.locator("select#digest").count():
        page.select_option("select#digest", "weekly")
        _press(page, "main form.card button")
    # What has to be confirmed stands on top of every page until it is.
    while page.locator("main > form.note button").count():
        _press(page, "main > form.note button")
    child = max((f"/students/{one['id']}" for one in who["students"]), key=lambda path: _missing(page, path))
    addresses = {
        "home": "/", "overview": child, "grades": f"{child}/grades", "to_do": f"{child}/to-do",
        "attendance": f"{child}/attendance", "messages": _writing(page, child), "preferences": "/preferences",
    }  # fmt: skip
    assert tuple(addresses) == NAMES
    (FOLDER / language).mkdir(parents=True, exist_ok=True)
    sizes = {}
    for name, address in addresses.items():
        page.goto(address)
        # The bar is the same everywhere: one picture shows it, the others have room for what is theirs.
        top = 0 if name == "home" else page.locator("main").bounding_box()["y"]
        picture = page.screenshot(full_page=True, clip={"x": 0, "y": top, "width": WIDTH, "height": HEIGHT})
        path = FOLDER / language / f"{name}.png"
        path.write_bytes(_small(picture))
        sizes[name] = path.stat().st_size
    context.close()
    return sizes


def _press(page: Page, selector: str) -> None:
    with page.expect_navigation():
        page.locator(selector).first.click()


def _missing(page: Page, child: str) -> int:
    """How much of this child's work is missing: a picture of a child without any would show too little."""
    page.goto(f"{child}/to-do")
    return int(page.locator("main .status.missing").count())


def _writing(page: Page, child: str) -> str:
    """The address of the form to the first teacher who can be written to."""
    page.goto(f"{child}/schedule")
    return page.locator('a[href*="/write/"]').first.get_attribute("href") or ""


def _small(picture: bytes) -> bytes:
    """The picture with few colors, as a PNG: every browser shows one, also those from before WebP."""
    image = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLORS, kmeans=2, dither=Image.Dither.NONE)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
