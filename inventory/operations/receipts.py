"""Receives future supply: units that came, on one record or on many in one transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from core.acts import Act
from core.quantities import ZERO
from inventory import ports
from inventory.models import FutureSupply, Receipt
from inventory.operations import transit, units
from inventory.operations.future_supply import (
    OutstandingMovedError,
    SupplyError,
    fit_promises,
    locked_records,
    promises_of,
    refuse_closed,
)
from inventory.operations.missing_items import locked_item_ids
from inventory.operations.whole_units import refuse_fractions_at
from inventory.ports import CameUnits, ReadyShipment
from inventory.promises import DateMove, PromisePlan, plan_receipt
from inventory.queries.decimals import ItemKey


class AlreadyReceivedError(SupplyError):
    """The page was confirmed before; nothing was written a second time."""


class OverReceiptError(SupplyError):
    """More than is outstanding of a record, without a confirmation; ``outstanding`` is how many."""

    def __init__(self, supply_id: int, outstanding: Decimal) -> None:
        super().__init__(f"{outstanding:f}")
        self.supply_id = supply_id
        self.outstanding = outstanding


class UnexplainedReceiptError(OverReceiptError):
    """More than twice as many as are outstanding, without a reason."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a person or program says besides how many units came.

    ``outstanding`` is what was shown to be; ``token`` that of the page that is confirmed.
    """

    confirms_over: bool = False
    reason: str = ""
    outstanding: Decimal | None = None
    token: UUID | None = None


PLAIN = Confirmation()


@dataclass(frozen=True, slots=True)
class SupplyReceipt:
    """Units that came on one record; ``is_last`` closes it short."""

    supply_id: int
    quantity: Decimal
    is_last: bool = False
    confirmation: Confirmation = PLAIN


@dataclass(frozen=True, slots=True)
class ReceiptOutcome:
    """What receiving did: the promises kept and broken, and the units set aside for those who
    were promised them, by record; and who became READY.
    """

    plans: Mapping[int, PromisePlan]
    set_aside: Mapping[int, Decimal]
    ready: tuple[ReadyShipment, ...]


def preview_receipt(supply_id: int, *, quantity: Decimal, is_last: bool) -> PromisePlan:
    """Return the promises that :func:`receive_supply` would leave and break now."""
    supply = FutureSupply.objects.get(pk=supply_id)
    received = supply.received_quantity + quantity
    outstanding = _outstanding(supply, received, is_last=is_last)
    return plan_receipt(promises_of(supply_id), quantity, outstanding=outstanding)


def receive_supply(
    supply_id: int,
    act: Act,
    *,
    quantity: Decimal,
    is_last: bool = False,
    confirmation: Confirmation = PLAIN,
) -> PromisePlan:
    """Receive units, a part or more than expected; return the promises kept and broken.

    Opens the transaction. Units go to the promised shipments in queue order; the rest becomes on
    hand, and a release run follows. ``is_last`` closes the record short: shipments that are still
    promised units wait again.

    :raises AlreadyReceivedError: if the page that is confirmed was confirmed before.

    It raises what :func:`receive_records` raises.

    Rule: Future supply over time.
    """
    receipt = SupplyReceipt(supply_id, quantity, is_last, confirmation)
    with transaction.atomic():
        return receive_records([receipt], act).plans[supply_id]


def receive_records(
    receipts: Sequence[SupplyReceipt], act: Act, *, delivery_id: int | None = None
) -> ReceiptOutcome:
    """Receive units on records, at most one receipt each, in the caller's transaction.

    :raises ClosedSupplyError: if one of the records is no longer open.
    :raises AlreadyReceivedError: if the page that is confirmed was confirmed before.
    :raises OutstandingMovedError: if another quantity is outstanding than was shown.
    :raises OverReceiptError: for more than is outstanding, unless that is confirmed.
    :raises UnexplainedReceiptError: for more than twice as many, without a reason.
    :raises SupplyError: for a quantity below 0, or of 0 with more to come.
    :raises FractionError: for a fraction where the source item does not use decimals.

    Rule: Future supply over time.
    """
    by_record = {receipt.supply_id: receipt for receipt in receipts}
    for receipt in receipts:
        if receipt.quantity < 0 or (receipt.quantity == 0 and not receipt.is_last):
            raise SupplyError(f"{receipt.quantity:f}")
    refuse_fractions_at(_fractions(by_record))
    last = [receipt.supply_id for receipt in receipts if receipt.is_last]
    records = locked_records(list(by_record), losing=last)
    _refuse_second(receipts)
    refuse_closed(records.values())
    for supply_id, record in records.items():
        refuse_unconfirmed(record, by_record[supply_id])
    set_aside = {
        pk: min(by_record[pk].quantity, record.allocated_quantity) for pk, record in records.items()
    }
    ready = _book(by_record, records, set_aside, act, delivery_id=delivery_id)
    outstanding = {
        pk: _outstanding(record, record.received_quantity, is_last=by_record[pk].is_last)
        for pk, record in records.items()
    }
    plans = fit_promises(outstanding, act)
    closed = [pk for pk, units_left in outstanding.items() if not units_left]
    lost = {pk: records[pk].outstanding_quantity for pk in closed}
    short = {pk: units_lost for pk, units_lost in lost.items() if units_lost}
    with transit.cause_of_loss(short):
        FutureSupply.objects.filter(pk__in=closed).update(state=FutureSupply.State.RECEIVED)
    moves = {pk: DateMove(records[pk].expected_on, None) for pk in short}
    ports.current().free_dates(moves, act)
    ports.current().note_arrival(sorted({record.product_id for record in records.values()}))
    return ReceiptOutcome(plans, set_aside, tuple(ready))


def refuse_unconfirmed(supply: FutureSupply, receipt: SupplyReceipt) -> None:
    """Refuse a receipt of another quantity than is outstanding, unless it is confirmed.

    :raises OutstandingMovedError: if another quantity is outstanding than was shown.
    :raises OverReceiptError: for more than is outstanding, unless that is confirmed.
    :raises UnexplainedReceiptError: for more than twice as many, without a reason.

    Rule: Future supply over time, a receipt of more than is outstanding.
    """
    outstanding, confirmation = supply.outstanding_quantity, receipt.confirmation
    if confirmation.outstanding not in (None, outstanding):
        raise OutstandingMovedError
    if receipt.quantity > outstanding and not confirmation.confirms_over:
        raise OverReceiptError(supply.pk, outstanding)
    if receipt.quantity > 2 * outstanding and not confirmation.reason.strip():
        raise UnexplainedReceiptError(supply.pk, outstanding)


def _fractions(by_record: Mapping[int, SupplyReceipt]) -> list[tuple[ItemKey, Decimal]]:
    fractions = [pk for pk, receipt in by_record.items() if receipt.quantity % 1]
    if not fractions:
        return []
    found = FutureSupply.objects.filter(pk__in=fractions).values_list(
        "pk", "product_id", "source_id"
    )
    return [((product, source), by_record[pk].quantity) for pk, product, source in found]


def _refuse_second(receipts: Sequence[SupplyReceipt]) -> None:
    tokens = {receipt.confirmation.token for receipt in receipts} - {None}
    if tokens and Receipt.objects.filter(token__in=tokens).exists():
        raise AlreadyReceivedError


def _book(
    by_record: Mapping[int, SupplyReceipt],
    records: Mapping[int, FutureSupply],
    set_aside: Mapping[int, Decimal],
    act: Act,
    *,
    delivery_id: int | None,
) -> Sequence[ReadyShipment]:
    """Put the units on hand, write the receipts, and give promised units to their shipments."""
    items = _item_ids(records)
    on_hand: defaultdict[int, Decimal] = defaultdict(Decimal)
    rows, came = [], []
    for pk, record in records.items():
        receipt = by_record[pk]
        if not receipt.quantity:
            continue
        on_hand[items[pk]] += receipt.quantity
        rows.append(_receipt_row(receipt, act, delivery_id=delivery_id))
        record.allocated_quantity -= set_aside[pk]
        record.received_quantity += receipt.quantity
        came.append(pk)
    units.add(on_hand)
    written = {row.future_supply_id: row.pk for row in Receipt.objects.bulk_create(rows)}
    FutureSupply.objects.bulk_update(
        [records[pk] for pk in came], ["allocated_quantity", "received_quantity"]
    )
    served = [CameUnits(pk, items[pk], written[pk], set_aside[pk]) for pk in came if set_aside[pk]]
    return ports.current().supply_arrived(served, act) if served else ()


def _receipt_row(receipt: SupplyReceipt, act: Act, *, delivery_id: int | None) -> Receipt:
    return Receipt(
        future_supply_id=receipt.supply_id,
        delivery_id=delivery_id,
        quantity=receipt.quantity,
        reason=receipt.confirmation.reason.strip(),
        token=receipt.confirmation.token,
        received_at=act.at,
        received_by_id=act.actor_id,
    )


def _item_ids(records: Mapping[int, FutureSupply]) -> dict[int, int]:
    """Return the source item of each record, locked; one that was missing is made."""
    keys = {pk: (record.product_id, record.source_id) for pk, record in records.items()}
    ids = locked_item_ids(keys.values())
    return {pk: ids[key] for pk, key in keys.items()}


def _outstanding(supply: FutureSupply, received: Decimal, *, is_last: bool) -> Decimal:
    """Return what still comes once so much has come; 0 closes the record."""
    return ZERO if is_last else max(supply.quantity - received, ZERO)
