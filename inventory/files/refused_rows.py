"""The rows that an import leaves out, as a file to correct."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO

from inventory.files.cells import UTF_8_MARK, escape, unescape
from inventory.files.findings import RowProblem
from inventory.files.imports import sheet_of
from inventory.files.sheet import FAULT
from inventory.files.spreadsheets import NUMBER, ods_of, xlsx_of
from inventory.models import ImportFile

Kind = ImportFile.Kind
CONTENT_TYPES = {
    Kind.CSV.value: "text/csv; charset=utf-8",
    Kind.XLSX.value: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.ODS.value: "application/vnd.oasis.opendocument.spreadsheet",
}


@dataclass(frozen=True, slots=True)
class RefusedRows:
    """A file of the same kind as the one that was uploaded."""

    content: bytes
    content_type: str
    extension: str


def refused_rows(file: ImportFile, faults: Mapping[int, str]) -> RefusedRows:
    """Return the rows on the lines of ``faults``, each with its fault in a column of its own.

    All columns of the file are there as they stand, in its own separator; an import passes over
    the column of faults.
    """
    rows = _rows(file, faults)
    match file.kind:
        case Kind.XLSX:
            content = xlsx_of(rows)
        case Kind.ODS:
            content = ods_of(rows)
        case _:
            content = _csv_of(rows, separator=sheet_of(file).separator)
    return RefusedRows(content, CONTENT_TYPES[file.kind], file.kind.lower())


def _rows(file: ImportFile, faults: Mapping[int, str]) -> Iterator[list[str]]:
    sheet = sheet_of(file)
    kept = [position for position, name in enumerate(sheet.names) if name != FAULT]
    yield [*(sheet.titles[position] for position in kept), FAULT]
    for row in sheet.raw_rows():
        if not isinstance(row, RowProblem) and row.line in faults:
            cells = row.cells + [""] * (len(sheet.titles) - len(row.cells))
            surplus = cells[len(sheet.titles) :]
            yield [*(cells[position] for position in kept), faults[row.line], *surplus]


def _csv_of(rows: Iterator[list[str]], *, separator: str) -> bytes:
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    for row in rows:
        writer.writerow(cell if NUMBER.match(cell) else escape(unescape(cell)) for cell in row)
    return (UTF_8_MARK + text.getvalue()).encode()
