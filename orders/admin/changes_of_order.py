"""What staff may do to an order: cancel, capture and refund, each with its form and its calls."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.operations.units import InsufficientSupplyError
from inventory.operations.whole_units import FractionError
from orders import ports
from orders.admin.change_forms import CancelForm, CaptureForm, RefundForm, UnitsForm
from orders.changes.cancel import NothingToCancelError, cancel
from orders.changes.capture import NothingToCaptureError, capture
from orders.changes.preview import OrderEffect, rehearse_cancel, rehearse_capture, rehearse_refund
from orders.changes.refund import NothingToRefundError, refund
from orders.line_units import LineUnits, NotThatManyError
from orders.locking import OrderBooks, OrderChangeError, UnpaidOrderError, books_of
from orders.models import Cancellation, Order, PaymentOperation, Refund
from orders.payments.operations import NoAuthorizationError
from orders.ports import NotOnShipmentError

PERMISSION = "orders.change_order"
REFUSALS = (
    OrderChangeError,
    NotThatManyError,
    NotOnShipmentError,
    InsufficientSupplyError,
    FractionError,
)


@dataclass(frozen=True, slots=True)
class OrderTask:
    """One change of an order as its page offers it.

    ``applies`` says of a line whether it has units for it. ``apply`` takes the order's id, the
    valid form, the time and who did it; ``is_done`` whether the form's token was used.
    """

    name: str
    label: Promise
    confirm: Promise
    done: Promise
    applies: Callable[[LineUnits], bool]
    make_form: Callable[..., UnitsForm]
    rehearse: Callable[[int, Any, datetime], OrderEffect]
    apply: Callable[[int, Any, datetime, int | None], object]
    is_done: Callable[[int, str], bool]


def tasks_of(request: HttpRequest, order: Order) -> list[dict[str, Any]]:
    """Return what this person may do to an order as it stands, with the addresses."""
    if not request.user.has_perm(PERMISSION) or not order.is_paid_for:
        return []
    lines = books_of(order).lines.values()
    return [
        {
            "label": task.label,
            "url": reverse("admin:orders_order_task", args=[order.pk, task.name]),
        }
        for task in TASKS.values()
        if any(task.applies(book.units) for book in lines)
    ]


def refusal_in_words(error: Exception) -> str:
    """Return why a change was refused, as a sentence."""
    match error:
        case NotThatManyError():
            return gettext(error.message) % error.values
        case NotOnShipmentError():
            return gettext("The shipment does not hold as many units.")
        case UnpaidOrderError():
            return gettext("The payment of the order is not decided yet.")
        case NothingToCancelError() | NothingToCaptureError() | NothingToRefundError():
            return gettext("Nothing is left of what was chosen.")
        case NoAuthorizationError():
            return gettext("The authorization has expired: the order must be authorized anew.")
        case FractionError():
            return str(error)
        case InsufficientSupplyError():
            return gettext("Fewer units are on hand than would leave.")
    return gettext("The order cannot be changed like this now.")


def _cancel_form(order: Order, books: OrderBooks, *args: Any, **kwargs: Any) -> UnitsForm:
    shipments = ports.current().shipments_of(order.pk)
    return CancelForm(books, shipments, *args, **kwargs)


def _rehearse_cancel(order_id: int, form: Any, now: datetime) -> OrderEffect:
    return rehearse_cancel(
        order_id,
        quantities=form.quantities(),
        shipment_number=form.cleaned_data["shipment"] or None,
        now=now,
    )


def _cancel(order_id: int, form: Any, now: datetime, actor_id: int | None) -> object:
    return cancel(
        order_id,
        quantities=form.quantities(),
        shipment_number=form.cleaned_data["shipment"] or None,
        now=now,
        actor_id=actor_id,
        reason=form.cleaned_data["reason"],
        idempotency_key=_key(form.cleaned_data["token"]),
    )


def _rehearse_capture(order_id: int, form: Any, now: datetime) -> OrderEffect:
    token = form.cleaned_data["token"]
    return rehearse_capture(
        order_id, quantities=form.quantities(), now=now, idempotency_key=_key(token)
    )


def _capture(order_id: int, form: Any, now: datetime, actor_id: int | None) -> None:
    token = form.cleaned_data["token"]
    capture(order_id, quantities=form.quantities(), now=now, idempotency_key=_key(token))


def _rehearse_refund(order_id: int, form: Any, now: datetime) -> OrderEffect:
    return rehearse_refund(
        order_id,
        lines=form.requests(),
        is_returned_to_stock=form.cleaned_data["return_to_stock"],
        now=now,
    )


def _refund(order_id: int, form: Any, now: datetime, actor_id: int | None) -> object:
    return refund(
        order_id,
        lines=form.requests(),
        is_returned_to_stock=form.cleaned_data["return_to_stock"],
        now=now,
        actor_id=actor_id,
        reason=form.cleaned_data["reason"],
        idempotency_key=_key(form.cleaned_data["token"]),
    )


def _key(token: str) -> str:
    """Return the idempotency key of a form; programs choose theirs elsewhere."""
    return f"admin-{token}"


TASKS = {
    task.name: task
    for task in (
        OrderTask(
            name="cancel",
            label=_("Cancel units"),
            confirm=_("Cancel these units"),
            done=_("The units are canceled."),
            applies=lambda units: bool(units.cancelable),
            make_form=_cancel_form,
            rehearse=_rehearse_cancel,
            apply=_cancel,
            is_done=lambda order_id, token: Cancellation.objects.filter(
                order=order_id, idempotency_key=_key(token)
            ).exists(),
        ),
        OrderTask(
            name="capture",
            label=_("Capture"),
            confirm=_("Capture this"),
            done=_("The capture has been asked of the gateway."),
            applies=lambda units: bool(units.capturable),
            make_form=lambda _order, books, *args, **kwargs: CaptureForm(books, *args, **kwargs),
            rehearse=_rehearse_capture,
            apply=_capture,
            is_done=lambda order_id, token: PaymentOperation.objects.filter(
                payment__order=order_id, idempotency_key=f"capture-{order_id}-{_key(token)}"
            ).exists(),
        ),
        OrderTask(
            name="refund",
            label=_("Refund"),
            confirm=_("Refund this"),
            done=_("The refund is written, and asked of the gateway."),
            applies=lambda units: bool(units.captured_unshipped + units.refundable_shipped),
            make_form=lambda _order, books, *args, **kwargs: RefundForm(books, *args, **kwargs),
            rehearse=_rehearse_refund,
            apply=_refund,
            is_done=lambda order_id, token: Refund.objects.filter(
                order=order_id, idempotency_key=_key(token)
            ).exists(),
        ),
    )
}
