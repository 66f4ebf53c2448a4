"""The effect of a change of an order, in words for its preview."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from core.quantities import ZERO, format_quantity
from orders.admin.wording import color, money
from orders.changes.preview import OrderEffect, ShipmentChange
from orders.models import Order, OrderLine

# The columns of a line that a change can move, with their words.
MOVED = ("canceled_quantity", "invoiced_quantity", "refunded_quantity", "open_quantity")


@dataclass(frozen=True, slots=True)
class EffectStep:
    """Something before and after; shown as ``before → after``."""

    what: str
    before: str
    after: str


def effect_in_words(effect: OrderEffect, currency: str) -> dict[str, Any]:
    """Return what the preview shows: status, money, lines, shipments, and what sources hold."""
    before, after = effect.before, effect.after
    return {
        "status": Order.Status(after.status).label,
        "status_color": color(after.status),
        "is_status_new": before.status != after.status,
        "status_before": Order.Status(before.status).label,
        "money": _steps(
            [
                (gettext("Captured"), before.captured, after.captured),
                (gettext("Refunded"), before.refunded, after.refunded),
                (gettext("Authorized, to be captured"), before.authorized, after.authorized),
            ],
            currency,
        ),
        "lines": [
            (line, steps)
            for pk, line in after.lines.items()
            if (steps := _line_steps(before.lines[pk], line))
        ],
        "shipments": [_shipment(change, after.lines) for change in effect.changed_shipments],
        "places": [
            {
                "source": source,
                "sku": sku,
                "on_hand": _arrow(was.quantity, held.quantity),
                "set_aside": _arrow(was.allocated, held.allocated),
            }
            for (source, sku), was, held in effect.changed_places
        ],
    }


def _steps(amounts: list[tuple[str, Decimal, Decimal]], currency: str) -> list[EffectStep]:
    return [
        EffectStep(what, money(before, currency), money(after, currency))
        for what, before, after in amounts
        if before != after
    ]


def _line_steps(before: OrderLine, after: OrderLine) -> list[EffectStep]:
    names = {
        "canceled_quantity": gettext("canceled"),
        "invoiced_quantity": gettext("captured"),
        "refunded_quantity": gettext("refunded"),
        "open_quantity": gettext("open"),
    }
    return [
        EffectStep(
            names[name],
            format_quantity(getattr(before, name)),
            format_quantity(getattr(after, name)),
        )
        for name in MOVED
        if getattr(before, name) != getattr(after, name)
    ]


def _shipment(change: ShipmentChange, lines: Mapping[int, OrderLine]) -> dict[str, Any]:
    was = {} if change.before is None else change.before.units
    is_new_state = change.before is not None and change.before.state != change.after.state
    return {
        "number": change.after.number,
        "source": change.after.source,
        "state": change.after.state_in_words,
        "color": color(change.after.state),
        "state_before": change.before.state_in_words if is_new_state and change.before else "",
        "lines": [
            EffectStep(
                lines[pk].sku,
                format_quantity(was.get(pk, ZERO)),
                format_quantity(change.after.units.get(pk, ZERO)),
            )
            for pk in change.line_ids
        ],
    }


def _arrow(before: Decimal, after: Decimal) -> str:
    if before == after:
        return format_quantity(after)
    return f"{format_quantity(before)} → {format_quantity(after)}"
