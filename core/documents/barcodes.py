"""Barcodes as scanners read them: EAN-13, EAN-8, Code 128."""

import re

from reportlab.graphics.barcode import createBarcodeDrawing
from reportlab.graphics.shapes import Drawing
from reportlab.lib.units import mm

from core.documents.typefaces import REGULAR

# A GTIN of 12 digits (UPC-A) is one of 13 that begins with 0.
RETAIL = {8: "EAN8", 12: "EAN13", 13: "EAN13"}
HEIGHT = 11 * mm
# Widths of the narrowest bar: what common scanners read, and what is pleasant to scan.
THINNEST, WIDEST = 0.19 * mm, 0.33 * mm
QUIET_MODULES = 20


def barcode(text: str, *, width: float, height: float = HEIGHT) -> Drawing | None:
    """Return the barcode of a text, at most so wide in points; the text stands below it.

    Codes of 8, 12 and 13 digits are EAN-8 and EAN-13, others Code 128. ``None`` for a text that
    Code 128 cannot hold, or that would be too narrow to be scanned: print the text alone.
    """
    if not text.isascii() or not text.isprintable() or not text:
        return None
    if re.fullmatch(r"\d{8}|\d{12,13}", text):
        symbology, value = RETAIL[len(text)], text.zfill(13) if len(text) == 12 else text
        return _drawn(symbology, value, bar_width=min(WIDEST, width / 113), height=height)
    modules = _drawn("Code128", text, bar_width=1, height=height).width + QUIET_MODULES
    bar_width = min(WIDEST, width / modules)
    if bar_width < THINNEST:
        return None
    return _drawn("Code128", text, bar_width=bar_width, height=height)


def _drawn(symbology: str, value: str, *, bar_width: float, height: float) -> Drawing:
    return createBarcodeDrawing(
        symbology,
        value=value,
        barWidth=bar_width,
        barHeight=height,
        humanReadable=True,
        fontName=REGULAR,
        fontSize=7,
    )
