"""Takes receipts of future supply back: the units have not come after all."""

from decimal import Decimal

from django.db import transaction
from django.db.models import F

from core.acts import Act
from core.quantities import ZERO
from inventory import ports
from inventory.models import FutureSupply, Receipt, ReceiptReversal, SourceItem
from inventory.operations import units
from inventory.operations.future_supply import SupplyError, SupplyMovedError, refuse_fraction
from inventory.promises import TakeBackPlan, plan_take_back

State = FutureSupply.State


class NotLastReceiptError(SupplyError):
    """Units were received on the record since, or nothing of the receipt is left."""


class TooManyUnitsError(SupplyError):
    """Fewer units can leave; ``plan`` says how many."""

    def __init__(self, plan: TakeBackPlan) -> None:
        super().__init__(f"{plan.possible_quantity:f}")
        self.plan = plan


class NoReasonError(SupplyError):
    """It needs a reason; nothing was written."""


def last_receipt(supply_id: int) -> Receipt | None:
    """Return the one receipt of a record that can be taken back; ``None`` if there is none."""
    left = Receipt.objects.filter(
        future_supply=supply_id, taken_back_quantity__lt=F("quantity")
    ).order_by("-pk")
    return left.select_related("received_by").first()


def preview_take_back(receipt_id: int, *, quantity: Decimal | None = None) -> TakeBackPlan:
    """Return the promises that :func:`take_back_receipt` would keep and break now.

    Without a quantity it is all that is left of the receipt.

    :raises NotLastReceiptError: if it is not its record's last one.
    """
    receipt = Receipt.objects.select_related("future_supply").get(pk=receipt_id)
    _refuse_earlier(receipt)
    return _planned(receipt, quantity)


def take_back_receipt(
    receipt_id: int,
    act: Act,
    *,
    quantity: Decimal | None = None,
    expected: TakeBackPlan | None = None,
) -> TakeBackPlan:
    """Take units of a receipt back; return the promises kept and broken.

    Opens the transaction. The source item loses them as in a count, and the record is open for
    them again. A record that was closed short is open for these units only. ``expected`` is the
    plan that was shown. The act needs a reason.

    :raises NotLastReceiptError: if it is not its record's last one.
    :raises NoReasonError: without a reason.
    :raises FractionError: for a fraction where the source item does not use decimals.
    :raises TooManyUnitsError: if fewer units can leave; nothing was written.
    :raises SupplyMovedError: if it affects other shipments now than a moment ago, or were shown.

    Rule: Future supply over time, a receipt taken back.
    """
    if not act.reason.strip():
        raise NoReasonError
    with transaction.atomic():
        receipt = Receipt.objects.select_related("future_supply").get(pk=receipt_id)
        if quantity is not None:
            refuse_fraction(receipt.future_supply_id, quantity)
        planned = _planned(receipt, quantity)
        shipments = {promise.shipment_id for promise in (*planned.kept, *planned.broken)}
        ports.current().lock_with_supply([receipt.future_supply_id], sorted(shipments))
        receipt = Receipt.objects.select_for_update(of=("self",)).get(pk=receipt_id)
        _refuse_earlier(receipt)
        plan = _planned(receipt, quantity)
        if not {promise.shipment_id for promise in (*plan.kept, *plan.broken)} <= shipments:
            raise SupplyMovedError
        if expected is not None and plan != expected:
            raise SupplyMovedError
        if not plan.is_possible:
            raise TooManyUnitsError(plan)
        _take_back(receipt, plan, act)
    return plan


def _take_back(receipt: Receipt, plan: TakeBackPlan, act: Act) -> None:
    supply, item = receipt.future_supply, _item_of(receipt)
    promised = ports.current().take_from_served(receipt.pk, item.pk, plan, act)
    units.deduct({item.pk: plan.quantity}, allocated={})
    supply.quantity, supply.received_quantity, supply.state = _reopened(supply, plan.quantity)
    supply.allocated_quantity += promised
    supply.save(update_fields=["quantity", "received_quantity", "allocated_quantity", "state"])
    receipt.taken_back_quantity += plan.quantity
    receipt.save(update_fields=["taken_back_quantity"])
    ReceiptReversal.objects.create(
        receipt=receipt,
        quantity=plan.quantity,
        reason=act.reason.strip(),
        made_at=act.at,
        made_by_id=act.actor_id,
    )
    ports.current().note_arrival([supply.product_id])


def _planned(receipt: Receipt, quantity: Decimal | None) -> TakeBackPlan:
    """Return what taking units back would do, as things are now."""
    left = receipt.quantity - receipt.taken_back_quantity
    taken = left if quantity is None else quantity
    supply = FutureSupply.objects.get(pk=receipt.future_supply_id)
    item = SourceItem.objects.filter(product=supply.product_id, source=supply.source_id).first()
    if item is None:
        return TakeBackPlan(taken, ZERO)
    total, received, state = _reopened(supply, taken)
    is_promisable = state == State.OPEN and supply.expected_on is not None
    return plan_take_back(
        ports.current().served_by(receipt.pk, item.pk),
        taken,
        received=left,
        unallocated=item.quantity - item.allocated,
        promisable=total - received - supply.allocated_quantity if is_promisable else ZERO,
    )


def _reopened(supply: FutureSupply, taken: Decimal) -> tuple[Decimal, Decimal, str]:
    """Return the record's quantity, what of it is received, and its state once units are taken.

    What closing short gave up stays given up. Of a transfer that was canceled since, these units
    are in transit again; those that went back to the sender stay there.
    """
    is_canceled_transfer = supply.is_transfer and supply.state == State.CANCELED
    is_closed = supply.state == State.RECEIVED or is_canceled_transfer
    is_closed_short = is_closed and supply.received_quantity < supply.quantity
    total = supply.received_quantity if is_closed_short else supply.quantity
    received = supply.received_quantity - taken
    if is_closed and received < total:
        return total, received, State.OPEN
    return supply.quantity, received, supply.state


def _refuse_earlier(receipt: Receipt) -> None:
    last = last_receipt(receipt.future_supply_id)
    if last is None or last.pk != receipt.pk:
        raise NotLastReceiptError


def _item_of(receipt: Receipt) -> SourceItem:
    supply = receipt.future_supply
    return SourceItem.objects.get(product=supply.product_id, source=supply.source_id)
