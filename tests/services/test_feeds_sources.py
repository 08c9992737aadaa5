"""Folders, zips and encodings: what is read, and what is refused with one clear line and nothing half done."""

from __future__ import annotations

import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from feeding import BASE, District, snapshot
from peewee import Database

from models import FeedRun, Student
from services.feeds import importer, sources
from services.feeds.importer import FeedError


@pytest.fixture
def district(tmp_path: Path, db: Database) -> District:
    return District(tmp_path / "feed")


def refused(*paths: Path) -> str:
    """The one line with which the feed at the paths is refused; nothing of it may have been applied."""
    before = snapshot()
    with pytest.raises(FeedError) as caught:
        importer.run(paths, shrink_percent=100)
    assert "\n" not in str(caught.value)
    assert snapshot() == before
    last = FeedRun.select().order_by(FeedRun.id.desc()).get()
    assert (last.state, last.error) == ("failed", str(caught.value))
    return str(caught.value)


def zipped(district: District, path: Path, inside: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(district.folder.iterdir()):
            archive.write(file, f"{inside}{file.name}")
    return path


@pytest.mark.parametrize("inside", ["", "export/2026/", "export\\"])
def test_a_zip_is_read_like_a_folder_wherever_in_it_the_files_are(
    district: District, tmp_path: Path, inside: str
) -> None:
    path = zipped(district, tmp_path / "feed.zip", inside)
    assert importer.run([path], shrink_percent=10).state == "applied"
    assert Student.select().count() == 2
    assert district.load().state == "unchanged"


def test_several_paths_make_one_feed_and_a_file_may_be_split(district: District, tmp_path: Path) -> None:
    second = District(
        tmp_path / "second", {"users": "sourcedId,role,familyName,givenName\ns3,student,Ode,Cy\ns1,student,X,Y"}
    )
    report = district.load(second.folder)
    assert Student.get(Student.sourced_id == "s3").name == "Cy Ode"
    assert [(one.file, one.line) for one in report.problems] == [("second/users.csv", 3)]


def test_names_of_files_and_headers_may_be_written_anyhow(district: District) -> None:
    users = district.folder / "users.csv"
    header, rest = users.read_text().split("\n", 1)
    users.unlink()
    (district.folder / "USERS.CSV").write_bytes(f"\ufeff {header.upper()} \r\n{rest}".encode())
    assert district.load().state == "applied"
    assert Student.select().count() == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_text_is_read_in_every_encoding_that_says_what_it_is(district: District, encoding: str, end: str) -> None:
    district.replace("users", "Ana,Reyes", '"Zoë ""Z"", the\u2028first",Søren 李')
    path = district.folder / "users.csv"
    path.write_bytes(path.read_text(encoding="utf-8").replace("\n", end).encode(encoding))
    assert not district.load().problem_count
    assert Student.get(Student.sourced_id == "s1").name == 'Zoë "Z", the\u2028first Søren 李'


def test_bytes_that_are_no_utf8_name_the_file_and_the_line(district: District) -> None:
    district.replace("users", "Ben", "Zoë")
    path = district.folder / "users.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
    assert refused(district.folder) == "feed/users.csv, near line 3: byte 0xeb is not UTF-8; export the file as UTF-8"


def test_utf16_without_a_mark_is_not_guessed_at(district: District) -> None:
    path = district.folder / "users.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16-le"))
    assert "users.csv" in refused(district.folder)


@pytest.mark.parametrize("name", ["../users.csv", "/etc/users.csv", "a/../../users.csv", "C:\\users.csv"])
def test_a_zip_member_that_points_outside_is_refused(district: District, tmp_path: Path, name: str) -> None:
    path = zipped(district, tmp_path / "feed.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), "sourcedId\n")
    assert "points outside" in refused(path)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(district: District, tmp_path: Path) -> None:
    path = zipped(district, tmp_path / "feed.zip")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("grades.csv", b"0" * 20_000_000)
    assert "times its size" in refused(path)


def test_a_zip_of_too_many_or_too_large_members_is_refused(
    district: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(district, tmp_path / "feed.zip")
    monkeypatch.setattr(sources, "MAX_MEMBERS", 3)
    assert "more than a feed can be" in refused(path)


@pytest.mark.parametrize(
    ("content", "said"), [(b"hello", "is no zip file"), (b"", "is no zip file"), (b"PK\x03\x04junk", "is no zip file")]
)
def test_a_file_that_is_no_zip_is_refused(db: Database, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "feed.zip"
    path.write_bytes(content)
    assert said in refused(path)


def test_a_damaged_zip_is_refused(district: District, tmp_path: Path) -> None:
    path = zipped(district, tmp_path / "feed.zip")
    content = bytearray(path.read_bytes())
    content[70:90] = b"\xff" * 20
    path.write_bytes(content)
    assert "cannot be read" in refused(path)


def test_an_encrypted_zip_is_refused(district: District, tmp_path: Path) -> None:
    path = zipped(district, tmp_path / "feed.zip")
    content = path.read_bytes()
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(mark) + flags
        content = content[:at] + b"\x01" + content[at + 1 :]
    path.write_bytes(content)
    assert "encrypted" in refused(path)


def test_paths_that_hold_no_feed_are_refused(db: Database, tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "holds no CSV files" in refused(tmp_path / "empty")
    other = District(tmp_path / "other", {"inventory": "a,b\n1,2"})
    assert "no OneRoster or supplement file" in refused(other.folder)


@pytest.mark.parametrize("missing", ["users", "orgs"])
def test_a_bulk_feed_without_what_all_hangs_on_is_refused(district: District, missing: str) -> None:
    district.delete(missing)
    assert f"no {missing}.csv" in refused(district.folder)
    district.write("manifest", f"propertyName,value\nfile.{missing},absent")
    assert district.load().state == "applied"


def test_users_without_any_role_are_refused(district: District) -> None:
    district.replace("users", ",role,", ",rolle,")
    assert "no role column" in refused(district.folder)


@pytest.mark.parametrize(
    ("name", "header", "column"),
    [
        ("orgs", "sourcedId", "sourcedId"),
        ("results", "lineItemSourcedId", "lineItemSourcedId"),
        ("classes", "title", "title"),
    ],
)
def test_a_file_without_a_column_it_must_have_is_refused(
    district: District, name: str, header: str, column: str
) -> None:
    district.replace(name, f"{header},", f"{header}X,")
    assert refused(district.folder) == f"feed/{name}.csv has no column {column}"


def test_an_empty_file_is_refused_and_one_with_a_header_alone_is_not(district: District) -> None:
    path = district.folder / "results.csv"
    path.write_bytes(b"")
    assert "not even a header" in refused(district.folder)
    district.write("results", BASE["results"].split("\n")[0])
    assert district.load().state == "applied"


def test_a_manifest_with_an_unknown_mode_is_refused(district: District) -> None:
    district.write("manifest", "propertyName,value\nfile.users,sometimes")
    assert "bulk, delta, absent" in refused(district.folder)


def test_what_the_manifest_calls_absent_is_not_read_and_what_it_promises_is_missed(district: District) -> None:
    district.write("manifest", "propertyName,value\nfile.results,absent\nfile.grades,bulk\nfile.scoreScales,absent")
    report = district.load()
    assert "results" not in {one.file for one in report.files}
    assert [(one.file, one.severity) for one in report.problems] == [
        ("results.csv", "warning"),
        ("grades.csv", "warning"),
    ]


def test_a_name_with_a_line_break_cannot_forge_a_message(district: District, tmp_path: Path) -> None:
    path = zipped(district, tmp_path / "feed.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("x\nError: all is lost\x1b[2J.csv", "a,b")
    (name,) = importer.run([path], shrink_percent=10).not_read
    assert name == "feed.zip/x?Error: all is lost?[2J.csv"


def test_files_that_nobody_reads_are_named(district: District) -> None:
    district.write("locations", "sourcedId,schoolSourcedId,classroomIdentificationCode\n1,o1,12")
    assert district.load().not_read == ("feed/locations.csv",)


def test_a_line_without_end_is_refused_in_little_memory(district: District) -> None:
    path = district.folder / "results.csv"
    with path.open("r+b") as stream:
        stream.seek(300_000_000)
        stream.write(b"\n")
    tracemalloc.start()
    try:
        assert "line 3 is longer than" in refused(district.folder)
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


def test_a_quote_that_is_never_closed_is_noticed_in_little_memory(district: District) -> None:
    with (district.folder / "results.csv").open("a", encoding="utf-8") as stream:
        stream.write('r2,"')
        stream.writelines('","\n' for _ in range(2_000_000))
    assert "never closed" in refused(district.folder)


def test_a_file_that_changes_while_it_is_read_is_refused(district: District) -> None:
    real = sources.Part.digest

    def digest_then_upload(self: sources.Part) -> str:
        found = real(self)
        if self.name == "results":
            district.append("results", "r2,i1,s2,,,")
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources.Part, "digest", digest_then_upload)
        assert "changed while it was being read" in refused(district.folder)


def test_nothing_is_written_beside_the_feed(district: District, tmp_path: Path) -> None:
    path = zipped(district, tmp_path / "feed.zip")

    def files() -> Iterator[Path]:
        return (one for one in tmp_path.rglob("*") if "portal.db" not in one.name)

    before = set(files())
    importer.run([path], shrink_percent=10)
    assert set(files()) == before
