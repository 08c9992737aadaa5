"""`python -m benchmarks`: measure pages, the office's search and imports in one run, or digests, and print Markdown."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import time
from pathlib import Path

from benchmarks import digests, feeds, pages, search

README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- one run -->\n", "<!-- end of the run -->\n"


def main() -> None:
    """Run what the command line asks for."""
    options = _options()
    began = time.monotonic()
    url = os.environ.get("DATABASE_URL", "")
    server = url if url.startswith("postgres") else None
    parts = []
    if options.only == "digests":
        print(digests.report(options.guardians))
        print(f"\n{_machine()} {time.monotonic() - began:.0f} seconds.")
        return
    if options.only in (None, "pages"):
        parts.append(pages.report(rounds=options.rounds))
    if options.only in (None, "search"):
        parts.append(search.report(options.rounds, server))
    if options.only in (None, "imports"):
        parts.append(feeds.report(options.students, options.imports, server))
    parts.append(f"{_machine()} {time.monotonic() - began:.0f} seconds.")
    text = "\n\n".join(parts)
    print(text)
    if options.record:
        before, _, rest = README.read_text(encoding="utf-8").partition(_BEGIN)
        README.write_text(f"{before}{_BEGIN}\n{text}\n\n{_END}{rest.partition(_END)[2]}", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    choices = ("pages", "search", "imports", "digests")
    parser.add_argument("only", nargs="?", choices=choices, help="measure only these")
    parser.add_argument("--quick", action="store_true", help="a small run of less than a minute")
    parser.add_argument("--students", type=int, metavar="N", help="size of the district that is imported (6000)")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds of pages and searches for each contender (40)")
    parser.add_argument("--imports", type=int, metavar="N", help="how often each import is measured (3)")
    parser.add_argument("--guardians", type=int, metavar="N", default=200_000, help="for digests (200000)")
    parser.add_argument("--record", action="store_true", help="put the figures into benchmarks/README.md")
    options = parser.parse_args()
    options.students = options.students or (1500 if options.quick else 6000)
    options.rounds = options.rounds or (8 if options.quick else 40)
    options.imports = options.imports or (1 if options.quick else 3)
    return options


def _machine() -> str:
    return (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.system()} on"
        f" {os.cpu_count()} {platform.machine()} processors;"
    )


if __name__ == "__main__":
    main()
