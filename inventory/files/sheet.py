"""From the bytes of an upload to rows of named cells, each with its line."""

import csv
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from io import StringIO
from typing import NamedTuple

from core.number_texts import COMMAS, POINTS, NumberSigns
from core.quantities import PLAIN
from core.text import gettext_noop as _
from inventory.files.findings import FileError, RowProblem, shortened

UTF_8_MARK = b"\xef\xbb\xbf"
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
BYTE_ORDER_MARK = "\ufeff"
SEPARATORS = (",", ";", "\t")
# The column in which faults come back with the rows that have them; it is passed over in silence.
FAULT = "fault"
# What Excel reads as the separator of the file, on a line before the header.
SEPARATOR_HINT = re.compile(r'\s*"?sep=.?"?[,;\t ]*\Z', re.IGNORECASE)
LONGEST_IGNORED_LIST = 50
LONGEST_HEADER = 100_000


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row by column name; ``line`` is where it begins, the header being on line 1.

    ``signs`` are those of the numbers in the file.
    """

    line: int
    cells: dict[str, str]
    signs: NumberSigns = field(default=POINTS, compare=False)


class RawRow(NamedTuple):
    """A row as it stands: all its cells, those of columns that nothing reads too."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Header:
    """The first row that says something, as it stands; ``passed_over`` rows come before it."""

    separator: str
    titles: tuple[str, ...]
    passed_over: int

    @property
    def names(self) -> tuple[str, ...]:
        """The columns as they are compared."""
        return tuple(title.strip().lower() for title in self.titles)

    def hits(self, columns: Collection[str]) -> int:
        """Return how many of ``columns`` there are."""
        return len({name for name in self.names if name in columns})


@dataclass(frozen=True, slots=True)
class Sheet(Header):
    """A text whose header was understood. ``ignored`` are its columns that nothing reads.

    ``counts_rows`` says that a line is a row, as it is in a spreadsheet: cells of several lines
    do not count.
    """

    text: str
    columns: frozenset[str]
    ignored: tuple[str, ...]
    counts_rows: bool

    @property
    def signs(self) -> NumberSigns:
        """How the file writes numbers. Where commas separate cells, a point begins decimals;
        where semicolons or tabs do, a comma does, as spreadsheets write such files."""
        return POINTS if self.separator == "," else COMMAS

    def raw_rows(self) -> Iterator[RawRow | RowProblem]:
        """Read the rows from the beginning; a row that cannot be read is a problem.

        Blank rows are passed over. After a quotation mark that is out of place nothing more is
        read: its rows could not be separated.
        """
        reader = csv.reader(StringIO(self.text, newline=""), delimiter=self.separator, strict=True)
        number = self.passed_over + 1
        for _row in range(number):
            next(reader)
        while True:
            number += 1
            line = number if self.counts_rows else reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield RowProblem(line, "", "", MISQUOTED)
                return
            if any(cell.strip() for cell in cells):
                yield RawRow(line, cells)

    def rows(self) -> Iterator[FileRow | RowProblem]:
        """Read the rows as :meth:`raw_rows`, by the names of columns that are read.

        Surplus cells without anything in them are harmless, and so are missing ones at the end.
        """
        wanted = [(index, name) for index, name in enumerate(self.names) if name in self.columns]
        width, signs = len(self.titles), self.signs
        for row in self.raw_rows():
            if isinstance(row, RowProblem):
                yield row
                continue
            line, cells = row
            if len(cells) != width:
                if any(cell.strip() for cell in cells[width:]):
                    values = {"found": len(cells), "expected": width}
                    text = shortened(self.separator.join(cells))
                    yield RowProblem(line, "", text, MISCOUNTED, values)
                    continue
                cells += [""] * (width - len(cells))
            yield FileRow(line, {name: cells[index] for index, name in wanted}, signs)


def as_written(sheet: Sheet, problems: Iterable[RowProblem]) -> tuple[RowProblem, ...]:
    """Return problems, the numbers in their cells as the file writes them."""
    found = list(problems)
    lines = {problem.line for problem in found if PLAIN.match(problem.value)}
    if sheet.signs is POINTS or not lines:
        return tuple(found)
    rows = {
        row.line: row.cells
        for row in sheet.rows()
        if isinstance(row, FileRow) and row.line in lines
    }
    return tuple(
        replace(problem, value=shortened(rows[problem.line].get(problem.column, problem.value)))
        if problem.line in rows and PLAIN.match(problem.value)
        else problem
        for problem in found
    )


MISQUOTED = _(
    "A quotation mark is out of place from here on, so the rest of the file was not read. "
    'Put the whole value in quotation marks, and double those inside it: "5"" pipe".'
)
MISCOUNTED = _(
    "The row has %(found)s cells, the header %(expected)s. Put a value that holds the "
    "separator in quotation marks."
)
EMPTY = _("The file is empty. Its first line names the columns.")
NOT_UTF_8 = _(
    "Line %(line)s is not in UTF-8. Save the file with the encoding UTF-8 (in Excel: “CSV UTF-8”)."
)
NOT_UTF_16 = _("The file begins like UTF-16 and is broken. Save it with the encoding UTF-8.")
NUL = _(
    "Line %(line)s holds a NUL character, which no text has. Save the file as CSV with the "
    "encoding UTF-8, or as a spreadsheet (.xlsx or .ods)."
)
TOO_LARGE = _("The file has %(size)s bytes; at most %(limit)s are read. Split it in parts.")
NO_COLUMN = _(
    "The first line names none of the columns %(columns)s. It is the header; the columns may "
    "be in any order, with commas, semicolons or tabs between them."
)
MISSING_COLUMN = _("The header lacks the column %(columns)s.")
TWICE = _("The header names the column %(column)s twice.")


def decode(content: bytes, *, limit: int) -> str:
    """Return the text of an upload of at most ``limit`` bytes.

    UTF-8 with or without its mark, and UTF-16 with it, as spreadsheets write them.

    :raises FileError: for anything else, with the line that is to blame.
    """
    check_size(content, limit=limit)
    if content.startswith(UTF_16_MARKS):
        try:
            text = content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise FileError(NOT_UTF_16) from error
    else:
        content = content.removeprefix(UTF_8_MARK)
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise FileError(NOT_UTF_8, line=line) from error
    text = text.lstrip(BYTE_ORDER_MARK)
    if "\x00" in text:
        raise FileError(NUL, line=text.count("\n", 0, text.index("\x00")) + 1)
    if not text.strip():
        raise FileError(EMPTY)
    return text


def check_size(content: bytes, *, limit: int) -> None:
    """Refuse an upload of more than ``limit`` bytes.

    :raises FileError: with both numbers.
    """
    if len(content) > limit:
        raise FileError(TOO_LARGE, size=f"{len(content):,}", limit=f"{limit:,}")


def open_sheet(
    text: str,
    *,
    columns: Collection[str],
    required: Collection[str],
    counts_rows: bool = False,
) -> Sheet:
    """Read the header: which of ``columns`` there are, and what separates them.

    Names are compared without regard to case. The separator is the one that a line ``sep=;``
    before the header names, else that of comma, semicolon and tab with which most columns are
    found. Blank lines before the header are passed over.

    :raises FileError: when one of ``required`` is missing, or one of ``columns`` is named twice.
    """
    best = max((_header(text, mark) for mark in SEPARATORS), key=lambda found: found.hits(columns))
    if not best.hits(columns):
        raise FileError(NO_COLUMN, columns=", ".join(columns))
    missing = [name for name in required if name not in best.names]
    if missing:
        raise FileError(MISSING_COLUMN, columns=", ".join(missing))
    for name in columns:
        if best.names.count(name) > 1:
            raise FileError(TWICE, column=name)
    found = frozenset(name for name in best.names if name in columns)
    ignored = dict.fromkeys(
        shortened(name) for name in best.names if name and name != FAULT and name not in columns
    )
    return Sheet(
        *(best.separator, best.titles, best.passed_over),
        text=text,
        columns=found,
        ignored=tuple(ignored)[:LONGEST_IGNORED_LIST],
        counts_rows=counts_rows,
    )


def _header(text: str, separator: str) -> Header:
    """Return the first row that says something, the hint of a separator aside."""
    beginning = StringIO(text[:LONGEST_HEADER], newline="")
    reader = csv.reader(beginning, delimiter=separator, strict=True)
    passed_over = 0
    try:
        for titles in reader:
            is_blank = not any(title.strip() for title in titles)
            if not is_blank and not SEPARATOR_HINT.match(separator.join(titles)):
                return Header(separator, tuple(titles), passed_over)
            passed_over += 1
    except csv.Error:
        pass
    return Header(separator, (), passed_over)
