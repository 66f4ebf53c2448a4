"""Assigns the lines of a new order to sources; PURE."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from fulfillment.routing.spare import Spare

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Need:
    """Units that one order line asks for."""

    line: int
    product_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Limits:
    """How many sources one placement may use, in all and for a line; None = no limit."""

    sources: int | None = None
    sources_per_line: int | None = None


@dataclass(slots=True)
class _Progress:
    left: dict[int, Decimal]
    at_source: dict[tuple[int, int], Decimal]
    takes: dict[int, dict[int, Decimal]] = field(default_factory=dict)
    sources_of_line: dict[int, int] = field(default_factory=dict)


def assign(
    needs: Sequence[Need], spare: Spare, candidates: Sequence[int], limits: Limits
) -> Mapping[int, Mapping[int, Decimal]]:
    """Return the units taken, by source id in the order of use, by line.

    ``candidates`` are source ids in the order they are tried. The first source that covers
    everything serves the order; otherwise, again and again, the one that covers most units of
    what is left, the first among equals. Lines get their units in sequence.

    Rule: Choosing sources.
    """
    progress = _Progress(left=_capped(needs, spare), at_source=dict(spare.at_source))
    wanted = sum(progress.left.values(), ZERO)
    unused = list(candidates)
    while unused and any(progress.left.values()):
        if limits.sources is not None and len(progress.takes) >= limits.sources:
            break
        offers = {source: _offer(needs, progress, source, limits) for source in unused}
        units = {source: sum(offer.values(), ZERO) for source, offer in offers.items()}
        best = max(unused, key=lambda source: units[source])
        if not units[best]:
            break
        full = [source for source in unused if units[source] == wanted]
        _take(needs, progress, full[0] if full else best, offers)
        unused.remove(full[0] if full else best)
    return progress.takes


def _capped(needs: Sequence[Need], spare: Spare) -> dict[int, Decimal]:
    """Return what each line may be given in all, lines in sequence."""
    budget = dict(spare.in_all)
    capped = {}
    for need in needs:
        given = min(need.quantity, budget.get(need.product_id, ZERO))
        capped[need.line] = given
        budget[need.product_id] = budget.get(need.product_id, ZERO) - given
    return capped


def _offer(
    needs: Sequence[Need], progress: _Progress, source: int, limits: Limits
) -> dict[int, Decimal]:
    """Return what ``source`` would give to each line of what is left."""
    there: dict[int, Decimal] = {}
    offer = {}
    for need in needs:
        left = progress.left[need.line]
        used = progress.sources_of_line.get(need.line, 0)
        if not left or (limits.sources_per_line is not None and used >= limits.sources_per_line):
            continue
        units = there.get(need.product_id)
        if units is None:
            units = progress.at_source.get((source, need.product_id), ZERO)
        given = min(left, units)
        if given:
            offer[need.line] = given
        there[need.product_id] = units - given
    return offer


def _take(
    needs: Sequence[Need],
    progress: _Progress,
    source: int,
    offers: Mapping[int, dict[int, Decimal]],
) -> None:
    products = {need.line: need.product_id for need in needs}
    progress.takes[source] = offers[source]
    for line, units in offers[source].items():
        progress.left[line] -= units
        progress.at_source[source, products[line]] -= units
        progress.sources_of_line[line] = progress.sources_of_line.get(line, 0) + 1
