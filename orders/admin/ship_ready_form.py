"""The form by which what is ready of an order that ships complete leaves at once."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.admin.theme import TextInput
from orders.admin.change_task_form import ChangeTaskForm
from orders.books import OrderBooks
from orders.changes.request import ChangeRequest
from orders.models import Order


class ShipReadyForm(ChangeTaskForm):
    """The order no longer ships complete: its ready shipments are let go."""

    task = "ship-ready"
    label = _("Ship what is ready")
    confirm = _("Let ready shipments go")
    done = _("Ready shipments of order %(order)s can leave. The rest follows later.")
    template = "orders/ship_ready_fields.html"

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=TextInput)

    @classmethod
    def is_offered(cls, books: OrderBooks) -> bool:
        return books.order.ship_complete and books.order.status in Order.OPEN

    def arguments(self) -> dict[str, Any]:
        request = ChangeRequest(ship_complete=False)
        return {"request": request}
