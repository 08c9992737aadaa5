"""`python -m benchmarks`: measure pages, searches, imports, bytes, seconds in one run, or digests; print Markdown."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import time
from pathlib import Path

from benchmarks import digests, feeds, pages, search, thin_line

README = Path(__file__).with_name("README.md")
#: The parts of the page that a run replaces.
_COSTS, _BYTES, _SECONDS = "run", "bytes", "seconds"


def main() -> None:
    """Run what the command line asks for."""
    options = _options()
    if options.only == "digests":
        print(f"{digests.report(options.guardians)}\n\n{_machine()}")
    if options.only in (None, "pages", "search", "imports"):
        _show(_COSTS, _costs(options), record=options.record)
    if options.only in (None, "weights"):
        _show(_BYTES, thin_line.weights(keep=options.record), record=options.record)
    if options.only in (None, "seconds"):
        _show(_SECONDS, thin_line.seconds(options.ways), record=options.record)


def _costs(options: argparse.Namespace) -> str:
    """What pages, searches and imports cost, against the same work written by hand."""
    began = time.monotonic()
    url = os.environ.get("DATABASE_URL", "")
    server = url if url.startswith("postgres") else None
    parts = []
    if options.only in (None, "pages"):
        parts.append(pages.report(rounds=options.rounds))
    if options.only in (None, "search"):
        parts.append(search.report(options.rounds, server))
    if options.only in (None, "imports"):
        parts.append(feeds.report(options.students, options.imports, server))
    parts.append(f"{_machine()} {time.monotonic() - began:.0f} seconds.")
    return "\n\n".join(parts)


def _show(part: str, text: str, *, record: bool) -> None:
    """Print `text`, and put it into that part of the page where `record` says so."""
    print(text, end="\n\n")
    if record:
        begin, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->\n"
        before, _, rest = README.read_text(encoding="utf-8").partition(begin)
        README.write_text(f"{before}{begin}\n{text}\n\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    choices = ("pages", "search", "imports", "weights", "seconds", "digests")
    parser.add_argument("only", nargs="?", choices=choices, help="measure only these")
    parser.add_argument("--quick", action="store_true", help="a small run of less than a minute")
    parser.add_argument("--students", type=int, metavar="N", help="size of the district that is imported (6000)")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds of pages and searches for each contender (40)")
    parser.add_argument("--imports", type=int, metavar="N", help="how often each import is measured (3)")
    parser.add_argument("--guardians", type=int, metavar="N", default=200_000, help="for digests (200000)")
    parser.add_argument("--ways", type=int, metavar="N", help="how often the way to the grades is gone (5)")
    parser.add_argument("--record", action="store_true", help="put the figures into benchmarks/README.md")
    options = parser.parse_args()
    options.students = options.students or (1500 if options.quick else 6000)
    options.rounds = options.rounds or (8 if options.quick else 40)
    options.imports = options.imports or (1 if options.quick else 3)
    options.ways = options.ways or (1 if options.quick else 5)
    return options


def _machine() -> str:
    return (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.system()} on"
        f" {os.cpu_count()} {platform.machine()} processors;"
    )


if __name__ == "__main__":
    main()
