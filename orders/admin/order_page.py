"""What the page of an order shows, each part read in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext

from core.countries import country_name
from core.formats import money
from orders import ports
from orders.admin.wording import units
from orders.models import Order, OrderLine, PaymentOperation
from orders.ports import OrderShipment
from orders.queries.ledger import ledger_of_lines

# Beyond this a page is no longer read; the whole is in the lists and the HTTP API.
SHOWN = 500
DEEPEST = 6


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One entry in the history of an order."""

    at: datetime
    what: str
    detail: str = ""
    who: str = ""


def page_of(order: Order) -> dict[str, Any]:
    """Return everything that the page of ``order`` shows."""
    lines = list(order.lines.order_by("number")[:SHOWN])
    by_id = {line.pk: line for line in lines}
    shipments = ports.current().shipments_of(order.pk)
    operations = Prefetch("operations", PaymentOperation.objects.order_by("pk"))
    return {
        "lines": [(line, expected_dates(line, shipments)) for line in lines],
        "shipments": [
            (shipment, min(depth, DEEPEST), contents_of(shipment, lines))
            for shipment, depth in as_tree(shipments)
        ],
        "payments": order.payments.prefetch_related(operations).order_by("pk"),
        "ledger": [
            (entry, by_id[entry.order_line_id])
            for entry in ledger_of_lines(by_id)[:SHOWN]
            if entry.order_line_id is not None
        ],
        "emails": list(order.emails.order_by("pk")[:SHOWN]),
        "history": history_of(order),
        "shown": SHOWN,
    }


def address_of(order: Order) -> list[str]:
    """Return the lines of the address that have something on them."""
    city = " ".join(filter(None, [order.postcode, order.city]))
    parts = [order.recipient, order.street, city, order.region, country_name(order.country)]
    return [part for part in parts if part]


def expected_dates(
    line: OrderLine, shipments: Sequence[OrderShipment]
) -> list[tuple[Decimal, date | None]]:
    """Return the units of a line that wait, with when they are expected, soonest first."""
    waiting: defaultdict[date | None, Decimal] = defaultdict(Decimal)
    for shipment in shipments:
        if shipment.waits and line.pk in shipment.units:
            waiting[shipment.expected_on] += shipment.units[line.pk]
    soonest = sorted(waiting, key=lambda day: (day is None, day or date.max))
    return [(waiting[day], day) for day in soonest]


def as_tree(shipments: Sequence[OrderShipment]) -> Iterator[tuple[OrderShipment, int]]:
    """Yield the shipments, each after the one that it was split off, with its depth."""
    children: defaultdict[int | None, list[OrderShipment]] = defaultdict(list)
    for shipment in shipments:
        children[shipment.parent_id].append(shipment)
    left = [(shipment, 0) for shipment in reversed(children[None])]
    while left:
        shipment, depth = left.pop()
        yield shipment, depth
        left += [(child, depth + 1) for child in reversed(children[shipment.shipment_id])]


def contents_of(shipment: OrderShipment, lines: Sequence[OrderLine]) -> str:
    """Return what is on a shipment, in the order of the lines."""
    held = (line for line in lines if line.pk in shipment.units)
    return ", ".join(f"{units(shipment.units[line.pk])} × {line.sku}" for line in held)


def history_of(order: Order) -> list[HistoryEntry]:
    """Return what happened to an order and to its shipments, the newest first."""
    entries = [
        HistoryEntry(order.placed_at, gettext("Placed"), order.channel.code),
        *_endings(order),
        *_payments(order),
        *_shipments(order),
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:SHOWN]


def _endings(order: Order) -> Iterator[HistoryEntry]:
    canceled = order.cancellations.select_related("actor").prefetch_related("lines__order_line")
    for cancellation in canceled.order_by("pk"):
        parts = {line.order_line.sku: line.quantity for line in cancellation.lines.all()}
        detail = _detail(parts, gettext(cancellation.reason))
        yield HistoryEntry(
            cancellation.created_at, gettext("Canceled"), detail, _name(cancellation.actor)
        )
    refunds = order.refunds.select_related("actor").prefetch_related("lines__order_line")
    for refund in refunds.order_by("pk"):
        parts = {line.order_line.sku: line.quantity for line in refund.lines.all()}
        detail = _detail(parts, refund.reason, money(refund.amount, order.currency))
        yield HistoryEntry(refund.created_at, gettext("Refunded"), detail, _name(refund.actor))


def _payments(order: Order) -> Iterator[HistoryEntry]:
    operations = PaymentOperation.objects.filter(payment__order=order).order_by("pk")
    for operation in operations.select_related("payment"):
        what = f"{operation.get_kind_display()}: {operation.get_state_display()}"
        detail = money(operation.amount, operation.payment.currency)
        at = operation.answered_at or operation.created_at
        yield HistoryEntry(at, what, " · ".join(filter(None, [detail, operation.message])))


def _shipments(order: Order) -> Iterator[HistoryEntry]:
    for entry in ports.current().shipment_history(order.pk):
        what = gettext("Shipment %(number)s: %(what)s") % {
            "number": entry.number,
            "what": entry.what,
        }
        yield HistoryEntry(entry.at, what, entry.reason, entry.actor)


def _detail(parts: Mapping[str, Decimal], *more: str) -> str:
    contents = ", ".join(f"{units(quantity)} × {sku}" for sku, quantity in parts.items())
    return " · ".join(filter(None, [contents, *more]))


def _name(actor: Any) -> str:
    return "" if actor is None else str(actor.get_username())
