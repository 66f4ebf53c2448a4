"""What the page of an order shows, each part read in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from core.countries import country_name
from orders import ports
from orders.admin.wording import (
    OPERATION_COLORS,
    PAYMENT_COLORS,
    SHIPMENT_COLORS,
    money,
    signed,
    units,
)
from orders.models import Order, OrderLine, PaymentOperation
from orders.ports import OrderShipment
from orders.queries.ledger import ledger_of_lines

# Beyond this a page is no longer read; the whole is in the lists and the HTTP API.
SHOWN = 500


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One entry in the history of an order."""

    at: datetime
    what: str
    detail: str = ""
    who: str = ""


def page_of(request: HttpRequest, order: Order) -> dict[str, Any]:
    """Return everything that the page of ``order`` shows."""
    lines = list(order.lines.select_related("product").order_by("number")[:SHOWN])
    shipments = ports.current().shipments_of(order.pk)
    links = request.user.has_perm("fulfillment.view_shipment")
    return {
        "lines": [line_row(line, shipments, order.currency) for line in lines],
        "shipments": [
            shipment_row(shipment, depth, lines, order.currency, is_linked=links)
            for shipment, depth in as_tree(shipments)
        ],
        "payments": payment_rows(order),
        "ledger": ledger_rows(lines),
        "emails": list(order.emails.order_by("pk")[:SHOWN]),
        "history": history_of(order),
        "shown": SHOWN,
    }


def address_of(order: Order) -> list[str]:
    """Return the lines of the address that have something on them."""
    city = " ".join(filter(None, [order.postcode, order.city]))
    parts = [order.recipient, order.street, city, order.region, country_name(order.country)]
    return [part for part in parts if part]


def line_row(line: OrderLine, shipments: Sequence[OrderShipment], currency: str) -> dict[str, Any]:
    return {
        "line": line,
        "product_url": reverse("admin:inventory_product_change", args=[line.product_id]),
        "ordered": units(line.quantity),
        "backordered": units(line.backordered_quantity),
        "captured": units(line.invoiced_quantity),
        "shipped": units(line.deducted_quantity),
        "canceled": units(line.canceled_quantity),
        "refunded": units(line.refunded_quantity),
        "open": units(line.open_quantity),
        "expected": expected_in_words(line, shipments),
        "total": money(line.total, currency),
    }


def expected_in_words(
    line: OrderLine, shipments: Sequence[OrderShipment]
) -> list[tuple[str, date | None]]:
    """Return the units of a line that wait, with when they are expected, soonest first."""
    waiting: defaultdict[date | None, Decimal] = defaultdict(Decimal)
    for shipment in shipments:
        if shipment.waits and line.pk in shipment.units:
            waiting[shipment.expected_on] += shipment.units[line.pk]
    soonest = sorted(waiting, key=lambda day: (day is None, day or date.max))
    return [(units(waiting[day]), day) for day in soonest]


def as_tree(shipments: Sequence[OrderShipment]) -> Iterator[tuple[OrderShipment, int]]:
    """Yield the shipments, each beneath the one that it was split off, with its depth."""
    children: defaultdict[int | None, list[OrderShipment]] = defaultdict(list)
    for shipment in shipments:
        children[shipment.parent_id].append(shipment)
    left = [(shipment, 0) for shipment in reversed(children[None])]
    while left:
        shipment, depth = left.pop()
        yield shipment, depth
        left += [(child, depth + 1) for child in reversed(children[shipment.shipment_id])]


def shipment_row(
    shipment: OrderShipment,
    depth: int,
    lines: Sequence[OrderLine],
    currency: str,
    *,
    is_linked: bool,
) -> dict[str, Any]:
    url = reverse("admin:fulfillment_shipment_change", args=[shipment.shipment_id])
    return {
        "shipment": shipment,
        "depth": min(depth, 6),
        "url": url if is_linked else "",
        "color": SHIPMENT_COLORS.get(shipment.state, "neutral"),
        "contents": [
            f"{units(shipment.units[line.pk])} × {line.sku}"
            for line in lines
            if line.pk in shipment.units
        ],
        "amount": money(shipment.amount, currency),
    }


def payment_rows(order: Order) -> list[dict[str, Any]]:
    operations = PaymentOperation.objects.order_by("pk")
    payments = order.payments.prefetch_related(Prefetch("operations", operations)).order_by("pk")
    return [
        {
            "payment": payment,
            "url": reverse("admin:orders_payment_change", args=[payment.pk]),
            "color": PAYMENT_COLORS.get(payment.state, "neutral"),
            "amount": money(payment.amount, payment.currency),
            "captured": money(payment.captured_amount, payment.currency),
            "refunded": money(payment.refunded_amount, payment.currency),
            "operations": [
                {
                    "operation": operation,
                    "color": OPERATION_COLORS.get(operation.state, "neutral"),
                    "amount": money(operation.amount, payment.currency),
                }
                for operation in payment.operations.all()
            ],
        }
        for payment in payments
    ]


def ledger_rows(lines: Sequence[OrderLine]) -> list[dict[str, Any]]:
    numbers = {line.pk: line for line in lines}
    return [
        {
            "entry": entry,
            "line": numbers[entry.order_line_id],
            "quantity": signed(entry.quantity),
            "balance": signed(entry.balance),
        }
        for entry in ledger_of_lines(numbers)[:SHOWN]
        if entry.order_line_id is not None
    ]


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
    for happening in ports.current().happenings_of(order.pk):
        what = gettext("Shipment %(number)s: %(what)s") % {
            "number": happening.number,
            "what": happening.what,
        }
        yield HistoryEntry(happening.at, what, happening.reason, happening.actor)


def _detail(parts: Mapping[str, Decimal], *more: str) -> str:
    contents = ", ".join(f"{units(quantity)} × {sku}" for sku, quantity in parts.items())
    return " · ".join(filter(None, [contents, *more]))


def _name(actor: Any) -> str:
    return "" if actor is None else str(actor.get_username())
