"""The form on which staff put another product in the place of units of an order."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.fields import QuantityFormField, field_of
from core.admin.theme import Select
from core.formats import quantity
from inventory.queries.search import skus_meant
from orders.admin.paid_change_form import PaidChangeForm
from orders.admin.phone_forms import FieldGroup, ProductInput, ShownField, reason_in_words
from orders.books import LineBook, OrderBooks
from orders.changes.request import ChangeRequest, SubstitutePrice, Substitution
from orders.permissions import CANCEL, CHANGE
from orders.placing.validation import OrderProblem


class PriceChoice(TextChoices):
    """The price of the substitute."""

    FORMER = SubstitutePrice.FORMER.value, _("The price of the replaced units")
    PRODUCT = SubstitutePrice.PRODUCT.value, _("Its own price")


class SubstituteForm(PaidChangeForm):
    """Units of one line, and the product that takes their place: a cancel and a new line."""

    task = "substitute"
    label = _("Substitute")
    confirm = _("Substitute these units")
    done = _("Substituted units of order %(order)s.")
    permissions = (CHANGE, CANCEL)
    template = "orders/order_change_fields.html"
    payment_help = _("Where the new product costs more.")

    line = forms.ChoiceField(label=_("Line"), widget=Select)
    quantity = QuantityFormField(label=_("Quantity to replace"))
    sku = forms.CharField(label=_("New product"), widget=ProductInput, max_length=200)
    new_quantity = QuantityFormField(label=_("New quantity"))
    price = forms.ChoiceField(
        label=_("Price"),
        choices=PriceChoice,
        widget=Select,
        help_text=_("An amount paid beyond the new price is refunded."),
    )

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
        request = ChangeRequest(
            substitute=(asked,), payment=self.payment(), shown_amount=entered["shown_amount"]
        )
        return {"request": request}

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
