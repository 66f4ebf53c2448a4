"""Barcodes as scanners read them: EAN-13, EAN-8, Code 128."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reportlab.graphics.barcode import createBarcodeDrawing
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.shapes import Rect, String
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable

from core.documents.typefaces import REGULAR

# A GTIN of 12 digits (UPC-A) is one of 13 that begins with 0.
RETAIL = {8: "EAN8", 12: "EAN13", 13: "EAN13"}
HEIGHT = 11 * mm
# Widths of the narrowest bar: what common scanners read, and what is pleasant to scan.
THINNEST, WIDEST = 0.19 * mm, 0.33 * mm
QUIET_MODULES = 20
# The text below the bars, and the room that it takes, in points.
WORDS_SIZE, WORDS_HEIGHT = 7, 1.2 * 7


@dataclass(frozen=True, slots=True)
class Bars:
    """A barcode in points: its bars (x, y, width, height), its words (x, y, size, text)."""

    width: float
    height: float
    bars: tuple[tuple[float, float, float, float], ...]
    words: tuple[tuple[float, float, float, str], ...]


class Barcode(Flowable):  # type: ignore[misc]  # Without types.
    """A barcode in a document.

    The package draws each bar as a shape of its own, which took four fifths of the time of a file
    of packing slips: these are one path.
    """

    def __init__(self, bars: Bars) -> None:
        super().__init__()
        self.bars = bars
        self.width, self.height = bars.width, bars.height

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        path = self.canv.beginPath()
        for bar in self.bars.bars:
            path.rect(*bar)
        self.canv.setFillGray(0)
        self.canv.drawPath(path, stroke=0, fill=1)
        for x, y, size, words in self.bars.words:
            self.canv.setFont(REGULAR, size)
            self.canv.drawString(x, y, words)


def barcode(text: str, *, width: float, height: float = HEIGHT) -> Barcode | None:
    """Return the barcode of a text, at most so wide in points; the text stands below it.

    Codes of 8, 12 and 13 digits are EAN-8 and EAN-13, others Code 128. ``None`` for a text that
    Code 128 cannot hold, or that would be too narrow to be scanned: print the text alone.
    """
    if not text.isascii() or not text.isprintable() or not text:
        return None
    if re.fullmatch(r"\d{8}|\d{12,13}", text):
        symbology, value = RETAIL[len(text)], text.zfill(13) if len(text) == 12 else text
        return Barcode(_bars(symbology, value, min(WIDEST, width / 113), height))
    modules = _code128(text)
    bar_width = min(WIDEST, width / (sum(modules) + QUIET_MODULES))
    if bar_width < THINNEST:
        return None
    return Barcode(_code128_bars(text, modules, bar_width, height))


@lru_cache(maxsize=2_000)
def _code128(text: str) -> tuple[int, ...]:
    """Return the widths of a Code 128 in modules: bars and the gaps between them by turns."""
    code = Code128(text, quiet=0)
    code.validate()
    code.encode()
    code.decompose()
    # The package writes a bar of n modules as the nth small letter, a gap as a capital one.
    return tuple(ord(letter.lower()) - ord("a") + 1 for letter in code.decomposed)


def _code128_bars(text: str, modules: Sequence[int], bar_width: float, height: float) -> Bars:
    """Return the bars, with the text in the middle below them.

    The drawing of the package has a shape for each, which takes ten times as long.
    """
    left, bars = bar_width * QUIET_MODULES / 2, []
    for number, count in enumerate(modules):
        if number % 2 == 0:
            bars.append((left, WORDS_HEIGHT, count * bar_width, height))
        left += count * bar_width
    width = bar_width * (sum(modules) + QUIET_MODULES)
    start = (width - stringWidth(text, REGULAR, WORDS_SIZE)) / 2
    words = ((start, 0.3 * WORDS_SIZE, WORDS_SIZE, text),)
    return Bars(width, height + WORDS_HEIGHT, tuple(bars), words)


@lru_cache(maxsize=2_000)
def _bars(symbology: str, value: str, bar_width: float, height: float) -> Bars:
    drawing = createBarcodeDrawing(
        symbology,
        value=value,
        barWidth=bar_width,
        barHeight=height,
        humanReadable=True,
        fontName=REGULAR,
        fontSize=WORDS_SIZE,
    )
    shapes = [shape for widget in drawing.contents for shape in widget.draw().contents]
    right, up = drawing.transform[4:]
    # The first has no color: it is the ground, as wide as all of it.
    bars = [one for one in shapes if isinstance(one, Rect) and one.fillColor is not None]
    words = [one for one in shapes if isinstance(one, String)]
    return Bars(
        drawing.width,
        drawing.height,
        tuple((one.x + right, one.y + up, one.width, one.height) for one in bars),
        tuple((_left(one) + right, one.y + up, one.fontSize, one.text) for one in words),
    )


def _left(words: Any) -> float:
    """Return where words begin."""
    wide = stringWidth(words.text, words.fontName, words.fontSize)
    shift = {"start": 0.0, "middle": wide / 2, "end": wide}[words.textAnchor]
    left: float = words.x - shift
    return left
