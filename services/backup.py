"""One file that holds the whole database, made while the portal runs, and the way back (CHECKS 39, 58).

A backup is what the database's own tool makes (a SQLite file, or pg_dump's custom format), followed by a line with
its SHA-256: SQLite's checks notice a broken tree but not a changed letter. Both tools ignore that line, so that a
backup can be opened without this program. A name that ends in `.gz` asks for compression.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from services.database import MIGRATIONS
from services.dumps import BackupError, Engine, PostgresqlEngine, SqliteEngine, engine_for

__all__ = ["BackupError", "Report", "backup", "restore"]

_SEAL = b"\nhomeroom backup sha256 "
_SEAL_LENGTH = len(_SEAL) + 64 + 1
_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 20


class Report(NamedTuple):
    """A backup that was restored: its size in bytes, and the migrations that it lacks."""

    size: int
    pending: list[str]


def backup(database_url: str, file: Path) -> int:
    """Write the database to `file` in one piece, readable by its owner only, and read it back to see that it is good.

    Pages and sign-in go on meanwhile. An older file of that name is replaced only by a backup that was verified.
    Returns the size in bytes. Raises BackupError with one line for the operator.
    """
    engine = engine_for(database_url)
    with _about(file), _scratch(file.parent) as scratch:
        packed = scratch / "dump"
        engine.dump(packed)
        _seal(packed)
        if file.suffix == ".gz":
            packed = scratch / "packed"
            _pack(scratch / "dump", packed)
        _verify(packed, engine, scratch / "verified")
        packed.chmod(0o600)
        _flush(packed)
        packed.replace(file)
        return file.stat().st_size


def restore(file: Path, database_url: str, force: bool = False) -> Report:
    """Put the backup in `file` in place of the database, all of it or nothing.

    The file is verified before anything is touched. Raises BackupError when it is damaged, no backup, of another kind
    of database or of a newer program; and, without `force`, when the database holds anything already.
    """
    engine = engine_for(database_url)
    with _scratch(engine.folder) as scratch:
        with _about(file):
            applied = _verify(file, engine, scratch / "verified")
            known = [path.stem for path in sorted(MIGRATIONS.glob("[0-9]*.py"))]
            if newer := sorted(set(applied) - set(known)):
                raise BackupError(f"this backup is of a newer Homeroom ({newer[-1]}); upgrade the program first")
        if not force and engine.has_data():
            raise BackupError("the database already holds data; to replace all of it, add --force")
        engine.load(scratch / "verified")
    return Report(file.stat().st_size, [name for name in known if name not in applied])


def _verify(file: Path, engine: Engine, unpacked: Path) -> list[str]:
    """Unpack `file` to `unpacked` without its seal and try it out; the names of its migrations. Raises BackupError."""
    intact = _unpack(file, unpacked)
    kind = _kind_of(unpacked)
    if kind is None:
        raise BackupError("this is not a backup of Homeroom")
    if kind is not type(engine):
        raise BackupError(f"this is a backup of {kind.label}, but DATABASE_URL names {engine.label}")
    if intact is False:
        raise BackupError("this backup is damaged (its checksum does not match)")
    return engine.migrations_in(unpacked)


def _kind_of(dump: Path) -> type[Engine] | None:
    """Whose dump this is, by its first bytes."""
    with dump.open("rb") as opened:
        head = opened.read(16)
    return next((kind for kind in (SqliteEngine, PostgresqlEngine) if head.startswith(kind.magic)), None)


def _seal(dump: Path) -> None:
    """Add the line with the checksum."""
    with dump.open("r+b") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
        opened.seek(0, os.SEEK_END)
        opened.write(_SEAL + digest.encode() + b"\n")


def _unpack(file: Path, target: Path) -> bool | None:
    """Copy the backup to `target`, unpacked and without its seal; whether the checksum matched (None: no seal)."""
    with file.open("rb") as opened:
        packed = opened.read(2) == _GZIP_MAGIC
    with gzip.open(file) if packed else file.open("rb") as source, _private(target) as copy:
        shutil.copyfileobj(source, copy, _CHUNK)
    with target.open("r+b") as copy:
        end = max(0, copy.seek(0, os.SEEK_END) - _SEAL_LENGTH)
        copy.seek(end)
        seal = copy.read()
        if not seal.startswith(_SEAL):
            return None
        copy.truncate(end)
        copy.seek(0)
        return seal == _SEAL + hashlib.file_digest(copy, "sha256").hexdigest().encode() + b"\n"


def _pack(source: Path, target: Path) -> None:
    with source.open("rb") as plain, _private(target) as opened, gzip.GzipFile("", "wb", 6, opened, 0) as packed:
        shutil.copyfileobj(plain, packed, _CHUNK)


def _private(path: Path) -> BinaryIO:
    """A new file that only its owner may read."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b")


def _flush(path: Path) -> None:
    """Wait until the file is on the disk."""
    with path.open("rb") as opened:
        os.fsync(opened.fileno())


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A private folder beside the file to be written, so that moving it there is one atomic step."""
    if not folder.is_dir():
        raise BackupError(f"{folder}: there is no such folder")
    path = Path(tempfile.mkdtemp(prefix=".homeroom-", dir=folder))
    try:
        yield path
    finally:
        with suppress(OSError):
            shutil.rmtree(path)


@contextmanager
def _about(file: Path) -> Iterator[None]:
    """Put the file's name before what is wrong with it, and into one line what the disk or gzip complains of."""
    try:
        yield
    except BackupError as error:
        raise BackupError(f"{file}: {error}") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BackupError(f"{file}: this backup is damaged ({error})") from error
    except OSError as error:
        raise BackupError(f"{error.filename or file}: {error.strerror or error}") from error
