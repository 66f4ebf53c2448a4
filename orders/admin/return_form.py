"""The form on which staff take shipped units back."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.db.models import Q, TextChoices
from django.utils.translation import gettext, ngettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import formats
from core.admin.theme import Select, TextInput
from core.quantities import ZERO
from inventory.models import Source
from orders.admin.change_forms import quantity_field
from orders.admin.task_form import TaskForm
from orders.books import OrderBooks
from orders.changes.return_request import (
    NEEDED,
    NewUnits,
    ReturnedUnits,
    ReturnMoney,
    ReturnRequest,
)
from orders.changes.returns import take_back
from orders.line_fractions import fractions_of_lines
from orders.models import Order, OrderLine, ReturnLine
from orders.permissions import TAKE_BACK
from orders.placing.errors import in_words
from orders.placing.validation import OrderProblem
from orders.queries.units_out import units_out
from orders.shipment_content import ShippedUnits

DONE = {
    ReturnMoney.REFUND: ngettext_lazy(
        "Took back and refunded %(units)s unit of order %(order)s.",
        "Took back and refunded %(units)s units of order %(order)s.",
        "count",
    ),
    ReturnMoney.LATER: ngettext_lazy(
        "Took back %(units)s unit of order %(order)s. Its refund is due.",
        "Took back %(units)s units of order %(order)s. Their refund is due.",
        "count",
    ),
    ReturnMoney.NONE: ngettext_lazy(
        "Took back %(units)s unit of order %(order)s.",
        "Took back %(units)s units of order %(order)s.",
        "count",
    ),
    ReturnMoney.EXCHANGE: ngettext_lazy(
        "Took back %(units)s unit of order %(order)s in exchange for new ones.",
        "Took back %(units)s units of order %(order)s in exchange for new ones.",
        "count",
    ),
}


class ToStock(TextChoices):
    """Whether units are put on hand."""

    BY_CONDITION = "", _("Unless damaged")
    YES = "YES", pgettext_lazy("to stock", "Yes")
    NO = "NO", pgettext_lazy("to stock", "No")


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """Units of a line that left with one shipment, and can come back."""

    line: OrderLine
    out: ShippedUnits

    def name(self, field: str) -> str:
        return f"{field}_{self.line.number}_{self.out.shipment_id}"


class ReturnForm(TaskForm):
    """Units that came back by line and shipment, and what becomes of their money.

    ``choices`` are the ways of paying back. It begins with all units of the ``shipment`` whose
    number is initial, if one is.
    """

    task = "take-back"
    label = pgettext_lazy("returned units", "Take back")
    confirm = _("Take these units back")
    change = take_back
    permissions: ClassVar[Sequence[str]] = (TAKE_BACK,)
    template = "orders/return_fields.html"
    records = staticmethod(lambda order, key: order.returns.filter(idempotency_key=key))
    choices: Sequence[tuple[str, Any]] = (
        (ReturnMoney.LATER.value, _("Refund later")),
        (ReturnMoney.NONE.value, _("No refund")),
    )

    reason = forms.CharField(label=_("Reason"), required=False, max_length=500, widget=TextInput)

    def __init__(self, books: OrderBooks, *args: Any, **kwargs: Any) -> None:
        super().__init__(books, *args, **kwargs)
        lines = [book.line for book in books.lines.values() if book.units.returnable]
        out = units_out(lines)
        self.parts = [ReturnRow(line, part) for line in lines for part in out.get(line.pk, [])]
        self.fields["money"] = forms.ChoiceField(
            label=_("Money"), choices=self.choices, widget=Select
        )
        found = Source.objects.filter(
            Q(is_enabled=True) | Q(pk__in={row.out.source_id for row in self.parts})
        )
        sources = [(str(pk), code) for pk, code in found.order_by("code").values_list("pk", "code")]
        for row in self.parts:
            self._add_part(row, sources)
        if self.may_exchange():
            for line in {row.line.pk: row.line for row in self.parts}.values():
                self._add_new(line)

    def _add_part(self, row: ReturnRow, sources: Sequence[tuple[str, str]]) -> None:
        about = {"line": row.line.number, "shipment": row.out.shipment_number}

        def select(name: str, label: str, choices: Any, initial: str) -> None:
            self.fields[row.name(name)] = forms.ChoiceField(
                choices=choices,
                initial=initial,
                required=False,
                widget=Select({"aria-label": label % about}),
            )

        label = gettext("Quantity of line %(line)s from %(shipment)s") % about
        self.fields[row.name("quantity")] = quantity_field(label)
        if self.initial.get("shipment") == row.out.shipment_number:
            self.initial[row.name("quantity")] = formats.input_text(row.out.quantity)
        condition = gettext("Condition of line %(line)s from %(shipment)s")
        select("condition", condition, ReturnLine.Condition.choices, ReturnLine.Condition.AS_NEW)
        select("stock", gettext("To stock, line %(line)s from %(shipment)s"), ToStock.choices, "")
        source = gettext("Source of line %(line)s from %(shipment)s")
        select("source", source, sources, str(row.out.source_id))

    def _add_new(self, line: OrderLine) -> None:
        about = {"line": line.number}
        label = gettext("SKU in exchange for line %(line)s") % about
        self.fields[f"new_sku_{line.number}"] = forms.CharField(
            required=False, max_length=64, widget=TextInput({"aria-label": label})
        )
        label = gettext("Quantity in exchange for line %(line)s") % about
        self.fields[f"new_quantity_{line.number}"] = quantity_field(label)

    @classmethod
    def is_offered(cls, books: OrderBooks) -> bool:
        return any(
            book.units.returnable for book in books.lines.values() if not book.line.is_virtual
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        quantities = self._quantities()
        errors = fractions_of_lines(quantities)
        for row in self.parts:
            name = row.name("quantity")
            quantity = cleaned.get(name)
            if quantity is None:
                continue
            if error := errors.get(row.line.pk):
                self.add_error(name, formats.filled(error.message, error.values))
            elif quantity < 0:
                self.add_error(name, gettext("Enter 0 or more."))
            elif quantity > row.out.quantity:
                at_most = {"available": formats.quantity(row.out.quantity)}
                self.add_error(name, gettext("At most %(available)s.") % at_most)
        if not self.errors and not quantities:
            raise forms.ValidationError(gettext("Choose at least one unit."))
        if cleaned.get("money") == ReturnMoney.EXCHANGE:
            self._check_new(cleaned, quantities)
        return cleaned

    def _check_new(self, cleaned: Mapping[str, Any], quantities: Mapping[int, Decimal]) -> None:
        """Say where it is missing what takes the place of returned units."""
        for line in {row.line.pk: row.line for row in self.parts}.values():
            if line.pk in quantities:
                sku, quantity = f"new_sku_{line.number}", f"new_quantity_{line.number}"
                if not cleaned.get(sku):
                    self.add_error(sku, gettext("Enter the SKU that is sent instead."))
                if quantity not in self.errors and not (cleaned.get(quantity) or ZERO) > 0:
                    self.add_error(quantity, gettext("Enter more than 0."))

    def arguments(self) -> dict[str, Any]:
        entered = self.cleaned_data
        lines = tuple(self._returned(row) for row in self.parts if entered[row.name("quantity")])
        money = ReturnMoney(entered["money"])
        exchange = {}
        if money is ReturnMoney.EXCHANGE:
            numbers = {row.line.pk: row.line.number for row in self.parts}
            exchange = {
                pk: NewUnits(
                    entered[f"new_sku_{numbers[pk]}"], entered[f"new_quantity_{numbers[pk]}"]
                )
                for pk in self._quantities()
            }
        request = ReturnRequest(lines, money, exchange)
        return {"request": request}

    def _returned(self, row: ReturnRow) -> ReturnedUnits:
        entered = self.cleaned_data
        to_stock = entered[row.name("stock")]
        source = entered[row.name("source")]
        is_elsewhere = source and int(source) != row.out.source_id
        return ReturnedUnits(
            row.line.pk,
            entered[row.name("quantity")],
            entered[row.name("condition")] or ReturnLine.Condition.AS_NEW,
            is_to_stock=None if not to_stock else to_stock == ToStock.YES,
            source_id=int(source) if is_elsewhere else None,
            shipment=row.out.shipment_number,
        )

    def result(self) -> str:
        units = sum(self._quantities().values(), ZERO)
        return self.units_result(DONE[ReturnMoney(self.cleaned_data["money"])], units)

    def show_problems(self, problems: Sequence[OrderProblem]) -> None:
        """Write why new units cannot be had beside them."""
        numbers = {row.line.pk: row.line.number for row in self.parts}
        exchanged = [numbers[pk] for pk in self._quantities()]
        for problem in problems:
            name = None
            if problem.line is not None:
                field = "new_quantity" if problem.path == "quantity" else "new_sku"
                name = f"{field}_{exchanged[problem.line - 1]}"
            self.add_error(name, in_words(problem))

    def show_newer(self, order: Order) -> None:
        self.data = {**dict(self.data.items()), "version": str(order.version)}

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Yield what can come back, with its inputs."""
        for row in self.parts:
            yield {
                "line": row.line,
                "shipment": row.out.shipment_number,
                "most": formats.quantity(row.out.quantity),
                **{
                    field: self[row.name(field)]
                    for field in ("quantity", "condition", "stock", "source")
                },
            }

    def settings(self) -> list[forms.BoundField]:
        """Return what is chosen besides units."""
        return [self[name] for name in ("money", "reason")]

    def may_exchange(self) -> bool:
        """Whether units may be exchanged."""
        return any(money == ReturnMoney.EXCHANGE for money, _label in self.choices)

    def new_rows(self) -> Iterator[Mapping[str, Any]]:
        """Yield the lines with what takes their place, where they may be exchanged."""
        for line in {row.line.pk: row.line for row in self.parts}.values():
            if f"new_sku_{line.number}" in self.fields:
                sku, quantity = f"new_sku_{line.number}", f"new_quantity_{line.number}"
                yield {"line": line, "sku": self[sku], "quantity": self[quantity]}

    def _quantities(self) -> dict[int, Decimal]:
        """Return the units that came back by order line id."""
        found: defaultdict[int, Decimal] = defaultdict(Decimal)
        for row in self.parts:
            found[row.line.pk] += self.cleaned_data.get(row.name("quantity")) or ZERO
        return {pk: quantity for pk, quantity in found.items() if quantity}


REFUND_NOW = (ReturnMoney.REFUND.value, _("Refund now"))
FOR_NEW_UNITS = (ReturnMoney.EXCHANGE.value, _("Exchange for new units"))


class RefundReturnForm(ReturnForm):
    """The form of who may also refund."""

    permissions = (TAKE_BACK, NEEDED[ReturnMoney.REFUND])
    choices = (REFUND_NOW, *ReturnForm.choices)


class ExchangeForm(ReturnForm):
    """The form of who may also change orders: units are exchanged without money."""

    permissions = (TAKE_BACK, NEEDED[ReturnMoney.EXCHANGE])
    choices = (*ReturnForm.choices, FOR_NEW_UNITS)


class PaidReturnForm(ReturnForm):
    """The form of who may do both."""

    permissions = (TAKE_BACK, *NEEDED.values())
    choices = (REFUND_NOW, *ReturnForm.choices, FOR_NEW_UNITS)


# The one with the most choices first.
RETURN_FORMS: Sequence[type[ReturnForm]] = (
    PaidReturnForm,
    RefundReturnForm,
    ExchangeForm,
    ReturnForm,
)
