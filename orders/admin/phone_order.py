"""The page on which staff enter an order that a customer gives by telephone."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext

from core import formats
from core.acts import Act
from core.admin.bases import AnyPage
from core.admin.pages import AdminPage, answer
from core.clock import today
from core.formats import money
from core.kept_form import unsaved_sentence
from core.quantities import ZERO
from inventory.admin.sentences import salable_in_words, storefront_in_words
from orders.admin.phone_forms import (
    LINES,
    PhoneLines,
    PhoneOrderForm,
    order_request,
    ordered_rows,
    reason_in_words,
    reasons_by_row,
    show_problems,
)
from orders.admin.phone_lookup import SEES_ORDERS, customer_of
from orders.placing.check import CheckedLine, check_lines
from orders.placing.errors import IdempotencyConflictError, OrderRefusedError, in_words
from orders.placing.place import place_order
from orders.placing.request import OrderRequest
from orders.placing.validation import line_total
from orders.queries.customers import newest_order_of

PERMISSION = "orders.add_order"
# Problems of the order itself that are shown before it is complete: they concern its lines.
SHOWN_EARLY = ("channel", "fulfillment_method", "pickup_source")


def phone_order_page(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Show the form; add a row, check the lines, or place the order, as the button says."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    if request.method != "POST":
        blank = PhoneOrderForm(initial={"token": uuid4().hex})
        return _show(admin, request, blank, PhoneLines(prefix="lines"))
    form, rows = _posted(request)
    if unsaved := unsaved_sentence(request):
        messages.warning(request, unsaved)
        return _show(admin, request, form, rows, checks=_checks(form, rows), is_judged=False)
    match request.POST.get("step"):
        case "place":
            return _place(admin, request, form, rows)
        case "customer":
            form = _with_customer(request)
            return _show(admin, request, form, rows, checks=_checks(form, rows), is_judged=False)
        case "add":
            rows = _with_another_row(request, rows)
            return _show(admin, request, form, rows, is_judged=False)
    return _show(admin, request, form, rows, checks=_checks(form, rows), is_judged=False)


def availability_view(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Answer, by the rules of placement, what would become of each line as it is typed."""
    form, rows = _posted(request)
    return JsonResponse(_checks(form, rows))


AVAILABILITY = AdminPage(
    "availability/", availability_view, "orders_order_availability", "POST", PERMISSION
)


def _posted(request: HttpRequest) -> tuple[PhoneOrderForm, Any]:
    return PhoneOrderForm(request.POST), PhoneLines(request.POST, prefix="lines")


def _with_another_row(request: HttpRequest, rows: Any) -> Any:
    posted = request.POST.copy()
    count = rows.total_form_count()
    posted["lines-TOTAL_FORMS"] = str(count + 1)
    posted[f"lines-{count}-quantity"] = "1"
    return PhoneLines(posted, prefix="lines")


def _with_customer(request: HttpRequest) -> PhoneOrderForm:
    """Return the form with what the newest order of the customer says, as far as one is found."""
    posted = request.POST.copy()
    order = None
    if request.user.has_perm(SEES_ORDERS):
        typed = (posted.get(name, "") for name in ("customer_email", "customer_name"))
        order = next(filter(None, map(newest_order_of, typed)), None)
    if order is None:
        messages.warning(request, gettext("No earlier order of one such customer was found."))
    else:
        for name, value in customer_of(order).items():
            posted[name] = value
    return PhoneOrderForm(posted)


def _place(admin: AnyPage, request: HttpRequest, form: PhoneOrderForm, rows: Any) -> HttpResponse:
    chosen = ordered_rows(rows)
    refused: dict[str, list[str]] = {}
    of_lines = [] if chosen else [gettext("Add at least one line.")]
    is_readable = all([form.is_valid(), rows.management_form.is_valid(), rows.is_valid()])
    if is_readable:
        try:
            key = f"admin-{form.cleaned_data['token']}"
            act = Act(timezone.now(), request.user.pk, key=key)
            placed = place_order(order_request(form, chosen), act)
        except OrderRefusedError as error:
            show_problems(form, error.problems)
            if chosen:
                of_lines = [
                    in_words(problem) for problem in error.problems if problem.path == LINES
                ]
            refused = reasons_by_row(chosen, error.problems)
        except IdempotencyConflictError:
            form.add_error(
                None,
                gettext(
                    "This form has already placed an order. Open a new form for another order."
                ),
            )
        else:
            named = {"number": placed.number}
            if placed.is_declined:
                sentence = gettext("Order %(number)s was declined, and is canceled.")
                messages.error(request, sentence % named)
            else:
                messages.success(request, gettext("Order %(number)s is placed.") % named)
            return redirect("admin:orders_order_change", placed.order_id)
    checks = _checks(form, rows)
    checks["problems"] += of_lines
    for prefix, reasons in refused.items():
        # The refusal is shown, even if the same line would be accepted by now.
        checks["lines"].setdefault(prefix, {})["reasons"] = reasons
    return _show(admin, request, form, rows, checks=checks)


def _checks(form: PhoneOrderForm, rows: Any) -> dict[str, Any]:
    """Return what would become of the lines that can be read, by the prefix of their rows."""
    readable = [row for row in ordered_rows(rows) if row.is_valid()]
    request = order_request(form, readable)
    if not readable or not request.channel:
        return {"problems": [], "lines": {}, "total": ""}
    checked = check_lines(request, today=today())
    return {
        "problems": [
            in_words(problem) for problem in checked.problems if problem.path in SHOWN_EARLY
        ],
        "lines": {
            row.prefix: _line_in_words(line)
            for row, line in zip(readable, checked.lines, strict=False)
        },
        "total": _total_in_words(request, checked.lines),
    }


def _total_in_words(request: OrderRequest, lines: Sequence[CheckedLine]) -> str:
    """Return what the lines with a known product come to, where the currency is known."""
    if not request.currency:
        return ""
    total = ZERO
    for asked, line in zip(request.lines, lines, strict=False):
        if line.product is not None:
            price = line.product.price if asked.unit_price is None else asked.unit_price
            total += line_total(asked, price, request.currency)
    return money(total, request.currency)


def _line_in_words(line: CheckedLine) -> dict[str, Any]:
    words = {
        "is_ok": not line.problems,
        "message": "",
        "backordered": _backordered_in_words(line),
        "reasons": [reason_in_words(problem) for problem in line.problems],
    }
    if line.product is not None and line.facts is not None:
        message = gettext("%(sku)s %(name)s, %(price)s: %(state)s; salable: %(salable)s")
        words["message"] = message % {
            "sku": line.product.sku,
            "name": line.product.name,
            "price": money(line.product.price, settings.SITE_CURRENCY),
            "state": storefront_in_words(line.facts, show_availability=True),
            "salable": salable_in_words(line.facts),
        }
    return words


def _backordered_in_words(line: CheckedLine) -> str:
    if not line.backordered:
        return ""
    quantity = {"quantity": formats.quantity(line.backordered)}
    if line.preorder_on is not None:
        sentence = gettext("%(quantity)s will be a pre-order, sent from %(day)s.")
        return sentence % {**quantity, "day": formats.day(line.preorder_on)}
    if line.notifies_customer:
        return gettext("%(quantity)s will be backordered, and the confirmation says so.") % quantity
    return gettext("%(quantity)s will be backordered.") % quantity


def _show(
    admin: AnyPage,
    request: HttpRequest,
    form: PhoneOrderForm,
    rows: Any,
    *,
    checks: dict[str, Any] | None = None,
    is_judged: bool = True,
) -> HttpResponse:
    """Show the form; without ``is_judged`` no fault of what is not written yet."""
    found = checks or {"problems": [], "lines": {}, "total": ""}
    context = {
        "form": form,
        "rows": rows,
        "lines": [(row, found["lines"].get(str(row.prefix), {})) for row in rows.forms],
        "problems": found["problems"],
        "total": found["total"],
        "is_judged": is_judged and form.is_bound,
    }
    return answer(admin, request, "orders/phone_order.html", gettext("Phone order"), context)
