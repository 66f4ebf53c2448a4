"""A program: the first visible sheet of the spreadsheet on its input, as CSV on its output.

It runs by itself (:mod:`inventory.files.uploads` starts it), because a small file may ask for
any amount of memory and time: the limits below end this program, not the server. It imports
nothing of the project. Every row of the sheet is one row of the output, blank ones too, so that
their numbers stay those that a person sees; each cell is the text that a person sees.
"""

import csv
import io
import re
import resource
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import IO

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

BROKEN, PROTECTED, TOO_LARGE, NO_SHEET = 11, 12, 13, 14
MOST_BYTES = 256 * 1024 * 1024
MOST_CELLS = 20_000_000
MOST_MEMORY = 1024 * 1024 * 1024
MOST_SECONDS = 60
CHUNK = 1024 * 1024
DIGITS_SHOWN = ".15g"
NO_CHARACTER = "\N{REPLACEMENT CHARACTER}"
LARGEST_EXACT = 1e15
MANIFEST = "META-INF/manifest.xml"
ENCRYPTED = b"manifest:encryption-data"
SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml\Z")
ERROR_CELL = re.compile(rb'(<(?:\w+:)?c\b[^>]*\bt=)"e"')
SHEET_ID = re.compile(r"""<(?:\w+:)?sheet\s[^<>]*?\w:id=["']([^"'>]+)["']""")
PARTS_READ = (".xml", ".rels", "mimetype")
RELATIONS = "_rels/.rels"
WORKBOOK = "xl/workbook.xml"
WORKBOOK_RELATIONS = "xl/_rels/workbook.xml.rels"
RELATION = (
    '<Relationship Id="%s" Target="/%s" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s"/>'
)


class RefusalError(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def main(most_characters: int) -> int:
    """Convert the input; return 0, or the code of what is wrong with it."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        _convert(_measured(sys.stdin.buffer.read()), most_characters)
    except RefusalError as refusal:
        return refusal.code
    except PasswordError:
        return PROTECTED
    except MemoryError:
        return TOO_LARGE
    except (CalamineError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError):
        return BROKEN
    return 0


def _measured(content: bytes) -> io.BytesIO:
    """Return the parts that hold cells, unpacked and bounded, whatever sizes the file claims."""
    unpacked = io.BytesIO()
    left = MOST_BYTES
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(unpacked, "w") as parts:
        # Relations of a workbook that is not there lead nowhere.
        left_out = () if WORKBOOK in packed.namelist() else (WORKBOOK_RELATIONS,)
        for entry in packed.infolist():
            if entry.filename in left_out or not entry.filename.endswith(PARTS_READ):
                continue
            if entry.flag_bits & 1:
                raise RefusalError(PROTECTED)
            with packed.open(entry) as stream, parts.open(entry.filename, "w") as part:
                for chunk in _chunks(stream, is_sheet=bool(SHEET_PART.match(entry.filename))):
                    left -= len(chunk)
                    if left < 0:
                        raise RefusalError(TOO_LARGE)
                    if entry.filename == MANIFEST and ENCRYPTED in chunk:
                        raise RefusalError(PROTECTED)
                    part.write(chunk)
    return unpacked


def _chunks(stream: IO[bytes], *, is_sheet: bool) -> Iterator[bytes]:
    """Yield a part piece by piece, pieces of a sheet ending where a cell ends.

    A cell with an error such as #N/A is read as that text, not as an empty cell.
    """
    rest = b""
    while chunk := stream.read(CHUNK):
        if not is_sheet:
            yield chunk
            continue
        chunk = rest + chunk
        end = chunk.rfind(b">") + 1
        rest = chunk[end:]
        if len(rest) > CHUNK:
            raise RefusalError(TOO_LARGE)
        yield ERROR_CELL.sub(rb'\1"str"', chunk[:end])
    yield rest


def _complete(unpacked: io.BytesIO) -> None:
    """Add what leads to the sheets of an .xlsx where it is missing: relations, and the workbook.

    Sheets without a workbook are visible, in the order of their numbers.
    """
    with zipfile.ZipFile(unpacked, "a") as parts:
        names = set(parts.namelist())
        sheets = sorted(filter(SHEET_PART.match, names), key=lambda name: (len(name), name))
        if not sheets:
            return
        # A workbook of another name may hide sheets.
        if not any("workbook" in name for name in names):
            listed = (f'<sheet name="{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(len(sheets)))
            parts.writestr(WORKBOOK, f"<workbook><sheets>{''.join(listed)}</sheets></workbook>")
            names.add(WORKBOOK)
        if RELATIONS not in names:
            _relate(parts, RELATIONS, "officeDocument", [("r1", WORKBOOK)])
        if WORKBOOK in names and WORKBOOK_RELATIONS not in names:
            ids = SHEET_ID.findall(parts.read(WORKBOOK).decode())
            _relate(parts, WORKBOOK_RELATIONS, "worksheet", zip(ids, sheets, strict=True))


def _relate(
    parts: zipfile.ZipFile, name: str, kind: str, targets: Iterable[tuple[str, str]]
) -> None:
    listed = "".join(RELATION % (*target, kind) for target in targets)
    parts.writestr(name, f"<Relationships>{listed}</Relationships>")


def _convert(unpacked: io.BytesIO, most_characters: int) -> None:
    _complete(unpacked)
    unpacked.seek(0)
    workbook = CalamineWorkbook.from_filelike(unpacked)
    visible = (
        position
        for position, sheet in enumerate(workbook.sheets_metadata)
        if sheet.visible == SheetVisibleEnum.Visible
    )
    first = next(visible, None)
    if first is None:
        raise RefusalError(NO_SHEET)
    sheet = workbook.get_sheet_by_index(first)
    if sheet.total_height * sheet.total_width > MOST_CELLS:
        raise RefusalError(TOO_LARGE)
    output = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="replace", newline="")
    writer = csv.writer(output)
    for row in sheet.iter_rows():
        cells = [text_of(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        most_characters -= sum(map(len, cells)) + len(cells) + 1
        if most_characters < 0:
            raise RefusalError(TOO_LARGE)
        writer.writerow(cells)
    output.flush()


def text_of(value: object) -> str:
    """Return a cell's value as a person sees it: 40, not 40.0; days in ISO form."""
    match value:
        case str():
            return value.replace("\0", NO_CHARACTER)
        case bool():
            return str(value).upper()
        case float():
            return _number(value)
        case datetime():
            day_alone = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
            return value.date().isoformat() if day_alone else value.isoformat(sep=" ")
        case date():
            return value.isoformat()
    return str(value)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < LARGEST_EXACT:
        return str(int(value))
    return format(Decimal(format(value, DIGITS_SHOWN)), "f")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
