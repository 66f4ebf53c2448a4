"""Spreadsheets are recognized by their content, read as a person sees them, and bounded."""

import struct
from collections.abc import Callable
from typing import Any

import pytest

from inventory.files.findings import FileError
from inventory.files.uploads import read_upload
from tests.inventory.files.imports import checked, sentences
from tests.inventory.files.spreadsheet_files import (
    ODS_CONTENT,
    ODS_PARTS,
    SHEET,
    XLSX_PARTS,
    archive,
    ods,
    xlsx,
    xlsx_of_xml,
)

LIMIT = 1_000_000
BROKEN = (
    "This spreadsheet (.xlsx) is broken and cannot be read. Open it in your spreadsheet program, "
    "save it again and upload it."
)
TOO_LARGE = (
    "This spreadsheet (.%s) is too large to be read: unpacked it has more data or cells than are "
    "allowed. Delete empty rows and columns, split it in parts, or save it as CSV."
)
PROTECTED = (
    "This spreadsheet is protected with a password, so it cannot be read. Save it without the "
    "password and upload it again."
)


def refusal(content: Any, *, limit: int = LIMIT) -> str:
    with pytest.raises(FileError) as caught:
        read_upload(content, limit=limit)
    return str(caught.value)


@pytest.mark.parametrize(("kind", "build"), [("XLSX", xlsx), ("ODS", ods)])
def test_first_visible_sheet_is_read_row_by_row(kind: str, build: Callable[..., Any]) -> None:
    upload = read_upload(
        build([["sku", "qty", "x"], ["A,1", 40, None], [], ['5" pipe', 0.1 + 0.2, "åé"]]),
        limit=LIMIT,
    )

    assert upload.kind == kind
    assert upload.text == 'sku,qty,x\r\n"A,1",40\r\n\r\n"5"" pipe",0.3,åé\r\n'


HIDDEN_SHEET = "xl/worksheets/sheet1.xml"
WORKBOOK = "xl/workbook.xml"
RELATIONS = ("_rels/.rels", "xl/_rels/workbook.xml.rels")


@pytest.mark.parametrize(
    "without",
    [
        (),
        RELATIONS[:1],
        RELATIONS[1:],
        RELATIONS,
        (WORKBOOK, HIDDEN_SHEET),
        (*RELATIONS, WORKBOOK, HIDDEN_SHEET),
        ("[Content_Types].xml", *RELATIONS, WORKBOOK, HIDDEN_SHEET),
    ],
)
def test_cells_are_the_texts_that_a_person_sees_also_in_parts_that_nothing_leads_to(
    without: Any,
) -> None:
    cells = (
        '<row r="2"><c r="B2"><v>40</v></c><c r="C2" s="1"><v>46143</v></c>'
        '<c r="D2" s="2"><v>46143.5</v></c><c r="E2" t="b"><v>1</v></c>'
        '<c r="F2" t="e"><v>#N/A</v></c><c r="G2"><v>1.5E-5</v></c>'
        '<c r="H2"><v>123456789012</v></c><c r="I2"><v>2.5</v></c><c r="J2"><v>-4</v></c></row>'
    )

    upload = read_upload(xlsx_of_xml(cells, without=without), limit=LIMIT)

    assert upload.text == (
        "\r\n40,2026-05-01,2026-05-01 12:00:00,TRUE,#N/A,0.000015,123456789012,2.5,-4\r\n"
    )


def test_sheet_of_the_lowest_number_is_read_where_there_is_no_workbook() -> None:
    row = '<row><c t="inlineStr"><is><t>%s</t></is></c></row>'
    # given sheets without the element around their rows, in no order
    sheets = {
        f"xl/worksheets/sheet{number}.xml": f"<sheetData>{row % number}</sheetData>"
        for number in (10, 2, 11)
    }

    upload = read_upload(archive({"[Content_Types].xml": "<?xml?>", **sheets}), limit=LIMIT)

    assert (upload.kind, upload.text) == ("XLSX", "2\r\n")


def test_dates_and_booleans_of_open_document_are_read_too() -> None:
    cells = (
        '<table:table-row><table:table-cell office:value-type="date" '
        'office:date-value="2026-05-01"><text:p>1 May</text:p></table:table-cell>'
        '<table:table-cell office:value-type="boolean" office:boolean-value="false"/>'
        '<table:table-cell office:value-type="currency" office:value="4.2"/></table:table-row>'
    )
    content = archive({**ODS_PARTS, "content.xml": ODS_CONTENT % cells})

    assert read_upload(content, limit=LIMIT).text == "2026-05-01,FALSE,4.2\r\n"


def test_character_that_no_text_has_is_replaced_and_others_stay() -> None:
    content = xlsx([["A_x0000_B", "A_x000D_B"]])

    assert read_upload(content, limit=LIMIT).text == 'A\ufffdB,"A\rB"\r\n'


@pytest.mark.django_db
def test_problems_have_the_numbers_of_the_rows_in_the_sheet() -> None:
    rows = [[], ["source_code", "sku", "quantity"], [], ["north", "A\nB", 1], ["north", "C", 1]]

    file = checked(xlsx(rows), name="stock.csv")

    assert file.kind == "XLSX"
    assert {(line, column) for line, column, _sentence in sentences(file)} == {
        (4, "source_code"),
        (4, "sku"),
        (5, "source_code"),
        (5, "sku"),
    }


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04 and then nothing of the kind", BROKEN),
        (xlsx([["sku"]])[:400], BROKEN),
        (archive({"[Content_Types].xml": "<Types/>", "xl/worksheets/sheet1.xml": ""}), BROKEN),
        (archive({**XLSX_PARTS, "xl/workbook.xml": "<workbook><sheets>"}), BROKEN),
        (xlsx_of_xml("<row", without=(*RELATIONS, WORKBOOK, HIDDEN_SHEET)), BROKEN),
        (xlsx_of_xml("", without=(RELATIONS[1], HIDDEN_SHEET)), BROKEN),
        (
            archive(
                {
                    name.replace("workbook", "workbook22"): part
                    or SHEET % "<row><c><v>1</v></c></row>"
                    for name, part in XLSX_PARTS.items()
                }
            ),
            BROKEN,
        ),
        (archive({"xl/styles.xml": XLSX_PARTS["xl/styles.xml"]}), BROKEN),
        (
            archive({"word/document.xml": "<a/>"}),
            "This is a zip file without a spreadsheet in it. Upload the .xlsx, .ods or CSV file "
            "itself.",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "This is an old Excel workbook (.xls). Save it as an Excel workbook (.xlsx) or as CSV "
            "with the encoding UTF-8, and upload that.",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + bytes(600)
            + "EncryptedPackage".encode("utf-16-le"),
            PROTECTED,
        ),
        (
            archive(
                {
                    "mimetype": ODS_PARTS["mimetype"],
                    "META-INF/manifest.xml": "<manifest:encryption-data/>",
                    "content.xml": "nothing that is XML",
                }
            ),
            PROTECTED,
        ),
        (
            archive(
                {
                    **XLSX_PARTS,
                    "xl/workbook.xml": XLSX_PARTS["xl/workbook.xml"].replace(
                        'sheetId="2"', 'sheetId="2" state="veryHidden"'
                    ),
                }
            ),
            "This spreadsheet (.xlsx) has no visible sheet. Put the rows on its first sheet.",
        ),
        (xlsx([]), "The file is empty. Its first line names the columns."),
        (ods([[]]), "The file is empty. Its first line names the columns."),
    ],
)
def test_what_is_no_readable_spreadsheet_is_refused_with_what_to_do(
    content: Any, sentence: str
) -> None:
    assert refusal(content) == sentence


@pytest.mark.parametrize("around", [XLSX_PARTS, {}])
def test_bombs_are_refused_without_harm(around: dict[str, str]) -> None:
    # given parts that unpack to 300 MB, and one that claims to be small and is not
    bomb = archive({**around, "xl/worksheets/sheet2.xml": " " * 300_000_000})
    central = bomb.rindex(b"PK\x01\x02", 0, bomb.rindex(b"PK\x05\x06"))
    liar = bytearray(bomb)
    liar[central + 24 : central + 28] = struct.pack("<I", 1000)

    assert len(bomb) < 400_000
    assert refusal(bomb) == TOO_LARGE % "xlsx"
    assert refusal(bytes(liar)) == BROKEN


def test_sheets_of_too_many_cells_or_too_much_text_are_refused() -> None:
    # given two cells in opposite corners of the largest sheet there may be
    corners = (
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )

    assert refusal(xlsx_of_xml(corners)) == TOO_LARGE % "xlsx"
    assert refusal(xlsx([["x" * 100]] * 200), limit=9_000) == TOO_LARGE % "xlsx"
