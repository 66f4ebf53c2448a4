"""The page of an order for its customer: seen by a link, answered by a POST."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext

from core.acts import Act
from core.customer_pages import customer_page, shown
from inventory.operations.whole_units import FractionError
from orders import ports
from orders.models import Order
from orders.order_links import linked_order
from orders.refusals import OrderChangeError, StaleError
from orders.status_page.back_in_stock import ask_about
from orders.status_page.cancellation import cancel_shipment, may_cancel, preview_cancellation
from orders.status_page.facts import named_units, status_of, units_of


@customer_page("order-page")
def order_status(request: HttpRequest, token: str) -> HttpResponse:
    """Show the order that a link opens; a POST previews a cancellation, or confirms it.

    A link that was changed, that has expired or that opens nothing has one answer. GET and HEAD
    change nothing, for mail servers open links before people do.

    Rule: Order status page (§18b).
    """
    order = linked_order(token, now=timezone.now())
    if order is None:
        return _page("not_found", {}, status=404)
    with translation.override(_language(request, order)):
        if request.method != "POST":
            return _status(order)
        act = _action(request)
        if act is _cancellation and not may_cancel():
            message = gettext("Units cannot be canceled here. Nothing was canceled.")
            return _status(order, message=message, status=409)
        try:
            return act(request, order)
        except (OrderChangeError, FractionError):
            message = gettext("The order has changed. Nothing was done. Review it and try again.")
            return _status(order, message=message, status=409)


def staff_page(request: HttpRequest, order: Order) -> HttpResponse:
    """Show staff, in their language, what the customer sees; nothing can be answered there."""
    return _status(order, is_for_staff=True)


def _language(request: HttpRequest, order: Order) -> str:
    """Return the language that the reader chose, else the customer's, else the site's."""
    for wanted in (request.GET.get("language", ""), order.customer_language):
        try:
            return translation.get_supported_language_variant(wanted)
        except (LookupError, ValueError):
            continue
    return settings.LANGUAGE_CODE


def _action(request: HttpRequest) -> Callable[[HttpRequest, Order], HttpResponse]:
    """Return what a POST asks for."""
    if "request" in request.POST:
        return _delay_answer
    return _back_in_stock if "back_in_stock" in request.POST else _cancellation


def _back_in_stock(request: HttpRequest, order: Order) -> HttpResponse:
    """Ask for one e-mail when the product of a line can be bought again.

    Rule: Back in stock (§18c).
    """
    ask_about(
        order,
        request.POST["back_in_stock"],
        language=translation.get_language() or settings.LANGUAGE_CODE,
        site=request.build_absolute_uri("/").rstrip("/"),
        now=timezone.now(),
        today=timezone.localdate(),
    )
    return _status(order, is_asked=True)


def _cancellation(request: HttpRequest, order: Order) -> HttpResponse:
    now = timezone.now()
    number = request.POST.get("shipment", "")
    version = request.POST.get("version", "")
    if version.isascii() and version.isdecimal() and len(version) < 19:
        cancel_shipment(order, number, int(version), now=now)
        return _status(Order.objects.get(pk=order.pk), is_done=True)
    preview = preview_cancellation(order, number, now=now)
    lines = {line.pk: line for line in order.lines.in_force().order_by("number")}
    context = {
        "order": order,
        "shipment": preview.shipment,
        "units": list(units_of(preview.shipment, lines, today=timezone.localdate())),
        "refunded": preview.refunded,
    }
    return _page("cancel", context)


def _delay_answer(request: HttpRequest, order: Order) -> HttpResponse:
    """Take one answer about late units, of one request or several; before they are canceled, show
    which.

    Rule: Delays, answers (§18a).
    """
    asked = request.POST.getlist("request")
    today = timezone.localdate()
    if "answer" not in request.POST:
        return _delay_preview(order, asked, today=today)
    ports.current().answer_delays(
        order.pk,
        _shown_dates(asked, request.POST.getlist("shown_on")),
        request.POST["answer"],
        Act(timezone.now()),
        today=today,
    )
    return _status(Order.objects.get(pk=order.pk), is_answered=True)


def _delay_preview(order: Order, asked: Sequence[str], *, today: date) -> HttpResponse:
    lines = {line.pk: line for line in order.lines.in_force().order_by("number")}
    delays = [
        delay
        for delay in ports.current().asked_delays(order.pk, today=today)
        if str(delay.request_id) in asked
    ]
    if len(delays) != len(asked):
        raise StaleError(order.number)
    return _page("cancel", {"order": order, "delays": delays, "units": named_units(delays, lines)})


def _shown_dates(asked: Sequence[str], shown: Sequence[str]) -> dict[int, date | None]:
    """Return the new dates that a page showed, by request, as its form hands them back.

    :raises StaleError: if they are none that a page of ours showed.
    """
    try:
        found = {
            int(request_id): date.fromisoformat(day) if day else None
            for request_id, day in zip(asked, shown, strict=True)
        }
    except ValueError as error:
        raise StaleError(", ".join(asked)) from error
    if len(found) != len(asked):
        raise StaleError(", ".join(asked))
    return found


def _status(
    order: Order,
    *,
    message: str = "",
    is_done: bool = False,
    is_answered: bool = False,
    is_asked: bool = False,
    is_for_staff: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        **status_of(order, today=timezone.localdate()),
        "message": message,
        "is_done": is_done,
        "is_answered": is_answered,
        "is_asked": is_asked,
        "is_for_staff": is_for_staff,
    }
    return _page("status", context, status=status)


def _page(name: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    return shown(f"orders/status_page/{name}.html", context, status=status)
