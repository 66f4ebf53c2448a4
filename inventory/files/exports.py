"""What the back office holds, as files that can be brought in again."""

from collections.abc import Iterator
from typing import Any

from inventory.files.formats import FORMATS
from inventory.files.writing import lines


def export_lines(format_code: str, rows: Any) -> Iterator[str]:
    """Yield the lines of a file with the rows of a queryset, some thousands read at a time."""
    chosen = FORMATS[format_code]
    return lines(chosen.exported, chosen.export(rows))
