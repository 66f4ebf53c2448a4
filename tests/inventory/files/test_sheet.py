from typing import Any

import pytest

from inventory.files.findings import FileError, RowProblem
from inventory.files.sheet import FileRow, Sheet, decode, open_sheet

COLUMNS = ("source_code", "sku", "status", "quantity")
REQUIRED = ("source_code", "sku", "quantity")


def sheet(text: str) -> Sheet:
    return open_sheet(text, columns=COLUMNS, required=REQUIRED)


def rows(text: str) -> list[FileRow | RowProblem]:
    return list(sheet(text).rows())


def refusal(content: Any, *, limit: int = 1000) -> str:
    with pytest.raises(FileError) as caught:
        sheet(decode(content, limit=limit))
    return str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        "sku\nÅ\n".encode(),
        "sku\nÅ\n".encode("utf-8-sig"),
        "sku\nÅ\n".encode("utf-16"),
        b"\xfe\xff" + "sku\nÅ\n".encode("utf-16-be"),
        "\ufeffsku\nÅ\n".encode("utf-8-sig"),
    ],
)
def test_utf_8_with_and_without_its_mark_and_utf_16_with_it_are_read(content: bytes) -> None:
    assert decode(content, limit=100) == "sku\nÅ\n"


def test_latin_1_is_refused_with_its_line() -> None:
    assert refusal("sku\nok\nÅngström\n".encode("latin-1")) == (
        "Line 3 is not in UTF-8. Save the file with the encoding UTF-8 (in Excel: “CSV UTF-8”)."
    )


def test_half_of_a_pair_of_surrogates_is_refused() -> None:
    assert refusal(b"sku\n\xed\xa0\x80\n").startswith("Line 2 is not in UTF-8.")
    for content in ("sku\n".encode("utf-16") + b"\x00\xd8", b"\xfe\xff\xdc\x00\x00a"):
        assert refusal(content).startswith("The file begins like UTF-16 and is broken.")


def test_nul_is_refused_with_its_line() -> None:
    assert refusal(b"sku\nA\x00B\n") == (
        "Line 2 holds a NUL character, which no text has. Save the file as CSV with the encoding "
        "UTF-8, or as a spreadsheet (.xlsx or .ods)."
    )


def test_broken_utf_16_is_refused() -> None:
    assert refusal(b"\xff\xfea") == (
        "The file begins like UTF-16 and is broken. Save it with the encoding UTF-8."
    )


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \r\n\n"])
def test_empty_file_is_refused(content: bytes) -> None:
    assert refusal(content) == "The file is empty. Its first line names the columns."


def test_file_beyond_the_limit_is_refused() -> None:
    assert refusal(b"sku\n" * 500, limit=1999) == (
        "The file has 2,000 bytes; at most 1,999 are read. Split it in parts."
    )


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_separator_is_found(mark: str) -> None:
    text = f"source_code{mark}sku{mark}quantity\nnorth{mark}A{mark}5\n"

    assert rows(text) == [FileRow(2, {"source_code": "north", "sku": "A", "quantity": "5"})]


def test_header_is_read_without_regard_to_case_and_space_in_any_order() -> None:
    text = '"Quantity", SKU ,source_code\n5,A,north\n'

    assert rows(text) == [FileRow(2, {"quantity": "5", "sku": "A", "source_code": "north"})]


def test_quoting_line_ends_and_blank_lines() -> None:
    text = 'source_code,sku,quantity\r\n\r\n"no""rth","A,B",5\r\n,,\r\n"x\ny",C,6\rz,D,7'

    assert rows(text) == [
        FileRow(3, {"source_code": 'no"rth', "sku": "A,B", "quantity": "5"}),
        FileRow(5, {"source_code": "x\ny", "sku": "C", "quantity": "6"}),
        FileRow(7, {"source_code": "z", "sku": "D", "quantity": "7"}),
    ]


def test_row_with_more_values_than_columns_is_a_problem() -> None:
    found = rows("source_code,sku,quantity\nnorth,A,1,234\nnorth,A,1\n")

    assert isinstance(found[0], RowProblem)
    assert found[0].sentence == (
        "The row has 4 cells, the header 3. Put a value that holds the separator in quotation "
        "marks."
    )
    assert (found[0].line, found[0].value) == (2, "north,A,1,234")
    assert found[1] == FileRow(3, {"source_code": "north", "sku": "A", "quantity": "1"})


def test_surplus_empty_cells_and_missing_ones_at_the_end_are_harmless() -> None:
    found = rows("source_code,sku,quantity,,\nnorth,A,12,,\nnorth,B,3,, ,,,\nnorth,C\n")

    assert found == [
        FileRow(2, {"source_code": "north", "sku": "A", "quantity": "12"}),
        FileRow(3, {"source_code": "north", "sku": "B", "quantity": "3"}),
        FileRow(4, {"source_code": "north", "sku": "C", "quantity": ""}),
    ]


@pytest.mark.parametrize(
    ("beginning", "line"),
    [
        ("sep=;\n", 3),
        ("SEP=;\r\n", 3),
        ('"sep=;"\n', 3),
        ("\n\n", 4),
        (";;;\n \r\n", 4),
        ("\n sep=;\n\n", 5),
    ],
)
def test_hint_of_the_separator_and_blank_lines_before_the_header_are_passed_over(
    beginning: str, line: int
) -> None:
    found = rows(f"{beginning}source_code;sku;status;quantity\nseattle;TA-8;1;12\n")

    assert found == [
        FileRow(line, {"source_code": "seattle", "sku": "TA-8", "status": "1", "quantity": "12"})
    ]


def test_column_of_faults_is_passed_over_in_silence() -> None:
    found = sheet("source_code,sku,quantity,Fault\nnorth,A,1,quantity: wrong\n")

    assert found.ignored == ()
    assert list(found.rows()) == [FileRow(2, {"source_code": "north", "sku": "A", "quantity": "1"})]


@pytest.mark.parametrize("cell", ['"A', '"A"B', "A" * 200_000])
def test_nothing_is_read_after_a_quotation_mark_out_of_place(cell: str) -> None:
    found = rows(f"source_code,sku,quantity\nnorth,A,1\nnorth,{cell},1\nnorth,B,1\n")

    assert len(found) == 2
    assert isinstance(found[1], RowProblem)
    assert (found[1].line, found[1].column) == (3, "")
    assert found[1].sentence == (
        "A quotation mark is out of place from here on, so the rest of the file was not read. "
        'Put the whole value in quotation marks, and double those inside it: "5"" pipe".'
    )


def test_columns_that_nothing_reads_are_named_once() -> None:
    assert sheet("sku,color,source_code,quantity,,color\n").ignored == ("color",)


def test_missing_column_is_named() -> None:
    assert refusal(b"sku,status\n") == "The header lacks the column source_code, quantity."


def test_header_without_any_known_column_names_those_there_could_be() -> None:
    assert refusal(b"north,A,1,5\n") == (
        "The first line names none of the columns source_code, sku, status, quantity. It is the "
        "header; the columns may be in any order, with commas, semicolons or tabs between them."
    )


def test_column_named_twice_is_refused() -> None:
    assert refusal(b"sku,source_code,quantity,SKU\n") == "The header names the column sku twice."
