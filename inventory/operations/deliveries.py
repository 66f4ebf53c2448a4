"""Receives a delivery: all that arrived together, with one confirmation, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from core.acts import Act
from core.quantities import ZERO
from core.trials import trial
from inventory.models import Delivery, FutureSupply
from inventory.operations.future_supply import (
    ClosedSupplyError,
    OutstandingMovedError,
    SupplyError,
)
from inventory.operations.receipts import (
    AlreadyReceivedError,
    Confirmation,
    ReceiptOutcome,
    SupplyReceipt,
    receive_records,
)
from inventory.operations.whole_units import refuse_fractions_at
from inventory.ports import ReadyShipment
from inventory.promises import Promise

MOST_LINES = 500


class TooManyLinesError(SupplyError):
    """More lines than one delivery may have; nothing was written."""


class NothingReceivedError(SupplyError):
    """No line has units, and none is closed; nothing was written."""


class DeliveryChangedError(SupplyError):
    """Other quantities are outstanding than were shown; ``supply_ids`` are those records."""

    def __init__(self, supply_ids: Sequence[int]) -> None:
        super().__init__(", ".join(map(str, supply_ids)))
        self.supply_ids = tuple(supply_ids)


class ShipmentsChangedError(SupplyError):
    """It would affect other shipments now than were shown."""


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """Units that came on an open record, of which ``outstanding`` were shown to be."""

    supply_id: int
    quantity: Decimal
    outstanding: Decimal
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class UnrecordedLine:
    """Units that came without a record; it is made, and received at once."""

    product_id: int
    source_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class DeliveryContent:
    """All that arrived; ``token`` is that of the page that is confirmed."""

    token: UUID
    reference: str
    source_id: int | None
    lines: tuple[DeliveryLine, ...]
    unrecorded: tuple[UnrecordedLine, ...] = ()
    confirms_over: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """What became of one line: units received, promised ones among them, and what is left.

    ``outstanding`` is what still comes; a record that is not open any more ``is_closed``.
    """

    supply_id: int
    sku: str
    name: str
    source: str
    received: Decimal
    set_aside: Decimal
    outstanding: Decimal
    is_closed: bool
    is_new: bool

    @property
    def on_hand(self) -> Decimal:
        """What no shipment was promised: it is left on hand."""
        return self.received - self.set_aside


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """What receiving a delivery does: to its lines, and to shipments that were promised units.

    ``ready`` shipments have all their units, ``broken`` ones wait again.
    """

    lines: tuple[ReceivedLine, ...]
    ready: tuple[ReadyShipment, ...]
    broken: tuple[Promise, ...]

    @property
    def affected(self) -> str:
        """The affected shipments as a text, to notice that they are others than were shown."""
        ready = ",".join(str(one.shipment_id) for one in self.ready)
        return f"{ready};{','.join(str(one.shipment_id) for one in self.broken)}"


def spread(quantity: Decimal, outstanding: Sequence[Decimal]) -> list[Decimal]:
    """Return how units that came are shared by lines: each gets what it lacks, in their order.

    What is more than all of them lack goes to the last; without lines there is nothing to share.
    """
    shares, left = [], quantity
    for lacking in outstanding:
        shares.append(min(left, max(lacking, ZERO)))
        left -= shares[-1]
    if shares:
        shares[-1] += left
    return shares


def preview_delivery(content: DeliveryContent, act: Act) -> DeliveryOutcome:
    """Return what :func:`receive_delivery` would do now, and raise what it would raise."""
    with trial():
        return _received(content, act)


def receive_delivery(
    content: DeliveryContent, act: Act, *, affected: str | None = None
) -> DeliveryOutcome:
    """Receive all lines, or none; return what became of them. Opens the transaction.

    Lines without units that are not the last of their record are left as they are. ``affected``
    is what the outcome that was shown says of shipments.

    :raises AlreadyReceivedError: if the page was confirmed before.
    :raises DeliveryChangedError: if a record was received, changed or closed since it was shown.
    :raises ShipmentsChangedError: if other shipments are affected than were shown.
    :raises NothingReceivedError: if nothing came, and nothing is closed.
    :raises TooManyLinesError: for more than 500 lines.

    It raises what :func:`~inventory.operations.receipts.receive_records` raises, too.

    Rule: Receiving, §22.
    """
    with transaction.atomic():
        outcome = _received(content, act)
        if affected not in (None, outcome.affected):
            raise ShipmentsChangedError
        Delivery.objects.filter(token=content.token).update(outcome=_printed(outcome))
    return outcome


def _received(content: DeliveryContent, act: Act) -> DeliveryOutcome:
    lines = [line for line in content.lines if line.quantity or line.is_last]
    if not lines and not content.unrecorded:
        raise NothingReceivedError
    if len(lines) + len(content.unrecorded) > MOST_LINES:
        raise TooManyLinesError
    _refuse_fractions(lines, content.unrecorded)
    # The first of two confirmations keeps the second waiting here, where it holds nothing else.
    delivery, is_new = Delivery.objects.get_or_create(
        token=content.token,
        defaults={
            "reference": content.reference,
            "source_id": content.source_id,
            "received_at": act.at,
            "received_by_id": act.actor_id,
        },
    )
    if not is_new:
        raise AlreadyReceivedError
    made = _recorded(content)
    receipts = [_receipt(line, content) for line in lines]
    receipts += [SupplyReceipt(record.pk, record.quantity) for record in made]
    try:
        found = receive_records(receipts, act, delivery_id=delivery.pk)
    except (ClosedSupplyError, OutstandingMovedError) as error:
        raise DeliveryChangedError(_changed(lines)) from error
    new = {record.pk for record in made}
    return _outcome(receipts, found, new=new)


def _refuse_fractions(lines: Sequence[DeliveryLine], unrecorded: Sequence[UnrecordedLine]) -> None:
    """Refuse fractions of all lines before any row is written or locked."""
    keys = _item_keys([line.supply_id for line in lines])
    written = [(keys[line.supply_id], line.quantity) for line in lines]
    written += [((line.product_id, line.source_id), line.quantity) for line in unrecorded]
    refuse_fractions_at(written)


def _item_keys(supply_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return the product and the source of records, by record."""
    found = FutureSupply.objects.filter(pk__in=supply_ids)
    rows = found.order_by("pk").values_list("pk", "product_id", "source_id")
    return {pk: (product_id, source_id) for pk, product_id, source_id in rows}


def _recorded(content: DeliveryContent) -> list[FutureSupply]:
    """Make a record for what came without one: of this reference, expected on no day."""
    return FutureSupply.objects.bulk_create(
        FutureSupply(
            product_id=line.product_id,
            source_id=line.source_id,
            quantity=line.quantity,
            reference=content.reference,
        )
        for line in content.unrecorded
    )


def _receipt(line: DeliveryLine, content: DeliveryContent) -> SupplyReceipt:
    confirmation = Confirmation(
        confirms_over=content.confirms_over,
        reason=content.reason if line.quantity > 2 * line.outstanding else "",
        outstanding=line.outstanding,
    )
    return SupplyReceipt(line.supply_id, line.quantity, line.is_last, confirmation)


def _changed(lines: Sequence[DeliveryLine]) -> list[int]:
    """Return the records that are closed, or of which something else is outstanding than shown."""
    shown = {line.supply_id: line.outstanding for line in lines}
    records = FutureSupply.objects.filter(pk__in=shown).order_by("pk")
    return [
        record.pk
        for record in records
        if record.state != FutureSupply.State.OPEN
        or record.outstanding_quantity != shown[record.pk]
    ]


def _outcome(
    receipts: Sequence[SupplyReceipt], found: ReceiptOutcome, *, new: set[int]
) -> DeliveryOutcome:
    records = FutureSupply.objects.select_related("product", "source").in_bulk(
        [receipt.supply_id for receipt in receipts]
    )
    lines = tuple(
        _received_line(receipt, records[receipt.supply_id], found.set_aside, new=new)
        for receipt in receipts
    )
    # A shipment that breaks at two records is one shipment.
    broken = {
        promise.shipment_id: promise for plan in found.plans.values() for promise in plan.broken
    }
    ready = tuple(one for one in found.ready if one.shipment_id not in broken)
    return DeliveryOutcome(lines, ready, tuple(broken[pk] for pk in sorted(broken)))


def _received_line(
    receipt: SupplyReceipt,
    record: FutureSupply,
    set_aside: Mapping[int, Decimal],
    *,
    new: set[int],
) -> ReceivedLine:
    is_closed = record.state != FutureSupply.State.OPEN
    return ReceivedLine(
        supply_id=record.pk,
        sku=record.product.sku,
        name=record.product.name,
        source=record.source.code,
        received=receipt.quantity,
        set_aside=set_aside.get(record.pk, ZERO),
        outstanding=record.outstanding_quantity,
        is_closed=is_closed,
        is_new=record.pk in new,
    )


def _printed(outcome: DeliveryOutcome) -> dict[str, Any]:
    """Return the outcome as it is kept with the delivery."""
    return {
        "lines": [
            {
                "supply_id": line.supply_id,
                "sku": line.sku,
                "name": line.name,
                "source": line.source,
                "received": f"{line.received:f}",
                "set_aside": f"{line.set_aside:f}",
                "on_hand": f"{line.on_hand:f}",
                "outstanding": f"{line.outstanding:f}",
                "is_closed": line.is_closed,
                "is_new": line.is_new,
            }
            for line in outcome.lines
        ],
        "ready": [_named(one) for one in outcome.ready],
        "broken": [_named(one) for one in outcome.broken],
    }


def _named(one: ReadyShipment | Promise) -> dict[str, Any]:
    return {
        "shipment_id": one.shipment_id,
        "shipment_number": one.shipment_number,
        "order_number": one.order_number,
    }
