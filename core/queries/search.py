"""Rows found by what a person typed: each way of finding them is a statement of its own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.db.models import QuerySet


class Match(IntEnum):
    """How closely something matches what was typed; the closest is the least."""

    EXACT = 1
    BEGINNING = 2
    WORDS = 3
    SIMILAR = 4


@dataclass(frozen=True, slots=True)
class Way:
    """Rows that match in one way, in the order in which they are shown.

    One index answers it: ways joined by OR would be looked through row after row.
    """

    match: Match
    rows: QuerySet[Any]


def first_found(ways: Iterable[Way], *, limit: int) -> Iterator[tuple[Match, Any]]:
    """Yield at most ``limit`` rows, the closest first, each with how closely it matches.

    What is only similar is looked for where nothing else was found.
    """
    shown: set[Any] = set()
    for way in ways:
        if shown and way.match is Match.SIMILAR:
            return
        for row in way.rows[:limit]:
            if row.pk not in shown and len(shown) < limit:
                shown.add(row.pk)
                yield way.match, row
        # Before the next way is made: it may read keys of its own.
        if len(shown) >= limit:
            return
