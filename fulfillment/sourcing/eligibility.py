"""The sources that may serve a shipment, and the order in which they are tried; PURE.

Rule: Choosing sources.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Protocol, TypeVar

from fulfillment.sourcing.algorithms import ALGORITHMS, Destination, Located
from inventory.options import SourceSelection


class Ineligibility(StrEnum):
    """Why a source may not serve a shipment."""

    DISABLED = "DISABLED"
    NOT_LINKED = "NOT_LINKED"
    NOT_SHIPPING_HOME = "NOT_SHIPPING_HOME"
    NOT_FOR_PICKUP = "NOT_FOR_PICKUP"
    BARRED = "BARRED"


class Candidate(Located, Protocol):
    """A source, as far as eligibility looks at it."""

    @property
    def source_id(self) -> int: ...
    @property
    def is_enabled(self) -> bool: ...
    @property
    def ships_to_home(self) -> bool: ...


Found = TypeVar("Found", bound=Candidate)


def ineligibilities(
    source: Candidate, *, pickup_source_id: int | None, is_linked: bool = True
) -> list[Ineligibility]:
    """Return every reason why a source may not serve a shipment; none: it is eligible.

    ``pickup_source_id`` is None for ship to home. Bars hold for single products and are not
    considered.
    """
    found = []
    if not source.is_enabled:
        found.append(Ineligibility.DISABLED)
    if not is_linked:
        found.append(Ineligibility.NOT_LINKED)
    if pickup_source_id is None and not source.ships_to_home:
        found.append(Ineligibility.NOT_SHIPPING_HOME)
    if pickup_source_id not in (None, source.source_id):
        found.append(Ineligibility.NOT_FOR_PICKUP)
    return found


def eligible(linked: Iterable[Found], *, pickup_source_id: int | None) -> list[Found]:
    """Return those of a stock's ``linked`` sources that may serve a shipment, in their order."""
    return [
        source
        for source in linked
        if not ineligibilities(source, pickup_source_id=pickup_source_id)
    ]


def in_order_of_choice(
    candidates: Iterable[Found],
    *,
    algorithm: SourceSelection,
    destination: Destination | None,
    last: Collection[int],
) -> list[Found]:
    """Return sources, which come by priority and code, in the order they are tried.

    ``destination`` is latitude and longitude; without one, and for sources without coordinates,
    priority decides. Sources in ``last``, where pickup shipments wait, are tried last.
    """
    rank = ALGORITHMS[algorithm].rank
    return sorted(
        candidates, key=lambda source: (source.source_id in last, rank(source, destination))
    )
