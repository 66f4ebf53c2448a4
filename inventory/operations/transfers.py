"""Moves units that are not allocated from one source to another."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from core import formats
from inventory import ports
from inventory.models import SourceItem
from inventory.operations import units
from inventory.operations.source_items import SourceItemError, UnknownSourceItemError
from inventory.operations.whole_units import refuse
from inventory.queries.decimals import Fraction
from inventory.resolution import uses_decimals


@dataclass(frozen=True, slots=True)
class TransferredUnits:
    """Units of one product that go from one source to another."""

    product_id: int
    from_source_id: int
    to_source_id: int
    quantity: Decimal


def transfer(moves: Sequence[TransferredUnits]) -> None:
    """Move units, all or nothing; opens the transaction.

    :raises UnknownSourceItemError: if a product is not held at both its sources.
    :raises SourceItemError: if fewer units are unallocated.
    :raises FractionError: for a fraction, unless both items use decimals.

    Rule: Reservations, transfers.
    """
    with transaction.atomic():
        items = locked_items(moves)
        sent: defaultdict[int, Decimal] = defaultdict(Decimal)
        received: defaultdict[int, Decimal] = defaultdict(Decimal)
        for move in moves:
            sender = _item(items, move.product_id, move.from_source_id)
            receiver = _item(items, move.product_id, move.to_source_id)
            unallocated = sender.quantity - sender.allocated - sent[sender.pk]
            if unallocated < move.quantity:
                sentence = gettext("%(item)s has %(units)s units that are not allocated.")
                values = {"item": sender, "units": formats.quantity(unallocated)}
                raise SourceItemError(sentence % values)
            refuse(fractions_in(move, (sender, receiver)))
            sent[sender.pk] += move.quantity
            received[receiver.pk] += move.quantity
        if sent:
            units.deduct(sent, allocated={})
            units.add(received)
            products = sorted({move.product_id for move in moves})
            ports.current().note_arrival(products)


def fractions_in(move: TransferredUnits, items: Iterable[SourceItem]) -> list[Fraction]:
    """Return the fraction that a move would leave or bring, for each item without decimals."""
    return [
        Fraction(item.product_id, item.source_id, move.quantity)
        for item in items
        if move.quantity % 1 and not uses_decimals(item.product.overrides(), item.overrides())
    ]


def locked_items(moves: Iterable[TransferredUnits]) -> dict[tuple[int, int], SourceItem]:
    """Lock both items of each move, in key order; return those that are there, by their keys."""
    moves = list(moves)
    sources = {move.from_source_id for move in moves} | {move.to_source_id for move in moves}
    touched = Q(product_id__in={move.product_id for move in moves}, source_id__in=sources)
    items = SourceItem.objects.filter(touched).select_related("product", "source").locked()
    return {(item.product_id, item.source_id): item for item in items}


def _item(items: dict[tuple[int, int], SourceItem], product_id: int, source_id: int) -> SourceItem:
    if (product_id, source_id) not in items:
        raise UnknownSourceItemError(product_id, source_id)
    return items[product_id, source_id]
