"""The events of a shipment in words; its changes since a page showed it, too."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from core import formats
from core.currencies import exact_text
from core.formats import EMPTY, day, money
from fulfillment.models import Allocation, DelayRequest, Shipment, ShipmentEvent
from fulfillment.review.effect_words import value_in_words

Kind = ShipmentEvent.Kind
# The change that an event is, by its detail.
CHANGES: Mapping[Kind, Callable[[Mapping[str, Any]], str]] = {
    Kind.ASSIGNED: lambda detail: f"{detail.get('from') or EMPTY} → {detail.get('to') or EMPTY}",
    Kind.PRIORITY_SET: lambda detail: f"{detail.get('from')} → {detail.get('to')}",
    Kind.BAR_LIFTED: lambda detail: f"{detail.get('source')} – {detail.get('sku')}",
    Kind.DELAY_DECIDED: lambda detail: str(DelayRequest.Answer(detail["answer"]).label),
}


def event_in_words(event: ShipmentEvent) -> dict[str, Any]:
    """Return an event with the change, its author and its reason.

    The reason is a person's text, or the cause of an act of the system.
    """
    return {
        "event": event,
        "detail": _detail(event),
        "author": _author(event),
        "reason": event.reason_in_words,
        "moves_date": _is_dated(event) and event.detail.get("from") != event.detail["to"],
    }


def _detail(event: ShipmentEvent) -> str:
    """Return the change, where the event says more than its kind."""
    detail: Mapping[str, Any] = event.detail
    if event.kind in CHANGES:
        return CHANGES[Kind(event.kind)](detail)
    if _is_dated(event):
        return _new_date(detail)
    if detail.get("sources"):
        return ", ".join(map(str, detail["sources"]))
    if detail.get("tracking"):
        return str(detail["tracking"])
    if event.kind == Kind.RELEASED_AHEAD and detail.get("run"):
        return _("Release run #%(run)s") % {"run": detail["run"]}
    return ""


def _author(event: ShipmentEvent) -> str:
    """Return the author: a person, a release run or the system."""
    run, actor = event.detail.get("run"), event.actor
    if run and event.kind != Kind.RELEASED_AHEAD:
        if actor is None:
            return _("Release run #%(run)s") % {"run": run}
        values = {"run": run, "person": actor.get_username()}
        return _("Release run #%(run)s, which %(person)s started") % values
    return _("The system") if actor is None else actor.get_username()


def allocation_in_words(allocation: Allocation) -> str:
    """Return the source of units, and the date of those that are promised."""
    supply = allocation.future_supply
    values = {
        "quantity": formats.quantity(allocation.quantity),
        "source": allocation.source_code,
        "date": day(None if supply is None else supply.expected_on),
    }
    if supply is None:
        return _("%(quantity)s set aside at %(source)s") % values
    return _("%(quantity)s promised to %(source)s on %(date)s") % values


def _is_dated(event: ShipmentEvent) -> bool:
    """Whether it gave the shipment a date: a promise begins with one, and a backorder may."""
    return event.kind in ShipmentEvent.DATING_KINDS and "to" in event.detail


def _new_date(detail: Mapping[str, Any]) -> str:
    former, later = detail.get("from"), detail["to"]
    if former != later:
        return f"{day(former)} → {day(later)}"
    if detail.get("is_fixed"):
        return _("%(date)s (set by staff)") % {"date": day(later)}
    return _("Set by release runs again")


SALT = "fulfillment.shipment.seen"
Facts = Mapping[str, Any]


def mark_of(shipment: Shipment, events: Sequence[ShipmentEvent]) -> str:
    """Return the shipment as shown now, signed, for a form to carry."""
    return signing.dumps(_facts(shipment, events), salt=SALT)


def facts_in(mark: str) -> Facts:
    """Return the facts in a mark of :func:`mark_of`; none of a mark that it did not sign."""
    try:
        facts: Facts = signing.loads(mark, salt=SALT)
    except signing.BadSignature:
        return {}
    return facts


def changes_since(seen: Facts, shipment: Shipment) -> list[str]:
    """Return the changes since the facts that were shown, in words."""
    if not seen:
        return []
    now = _facts(shipment, ())
    in_words = partial(_fact_in_words, currency=shipment.order.currency)
    labels = {
        "state": _("State"),
        "hold": _("Held"),
        "priority": _("Priority"),
        "expected_on": _("Expected on"),
        "source": _("Source"),
        "amount": _("Value"),
        "slip": _("Packing slip out of date"),
    }
    return [
        formats.labelled(label, f"{in_words(name, seen[name])} → {in_words(name, now[name])}")
        for name, label in labels.items()
        if seen[name] != now[name]
    ]


def events_since(seen: Facts, events: Sequence[ShipmentEvent]) -> list[ShipmentEvent]:
    """Return the events since the facts that were shown, in the order given."""
    return [event for event in events if seen and event.pk > seen["event"]]


def _facts(shipment: Shipment, events: Sequence[ShipmentEvent]) -> dict[str, Any]:
    return {
        "state": shipment.state,
        "hold": shipment.hold_reason,
        "priority": shipment.priority,
        "expected_on": None if shipment.expected_on is None else shipment.expected_on.isoformat(),
        "source": "" if shipment.source is None else shipment.source.code,
        "amount": exact_text(shipment.amount, shipment.order.currency),
        "slip": shipment.is_slip_out_of_date,
        "event": max((event.pk for event in events), default=0),
    }


def _fact_in_words(name: str, value: Any, *, currency: str) -> str:
    if name == "amount":
        return money(Decimal(value), currency)
    if name == "slip":
        return _("Yes") if value else _("No")
    return _("Not held") if name == "hold" and not value else value_in_words(name, value)
