"""The page on which staff change an order: a form, a preview of its effect, one confirmation."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext

from orders.admin.changes_of_order import (
    PERMISSION,
    REFUSALS,
    TASKS,
    OrderTask,
    refusal_in_words,
)
from orders.admin.effects import effect_in_words
from orders.locking import books_of
from orders.models import Order


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
        self, request: HttpRequest, order: Order, task: OrderTask, site: AdminSite
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
        try:
            effect = self.task.rehearse(self.order.pk, form, timezone.now())
        except REFUSALS as error:
            form.add_error(None, refusal_in_words(error))
            return self.show(form)
        return self.show(form, effect=effect_in_words(effect, self.order.currency))

    def confirm(self) -> HttpResponse:
        """Do it once, however often it is confirmed."""
        form = self.form(self.request.POST)
        if form.is_valid():
            try:
                self.task.apply(self.order.pk, form, timezone.now(), self.request.user.pk)
            except REFUSALS as error:
                form.add_error(None, refusal_in_words(error))
        if form.errors and not self.task.is_done(self.order.pk, self.request.POST.get("token", "")):
            return self.show(form)
        messages.success(self.request, str(self.task.done))
        return self.back_to_order()

    def form(self, *args: Any, **kwargs: Any) -> Any:
        return self.task.make_form(self.order, books_of(self.order), *args, **kwargs)

    def show(self, form: Any, *, effect: dict[str, Any] | None = None) -> HttpResponse:
        context = {
            **self.site.each_context(self.request),
            "title": gettext("%(task)s: order %(number)s")
            % {"task": self.task.label, "number": self.order.number},
            "opts": Order._meta,
            "order": self.order,
            "task": self.task,
            "form": form,
            "effect": effect,
        }
        return TemplateResponse(self.request, "orders/change.html", context)

    def back_to_order(self) -> HttpResponse:
        return redirect("admin:orders_order_change", self.order.pk)
