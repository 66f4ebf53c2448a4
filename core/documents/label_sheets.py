"""Sheets of labels that peel off, as PDF."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice

from reportlab.lib.units import inch, mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from core.documents.barcodes import Barcode
from core.documents.paper import Paper
from core.documents.typefaces import BOLD, REGULAR

PADDING = 2.5 * mm
# Sizes of the letters of both texts, with their lines, in points.
TITLE_SIZE, TITLE_LINE = 9, 11
NAME_SIZE, NAME_LINE = 7.5, 9.5
MOST_NAME_LINES = 2
# Between the name and the bars.
GAP = 2.5


@dataclass(frozen=True, slots=True)
class Label:
    """What is on one label: a title in bold, a name below it, and a barcode, if it has one."""

    title: str
    name: str
    barcode: Barcode | None


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """Where labels are on a paper, in points: as on the sheets that most shops sell."""

    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    # From one label to the next of its row.
    step: float

    @property
    def text_width(self) -> float:
        """The width inside a label, in points."""
        width: float = self.width - 2 * PADDING
        return width

    def corners(self, page_height: float) -> Iterator[tuple[float, float]]:
        """Yield the lower left corner of each label, row by row."""
        for row in range(self.rows):
            for column in range(self.columns):
                below = page_height - self.top - (row + 1) * self.height
                yield self.left + column * self.step, below


SHEETS = {
    # 63.5 × 33.9 mm, as Avery L7159.
    Paper.A4: LabelSheet(3, 8, 63.5 * mm, 33.9 * mm, 7.25 * mm, 12.9 * mm, 66 * mm),
    # 2 5/8 × 1 inch, as Avery 5160.
    Paper.LETTER: LabelSheet(3, 10, 2.625 * inch, inch, 0.1875 * inch, 0.5 * inch, 2.75 * inch),
}


def label_sheets(labels: Iterator[Label], *, paper: Paper, title: str, language: str) -> bytes:
    """Return labels, at least one, on as many sheets as they need.

    A title that is too wide is made smaller, a name that is too long ends early, and what is too
    high for a label is made smaller as a whole.
    """
    sheet = SHEETS[paper]
    written = BytesIO()
    canvas = Canvas(written, pagesize=paper.size, lang=language)
    canvas.setTitle(title)
    while on_sheet := list(islice(labels, sheet.columns * sheet.rows)):
        corners = sheet.corners(paper.size[1])
        for label, (left, below) in zip(on_sheet, corners, strict=False):
            _draw(canvas, label, sheet, left=left, below=below)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def _draw(canvas: Canvas, label: Label, sheet: LabelSheet, *, left: float, below: float) -> None:
    """Draw a label in the middle of its height. Paragraphs would take ten times as long."""
    width = sheet.text_width
    name = _name_lines(label.name, width)
    barcode_height = 0 if label.barcode is None else GAP + label.barcode.height
    height = TITLE_LINE + len(name) * NAME_LINE + barcode_height
    scale = min(1.0, (sheet.height - 2 * PADDING) / height)
    canvas.saveState()
    canvas.translate(left + PADDING, below + (sheet.height + height * scale) / 2)
    canvas.scale(scale, scale)
    wide = stringWidth(label.title, BOLD, TITLE_SIZE)
    canvas.setFont(BOLD, TITLE_SIZE * min(1.0, width / wide) if wide else TITLE_SIZE)
    canvas.drawString(0, -TITLE_SIZE, label.title)
    canvas.setFont(REGULAR, NAME_SIZE)
    for number, line in enumerate(name):
        canvas.drawString(0, -TITLE_LINE - number * NAME_LINE - NAME_SIZE, line)
    if label.barcode is not None:
        label.barcode.drawOn(canvas, 0, -height)
    canvas.restoreState()


def _name_lines(name: str, width: float) -> list[str]:
    """Return a name in lines; one that is longer than a label has ends with …."""
    lines = simpleSplit(name, REGULAR, NAME_SIZE, width)
    if len(lines) <= MOST_NAME_LINES:
        return [_cut(line, width) for line in lines]
    *first, last = lines[:MOST_NAME_LINES]
    return [*(_cut(line, width) for line in first), _cut(f"{last}…", width)]


def _cut(line: str, width: float) -> str:
    """Return a line that is no wider than a label."""
    if stringWidth(line, REGULAR, NAME_SIZE) <= width:
        return line
    words = line.removesuffix("…")
    while words and stringWidth(f"{words}…", REGULAR, NAME_SIZE) > width:
        words = words[:-1]
    return f"{words}…"
