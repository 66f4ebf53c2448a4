"""Who is kept out of every release run, and for which reason: stated once, for list and filter."""

from collections.abc import Collection

from django.db.models import Case, Q, Value, When

from fulfillment.models import Shipment
from orders.models import Order

IS_OPEN = ~Q(state__in=Shipment.TERMINAL_STATES)
# The first that holds is what is said. A hold by staff outlives the payment; any other wait for
# money is one for payment, whether the shipment is held for it or its order is not decided.
KEPT_OUT = {
    "HELD": Q(hold_reason=Shipment.HoldReason.STAFF),
    "PAYMENT": Q(hold_reason=Shipment.HoldReason.PAYMENT)
    | Q(awaits_payment=True)
    | Q(order__status__in=Order.UNPAID),
}


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


def kept_out(shipment_ids: Collection[int]) -> dict[int, str]:
    """Return what keeps each shipment out, by id; those that nothing does are left out."""
    reason = Case(
        *(When(IS_OPEN & condition, then=Value(code)) for code, condition in KEPT_OUT.items())
    )
    found = Shipment.objects.filter(pk__in=shipment_ids).values_list("pk", reason)
    return {shipment_id: code for shipment_id, code in found if code is not None}
