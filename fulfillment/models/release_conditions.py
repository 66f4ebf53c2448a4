"""The condition under which a release run considers a shipment: stated once.

A run considers every BACKORDER and FUTURE shipment that is not held, of an order that is paid or
authorized, and that waits for no new authorization. As a condition on rows, as SQL, and of one row.

Rule: Backorder release, a run considers (§15).
"""

from collections.abc import Collection

from django.db.models import Case, Q, Value, When

from core.sql import literals
from fulfillment.models.shipment import Shipment
from orders.models import Order

HELD, PAYMENT, REST = "HELD", "PAYMENT", "WAITING_FOR_REST"
IS_OPEN = ~Q(state__in=Shipment.TERMINAL_STATES)
# A change of an order holds what it adds until its payment is decided.
FOR_MONEY = (Shipment.HoldReason.PAYMENT, Shipment.HoldReason.CHANGE)
# The first that holds is what is said. A hold by staff outlives the payment; any other wait for
# money is one for payment, whether the shipment is held for it or its order is not decided.
KEPT_OUT = {
    HELD: Q(hold_reason=Shipment.HoldReason.STAFF),
    PAYMENT: Q(hold_reason__in=FOR_MONEY)
    | Q(awaits_payment=True)
    | Q(order__status__in=Order.UNPAID),
    # Only what is READY waits for the rest of its order: no run would look at it anyway.
    REST: Q(hold_reason=Shipment.HoldReason.REST),
}


# Of a shipment and its order, named ``parent``. A row that is held has a reason.
IN_QUEUE_SQL = f"shipment.state IN ({literals(*Shipment.QUEUED_STATES)})"
CONSIDERED_SQL = f"""
    {IN_QUEUE_SQL} AND NOT shipment.is_held AND NOT shipment.awaits_payment
    AND parent.status NOT IN ({literals(*Order.UNPAID)})
"""


def is_kept_out_for(reason: str) -> Q:
    """Match the shipments of which ``reason`` is what is said.

    Rule: Why it waits.
    """
    before = list(KEPT_OUT)[: list(KEPT_OUT).index(reason)]
    matched = IS_OPEN & KEPT_OUT[reason]
    for stronger in before:
        matched &= ~KEPT_OUT[stronger]
    return matched


def is_let_in() -> Q:
    """Match the shipments that nothing keeps out of a run."""
    matched = Q()
    for condition in KEPT_OUT.values():
        matched &= ~condition
    return matched


def is_considered() -> Q:
    """Match the shipments that a run considers."""
    return Q(state__in=Shipment.QUEUED_STATES) & is_let_in()


def kept_out(shipment_ids: Collection[int]) -> dict[int, str]:
    """Return what keeps each shipment out, by id; those that nothing does are left out."""
    reason = Case(
        *(When(IS_OPEN & condition, then=Value(code)) for code, condition in KEPT_OUT.items())
    )
    found = Shipment.objects.filter(pk__in=shipment_ids).values_list("pk", reason)
    return {shipment_id: code for shipment_id, code in found if code is not None}


def reasons_kept_out(
    *, hold_reason: str, awaits_payment: bool, order_status: str
) -> tuple[str, ...]:
    """Return all that keeps a row with these values out of every run, the strongest first."""
    is_unpaid = hold_reason in FOR_MONEY or awaits_payment or order_status in Order.UNPAID
    is_held = hold_reason == Shipment.HoldReason.STAFF
    return ((HELD,) if is_held else ()) + ((PAYMENT,) if is_unpaid else ())


def reasons_of(shipment: Shipment) -> tuple[str, ...]:
    """Return all that keeps this shipment, read with its order, out of every run."""
    return reasons_kept_out(
        hold_reason=shipment.hold_reason,
        awaits_payment=shipment.awaits_payment,
        order_status=shipment.order.status,
    )


def runs_consider(shipment: Shipment) -> bool:
    """Whether a run considers this shipment, read with its order."""
    return shipment.state in Shipment.QUEUED_STATES and not reasons_of(shipment)
