"""From the bytes of an upload to rows of named cells, each with its line."""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import StringIO

from inventory.files.problems import FileError, Problem, shortened
from inventory.text import gettext_noop as _

UTF_8_MARK = b"\xef\xbb\xbf"
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
SEPARATORS = (",", ";", "\t")
LONGEST_IGNORED_LIST = 50
LONGEST_HEADER = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """A row by column name; ``line`` is where it begins, the header being on line 1."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A text whose header was understood. ``ignored`` are its columns that nothing reads."""

    text: str
    separator: str
    header: tuple[str, ...]
    columns: frozenset[str]
    ignored: tuple[str, ...]

    def rows(self) -> Iterator[Row | Problem]:
        """Read the rows from the beginning; a row that cannot be read is a problem.

        Blank rows are passed over. After a quotation mark that is out of place nothing more is
        read: what follows could not be told apart.
        """
        reader = csv.reader(StringIO(self.text, newline=""), delimiter=self.separator, strict=True)
        next(reader)
        wanted = [(index, name) for index, name in enumerate(self.header) if name in self.columns]
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield Problem(line, "", "", MISQUOTED)
                return
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(self.header):
                values = {"found": len(cells), "expected": len(self.header)}
                yield Problem(line, "", shortened(self.separator.join(cells)), MISCOUNTED, values)
                continue
            yield Row(line, {name: cells[index] for index, name in wanted})


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
    "encoding UTF-8; a spreadsheet (.xlsx) is not CSV."
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
    if len(content) > limit:
        raise FileError(TOO_LARGE, size=f"{len(content):,}", limit=f"{limit:,}")
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
    if "\x00" in text:
        raise FileError(NUL, line=text.count("\n", 0, text.index("\x00")) + 1)
    if not text.strip():
        raise FileError(EMPTY)
    return text


def open_sheet(text: str, *, columns: Collection[str], required: Collection[str]) -> Sheet:
    """Read the header: which of ``columns`` there are, and what separates them.

    Names are compared without regard to case. The separator is the one of comma, semicolon and
    tab with which most columns are found.

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
    ignored = dict.fromkeys(shortened(name) for name in best.names if name and name not in columns)
    return Sheet(
        text=text,
        separator=best.separator,
        header=best.names,
        columns=found,
        ignored=tuple(ignored)[:LONGEST_IGNORED_LIST],
    )


@dataclass(frozen=True, slots=True)
class _Header:
    separator: str
    names: tuple[str, ...]

    def hits(self, columns: Collection[str]) -> int:
        return len({name for name in self.names if name in columns})


def _header(text: str, separator: str) -> _Header:
    try:
        beginning = StringIO(text[:LONGEST_HEADER], newline="")
        names = next(csv.reader(beginning, delimiter=separator, strict=True))
    except csv.Error:
        names = []
    return _Header(separator, tuple(name.strip().lower() for name in names))
