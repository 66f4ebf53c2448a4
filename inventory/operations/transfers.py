"""Moves units that are not allocated from one source to another, at once or sent on their way."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from core import formats
from inventory import ports
from inventory.models import FutureSupply, SourceItem
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


@dataclass(frozen=True, slots=True)
class Consignment:
    """Under which reference units are sent, and when they are expected."""

    reference: str
    expected_on: date


def transfer(moves: Sequence[TransferredUnits]) -> None:
    """Move units, all or nothing; opens the transaction. They are received at once.

    :raises UnknownSourceItemError: if a product is not held at both its sources.
    :raises SourceItemError: if fewer units are unallocated.
    :raises FractionError: for a fraction, unless both items use decimals.

    Rule: Reservations, transfers.
    """
    with transaction.atomic():
        items = locked_items(moves)
        _deduct(moves, items)
        received: defaultdict[int, Decimal] = defaultdict(Decimal)
        for move in moves:
            received[items[move.product_id, move.to_source_id].pk] += move.quantity
        if moves:
            units.add(received)
            ports.current().note_arrival(sorted({move.product_id for move in moves}))


def send(moves: Sequence[TransferredUnits], consignment: Consignment) -> None:
    """Send units on their way, all or nothing; opens the transaction.

    They leave their sources now. Where they go future supply is made of them, of one reference,
    so that they are received together. It raises what :func:`transfer` raises.

    Rule: Bulk work, transfer quantity (§10); future supply over time (§16).
    """
    with transaction.atomic():
        _deduct(moves, locked_items(moves))
        FutureSupply.objects.bulk_create(
            FutureSupply(
                product_id=move.product_id,
                source_id=move.to_source_id,
                sent_from_id=move.from_source_id,
                quantity=move.quantity,
                expected_on=consignment.expected_on,
                reference=consignment.reference,
            )
            for move in moves
        )
        if moves:
            ports.current().note_arrival(sorted({move.product_id for move in moves}))


def _deduct(moves: Sequence[TransferredUnits], items: Mapping[tuple[int, int], SourceItem]) -> None:
    """Take the units off the locked ``items`` that send them."""
    sent: defaultdict[int, Decimal] = defaultdict(Decimal)
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
    units.deduct(sent, allocated={})


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


def _item(
    items: Mapping[tuple[int, int], SourceItem], product_id: int, source_id: int
) -> SourceItem:
    if (product_id, source_id) not in items:
        raise UnknownSourceItemError(product_id, source_id)
    return items[product_id, source_id]
