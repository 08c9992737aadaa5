"""Text on paper, looked at as ink."""

from __future__ import annotations

import pypdfium2 as pdfium
from fpdf import FPDF
from PIL import Image, ImageOps

from services.pdf.text import Style, Typesetter


def ink(text: str, *, is_rtl: bool) -> Image.Image:
    """One line in large letters, cut out of its page; white on black."""
    pdf = FPDF(unit="pt", format=(600, 200))
    pdf.add_page()
    Typesetter(pdf, is_rtl=is_rtl).draw(40, 120, text, Style(60))
    page = pdfium.PdfDocument(bytes(pdf.output()))[0].render(scale=1).to_pil()
    drawn = ImageOps.invert(page.convert("L"))
    return drawn.crop(drawn.getbbox())


def edge(picture: Image.Image) -> float:
    """How far from the middle of the picture's height the ink of its left edge is, as a share of half the height."""
    rows = [y for y in range(picture.height) if max(picture.getpixel((x, y)) for x in range(3)) > 60]
    middle = picture.height / 2
    return abs(sum(rows) / len(rows) - middle) / middle + (max(rows) - min(rows)) / picture.height


def test_brackets_around_latin_letters_in_arabic_open_towards_them() -> None:
    """The left end of the line is the bracket that closes: it bulges to the left, as an opening one does in English."""
    left = ink("رقم (ID)", is_rtl=True).crop((0, 0, 16, 90))
    opening, closing = (ink(sign, is_rtl=False) for sign in "()")
    assert edge(opening) < edge(closing)
    left = left.crop(left.getbbox())
    assert abs(edge(left) - edge(opening)) < abs(edge(left) - edge(closing))
