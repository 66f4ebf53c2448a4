"""What happened to a shipment, in words."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from fulfillment.models import ShipmentEvent
from fulfillment.queries.one_shipment import Held
from inventory.quantities import format_quantity
from orders.models import OrderEmail

Kind = ShipmentEvent.Kind


def event_detail(event: ShipmentEvent) -> str:
    """Return what changed, where the event says more than its kind."""
    detail: Mapping[str, Any] = event.detail
    if event.kind == Kind.PRIORITY_SET:
        return f"{detail.get('from')} → {detail.get('to')}"
    if event.kind == Kind.EXPECTED_DATE_SET:
        return f"{_day(detail.get('from'))} → {_day(detail.get('to'))}"
    if detail.get("sources"):
        return ", ".join(map(str, detail["sources"]))
    if detail.get("tracking"):
        return str(detail["tracking"])
    if detail.get("run"):
        return _("Release run #%(run)s") % {"run": detail["run"]}
    return ""


def held_line(held: Held) -> str:
    """Return where units are set aside, or what they are promised from."""
    quantity = format_quantity(held.quantity)
    if held.source_item is not None:
        return _("%(quantity)s set aside at %(source)s") % {
            "quantity": quantity,
            "source": held.source_item.source.code,
        }
    supply = held.supply
    if supply is None:
        return quantity
    values = {
        "quantity": quantity,
        "source": supply.source.code,
        "date": date_format(supply.expected_on, "DATE_FORMAT") if supply.expected_on else "–",
    }
    return _("%(quantity)s promised to %(source)s on %(date)s") % values


def date_changes(events: list[ShipmentEvent], emails: list[OrderEmail]) -> list[dict[str, Any]]:
    """Return how the expected date moved, the newest first: by hand, and as customers were told."""
    by_hand = [
        {
            "at": event.created_at,
            "change": event_detail(event),
            "who": event.actor.get_username() if event.actor else _("The system"),
            "reason": event.reason,
        }
        for event in events
        if event.kind == Kind.EXPECTED_DATE_SET
    ]
    told = [
        {
            "at": email.created_at,
            "change": f"{_day(email.context.get('former_expected_on'))} → "
            f"{_day(email.context.get('expected_on'))}",
            "who": _("Told the customer"),
            "reason": "",
        }
        for email in emails
        if email.kind == OrderEmail.Kind.EXPECTED_DATE_CHANGED
    ]
    return sorted([*by_hand, *told], key=lambda change: change["at"], reverse=True)


def _day(text: str | None) -> str:
    return date_format(date.fromisoformat(text), "DATE_FORMAT") if text else "–"
