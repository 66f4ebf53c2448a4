"""The page on which staff change an order: a form, a preview of its effect, one confirmation."""

from functools import partial
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from inventory.operations.units import InsufficientSupplyError
from inventory.operations.whole_units import FractionError
from orders.admin.change_forms import TASKS, UnitsForm
from orders.admin.effects import effect_in_words
from orders.changes.preview import make_change, preview_change
from orders.locking import books_of
from orders.models import Order
from orders.placing.errors import in_words
from orders.refusals import (
    OrderChangeError,
)

PERMISSION = "orders.change_order"
REFUSALS = (OrderChangeError, FractionError, InsufficientSupplyError)


def tasks_of(request: HttpRequest, order: Order) -> list[dict[str, Any]]:
    """Return what this person may do to an order as it stands, with the addresses."""
    if not request.user.has_perm(PERMISSION) or not order.is_paid_for:
        return []
    lines = books_of(order).lines.values()
    return [
        {
            "label": form.label,
            "url": reverse("admin:orders_order_task", args=[order.pk, name]),
        }
        for name, form in TASKS.items()
        if any(form.most(book.units) for book in lines)
    ]


def change_page(request: HttpRequest, pk: int, task: str, *, site: AdminSite) -> HttpResponse:
    """Show the form; preview what is posted (``step=preview``), or do it (``step=confirm``)."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    if task not in TASKS:
        raise Http404
    order = get_object_or_404(Order.objects.select_related("channel"), pk=pk)
    page = _Page(request, order, TASKS[task], site)
    if not order.is_paid_for:
        messages.error(request, gettext("The payment of the order is not decided yet."))
        return page.back_to_order()
    match request.POST.get("step"):
        case "preview":
            return page.preview()
        case "confirm":
            return page.confirm()
        case "edit":
            return page.edit()
    return page.blank()


class _Page:
    """One request for the page of one task on one order."""

    def __init__(
        self, request: HttpRequest, order: Order, task: type[UnitsForm], site: AdminSite
    ) -> None:
        self.request = request
        self.order = order
        self.task = task
        self.site = site

    def blank(self) -> HttpResponse:
        return self.show(self.form(initial={"token": uuid4().hex}))

    def edit(self) -> HttpResponse:
        """Show the form with everything that was typed."""
        return self.show(self.form(self.request.POST))

    def preview(self) -> HttpResponse:
        form = self.form(self.request.POST)
        if not form.is_valid():
            return self.show(form)
        now = timezone.now()
        change = partial(form.change, now=now, actor_id=self.request.user.pk)
        try:
            effect = preview_change(self.order.pk, change, now=now)
        except REFUSALS as error:
            form.add_error(None, _refusal_in_words(error))
            return self.show(form)
        return self.show(form, effect=effect_in_words(effect, self.order.currency))

    def confirm(self) -> HttpResponse:
        """Do it once, however often it is confirmed."""
        form = self.form(self.request.POST)
        if form.is_valid():
            now = timezone.now()
            change = partial(form.change, now=now, actor_id=self.request.user.pk)
            try:
                make_change(change, now=now)
            except REFUSALS as error:
                form.add_error(None, _refusal_in_words(error))
        token = self.request.POST.get("token", "")
        if form.errors and not self.task.is_done(self.order, token):
            return self.show(form)
        messages.success(self.request, str(self.task.done))
        return self.back_to_order()

    def form(self, *args: Any, **kwargs: Any) -> UnitsForm:
        return self.task(books_of(self.order), *args, **kwargs)

    def show(self, form: UnitsForm, *, effect: dict[str, Any] | None = None) -> HttpResponse:
        context = {
            **self.site.each_context(self.request),
            "title": gettext("%(task)s: order %(number)s")
            % {"task": self.task.label, "number": self.order.number},
            "opts": Order._meta,
            "order": self.order,
            "form": form,
            "effect": effect,
        }
        return TemplateResponse(self.request, "orders/change.html", context)

    def back_to_order(self) -> HttpResponse:
        return redirect("admin:orders_order_change", self.order.pk)


def _refusal_in_words(error: Exception) -> str:
    """Return why a change was refused, as a sentence."""
    match error:
        case OrderChangeError():
            return in_words(error)
        case FractionError():
            return str(error)
    return gettext("Fewer units are on hand than would leave.")
