"""The page on which staff change an order: a form, a preview of its effect, one confirmation."""

from collections.abc import Callable, Mapping
from typing import Any, cast
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from core.acts import Act
from core.admin.bases import AnyPage
from core.admin.pages import AdminPage, answer
from core.text import gettext_noop
from inventory.operations.units import InsufficientSupplyError
from inventory.operations.whole_units import FractionError
from orders.admin.add_lines_form import AddLinesForm
from orders.admin.change_effects import effect_in_words
from orders.admin.change_forms import CancelForm, CaptureForm, RefundForm, UnitsForm
from orders.admin.order_change_form import OrderChangeForm
from orders.admin.return_form import RETURN_FORMS, ReturnForm
from orders.admin.ship_ready_form import ShipReadyForm
from orders.admin.substitute_form import SubstituteForm
from orders.admin.task_form import TaskForm
from orders.books import books_of
from orders.changes.preview import OrderEffect
from orders.models import Order, OrderChange
from orders.permissions import TAKE_BACK
from orders.placing.errors import OrderRefusedError, in_words
from orders.refusals import OrderChangeError, StaleOrderError, UnpaidOrderError

DECLINED = gettext_noop(
    "The payment was declined. Nothing of order %(order)s has changed. Choose another payment and "
    "try again."
)
PENDING = gettext_noop(
    "The gateway has not answered about the change of order %(order)s yet. Its units stay set "
    "aside until it has."
)
REFUSALS = (OrderChangeError, FractionError, InsufficientSupplyError)
# The changes of an order by the name in their address, in the order of their buttons.
TASKS: Mapping[str, type[TaskForm]] = {
    form.task: form
    for form in (
        ShipReadyForm,
        OrderChangeForm,
        AddLinesForm,
        SubstituteForm,
        CancelForm,
        CaptureForm,
        RefundForm,
    )
}


def tasks_of(request: HttpRequest, order: Order) -> list[dict[str, Any]]:
    """Return what this person may do to an order as it is now, with the addresses."""
    permitted = [form for form in TASKS.values() if request.user.has_perms(form.permissions)]
    may_take_back = request.user.has_perm(TAKE_BACK)
    if not (permitted or may_take_back) or not order.is_paid_for:
        return []
    books = books_of(order)
    tasks = [
        {"label": form.label, "url": reverse("admin:orders_order_task", args=[order.pk, form.task])}
        for form in permitted
        if form.is_offered(books)
    ]
    if may_take_back and ReturnForm.is_offered(books):
        page = reverse("admin:orders_order_take_back", args=[order.pk])
        tasks.append({"label": ReturnForm.label, "url": page})
    return tasks


def change_page(admin: AnyPage, request: HttpRequest, pk: int, task: str) -> HttpResponse:
    """Show the page of one of ``TASKS``, by its name."""
    if task not in TASKS:
        raise Http404
    if not request.user.has_perms(TASKS[task].permissions):
        raise PermissionDenied
    return task_page(admin, request, pk, TASKS[task])


def task_page(
    admin: AnyPage, request: HttpRequest, pk: int, form_class: type[TaskForm]
) -> HttpResponse:
    """Show the form; preview what is posted (``step=preview``), or do it (``step=confirm``).

    ``all`` is the number of a line, or empty for every line: its quantity becomes all that there
    is. The address may name the shipment that the form begins with (``shipment=``). The change is
    made once, however often it is confirmed.
    """
    order = get_object_or_404(Order.objects.select_related("channel"), pk=pk)
    back = redirect("admin:orders_order_change", order.pk)
    if not order.is_paid_for:
        messages.error(request, gettext(UnpaidOrderError.message))
        return back
    form, step = _form(request, form_class, order)
    effect = None
    if step in ("preview", "confirm") and form.is_valid():
        act = Act(timezone.now(), request.user.pk, form.cleaned_data.get("reason", ""), form.key)
        effect = _attempt(form, act, is_preview=step == "preview")
    if step == "confirm" and form.is_valid():
        if not _is_declined(form):
            _report(request, form)
            return back
        form = _to_pay_otherwise(form, order, request.POST)
    elif step == "confirm" and form.is_done():
        done_before = gettext(
            "This change of order %(order)s was made already. Nothing was done a second time."
        )
        messages.info(request, done_before % {"order": order.number})
        return back
    context = {
        "order": order,
        "original": order,
        "form": form,
        "effect": effect and effect_in_words(effect, order.currency),
    }
    title = gettext("%(task)s: %(number)s") % {"task": form.label, "number": order.number}
    return answer(admin, request, "orders/change.html", title, context)


def _form(
    request: HttpRequest, form_class: type[TaskForm], order: Order
) -> tuple[TaskForm, str | None]:
    """Return the form as it is posted, or a new one, and the step that is asked for."""
    step, all_of = request.POST.get("step"), request.POST.get("all")
    books = books_of(order)
    if all_of is not None and issubclass(form_class, UnitsForm):
        return form_class.filled(books, request.POST, all_of=all_of), "edit"
    if step == "add" and issubclass(form_class, AddLinesForm):
        form = form_class.with_another_row(books, request.POST)
        form.is_judged = False
        return form, "edit"
    if step in ("preview", "confirm", "edit"):
        return form_class(books, request.POST), step
    initial = {"token": uuid4().hex, "shipment": request.GET.get("shipment", "")}
    return form_class(books, initial=initial), step


def _attempt(form: TaskForm, act: Act, *, is_preview: bool) -> OrderEffect | None:
    """Make the change of a valid form, or return its effect; what refuses it is on the form."""
    change: Callable[..., Any] = form.change.preview if is_preview else form.change
    try:
        version = form.cleaned_data["version"]
        found = change(form.order.pk, act, expected_version=version, **form.arguments())
    except OrderRefusedError as error:
        form.show_problems(error.problems)
    except StaleOrderError as error:
        form.add_error(None, in_words(error))
        form.show_newer(Order.objects.get(pk=form.order.pk))
    except REFUSALS as error:
        form.add_error(None, _refusal_in_words(error))
    else:
        if is_preview:
            form.keep_shown(found)
            return cast(OrderEffect, found)
        form.written = found
    return None


def _is_declined(form: TaskForm) -> bool:
    """Whether the gateway has declined what a form asked for, by now."""
    change = form.written
    if not isinstance(change, OrderChange):
        return False
    change.refresh_from_db()
    return change.state == OrderChange.State.DECLINED


def _to_pay_otherwise(form: TaskForm, order: Order, posted: QueryDict) -> TaskForm:
    """Return a form as it was typed, to be sent once more with another payment."""
    typed = posted.copy()
    typed["token"] = uuid4().hex
    typed["version"] = str(Order.objects.get(pk=order.pk).version)
    again = type(form)(books_of(order), typed)
    again.add_error(None, gettext(DECLINED) % {"order": order.number})
    return again


def _report(request: HttpRequest, form: TaskForm) -> None:
    """Say what became of a change: it was made, or its gateway has not answered."""
    change = form.written
    if isinstance(change, OrderChange) and change.state == OrderChange.State.PENDING:
        messages.warning(request, gettext(PENDING) % {"order": form.order.number})
        return
    messages.success(request, form.result())


def take_back_page(admin: AnyPage, request: HttpRequest, pk: int) -> HttpResponse:
    """Show the page on which units are taken back, with what the person may do with the money."""
    form = next(form for form in RETURN_FORMS if request.user.has_perms(form.permissions))
    return task_page(admin, request, pk, form)


RETURN_PAGE = AdminPage(
    "<int:pk>/take-back/", take_back_page, "orders_order_take_back", permission=TAKE_BACK
)
CHANGE_PAGE = AdminPage("<int:pk>/tasks/<slug:task>/", change_page, "orders_order_task")


def _refusal_in_words(error: Exception) -> str:
    """Return why a change was refused, as a sentence."""
    match error:
        case OrderChangeError():
            return in_words(error)
        case FractionError():
            return str(error)
    return gettext("Fewer units are on hand than would ship.")
