"""A report as a PDF in the reader's language."""

from __future__ import annotations

import datetime as dt
import threading

from services.reports.structure import Report, Words

# Drawing keeps a processor busy for a good tenth of a second or more: pages must go on meanwhile.
_at_once = threading.BoundedSemaphore(1)


def as_pdf(report: Report, words: Words, *, made: dt.datetime) -> bytes:
    """The whole file; every page has the school and its address, the student, the time, and page n of m (C11)."""
    # A third of a second and 40 MB that no other page and no command needs.
    from services.pdf.document import Column, Document, Frame

    heading = report.heading
    frame = Frame(
        start=(heading.school, *heading.address), end=(heading.student, heading.about, report.title),
        foot=f"{heading.district} · {heading.made}", page_of=words.texts["page of"],
    )  # fmt: skip
    with _at_once:
        document = Document(
            title=report.title, language=words.locale.replace("_", "-"), is_rtl=words.is_rtl, made=made, frame=frame
        )
        document.title(report.title)
        for part in report.parts:
            if part.heading:
                document.heading(part.heading)
            for sentence in part.sentences:
                document.paragraph(sentence)
            if part.facts:
                document.facts(part.facts)
            if part.table is not None:
                columns = [Column(column.heading, column.is_number) for column in part.table.columns]
                document.table(columns, part.table.rows)
        return document.output()
