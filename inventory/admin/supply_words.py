"""Future supply in words: the record, its receipts, the shipments that an action affects."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext, ngettext

from core import formats
from core.quantities import format_quantity
from inventory.models import FutureSupply, Receipt
from inventory.promises import Promise, PromisePlan, TakeBackPlan

Plan = PromisePlan | TakeBackPlan


def facts(supply: FutureSupply) -> list[tuple[str, Any]]:
    """Return what the record says now."""
    sender = [(gettext("Sent from"), supply.sent_from)] if supply.is_transfer else []
    return [
        (gettext("Product"), supply.product),
        (gettext("Source"), supply.source),
        *sender,
        (gettext("Quantity in all"), formats.quantity(supply.quantity)),
        (gettext("Received"), formats.quantity(supply.received_quantity)),
        (gettext("Promised"), formats.quantity(supply.allocated_quantity)),
        (gettext("Expected on"), supply.expected_on or "–"),
    ]


def receipt_in_words(receipt: Receipt) -> dict[str, Any]:
    """Return a row of the table of receipts, with what was taken back of it."""
    return {
        "quantity": formats.quantity(receipt.quantity),
        "at": receipt.received_at,
        "by": receipt.received_by,
        "reason": receipt.reason,
        "reversals": [
            {
                "quantity": formats.quantity(reversal.quantity),
                "at": reversal.made_at,
                "by": reversal.made_by,
                "reason": reversal.reason,
            }
            for reversal in receipt.reversals.all()
        ],
    }


def promise_rows(found: Sequence[Promise]) -> list[tuple[str, str, str, int]]:
    """Return the rows of a table: shipment, order, units, and the key of the shipment."""
    return [
        (
            one.shipment_number,
            one.order_number,
            formats.quantity(one.quantity),
            one.shipment_id,
        )
        for one in found
    ]


def broken_in_words(plan: Plan) -> str:
    """Return which shipments lost their promise."""
    if not plan.broken:
        return gettext("No shipment lost its promise.")
    names = ", ".join(promise.shipment_number for promise in plan.broken)
    return ngettext(
        "This shipment is on backorder again: %(names)s.",
        "These shipments are on backorder again: %(names)s.",
        len(plan.broken),
    ) % {"names": names}


def outcome_in_words(supply: FutureSupply, plan: Plan) -> str:
    """Return what an action came to: units of a transfer that are back, promises that broke."""
    broken = broken_in_words(plan)
    if not supply.is_transfer or supply.state != FutureSupply.State.CANCELED:
        return broken
    back = gettext("Back at %(source)s: %(units)s.") % {
        "source": supply.sent_from,
        "units": formats.quantity(supply.outstanding_quantity),
    }
    return f"{back} {broken}"


def affected_text(plan: Plan) -> str:
    """Return the shipments that a plan affects as a text, posted back to notice changes."""
    affected = plan.broken if isinstance(plan, PromisePlan) else (*plan.broken, *plan.kept)
    return ",".join(
        f"{promise.shipment_id}:{format_quantity(promise.quantity)}" for promise in affected
    )
