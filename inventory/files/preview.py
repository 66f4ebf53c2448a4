"""What the preview of a file showed: the steps of its rows, and the values stored behind them.

A row of a file is about a product, a source item or a supply record. A number stands for the
values that the row sets, as they were at the check, and is compared before the file is written;
0 stands for a row that is not there.
"""

import json
import struct
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import astuple

from inventory.files.findings import PlannedStep
from inventory.files.staging import copy_rows
from inventory.models import ImportStep

# The part of the row (an index of ``Format.parts``), its line, and the number of its values.
_ENTRY = struct.Struct("<Biq")
Digests = Mapping[tuple[int, int], int]
# What a row of a file does to each column: before and after.
Cells = Mapping[str, tuple[str, str]]


def digests_of(part: int, rows: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Return the numbers of a part by (part, line), without rows that are not there."""
    return {(part, line): digest for line, digest in rows if digest}


def pack(digests: Digests) -> bytes:
    """Return ``digests`` as bytes, to be read by :func:`unpack`."""
    return b"".join(_ENTRY.pack(*key, digest) for key, digest in sorted(digests.items()))


def unpack(kept: bytes) -> dict[tuple[int, int], int]:
    """Return the digests that :func:`pack` made ``kept`` from."""
    return {(part, line): digest for part, line, digest in _ENTRY.iter_unpack(kept)}


def changed_lines(shown: Digests, now: Digests) -> list[int]:
    """Return the lines whose rows have other values now, came or went, in their order."""
    keys = shown.keys() | now.keys()
    changed = [key for key in keys if shown.get(key, 0) != now.get(key, 0)]
    return sorted({line for _part, line in changed})


def changed_cells(shown: Cells, now: Cells) -> Iterator[tuple[str, str, str]]:
    """Yield each column whose stored value is another now, with the one shown and the one now.

    A row says nothing of a column that it leaves as it is: there, the stored value is the one that
    the row wants.
    """
    for column in {**shown, **now}:
        former = shown[column][0] if column in shown else now[column][1]
        value = now[column][0] if column in now else shown[column][1]
        if former != value:
            yield column, former, value


def keep_steps(file_id: int, steps: Iterable[PlannedStep]) -> None:
    """Keep ``steps`` in place of those that were found before, in the caller's transaction."""
    ImportStep.objects.filter(file_id=file_id).delete()
    rows = (
        (file_id, step.line, step.name, step.kind, json.dumps(list(map(astuple, step.cells))))
        for step in steps
    )
    copy_rows("inventory_importstep (file_id, line, name, kind, cells)", rows)


def cells_by_line(file_id: int, lines: Collection[int]) -> dict[int, Cells]:
    """Return what is kept of the rows at ``lines``, by line; rows that do nothing are left out."""
    kept = ImportStep.objects.filter(file_id=file_id, line__in=lines).order_by("line")
    return {
        line: {column: (before, after) for column, before, after in cells}
        for line, cells in kept.values_list("line", "cells")
    }
