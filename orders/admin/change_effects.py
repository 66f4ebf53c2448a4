"""The effect of a change of an order, in words for its preview."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext, pgettext

from core import formats
from core.formats import day, money
from core.quantities import ZERO
from orders.admin.fact_words import SHOWN_FACTS, fact_in_words, fact_name
from orders.admin.return_words import returned_in_words
from orders.admin.wording import color
from orders.changes.preview import READY, FallenUnits, MovedDate, OrderEffect, ShipmentChange
from orders.models import Order, OrderLine
from orders.queries.order_money import OrderMoney


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
        "facts": _facts(before.order, after.order),
        "ends_links": before.order.customer_email != after.order.customer_email,
        "fallen_back": [_fallen_back(one) for one in effect.fallen_back],
        "is_method_new": effect.is_method_new,
        "listed": [
            gettext("%(shipment)s is on a pick list, and stays at %(source)s.")
            % {"shipment": one.number, "source": one.source}
            for one in effect.listed
        ],
        "emails": [f"{email.get_kind_display()} · {email.recipient}" for email in effect.told],
        "dates": _dates(effect.moved_dates),
        "promises": _dates(effect.moved_promises),
        "returned": [returned_in_words(line) for line in effect.returned],
        "money": _money(before.money, after.money, currency),
        "asks_gateway": effect.asks_gateway,
        "lines": [
            (line, steps)
            for pk, line in after.lines.items()
            if (steps := _line_steps(before.lines.get(pk), line))
        ],
        "shipments": [_shipment(change, after.lines) for change in effect.changed_shipments],
        "source_items": [
            {
                "source": source,
                "sku": sku,
                "on_hand": _arrow(was.quantity, held.quantity),
                "set_aside": _arrow(was.allocated, held.allocated),
            }
            for (source, sku), was, held in effect.changed_items
        ],
    }


def _dates(moved: Sequence[MovedDate]) -> list[EffectStep]:
    """Return dates of shipments before and after, in words."""
    return [
        EffectStep(
            one.shipment,
            _date(one.before, is_ready=one.was_ready),
            _date(one.after, is_ready=one.is_ready),
        )
        for one in moved
    ]


def _date(on: date | None, *, is_ready: bool) -> str:
    if on is not None:
        return day(on)
    return gettext("ready") if is_ready else gettext("no date yet")


def _money(before: OrderMoney, after: OrderMoney, currency: str) -> list[EffectStep]:
    """Return what becomes of the money, and of what is owed."""
    names = {
        "total": gettext("Total"),
        "canceled": pgettext("a sum of money", "Canceled"),
        "captured": gettext("Captured"),
        "exchanged": gettext("Paid with returned units"),
        "due": gettext("Refund due"),
        "refunded": gettext("Refunded"),
        "authorized": gettext("Authorized, to be captured"),
    }
    pairs = [(what, getattr(before, name), getattr(after, name)) for name, what in names.items()]
    return _steps(pairs, lambda amount: money(amount, currency))


def _facts(before: Order, after: Order) -> list[EffectStep]:
    """Return what is set of who ordered and where it goes."""
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in SHOWN_FACTS}
    return [
        EffectStep(fact_name(name), fact_in_words(name, was), fact_in_words(name, value))
        for name, (was, value) in pairs.items()
        if was != value
    ]


def _fallen_back(units: FallenUnits) -> str:
    """Return what units lose, and that they will wait, as a sentence."""
    names = {"units": formats.quantity(units.quantity), "sku": units.line.sku}
    if units.standing == READY:
        return gettext("%(units)s × %(sku)s: ready now, will wait.") % names
    return gettext("%(units)s × %(sku)s: promised from incoming supply now, will wait.") % names


def _steps(
    pairs: Iterable[tuple[str, Decimal, Decimal]], form: Callable[[Decimal], str]
) -> list[EffectStep]:
    return [
        EffectStep(what, form(before), form(after))
        for what, before, after in pairs
        if before != after
    ]


def _line_steps(before: OrderLine | None, after: OrderLine) -> list[EffectStep]:
    names = {
        "quantity": gettext("ordered"),
        "canceled_quantity": gettext("canceled"),
        "invoiced_quantity": gettext("captured"),
        "returned_quantity": gettext("returned"),
        "exchanged_quantity": gettext("exchanged"),
        "paid_back_quantity": gettext("refunded"),
        "open_quantity": gettext("open"),
    }
    pairs = [
        (what, ZERO if before is None else getattr(before, name), getattr(after, name))
        for name, what in names.items()
    ]
    return _steps(pairs, formats.quantity)


def _shipment(change: ShipmentChange, lines: Mapping[int, OrderLine]) -> dict[str, Any]:
    was = {} if change.before is None else change.before.units
    now = change.after.units
    is_new_state = change.before is not None and change.before.state != change.after.state
    return {
        "number": change.after.number,
        "source": change.after.source,
        "state": change.after.state_in_words,
        "color": color(change.after.state),
        "is_slip_out_of_date": change.after.is_slip_out_of_date,
        "is_unpacked": change.is_unpacked,
        "hold": _hold(change),
        "state_before": change.before.state_in_words if is_new_state and change.before else "",
        "lines": _steps(
            [(lines[pk].sku, was.get(pk, ZERO), now.get(pk, ZERO)) for pk in {**was, **now}],
            formats.quantity,
        ),
    }


def _hold(change: ShipmentChange) -> str:
    """Return what becomes of a hold, in words; empty where it stays as it is."""
    was = "" if change.before is None else change.before.hold
    if was == change.after.hold or not change.after.is_open:
        return ""
    return change.after.hold or gettext("Let go, no longer held")


def _arrow(before: Decimal, after: Decimal) -> str:
    if before == after:
        return formats.quantity(after)
    return f"{formats.quantity(before)} → {formats.quantity(after)}"
