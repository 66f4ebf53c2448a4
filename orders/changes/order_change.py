"""Changes a placed order: checked, applied, kept as one entry of its history."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils import timezone

from core.acts import Act
from inventory.models import Source
from orders import ports
from orders.books import known_change, locked_books, refuse_while_pending
from orders.changes.cancel import cancel
from orders.changes.change import Change, refuse_stale
from orders.changes.contact import CONTACT, METHOD, new_columns, send_anew
from orders.changes.new_lines import NewLines, add_lines, assess_new_lines
from orders.changes.request import ChangeRequest
from orders.changes.substitutes import Substitutes, assess_substitutes, substitute
from orders.line_fractions import refuse_fractions
from orders.models import Order, OrderChange, PaymentOperation
from orders.placing.commitment import hold_products_of
from orders.placing.request import LineRequest
from orders.refusals import (
    MixedChangeError,
    NothingOpenError,
    NothingToChangeError,
    PricesChangedError,
)


@Change
def change_order(
    order_id: int,
    act: Act,
    *,
    request: ChangeRequest,
    expected_version: int | None = None,
) -> tuple[OrderChange, list[int]]:
    """Change an order, all of it or nothing; the same key again returns the same change.

    One that asks for money is pending until the gateway has answered, after the commit: then it is
    applied, or withdrawn. The same key again asks once more about one that is pending.

    :raises StaleOrderError: if ``expected_version`` is not the order's.
    :raises NothingOpenError: if nothing of it has still to leave.
    :raises PendingChangeError: while another change waits for its payment.
    :raises MixedChangeError: if lines are added or substituted together with something else.
    :raises NotThatManyError: if fewer units of a line are open than are canceled or substituted.
    :raises ListedShipmentError: if units that are substituted are on an open pick list.
    :raises PricesChangedError: if new lines cost another amount than was shown.
    :raises WouldWaitError: if units that take no backorders would wait.
    :raises NothingToChangeError: if the order is so already.
    :raises orders.changes.change.ChangeRefusedError: with everything that is wrong.
    :raises UnpaidOrderError: while the order's payment is not decided.

    Rule: Changing an order (§20).
    """
    _hold_products(request)
    books = locked_books(order_id)
    order = books.order
    known = known_change(OrderChange, order, act.key)
    if known is not None:
        return known, _unanswered(known)
    _check(order, request, expected_version)
    columns = new_columns(order, request)
    today = timezone.localdate(act.at)
    new = assess_new_lines(order, request.add, today=today) if request.add else None
    substitutes = (
        assess_substitutes(books, request.substitute, today=today) if request.substitute else None
    )
    _check_amount(request, new, substitutes)
    if not any((columns, request.chooses_sources_again, new, substitutes, request.cancel)):
        raise NothingToChangeError(order.number)
    written = OrderChange.objects.create(
        order=order, steps=_steps(order, columns), decided_at=act.at, **act.columns()
    )
    _set(order, columns, act)
    if columns.keys() & METHOD:
        ports.current().route_again(order.pk, act)
    elif request.chooses_sources_again:
        ports.current().choose_sources_again(order.pk, act)
    if "ship_complete" in columns:
        ports.current().follow_ship_complete(order.pk, act)
    asked: list[int] = []
    if new is not None:
        asked += add_lines(order, written, new, request.payment, act)
    if substitutes is not None:
        asked += substitute(books, written, substitutes, request.payment, act)
    if request.cancel:
        part = replace(act, key=None)
        asked += cancel.within(order.pk, part, quantities=request.cancel)[1]
    return written, asked


def _hold_products(request: ChangeRequest) -> None:
    """Hold the products of fractions, and of pre-orders, before anything else is locked."""
    if request.add:
        hold_products_of(request.add)
    if request.substitute:
        hold_products_of([LineRequest(one.sku, one.new_quantity) for one in request.substitute])
        refuse_fractions({one.line_id: one.quantity for one in request.substitute})
    if request.cancel:
        refuse_fractions(request.cancel)


def _check(order: Order, request: ChangeRequest, expected_version: int | None) -> None:
    """Refuse what the order, as it is now, does not take."""
    refuse_stale(order, expected_version)
    if order.status not in Order.OPEN:
        raise NothingOpenError(order.number)
    refuse_while_pending(order)
    parts = (request.add, request.substitute, request.sets_something or request.cancel)
    if sum(1 for part in parts if part) > 1:
        raise MixedChangeError(order.number)


def _check_amount(
    request: ChangeRequest, new: NewLines | None, substitutes: Substitutes | None
) -> None:
    """Refuse new lines that cost another amount than was shown."""
    lines = substitutes.new if substitutes is not None else new
    if lines is None or request.shown_amount in (None, lines.amount):
        return
    raise PricesChangedError


def _unanswered(change: OrderChange) -> list[int]:
    """Return the operations of a change that the gateway has not answered."""
    operations = PaymentOperation.objects.filter(
        payment__order_change=change, state__in=PaymentOperation.UNANSWERED
    )
    return list(operations.order_by("pk").values_list("pk", flat=True))


def _set(order: Order, columns: Mapping[str, Any], act: Act) -> None:
    """Set columns of an order; what is still to be sent and printed follows them."""
    if not columns:
        return
    for name, value in columns.items():
        setattr(order, name, value)
    order.save(update_fields=list(columns))
    ports.current().mark_slips_out_of_date(order, columns, act)
    if columns.keys() & set(CONTACT.values()):
        send_anew(order, is_new_address="customer_email" in columns, now=act.at)


def _steps(order: Order, columns: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what is set, as the history keeps it."""
    return [
        {"column": name, "before": _text(getattr(order, name)), "after": _text(value)}
        for name, value in columns.items()
    ]


def _text(value: object) -> str:
    if isinstance(value, Source):
        return value.code
    return "" if value is None else str(value)
