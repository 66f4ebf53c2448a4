"""A shipment as a page showed it, and the changes since."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from core.formats import UNKNOWN, day
from fulfillment.models import Shipment, ShipmentEvent

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
    in_words = (
        (_("State"), "state", _state),
        (_("Held"), "hold", _hold),
        (_("Priority"), "priority", str),
        (_("Expected on"), "expected_on", day),
        (_("Source"), "source", lambda code: code or UNKNOWN),
        (_("Value"), "amount", str),
    )
    return [
        f"{label}: {word(seen[name])} → {word(now[name])}"
        for label, name, word in in_words
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
        "amount": str(shipment.amount),
        "event": max((event.pk for event in events), default=0),
    }


def _state(state: str) -> str:
    return str(Shipment.State(state).label)


def _hold(reason: str) -> str:
    return str(Shipment.HoldReason(reason).label) if reason else _("Not held")
