"""Rows as cards on a phone: the first column with three facts; the rest is on the row's page."""

from collections.abc import Sequence

FACT_COUNT = 3


def facts_of(columns: Sequence[str], foremost: Sequence[str] = ()) -> list[str]:
    """Return the columns that a card shows: the ``foremost`` that there are, then the first."""
    known = [name for name in foremost if name in columns]
    return [*known, *(name for name in columns if name not in known)][:FACT_COUNT]
