"""The order in which sources are tried; PURE."""

from collections.abc import Collection, Iterable

from fulfillment.sourcing.algorithms import ALGORITHMS, Destination
from inventory.options import SourceSelection
from inventory.selling import LinkedSource


def in_order_of_choice(
    candidates: Iterable[LinkedSource],
    *,
    algorithm: SourceSelection,
    destination: Destination | None,
    last: Collection[int],
) -> list[LinkedSource]:
    """Return the sources in the order they are tried; equals by code.

    ``destination`` is latitude and longitude; without one, and for sources without coordinates,
    priority decides. Sources in ``last``, where pickup shipments wait, are tried last.

    Rule: Choosing sources.
    """

    chosen = ALGORITHMS[algorithm]

    def key(source: LinkedSource) -> tuple[bool, float, int, str]:
        is_last = source.source_id in last
        return is_last, chosen.rank(source, destination), source.priority, source.code

    return sorted(candidates, key=key)
