"""Documents as PDF, their pages numbered."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from django.utils.translation import gettext, override
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Table,
    TableStyle,
)

from core.documents.paper import Paper
from core.documents.typefaces import BOLD, REGULAR

INK, FAINT, RULE = HexColor("#1a1a1a"), HexColor("#595959"), HexColor("#bfbfbf")
MARGIN = 16 * mm
FOOT = 10 * mm
TEXT = ParagraphStyle("text", fontName=REGULAR, fontSize=9.5, leading=13, textColor=INK)
STYLES = {
    "text": TEXT,
    "bold": ParagraphStyle("bold", TEXT, fontName=BOLD),
    "note": ParagraphStyle("note", TEXT, fontSize=8, leading=11, textColor=FAINT),
    "title": ParagraphStyle("title", TEXT, fontName=BOLD, fontSize=18, leading=23),
    "heading": ParagraphStyle("heading", TEXT, fontName=BOLD, fontSize=11, leading=16),
    "figure": ParagraphStyle("figure", TEXT, fontName=BOLD, fontSize=12, alignment=TA_RIGHT),
    "figure-head": ParagraphStyle(
        "figure-head", TEXT, fontSize=8, leading=11, textColor=FAINT, alignment=TA_RIGHT
    ),
}


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file, in a language: its pages have a ``foot`` and their own numbers."""

    paper: Paper
    language: str
    foot: str
    contents: Sequence[Flowable]


def text(words: object, style: str = "text") -> Paragraph:
    """Return words as a paragraph in one of ``STYLES``, broken where they do not fit."""
    return Paragraph(escape(str(words)), STYLES[style])


def text_width(paper: Paper) -> float:
    """Return the width between the margins, in points."""
    width: float = paper.size[0] - 2 * MARGIN
    return width


def side_by_side(cells: Sequence[Any], widths: Sequence[float]) -> Table:
    """Return columns beside each other, each from the top."""
    table = Table([list(cells)], colWidths=list(widths), hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 6),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    return table


def ruled(head: Sequence[Any], rows: Iterable[Sequence[Any]], widths: Sequence[float]) -> Table:
    """Return a table with a line below each row; its head is repeated on every page."""
    table = Table([list(head), *map(list, rows)], colWidths=list(widths), repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LEFTPADDING", (0, 0), (0, -1), 0),
                ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 1), (-1, -1), 5),
                ("BOTTOMPADDING", (0, 1), (-1, -1), 5),
                ("LINEBELOW", (0, 0), (-1, 0), 1, INK),
                ("LINEBELOW", (0, 1), (-1, -1), 0.5, RULE),
            ]
        )
    )
    return table


def pdf(documents: Sequence[Document], *, title: str) -> bytes:
    """Return a PDF of documents one after another, at least one."""
    written = BytesIO()
    first = documents[0]
    file = BaseDocTemplate(written, title=title, lang=first.language)
    # The first page has the template that comes first.
    file.addPageTemplates(
        [_template(paper) for paper in sorted(Paper, key=lambda one: one is not first.paper)]
    )
    story: list[Flowable] = []
    for document in documents:
        if story:
            story += [NextPageTemplate(document.paper.value), PageBreak()]
        story += [_DocumentStart(document), *document.contents]
    file.build(story, canvasmaker=_NumberedCanvas)
    return written.getvalue()


class _DocumentStart(Flowable):  # type: ignore[misc]  # Without types.
    """The beginning of a document; takes no room."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return 0, 0

    def draw(self) -> None:
        self.canv.begin(self.document)


class _NumberedCanvas(Canvas):  # type: ignore[misc]  # Without types.
    """Writes the foot of each page once it is known how many pages its document has."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.documents: list[Document] = []
        self.pages: list[tuple[int, dict[str, Any]]] = []

    def begin(self, document: Document) -> None:
        self.documents.append(document)

    def showPage(self) -> None:  # noqa: N802 - its name in the package
        kept = {name: one for name, one in vars(self).items() if name not in ("documents", "pages")}
        self.pages.append((len(self.documents) - 1, kept))
        self._startPage()

    def save(self) -> None:
        counts = Counter(position for position, _page in self.pages)
        written: Counter[int] = Counter()
        for position, page in self.pages:
            self.__dict__.update(page)
            written[position] += 1
            self._write_foot(self.documents[position], written[position], counts[position])
            super().showPage()
        super().save()

    def _write_foot(self, document: Document, number: int, count: int) -> None:
        self.setFont(REGULAR, 8)
        self.setFillColor(FAINT)
        self.drawString(MARGIN, FOOT, document.foot)
        with override(document.language):
            pages = gettext("Page %(number)s of %(count)s") % {"number": number, "count": count}
        self.drawRightString(document.paper.size[0] - MARGIN, FOOT, pages)


def _template(paper: Paper) -> PageTemplate:
    width, height = paper.size
    frame = Frame(
        MARGIN,
        MARGIN,
        width - 2 * MARGIN,
        height - 2 * MARGIN,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )
    return PageTemplate(id=paper.value, frames=[frame], pagesize=paper.size)
