"""What staged rows have in common: types of columns, arrays of new values, what differs."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from core.sql import listed
from inventory.options import OptionKind

OPTION_TYPES = {
    OptionKind.YES_NO: "boolean",
    OptionKind.CHOICE: "text",
    OptionKind.QUANTITY: "numeric",
    OptionKind.WHOLE: "integer",
    OptionKind.PERIOD: "text",
}


def arrays_of(rows: Collection[Mapping[str, Any]], columns: Iterable[str]) -> list[list[Any]]:
    """Return the arrays of ``columns``, each followed by the one that says which rows set it."""
    arrays = []
    for name in columns:
        arrays.append([row.get(name) for row in rows])
        arrays.append([name in row for row in rows])
    return arrays


def differs(names: Iterable[str]) -> str:
    """Return the condition that one of these columns of ``becoming`` is not what it was."""
    return f"({listed('becoming.{0} IS DISTINCT FROM becoming.was_{0}', names, ' OR ')})"
