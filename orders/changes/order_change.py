"""Changes a placed order: checked, applied, kept as one entry of its history."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.acts import Act
from orders import ports
from orders.books import known_change, locked_books
from orders.changes.change import Change
from orders.changes.contact import CONTACT, new_columns, send_anew
from orders.changes.request import ChangeRequest
from orders.models import Order, OrderChange
from orders.refusals import NothingOpenError, NothingToChangeError, StaleOrderError


@Change
def change_order(
    order_id: int,
    act: Act,
    *,
    request: ChangeRequest,
    expected_version: int | None = None,
) -> tuple[OrderChange, list[int]]:
    """Change an order, all of it or nothing; the same key again returns the same change.

    :raises StaleOrderError: if ``expected_version`` is not the order's.
    :raises NothingOpenError: if nothing of it has still to leave.
    :raises NothingToChangeError: if the order is so already.
    :raises orders.changes.change.ChangeRefusedError: with everything that is wrong.
    :raises UnpaidOrderError: while the order's payment is not decided.

    Rule: Changing an order (§20).
    """
    order = locked_books(order_id).order
    known = known_change(OrderChange, order, act.key)
    if known is not None:
        return known, []
    if expected_version is not None and order.version != expected_version:
        raise StaleOrderError(order.number)
    if order.status not in Order.OPEN:
        raise NothingOpenError(order.number)
    columns = new_columns(order, request)
    if not columns and not request.chooses_sources_again:
        raise NothingToChangeError(order.number)
    written = OrderChange.objects.create(order=order, steps=_steps(order, columns), **act.columns())
    _set(order, columns, act)
    if request.chooses_sources_again:
        ports.current().choose_sources_again(order.pk, act)
    return written, []


def _set(order: Order, columns: Mapping[str, Any], act: Act) -> None:
    """Set columns of an order; what is still to be sent and printed follows them."""
    if not columns:
        return
    for name, value in columns.items():
        setattr(order, name, value)
    order.save(update_fields=list(columns))
    ports.current().mark_slips_out_of_date(order, columns)
    if columns.keys() & set(CONTACT.values()):
        send_anew(order, is_new_address="customer_email" in columns, now=act.at)


def _steps(order: Order, columns: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what is set, as the history keeps it."""
    return [
        {"column": name, "before": _text(getattr(order, name)), "after": _text(value)}
        for name, value in columns.items()
    ]


def _text(value: str | Decimal | None) -> str:
    return "" if value is None else str(value)
