"""What the rows of a file would do, kept for the pages of its preview."""

import json
from collections.abc import Collection, Iterable

from django.db import connection

from inventory.files.findings import PlannedStep
from inventory.files.staging import chunks
from inventory.files.stored_values import Cells
from inventory.models import ImportStep

COPY = "COPY inventory_importstep (file_id, line, name, kind, cells) FROM STDIN"


def keep_steps(file_id: int, steps: Iterable[PlannedStep]) -> None:
    """Keep ``steps`` in place of those that were found before, in the caller's transaction."""
    ImportStep.objects.filter(file_id=file_id).delete()
    rows = (
        (
            file_id,
            step.line,
            step.name,
            step.kind,
            json.dumps([(cell.column, cell.before, cell.after) for cell in step.cells]),
        )
        for step in steps
    )
    for chunk in chunks(rows):
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            for row in chunk:
                copy.write_row(row)


def kept_cells(file_id: int, lines: Collection[int]) -> dict[int, Cells]:
    """Return what is kept of the rows at ``lines``, by line; rows that do nothing are left out."""
    kept = ImportStep.objects.filter(file_id=file_id, line__in=lines).order_by("line")
    return {
        line: {column: (before, after) for column, before, after in cells}
        for line, cells in kept.values_list("line", "cells")
    }
