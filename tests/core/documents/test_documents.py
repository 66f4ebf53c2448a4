"""Sheets of paper with text and barcodes."""

import pytest

from core.documents.barcodes import barcode
from core.documents.paper import Paper, paper_in
from core.documents.pdf import Document, pdf, ruled, text
from tests.pdf import pages_of, sizes_of

WIDE = 240.0


def test_every_document_of_a_file_has_its_paper_and_its_page_numbers() -> None:
    rows = [[text(f"Row {number}"), text("1")] for number in range(80)]
    long = ruled([text("Row"), text("Units")], rows, [200, 60])
    documents = [
        Document(Paper.LETTER, "en", "First", [long]),
        Document(Paper.A4, "sv", "Andra", [text("Hej")]),
    ]

    file = pdf(documents, title="Two")

    assert sizes_of(file) == [(612, 792)] * 3 + [(595, 842)]
    pages = pages_of(file)
    assert [page[-2:] for page in pages] == [
        ["First", "Page 1 of 3"],
        ["First", "Page 2 of 3"],
        ["First", "Page 3 of 3"],
        ["Andra", "Sida 1 av 1"],
    ]
    # The head of the table is on each of its pages.
    assert ["Row" in page for page in pages] == [True, True, True, False]


def test_letters_of_customers_names_are_there() -> None:
    names = "Åsa Éloïse Groß Łukasz Ñandú Ødegård Çağrı Дмитрий Ελένη"

    assert names in pages_of(pdf([Document(Paper.A4, "en", "", [text(names)])], title="Names"))[0]


def test_text_is_no_markup() -> None:
    file = pdf([Document(Paper.A4, "en", "", [text("<b>Nuts & bolts</b>")])], title="Nuts")

    assert "<b>Nuts & bolts</b>" in pages_of(file)[0]


@pytest.mark.parametrize(
    ("country", "paper"), [("US", "LETTER"), ("CA", "LETTER"), ("SE", "A4"), ("", "A4")]
)
def test_the_paper_is_that_of_the_country(country: str, paper: str) -> None:
    assert paper_in(country) == paper


@pytest.mark.parametrize(
    ("code", "bar_count", "words"),
    [
        ("4006381333931", 30, ["4", "006381", "333931"]),
        ("012345678905", 30, ["0", "012345", "678905"]),
        ("96385074", 22, ["9638", "5074"]),
        # Start, seven pairs of digits, check digit and stop have three bars each, and one ends it.
        ("14006381333938", 31, ["14006381333938"]),
        ("S-1001-1.1", 40, ["S-1001-1.1"]),
    ],
)
def test_codes_of_shops_are_ean_and_others_code_128(
    code: str, bar_count: int, words: list[str]
) -> None:
    drawn = barcode(code, width=WIDE)

    assert drawn is not None
    assert len(drawn.bars.bars) == bar_count
    assert [word for _x, _y, _size, word in drawn.bars.words] == words
    assert drawn.width <= WIDE
    # Nothing stands outside, and scanners find a quiet zone on both sides.
    first, last = min(drawn.bars.bars), max(drawn.bars.bars)
    narrowest = min(width for _x, _y, width, _height in drawn.bars.bars)
    assert first[0] >= 7 * narrowest
    assert drawn.width - last[0] - last[2] >= 7 * narrowest
    assert all(y >= 0 and y + height <= drawn.height for _x, y, _w, height in drawn.bars.bars)


@pytest.mark.parametrize("code", ["", "ŁAŃCUCH", "A\tB", "A" * 64])
def test_a_code_that_no_scanner_would_read_is_not_drawn(code: str) -> None:
    assert barcode(code, width=WIDE) is None
