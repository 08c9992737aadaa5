"""Folders and zips as the feed's CSV files, read in bounded pieces and never unpacked to disk."""

from __future__ import annotations

import codecs
import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import IO

from services.feeds.errors import FeedError

#: One read. A line may be no longer than MAX_LINE, so a file never costs more memory than a few of these.
CHUNK = 256 * 1024
MAX_LINE = 1024 * 1024
MAX_RECORD = 4 * MAX_LINE

#: A statewide feed is far below these, a zip bomb far above (CHECKS 29). CSV packs about 10:1.
MAX_MEMBERS = 10_000
MAX_UNPACKED = 16 * 1024**3
MAX_RATIO = 200
RATIO_MATTERS_FROM = 1024 * 1024

_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True)
class Part:
    """One CSV file where it lies. `label` is what messages call it, `name` its name in small letters without `.csv`."""

    label: str
    name: str
    open: Callable[[], IO[bytes]]

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, a piece at a time. Raises FeedError when the medium or the zip is damaged."""
        try:
            with self.open() as stream:
                yield from iter(partial(stream.read, CHUNK), b"")
        except (OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
            raise FeedError(f"{self.label} cannot be read: {error}") from error

    def digest(self) -> str:
        """The SHA-256 of its bytes, in hexadecimal."""
        sha = hashlib.sha256()
        for chunk in self.chunks():
            sha.update(chunk)
        return sha.hexdigest()


def find(paths: Sequence[Path], stack: ExitStack) -> list[Part]:
    """Every CSV file in the folders and zips, in their order; zips stay open until `stack` closes.

    Folders are not searched below their first level, zips are. Raises FeedError for what is neither.
    """
    parts: list[Part] = []
    for path in paths:
        found = _in_folder(path) if path.is_dir() else _in_zip(path, stack)
        if not found:
            raise FeedError(f"{path} holds no CSV files (folders inside it are not searched)")
        parts.extend(found)
    return parts


def _in_folder(folder: Path) -> list[Part]:
    return [
        Part(_label(f"{folder.name}/{path.name}"), path.stem.lower(), partial(io.FileIO, path))
        for path in sorted(folder.iterdir())
        if path.suffix.lower() == ".csv" and path.is_file()
    ]


def _in_zip(path: Path, stack: ExitStack) -> list[Part]:
    if not path.is_file():
        raise FeedError(f"{path} does not exist" if not path.exists() else f"{path} is no folder and no zip file")
    try:
        archive = stack.enter_context(zipfile.ZipFile(path))
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise FeedError(f"{path} is no zip file that can be opened: {error}") from error
    members = archive.infolist()
    _refuse_bomb(path, members)
    parts = []
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or str(name)[1:2] == ":":
            raise FeedError(f"{path}: the member {member.filename!r} points outside of the zip: refused")
        if member.is_dir() or name.suffix.lower() != ".csv" or name.name.startswith(".") or "__MACOSX" in name.parts:
            continue
        if member.flag_bits & 1:
            raise FeedError(f"{path} is encrypted; export it without a password")
        parts.append(Part(_label(f"{path.name}/{name}"), name.stem.lower(), partial(archive.open, member)))
    return parts


def _label(name: str) -> str:
    """A name as a message may carry it: whoever made the file can put line breaks into it (CHECKS 30)."""
    return "".join(sign if sign.isprintable() else "?" for sign in name.removeprefix("/"))


def _refuse_bomb(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Judge by the sizes that the zip declares: zipfile never unpacks more than those."""
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise FeedError(f"{path} unpacks to more than a feed can be: refused")
    for member in members:
        packed = max(member.compress_size, 1)
        if member.file_size > RATIO_MATTERS_FROM and member.file_size > MAX_RATIO * packed:
            times = member.file_size // packed
            raise FeedError(f"{path}: {member.filename!r} unpacks to {times} times its size: refused")


@dataclass
class Text:
    """A part as decoded lines.

    `has_nul` turns true with the first NUL character that was read. Who reads sets `pending` to 0 after each record, so
    that one that never ends, line after line, is noticed.
    """

    part: Part
    has_nul: bool = False
    pending: int = 0
    digest: str = ""
    _lines: int = 0

    def __iter__(self) -> Iterator[str]:
        """Its physical lines, with their ends. Raises FeedError for bytes that are no text and endless lines."""
        return chain.from_iterable(io.StringIO(block, newline="") for block in self._blocks())

    def _blocks(self) -> Iterator[str]:
        """Its text in pieces that end at a line's end."""
        sha = hashlib.sha256()
        decoder: codecs.IncrementalDecoder | None = None
        rest = ""
        for chunk in self.part.chunks():
            sha.update(chunk)
            decoder = decoder or _decoder(chunk)
            block = rest + self._decode(decoder, chunk)
            # A carriage return at the very end may be the first half of a line's end.
            end = max(block.rfind("\n"), block.rfind("\r", 0, len(block) - 1)) + 1
            rest = block[end:]
            if len(rest) > MAX_LINE:
                line = self._lines + block.count("\n", 0, end) + 1
                raise FeedError(f"{self.part.label}, line {line} is longer than {MAX_LINE:,} characters: no CSV file")
            if end:
                yield self._counted(block[:end])
        if decoder is not None:
            yield self._counted(rest + self._decode(decoder, b"", final=True))
        self.digest = sha.hexdigest()

    def _counted(self, block: str) -> str:
        self.pending += len(block)
        if self.pending > MAX_RECORD:
            raise FeedError(f"{self.part.label}: a quote before line {self._lines + 1} is never closed")
        self._lines += block.count("\n")
        self.has_nul = self.has_nul or "\0" in block
        return block

    def _decode(self, decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> str:
        try:
            return decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            line = self._lines + error.object[: error.start].count(b"\n") + 1
            byte, encoding = error.object[error.start], "UTF-16" if error.encoding.startswith("utf-16") else "UTF-8"
            raise FeedError(
                f"{self.part.label}, near line {line}: byte 0x{byte:02x} is not {encoding}; export the file as UTF-8"
            ) from error


def _decoder(start: bytes) -> codecs.IncrementalDecoder:
    """The decoder that the byte order mark asks for; UTF-8 without one."""
    for bom, encoding in _BOMS.items():
        if start.startswith(bom):
            return codecs.getincrementaldecoder(encoding)()
    return codecs.getincrementaldecoder("utf-8")()
