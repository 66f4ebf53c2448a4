"""PDF as a reader sees it."""

from io import BytesIO

from pypdf import PdfReader


def pages_of(content: bytes) -> list[list[str]]:
    """Return the lines of text of each page."""
    return [page.extract_text().splitlines() for page in PdfReader(BytesIO(content)).pages]


def sizes_of(content: bytes) -> list[tuple[int, int]]:
    """Return width and height of each page in whole points."""
    pages = PdfReader(BytesIO(content)).pages
    return [(round(page.mediabox.width), round(page.mediabox.height)) for page in pages]
