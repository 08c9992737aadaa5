"""A small district's feed for tests of the importer: written as files, changed line by line, imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import models as m
from services.feeds import importer
from services.feeds.report import Report

#: One school, two children with a mother, one of them with a father too, one class with one result.
BASE = {
    "orgs": """\
        sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId
        d1,,,Maple Valley,district,1,
        o1,,,Cedar Middle,school,11,d1""",
    "academicSessions": """\
        sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear
        y1,,,2026-2027,schoolYear,2026-08-17,2027-06-04,,2027
        fall,,,Fall,semester,2026-08-17,2027-01-15,y1,2027
        spring,,,Spring,semester,2027-01-18,2027-06-04,y1,2027""",
    "users": """\
        sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,identifier,email,agentSourcedIds,grades
        s1,,,true,o1,student,ana,{Local:7001},Ana,Reyes,,,"p1,p2",07
        s2,,,true,o1,student,ben,,Ben,Reyes,7002,,p1,06
        p1,,,true,o1,parent,rosa,,Rosa,Reyes,9001,rosa@example.com,"s1,s2",
        p2,,,true,o1,parent,carlos,,Carlos,Molina,,,s1,
        t1,,,true,o1,teacher,dana,,Dana,Okafor,501,dana@school.example,,""",
    "demographics": """\
        sourcedId,birthDate
        s1,2013-04-02
        s2,2014-05-03""",
    "courses": """\
        sourcedId,title,courseCode,orgSourcedId
        math,Mathematics 7,M7,o1""",
    "classes": """\
        sourcedId,title,classCode,classType,courseSourcedId,schoolSourcedId,termSourcedIds
        c1,Mathematics 7,M7-1,scheduled,math,o1,"fall,spring\"""",
    "enrollments": """\
        sourcedId,classSourcedId,userSourcedId,role,primary
        e1,c1,s1,student,
        e2,c1,s2,student,
        e3,c1,t1,teacher,true""",
    "categories": """\
        sourcedId,title,weight
        hw,Homework,0.25""",
    "lineItems": """\
        sourcedId,title,assignDate,dueDate,classSourcedId,categorySourcedId,resultValueMax
        i1,Worksheet,2026-11-02,2026-11-09,c1,hw,20""",
    "results": """\
        sourcedId,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate
        r1,i1,s1,fully graded,17,2026-11-10""",
}

#: What identification codes are hashed with.
SECRET = "a secret of the tests"

#: The feed's tables, whose rows tests compare before and after.
FEED_TABLES = (
    m.School, m.AcademicSession, m.Student, m.Guardian, m.Staff, m.SchoolEnrollment, m.Guardianship, m.Address,
    m.Telephone, m.IdentificationCode, m.Course, m.Section, m.SectionTerm, m.Enrollment, m.SectionStaff, m.Category,
    m.LineItem, m.Result, m.Grade,
)  # fmt: skip


class District:
    """A feed in a folder that a test may change before it imports it, again and again."""

    def __init__(self, folder: Path, files: dict[str, str] = BASE) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        """Make `name.csv` hold the text; indentation is taken off."""
        lines = (line.strip(" ") for line in text.split("\n"))
        (self.folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")

    def read(self, name: str) -> str:
        return (self.folder / f"{name}.csv").read_text(encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Change `name.csv`, which must hold the old text."""
        assert old in self.read(name)
        self.write(name, self.read(name).replace(old, new).rstrip("\n"))

    def append(self, name: str, *rows: str) -> None:
        self.write(name, "\n".join((self.read(name).rstrip("\n"), *rows)))

    def remove(self, name: str, starts: str) -> None:
        """Take the rows out that start like that."""
        rows = self.read(name).rstrip("\n").split("\n")
        self.write(name, "\n".join(row for row in rows if not row.startswith(starts)))

    def delete(self, name: str) -> None:
        (self.folder / f"{name}.csv").unlink()

    def load(self, *more: Path, **options: Any) -> Report:
        """Import it."""
        return importer.run([self.folder, *more], **{"shrink_percent": 100, "secret": SECRET, **options})


def delta(folder: Path, **files: str) -> District:
    """A folder with these files alone, which its manifest calls delta."""
    found = District(folder, files)
    found.write("manifest", "\n".join(("propertyName,value", *(f"file.{name},delta" for name in files))))
    return found


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every feed table."""
    return {
        model.__name__: sorted(model.select().tuples(), key=lambda row: row[0] if isinstance(row[0], int) else str(row))
        for model in FEED_TABLES
    }


def reasons(report: Report, severity: str | None = None) -> list[str]:
    """The report's problems as `file:line column reason`."""
    return [
        f"{one.file}:{one.line} {one.column} {one.reason}"
        for one in report.problems
        if severity in (None, one.severity)
    ]
