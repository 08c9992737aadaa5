"""What a PDF says: its pages as text, its title and language, the fonts that are in it."""

from __future__ import annotations

import io
from typing import NamedTuple

from pypdf import PdfReader


class Printed(NamedTuple):
    """A PDF as a program reads it."""

    pages: list[str]
    title: str
    language: str
    fonts: set[str]

    @property
    def text(self) -> str:
        """All pages, with single spaces."""
        return " ".join(" ".join(self.pages).split())


def read(content: bytes) -> Printed:
    """Read a PDF; one that is damaged raises an error."""
    reader = PdfReader(io.BytesIO(content), strict=True)
    fonts = {
        str(font.get_object()["/BaseFont"]) for page in reader.pages for font in page["/Resources"]["/Font"].values()
    }
    return Printed(
        [page.extract_text() for page in reader.pages],
        str(reader.metadata.title),
        str(reader.root_object["/Lang"]),
        fonts,
    )
