"""The forms on which staff cancel, capture or refund units of an order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any, Self

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from core import formats
from core.admin.fields import QuantityFormField, QuantityInput, field_of
from core.admin.theme import CHECKBOX_CLASS, Select, TextInput
from core.quantities import ZERO
from inventory.models import InventoryConfiguration
from inventory.resolution import resolve
from orders import ports
from orders.admin.task_form import TaskForm
from orders.admin.wording import CancelCauseField
from orders.books import LineBook, OrderBooks
from orders.changes.cancel import cancel
from orders.changes.capture import capture, captures_by
from orders.changes.refund import RefundRequest, refund
from orders.line_fractions import fractions_of_lines
from orders.line_units import LineUnits
from orders.models import OrderLine
from orders.permissions import CANCEL, REFUND


class UnitsForm(TaskForm):
    """Units of each line of an order, and what is to become of them."""

    template = "orders/units_fields.html"
    # The most units that a line can give.
    most: Callable[[LineUnits], Decimal]
    starts_with_all = False

    reason = forms.CharField(label=_("Reason"), required=False, max_length=500, widget=TextInput)

    def __init__(self, books: OrderBooks, *args: Any, **kwargs: Any) -> None:
        super().__init__(books, *args, **kwargs)
        self.books = [book for book in books.lines.values() if self.most(book.units)]
        for book in self.books:
            self.add_line(book)

    def add_line(self, book: LineBook) -> None:
        self.fields[quantity_name(book.line)] = quantity_field(
            gettext("Quantity of line %(line)s") % {"line": book.line.number},
            initial=self.most(book.units) if self.starts_with_all else None,
        )

    @classmethod
    def is_offered(cls, books: OrderBooks) -> bool:
        return any(cls.most(book.units) for book in books.lines.values())

    @classmethod
    def filled(cls, books: OrderBooks, typed: QueryDict, *, all_of: str) -> Self:
        """Return the form as typed, with all units of the line with the number ``all_of``, or
        of every line where it is empty."""
        filled = typed.copy()
        for book in books.lines.values():
            if all_of in ("", str(book.line.number)):
                filled[quantity_name(book.line)] = formats.input_text(cls.most(book.units))
        return cls(books, filled)

    def arguments(self) -> dict[str, Any]:
        return {"quantities": self.quantities()}

    def result(self) -> str:
        """Return what a valid form did, with its units."""
        return self.units_result(self.done, sum(self.quantities().values(), ZERO))

    def check_line(self, book: LineBook, quantity: Decimal) -> None:
        """Say what is wrong with the units of a line."""
        name, most = quantity_name(book.line), self.most(book.units)
        if quantity < 0:
            self.add_error(name, gettext("Enter 0 or more."))
        elif quantity > most:
            at_most = {"available": formats.quantity(most)}
            self.add_error(name, gettext("At most %(available)s.") % at_most)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        errors = fractions_of_lines(self.quantities())
        for book in self.books:
            name = quantity_name(book.line)
            quantity = cleaned.get(name)
            if error := errors.get(book.line.pk):
                self.add_error(name, formats.filled(error.message, error.values))
            elif quantity is not None:
                self.check_line(book, quantity)
        if not self.errors and not any(self.quantities().values()):
            raise forms.ValidationError(gettext("Choose at least one unit."))
        return cleaned

    def quantities(self) -> dict[int, Decimal]:
        """Return the units that were chosen, by order line id."""
        chosen = {
            book.line.pk: self.cleaned_data.get(quantity_name(book.line)) for book in self.books
        }
        return {pk: quantity for pk, quantity in chosen.items() if quantity}

    def settings(self) -> Iterator[forms.BoundField]:
        """Yield what is chosen besides units."""
        return (
            self[name]
            for name in ("shipment", "return_to_stock", "cause", "reason")
            if name in self.fields
        )

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Yield each line with its inputs and the most that it can give."""
        for book in self.books:
            yield {
                "line": book.line,
                "most": formats.quantity(self.most(book.units)),
                "quantity": self[quantity_name(book.line)],
            }


class CancelForm(UnitsForm):
    """Open units to cancel, of one shipment or of whichever the rule takes first."""

    task = "cancel"
    label = _("Cancel units")
    confirm = _("Cancel these units")
    done = ngettext_lazy(
        "Canceled %(units)s unit of order %(order)s.",
        "Canceled %(units)s units of order %(order)s.",
        "count",
    )
    change = cancel
    permissions = (CANCEL,)
    most = attrgetter("cancelable")
    records = staticmethod(lambda order, key: order.cancellations.filter(idempotency_key=key))

    shipment = forms.ChoiceField(label=_("Shipment"), required=False, widget=Select)
    cause = CancelCauseField(widget=Select)

    def __init__(self, books: OrderBooks, *args: Any, **kwargs: Any) -> None:
        super().__init__(books, *args, **kwargs)
        named = [
            (shipment.number, f"{shipment.number} · {shipment.state_in_words}")
            for shipment in ports.current().shipments_of(self.order.pk)
            if shipment.units and shipment.is_open
        ]
        by_itself = ("", gettext("Waiting units first, then ready ones"))
        field_of(self, "shipment", forms.ChoiceField).choices = [by_itself, *named]

    def arguments(self) -> dict[str, Any]:
        shipment = self.cleaned_data["shipment"] or None
        cause = self.cleaned_data["cause"]
        return {**super().arguments(), "shipment_number": shipment, "cause": cause}


class CaptureForm(UnitsForm):
    """Units whose money is to be asked for."""

    task = "capture"
    label = _("Capture")
    confirm = _("Capture this")
    done = ngettext_lazy(
        "Asked the gateway to capture %(units)s unit of order %(order)s.",
        "Asked the gateway to capture %(units)s units of order %(order)s.",
        "count",
    )
    change = capture
    most = attrgetter("capturable")
    starts_with_all = True
    records = staticmethod(captures_by)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A capture keeps no reason.
        del self.fields["reason"]


class RefundForm(UnitsForm):
    """Captured units to refund, with how many of them had shipped."""

    task = "refund"
    label = _("Refund")
    confirm = _("Refund this")
    done = ngettext_lazy(
        "Refunded %(units)s unit of order %(order)s.",
        "Refunded %(units)s units of order %(order)s.",
        "count",
    )
    change = refund
    permissions = (REFUND,)
    most = attrgetter("refundable")
    records = staticmethod(lambda order, key: order.refunds.filter(idempotency_key=key))

    return_to_stock = forms.BooleanField(
        label=_("Return to stock"),
        required=False,
        widget=forms.CheckboxInput({"class": CHECKBOX_CLASS}),
        help_text=_("Units that shipped go back to the sources that shipped them."),
    )

    def __init__(self, books: OrderBooks, *args: Any, **kwargs: Any) -> None:
        super().__init__(books, *args, **kwargs)
        lines = [book.line for book in self.books]
        self.fields["return_to_stock"].initial = returns_automatically(lines)

    def add_line(self, book: LineBook) -> None:
        number = {"line": book.line.number}
        self.fields[quantity_name(book.line)] = quantity_field(
            gettext("Quantity of line %(line)s") % number
        )
        self.fields[shipped_name(book.line)] = quantity_field(
            gettext("Of these shipped, line %(line)s") % number
        )

    def arguments(self) -> dict[str, Any]:
        return {
            "lines": {
                book.line.pk: RefundRequest(quantity, self.cleaned_data[shipped_name(book.line)])
                for book in self.books
                if (quantity := self.quantities().get(book.line.pk))
            },
            "is_returned_to_stock": self.cleaned_data["return_to_stock"],
        }

    def check_line(self, book: LineBook, quantity: Decimal) -> None:
        super().check_line(book, quantity)
        name = shipped_name(book.line)
        shipped = self.cleaned_data.get(name)
        if shipped is None or quantity_name(book.line) in self.errors:
            return
        if not 0 <= shipped <= quantity:
            self.add_error(name, gettext("Enter 0 up to the quantity that is refunded."))
            return
        fewest = max(quantity - book.units.captured_unshipped, ZERO)
        most = book.units.refundable_shipped
        if not fewest <= shipped <= most:
            limits = {"fewest": formats.quantity(fewest), "most": formats.quantity(most)}
            self.add_error(name, gettext("From %(fewest)s to %(most)s shipped units.") % limits)

    def rows(self) -> Iterator[Mapping[str, Any]]:
        for row, book in zip(super().rows(), self.books, strict=True):
            shipped = formats.quantity(book.units.refundable_shipped)
            yield {**row, "most_shipped": shipped, "shipped": self[shipped_name(book.line)]}


def quantity_field(label: str, *, initial: Decimal | None = None) -> QuantityFormField:
    widget = QuantityInput({"aria-label": label})
    return QuantityFormField(label=label, required=False, initial=initial, widget=widget)


def quantity_name(line: OrderLine) -> str:
    return f"quantity_{line.number}"


def shipped_name(line: OrderLine) -> str:
    return f"shipped_{line.number}"


def returns_automatically(lines: Sequence[OrderLine]) -> bool:
    """Return whether every one of these products is returned to stock by its option."""
    configuration = InventoryConfiguration.load().overrides()
    found = OrderLine.objects.filter(pk__in=[line.pk for line in lines]).select_related("product")
    return bool(lines) and all(
        resolve(
            "auto_return_to_stock",
            configuration=configuration,
            product=line.product.overrides(),
        ).value
        for line in found
    )
