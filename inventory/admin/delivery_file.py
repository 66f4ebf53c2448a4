"""Fills the sheet of a delivery from a file, for a person to review."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from core.formats import input_text, whole
from core.quantities import ZERO
from core.text import FaultError
from core.text import gettext_noop as _
from inventory.admin.delivery_sheet import DeliverySheet, SheetLine, opened_sheet
from inventory.files.delivery_note import (
    DeliveryNote,
    NoteLine,
    problem_of_line,
    read_delivery_note,
)
from inventory.files.findings import FileError, RowProblem
from inventory.files.sheet import TOO_LARGE
from inventory.models import Source
from inventory.operations.deliveries import spread

NO_FILE = _("Choose a file first.")
NO_ROWS = _("The file has no rows below its header.")
NO_DELIVERY = _(
    "The file does not say which delivery it is. Add the column reference or source_code, or open "
    "the delivery and upload the file there."
)
OTHER_DELIVERY = _("The file is of delivery “%(value)s”, and this is “%(own)s”.")
NO_SOURCE = _(
    "%(sku)s is not on this delivery. Name the source where it came in, in the column source_code."
)
OTHER_SOURCE = _("This delivery is received at “%(own)s”, and the row names “%(value)s”.")


class NoteRefusedError(Exception):
    """Rows of the file are wrong; nothing was entered."""

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = tuple(problems)


def sheet_from_file(file: "UploadedFile[Any] | None", sheet: DeliverySheet | None) -> DeliverySheet:
    """Return ``sheet``, or that of the delivery which the file names, with the units of the file.

    :raises FileError: when the file as a whole cannot be used.
    :raises NoteRefusedError: when rows of it are wrong.
    """
    if file is None:
        raise FileError(NO_FILE)
    limit = settings.IMPORT_MAX_BYTES
    if (file.size or 0) > limit:
        raise FileError(TOO_LARGE, size=whole(file.size or 0), limit=whole(limit))
    note = read_delivery_note(file.read(), limit=limit)
    if note.problems:
        raise NoteRefusedError(note.problems)
    if not note.lines:
        raise FileError(NO_ROWS)
    if sheet is None:
        sheet = _named_by(note)
    elif note.reference not in ("", sheet.reference):
        raise FileError(OTHER_DELIVERY, value=note.reference, own=sheet.title)
    _enter(sheet, note.lines)
    return sheet


def _named_by(note: DeliveryNote) -> DeliverySheet:
    if note.reference:
        return opened_sheet(note.reference, None)
    sources = {line.source.pk: line.source for line in note.lines if line.source is not None}
    if len(sources) != 1:
        raise FileError(NO_DELIVERY)
    (source,) = sources.values()
    return opened_sheet("", source)


def _enter(sheet: DeliverySheet, came: Sequence[NoteLine]) -> None:
    """Enter what came, and 0 on every other line; nothing where a row has no source.

    :raises NoteRefusedError: with the rows that have none.
    """
    sources = {line.source.pk: line.source for line in sheet.lines}
    default_source = sheet.source or (next(iter(sources.values())) if len(sources) == 1 else None)
    problems = [found for row in came if (found := _problem(sheet, row, default_source))]
    if problems:
        raise NoteRefusedError(problems)
    sheet.is_counted = True
    for line in sheet.lines:
        line.quantity = ZERO
    for row in came:
        _add(sheet, row, default_source)
    for line in sheet.lines:
        line.units = input_text(line.quantity)


def _problem(
    sheet: DeliverySheet, row: NoteLine, default_source: Source | None
) -> RowProblem | None:
    if sheet.source and row.source and sheet.source.pk != row.source.pk:
        error = FaultError(OTHER_SOURCE, own=sheet.source.code, value=row.source.code)
        return problem_of_line(row, "source_code", error)
    if row.source is None and default_source is None and not _own_lines(sheet, row):
        return problem_of_line(row, "source_code", FaultError(NO_SOURCE, sku=row.product.sku))
    return None


def _own_lines(sheet: DeliverySheet, row: NoteLine) -> list[SheetLine]:
    """Return the lines of the sheet that a row is about."""
    return [
        line
        for line in sheet.lines
        if line.product.pk == row.product.pk
        and (row.source is None or line.source.pk == row.source.pk)
    ]


def _add(sheet: DeliverySheet, row: NoteLine, default_source: Source | None) -> None:
    """Add the units of a row: to lines that lack units first, the rest to the last of them."""
    own = _own_lines(sheet, row)
    source = row.source or default_source
    if not own and source is not None:
        own = [SheetLine(None, row.product, source, ZERO, "0")]
        sheet.lines += own
    lacking = [line.outstanding - line.quantity for line in own]
    for line, units in zip(own, spread(row.quantity, lacking), strict=True):
        line.quantity += units
