"""What the page of an order shows, each part read in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.utils.translation import gettext

from core.formats import labelled, money
from orders import ports
from orders.admin.fact_words import fact_in_words, fact_name
from orders.admin.line_parts import parts_of, parts_of_order
from orders.admin.order_actions import actions_of, shipment_actions
from orders.admin.return_words import returned_in_words
from orders.admin.wording import units
from orders.models import Order, OrderChange, OrderEmail, OrderLine, PaymentOperation, Return
from orders.ports import OrderShipment
from orders.queries.addresses import shipped_address
from orders.queries.ledger import ledger_of_lines
from orders.queries.order_money import money_of

# Beyond this a page is no longer read; the whole is in the lists and the HTTP API.
SHOWN = 500
DEEPEST = 6
# So many other orders of the customer are named; all are in the list.
OTHERS = 5


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One entry in the history of an order."""

    at: datetime
    what: str
    detail: str = ""
    who: str = ""


def page_of(request: HttpRequest, order: Order) -> dict[str, Any]:
    """Return everything that the page of ``order`` shows to this person."""
    lines = list(order.lines.select_related("change").order_by("number")[:SHOWN])
    by_id = {line.pk: line for line in lines}
    shipments = ports.current().shipments_of(order.pk)
    asked = Prefetch("operations", PaymentOperation.objects.order_by("pk"))
    payments = list(order.payments.prefetch_related(asked).order_by("pk"))
    operations = [operation for payment in payments for operation in payment.operations.all()]
    emails = list(order.emails.order_by("pk")[:SHOWN])
    returns = returns_of(order)
    others = Order.objects.filter(customer_email=order.customer_email).exclude(pk=order.pk)
    return {
        "standing": parts_of_order(order, shipments),
        "actions": actions_of(request, order, shipments, operations),
        "lines": [(line, parts_of(line, shipments)) for line in lines],
        "shipments": [
            (
                shipment,
                min(depth, DEEPEST),
                contents_of(shipment, lines),
                shipment_actions(request, shipment) if order.is_paid_for else [],
                _other_address(order, shipment),
            )
            for shipment, depth in as_tree(shipments)
        ],
        "money": money_of(order, payments),
        "payments": payments,
        "returns": [
            (one, [returned_in_words(line) for line in one.lines.all()]) for one in returns
        ],
        "ledger": [
            (entry, by_id[entry.order_line_id])
            for entry in ledger_of_lines(by_id)[:SHOWN]
            if entry.order_line_id is not None
        ],
        "emails": emails,
        "address_bounces": address_bounces(order, emails),
        "delays": _delays(request, order),
        "other_orders": list(others.order_by("-pk")[:OTHERS]),
        "history": history_of(order, operations, emails, returns),
        "shown": SHOWN,
    }


def address_bounces(order: Order, emails: Sequence[OrderEmail]) -> bool:
    """Return whether the last e-mail that left for the address of the order bounced."""
    ended = (OrderEmail.State.SENT, OrderEmail.State.BOUNCED)
    left = [one for one in emails if one.recipient == order.customer_email and one.state in ended]
    last = max(left, key=lambda one: (one.claimed_at is not None, one.claimed_at), default=None)
    return last is not None and last.state == OrderEmail.State.BOUNCED


def _delays(request: HttpRequest, order: Order) -> Sequence[Any]:
    """Return the delay requests of the order, if this person may view them."""
    if not request.user.has_perm("fulfillment.view_delayrequest"):
        return ()
    return ports.current().delay_requests_of(order.pk)


def _other_address(order: Order, shipment: OrderShipment) -> str:
    """Return the address that a shipment left with, where the order has another by now."""
    address = shipment.shipped_to
    is_same = address is None or address == order.address()
    return "" if is_same else ", ".join(shipped_address(order, address))


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


def returns_of(order: Order) -> list[Return]:
    """Return what came back of an order, with the lines, oldest first."""
    rows = order.returns.select_related("actor").order_by("pk")
    return list(rows.prefetch_related("lines__order_line", "lines__source")[:SHOWN])


def history_of(
    order: Order,
    operations: Sequence[PaymentOperation],
    emails: Sequence[OrderEmail],
    returns: Sequence[Return],
) -> list[HistoryEntry]:
    """Return what happened to an order and to its shipments, the newest first."""
    entries = [
        HistoryEntry(order.placed_at, gettext("Placed"), order.channel.code),
        *_endings(order),
        *_returns(returns),
        *_changes(order),
        *_payments(order, operations),
        *_emails(emails),
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
    # What was exchanged is not paid back.
    refunds = order.refunds.filter(of_return__exchange=None)
    refunds = refunds.select_related("actor").prefetch_related("lines__order_line")
    for refund in refunds.order_by("pk"):
        parts = {line.order_line.sku: line.quantity for line in refund.lines.all()}
        detail = _detail(parts, refund.reason, money(refund.amount, order.currency))
        yield HistoryEntry(refund.created_at, gettext("Refunded"), detail, _name(refund.actor))


def _returns(returns: Sequence[Return]) -> Iterator[HistoryEntry]:
    for one in returns:
        parts = [returned_in_words(line) for line in one.lines.all()]
        detail = " · ".join(filter(None, [*parts, one.get_state_display(), one.reason]))
        yield HistoryEntry(one.created_at, gettext("Taken back"), detail, _name(one.actor))


def _changes(order: Order) -> Iterator[HistoryEntry]:
    changes = order.orderchanges.select_related("actor").prefetch_related("added_lines__replaces")
    for change in changes.order_by("pk"):
        steps = [_step_in_words(**step) for step in change.steps]
        added = [_added_in_words(line) for line in change.added_lines.all()]
        is_open = change.state != OrderChange.State.APPLIED
        state = [change.get_state_display()] if is_open else []
        detail = " · ".join([*steps, *added, *state, gettext(change.reason)])
        yield HistoryEntry(change.created_at, gettext("Order changed"), detail, _name(change.actor))


def _added_in_words(line: OrderLine) -> str:
    """Return what a change added: units, and those of which they take the place."""
    added = f"{units(line.quantity)} × {line.sku}"
    if line.replaces is None:
        return f"+{added}"
    return f"{units(line.replaced_quantity)} × {line.replaces.sku} → {added}"


def _step_in_words(column: str, before: str, after: str) -> str:
    was, now = fact_in_words(column, before), fact_in_words(column, after)
    return labelled(fact_name(column), f"{was} → {now}")


def _payments(order: Order, operations: Sequence[PaymentOperation]) -> Iterator[HistoryEntry]:
    for operation in operations:
        what = labelled(operation.get_kind_display(), operation.get_state_display())
        detail = money(operation.amount, order.currency)
        at = operation.answered_at or operation.created_at
        yield HistoryEntry(at, what, " · ".join(filter(None, [detail, operation.message])))


def _emails(emails: Sequence[OrderEmail]) -> Iterator[HistoryEntry]:
    for email in emails:
        what = labelled(email.get_kind_display(), email.get_state_display())
        detail = email.get_left_out_reason_display() or email.recipient
        yield HistoryEntry(email.sent_at or email.created_at, what, detail)


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
