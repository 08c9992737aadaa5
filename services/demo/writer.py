"""Writes the feed's CSV files: columns by format version, one open csv.writer a file."""

import csv
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from services.demo.columns import MANIFEST, ONEROSTER, RESULT_EXTENSIONS, SUPPLEMENT

# 1.1 has one user role and no words for these; the nearest that grants least.
_ROLE_11 = {
    "counselor": "aide",
    "siteAdministrator": "administrator",
    "districtAdministrator": "administrator",
    "principal": "administrator",
}


class FeedWriter:
    """All files of one feed, open at once; use as a context manager. Rows go in as they are made.

    `add` takes a table's values after status and dateLastModified, which bulk files leave blank.
    """

    def __init__(self, out: Path, version: str) -> None:
        if version not in ONEROSTER:
            raise ValueError(f"OneRoster version must be one of {', '.join(ONEROSTER)}, not {version!r}")
        self.version = version
        self.out = out
        self._stack = ExitStack()
        self._files: dict[str, TextIO] = {}
        self._writers: dict[str, Any] = {}

    def __enter__(self) -> "FeedWriter":
        roster = ONEROSTER[self.version]
        supplement = SUPPLEMENT | ({"resultExtensions": RESULT_EXTENSIONS} if self.version == "1.1" else {})
        for folder, files in (("oneroster", roster), ("supplement", supplement)):
            place = self.out / folder
            place.mkdir(parents=True, exist_ok=True)
            for other in ("roles", "scoreScales", "resultExtensions"):
                # a file of the other version must not stay beside these
                (place / f"{other}.csv").unlink(missing_ok=True)
            for name, columns in files.items():
                path = place / f"{name}.csv"
                self._files[name] = self._stack.enter_context(path.open("w", encoding="utf-8", newline=""))
                self._writers[name] = csv.writer(self._files[name])
                self._writers[name].writerow(columns)
        self._manifests(list(roster), list(supplement))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _manifests(self, roster: list[str], supplement: list[str]) -> None:
        names = {name: "bulk" if name in roster else "absent" for name in MANIFEST[self.version]}
        rows = [("manifest.version", "1.0"), ("oneroster.version", self.version)]
        rows += [(f"file.{name}", said) for name, said in names.items()]
        rows += [("source.systemName", "Maple Valley SIS (demo)"), ("source.systemCode", "demo")]
        _manifest(self.out / "oneroster" / "manifest.csv", rows)
        extra = [(f"file.{name}", "bulk") for name in supplement]
        _manifest(self.out / "supplement" / "supplement-manifest.csv", extra)

    def add(self, table: str, sid: str, *values: object) -> None:
        """Appends one row to a table."""
        self._writers[table].writerow((sid, "", "", *values))

    def add_raw(self, table: str, rows: Sequence[tuple[str, ...]]) -> None:
        """Appends whole rows of text, first three columns included.

        Where no cell needs quotes, joining them gives what csv gives, in an eighth of the time.
        """
        text = "\r\n".join(map(",".join, rows))
        commas = sum(map(len, rows)) - len(rows)
        if '"' not in text and text.count("\r") == text.count("\n") == len(rows) - 1 and text.count(",") == commas:
            self._files[table].write(f"{text}\r\n")
            return
        self._writers[table].writerows(rows)

    def user(self, sid: str, role: str, orgs: list[str], fields: Mapping[str, str]) -> None:
        """Writes users.csv, and roles.csv in 1.2: the first org is the primary one.

        `fields` are cells by column name of users.csv (either version), `begin` and `end` dates of the role.
        """
        if self.version == "1.1":
            own = {"orgSourcedIds": ",".join(orgs), "role": _ROLE_11.get(role, role)}
        else:
            own = {"primaryOrgSourcedId": orgs[0]}
        columns = ONEROSTER[self.version]["users"][3:]
        cells = {"enabledUser": "true", **fields, **own}
        self.add("users", sid, *(cells.get(column, "") for column in columns))
        if self.version == "1.2":
            for number, org in enumerate(orgs):
                kind = "secondary" if number else "primary"
                self.add(
                    "roles",
                    f"{sid}.r{number}",
                    sid,
                    kind,
                    role,
                    fields.get("begin", ""),
                    fields.get("end", ""),
                    org,
                    "",
                )

    def results(self, rows: list[tuple[str, ...]]) -> None:
        """Writes results given in 1.2's columns; in 1.1 flags and letters go to resultExtensions.csv."""
        if self.version == "1.2":
            self.add_raw("results", rows)
            return
        self.add_raw("results", [row[:9] for row in rows])
        self.add_raw(
            "resultExtensions",
            [
                (row[0], _submission(row), "Late" if row[13] == "true" else "Not Late", row[9], row[6])
                for row in rows
                if row[9] or row[13] == "true" or row[14] == "true"
            ],
        )


def _manifest(path: Path, rows: list[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("propertyName", "value"), *rows])


def _submission(row: tuple[str, ...]) -> str:
    """Ed-Fi's submission status for a result row."""
    if row[14] == "true":
        return "Missing"
    return "Graded" if row[6] else "Submitted"
