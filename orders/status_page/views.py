"""The page of an order for its customer: seen by a link, and answered by a POST."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import get_language, get_language_info, gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.acts import Act
from core.request_rates import WINDOW_SECONDS, address_of, is_within_rate
from inventory.operations.whole_units import FractionError
from orders import ports
from orders.models import Order
from orders.order_links import linked_order
from orders.refusals import OrderChangeError, StaleError
from orders.status_page.cancellation import cancel_shipment, may_cancel, preview_cancellation
from orders.status_page.facts import named_units, status_of, units_of

# Neither kept nor listed nor handed on: who has the address sees the order.
PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
OFFERED = tuple(code for code, _name in settings.LANGUAGES)
View = Callable[[HttpRequest, str], HttpResponse]


def private(view: View) -> View:
    """Let nobody keep, list or hand on what a view answers."""

    @wraps(view)
    def answer(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token)
        for name, value in PRIVATE.items():
            response[name] = value
        return response

    return answer


# The link is the whole authority, and no other site knows it. A token in a cookie would add
# nothing, and browsers without a referrer send an origin that Django refuses.
@csrf_exempt
@private
@require_http_methods(["GET", "HEAD", "POST"])
def order_status(request: HttpRequest, token: str) -> HttpResponse:
    """Show the order that a link opens; a POST previews a cancellation, or confirms it.

    A link that was changed, that has expired or that opens nothing has one answer. GET and HEAD
    change nothing, for mail servers open links before people do.

    Rule: Order status page (§18b).
    """
    now = timezone.now()
    if not _is_allowed(request, token):
        response = _page(request, "too_many", {}, status=429)
        response["Retry-After"] = str(WINDOW_SECONDS)
        return response
    order = linked_order(token, now=now)
    if order is None:
        return _page(request, "not_found", {}, status=404)
    with translation.override(_language(request, order)):
        if request.method != "POST":
            return _status(request, order)
        is_about_delay = "request" in request.POST
        if not is_about_delay and not may_cancel():
            message = gettext("Units cannot be canceled here. Nothing was canceled.")
            return _status(request, order, message=message, status=409)
        try:
            act = _delay_answer if is_about_delay else _cancellation
            return act(request, order)
        except (OrderChangeError, FractionError):
            message = gettext("The order has changed. Nothing was done. Review it and try again.")
            return _status(request, order, message=message, status=409)


def staff_page(request: HttpRequest, order: Order) -> HttpResponse:
    """Show staff, in their language, what the customer sees; nothing can be answered there."""
    return _status(request, order, is_for_staff=True)


def _is_allowed(request: HttpRequest, token: str) -> bool:
    counted = {"order-page-address": address_of(request), "order-page-link": token}
    allowed = [
        is_within_rate(name, who, per_minute=settings.ORDER_PAGE_RATE, now=timezone.now())
        for name, who in counted.items()
    ]
    return all(allowed)


def _language(request: HttpRequest, order: Order) -> str:
    """Return the language that the reader chose, else the customer's, else the site's."""
    for wanted in (request.GET.get("language", ""), order.customer_language):
        try:
            return translation.get_supported_language_variant(wanted)
        except (LookupError, ValueError):
            continue
    return settings.LANGUAGE_CODE


def _cancellation(request: HttpRequest, order: Order) -> HttpResponse:
    now = timezone.now()
    number = request.POST.get("shipment", "")
    version = request.POST.get("version", "")
    if version.isascii() and version.isdecimal() and len(version) < 19:
        cancel_shipment(order, number, int(version), now=now)
        return _status(request, Order.objects.get(pk=order.pk), is_done=True)
    preview = preview_cancellation(order, number, now=now)
    lines = {line.pk: line for line in order.lines.order_by("number")}
    context = {
        "order": order,
        "shipment": preview.shipment,
        "units": list(units_of(preview.shipment, lines, today=timezone.localdate())),
        "refunded": preview.refunded,
    }
    return _page(request, "cancel", context)


def _delay_answer(request: HttpRequest, order: Order) -> HttpResponse:
    """Take an answer about late units; before they are canceled, show which.

    Rule: Delays, answers (§18a).
    """
    asked, shown = request.POST.get("request", ""), request.POST.get("shown_on", "")
    today = timezone.localdate()
    if "answer" not in request.POST:
        lines = {line.pk: line for line in order.lines.order_by("number")}
        for delay in ports.current().asked_delays(order.pk, today=today):
            if str(delay.request_id) == asked:
                context = {"order": order, "delay": delay, "units": named_units(delay, lines)}
                return _page(request, "cancel", context)
        raise StaleError(asked)
    try:
        request_id, shown_on = int(asked), date.fromisoformat(shown) if shown else None
    except ValueError as error:
        raise StaleError(asked) from error
    ports.current().answer_delay(
        order.pk,
        request_id,
        request.POST["answer"],
        Act(timezone.now()),
        today=today,
        shown_on=shown_on,
    )
    return _status(request, Order.objects.get(pk=order.pk), is_answered=True)


def _status(
    request: HttpRequest,
    order: Order,
    *,
    message: str = "",
    is_done: bool = False,
    is_answered: bool = False,
    is_for_staff: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        **status_of(order, today=timezone.localdate()),
        "message": message,
        "is_done": is_done,
        "is_answered": is_answered,
        "is_for_staff": is_for_staff,
    }
    return _page(request, "status", context, status=status)


def _page(
    request: HttpRequest, name: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    language = get_language() or settings.LANGUAGE_CODE
    shown = {
        **context,
        "language": language,
        "languages": [(code, get_language_info(code)["name_local"]) for code in OFFERED],
    }
    response = render(None, f"orders/status_page/{name}.html", shown, status=status)
    response["Content-Language"] = language
    return response
