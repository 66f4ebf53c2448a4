"""The form on which staff add lines to a placed order."""

from collections.abc import Sequence
from typing import Any, Self

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.queries.search import skus_meant
from orders.admin.paid_change_form import PaidChangeForm
from orders.admin.phone_forms import (
    PhoneLineForm,
    PhoneLines,
    ordered_rows,
    reason_in_words,
)
from orders.books import OrderBooks
from orders.changes.request import ChangeRequest
from orders.models import Order
from orders.placing.validation import OrderProblem

LINES = "lines"


class AddLinesForm(PaidChangeForm):
    """New lines of an order, and how they are paid."""

    task = "add-lines"
    label = _("Add lines")
    confirm = _("Add these lines")
    done = _("Added lines to order %(order)s.")
    template = "orders/add_lines_fields.html"
    payment_help = _("The units are set aside. They can ship once the payment is accepted.")

    def __init__(self, books: OrderBooks, *args: Any, **kwargs: Any) -> None:
        super().__init__(books, *args, **kwargs)
        self.new_lines = PhoneLines(self.data if self.is_bound else None, prefix=LINES)

    @classmethod
    def is_offered(cls, books: OrderBooks) -> bool:
        return books.order.status in Order.OPEN

    @classmethod
    def with_another_row(cls, books: OrderBooks, posted: QueryDict) -> Self:
        """Return the form as typed, with one more row for a line."""
        typed = posted.copy()
        count = cls(books, posted).new_lines.total_form_count()
        typed[f"{LINES}-TOTAL_FORMS"] = str(count + 1)
        typed[f"{LINES}-{count}-quantity"] = "1"
        return cls(books, typed)

    def is_valid(self) -> bool:
        """Whether the fields and the lines can be read, and there is a line."""
        are_lines = bool(self.new_lines.is_valid())
        return super().is_valid() and are_lines

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self._rows():
            raise forms.ValidationError(gettext("Add at least one line."))
        return cleaned

    def arguments(self) -> dict[str, Any]:
        rows = self._rows()
        meant = skus_meant({row.cleaned_data["sku"] for row in rows})
        request = ChangeRequest(
            add=tuple(row.request(meant) for row in rows),
            payment=self.payment(),
            shown_amount=self.cleaned_data["shown_amount"],
        )
        return {"request": request}

    def show_problems(self, problems: Sequence[OrderProblem]) -> None:
        rows = self._rows()
        for problem in problems:
            sentence = reason_in_words(problem)
            if problem.line is None:
                self.add_error(None, sentence)
            else:
                row = rows[problem.line - 1]
                row.add_error(problem.path if problem.path in row.fields else None, sentence)

    def payment_fields(self) -> list[forms.BoundField]:
        """Return what is entered besides lines."""
        return [self[name] for name in ("way_of_paying", "payment_token", "reason")]

    def _rows(self) -> list[PhoneLineForm]:
        return ordered_rows(self.new_lines)
