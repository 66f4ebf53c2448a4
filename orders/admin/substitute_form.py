"""The form on which staff put another product in the place of units of an order."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.fields import QuantityFormField, field_of
from core.admin.theme import Select, TextInput
from core.formats import quantity
from inventory.queries.search import skus_meant
from orders.admin.add_lines_form import (
    TOKEN_MISSING,
    PaymentChoice,
    chosen_payment,
    is_token_missing,
)
from orders.admin.phone_forms import FieldGroup, ProductInput, ShownField, reason_in_words
from orders.admin.task_form import TaskForm
from orders.books import LineBook, OrderBooks
from orders.changes.order_change import change_order
from orders.changes.request import ChangeRequest, SubstitutePrice, Substitution
from orders.placing.validation import OrderProblem


class PriceChoice(TextChoices):
    """What the substitute costs."""

    FORMER = SubstitutePrice.FORMER.value, _("What the replaced units cost")
    PRODUCT = SubstitutePrice.PRODUCT.value, _("Its own price")


class SubstituteForm(TaskForm):
    """Units of one line, and the product that takes their place."""

    task = "substitute"
    label = _("Substitute")
    confirm = _("Substitute these units")
    done = _("Substituted units of order %(order)s.")
    change = change_order
    template = "orders/order_change_fields.html"
    records = staticmethod(lambda order, key: order.orderchanges.filter(idempotency_key=key))

    line = forms.ChoiceField(label=_("Line"), widget=Select)
    quantity = QuantityFormField(label=_("Quantity to replace"))
    sku = forms.CharField(label=_("New product"), widget=ProductInput, max_length=200)
    new_quantity = QuantityFormField(label=_("New quantity"))
    price = forms.ChoiceField(
        label=_("Price"),
        choices=PriceChoice,
        widget=Select,
        help_text=_("What is paid beyond the new price is refunded."),
    )
    way_of_paying = forms.ChoiceField(
        label=_("Payment"),
        choices=PaymentChoice,
        initial=PaymentChoice.AS_BEFORE,
        widget=Select,
        help_text=_("Where the new product costs more."),
    )
    payment_token = forms.CharField(
        label=_("Payment token"),
        required=False,
        max_length=255,
        widget=TextInput(attrs={"autocomplete": "off"}),
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=TextInput)

    def __init__(self, books: OrderBooks, *args: Any, **kwargs: Any) -> None:
        super().__init__(books, *args, **kwargs)
        field_of(self, "line", forms.ChoiceField).choices = [
            (str(book.line.pk), f"{book.line.sku} · {quantity(book.units.cancelable)}")
            for book in _replaceable(books)
        ]

    @classmethod
    def is_offered(cls, books: OrderBooks) -> bool:
        return bool(_replaceable(books))

    def arguments(self) -> dict[str, Any]:
        entered = self.cleaned_data
        typed = entered["sku"]
        asked = Substitution(
            int(entered["line"]),
            entered["quantity"],
            skus_meant({typed}).get(typed, typed),
            entered["new_quantity"],
            SubstitutePrice(entered["price"]),
        )
        payment = chosen_payment(entered)
        return {"request": ChangeRequest(substitute=(asked,), payment=payment)}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if is_token_missing(cleaned):
            self.add_error("payment_token", gettext(TOKEN_MISSING))
        return cleaned

    def show_problems(self, problems: Sequence[OrderProblem]) -> None:
        for problem in problems:
            name = problem.path if problem.path in self.fields else None
            self.add_error(name, reason_in_words(problem))

    def groups(self) -> list[FieldGroup]:
        """Return the fields below their headings."""
        return [
            self._group(gettext("Replaced units"), "line", "quantity"),
            self._group(gettext("Replacement"), "sku", "new_quantity", "price"),
            self._group(gettext("Payment"), "way_of_paying", "payment_token"),
            self._group("", "reason"),
        ]

    def _group(self, heading: str, *names: str) -> FieldGroup:
        return FieldGroup(heading, [ShownField(self[name]) for name in names])


def _replaceable(books: OrderBooks) -> list[LineBook]:
    """Return the lines with units that can still be replaced."""
    return [
        book
        for book in sorted(books.lines.values(), key=lambda each: each.line.number)
        if book.units.cancelable > 0
    ]
