"""The sheet of a delivery: its lines with the units that were typed or scanned."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.access_limits import seen
from core.admin.fields import QuantityFormField
from core.admin.shown_values.pages import INPUT_NAME, hidden_input, read_text
from core.admin.theme import Select
from core.formats import input_text
from core.quantities import ZERO
from inventory.admin.typed_choice import SOURCE, RowChoice
from inventory.models import FutureSupply, Product, Source
from inventory.operations.deliveries import DeliveryContent, DeliveryLine, UnrecordedLine
from inventory.queries.deliveries import open_lines, product_of_code

PAGE = "delivery"
NEW = "new"
UNITS = QuantityFormField(label=_("Units that came"), required=False)


class DeliverySourceForm(forms.Form):
    """Where a delivery, or what no record named, came in."""

    source = RowChoice(
        Source.objects.filter(is_enabled=True).order_by("code"),
        lookup=SOURCE,
        label=_("Source"),
        to_field_name="code",
        widget=Select,
    )


NEGATIVE = _("The quantity is never negative.")


@dataclass(slots=True)
class SheetLine:
    """A line of the page; without a ``supply_id`` nothing was recorded of it.

    ``units`` are as they were typed, ``error`` is what is wrong with them.
    """

    supply_id: int | None
    product: Product
    source: Source
    outstanding: Decimal
    units: str
    expected_on: date | None = None
    sent_from: str = ""
    is_last: bool = False
    error: str = ""
    quantity: Decimal = ZERO

    @property
    def key(self) -> str:
        if self.supply_id is not None:
            return str(self.supply_id)
        return f"{NEW}-{self.product.pk}-{self.source.pk}"

    def read(self) -> None:
        """Read the units that were typed; nothing is 0."""
        try:
            quantity = UNITS.clean(self.units.strip()) or ZERO
        except forms.ValidationError as error:
            self.error = " ".join(error.messages)
            return
        self.quantity, self.error = quantity, str(NEGATIVE) if quantity < 0 else ""

    def add_one(self) -> None:
        self.read()
        if not self.error:
            self.quantity += 1
            self.units = input_text(self.quantity)

    @property
    def is_over(self) -> bool:
        """Whether more came than is outstanding of a record."""
        return self.supply_id is not None and self.quantity > self.outstanding


@dataclass(slots=True)
class DeliverySheet:
    """All lines of one delivery; ``is_counted`` once units are scanned."""

    reference: str
    source: Source | None
    token: UUID
    lines: list[SheetLine]
    is_counted: bool = False
    confirms_over: bool = False
    reason: str = ""

    @property
    def title(self) -> str:
        if self.reference and self.source:
            return f"{self.reference} · {self.source.code}"
        return self.reference or str(self.source)

    @property
    def shown_values(self) -> SafeString:
        """Return the input that carries what the page shows of the records."""
        shown = {
            "token": str(self.token),
            "reference": self.reference,
            "source": self.source and self.source.pk,
            "lines": {
                line.key: f"{line.outstanding:f}"
                for line in self.lines
                if line.supply_id is not None
            },
        }
        return hidden_input(shown, page=PAGE)

    @property
    def over(self) -> list[SheetLine]:
        return [line for line in self.lines if line.is_over]

    @property
    def needs_reason(self) -> bool:
        return any(line.quantity > 2 * line.outstanding for line in self.over)

    @property
    def is_right(self) -> bool:
        """Whether nothing is to be corrected before a look at what would be done."""
        if any(line.error for line in self.lines):
            return False
        return not self.over or (
            self.confirms_over and bool(self.reason.strip() or not self.needs_reason)
        )

    def read(self) -> None:
        for line in self.lines:
            line.read()

    def scan(self, code: str, source: Source | None) -> str:
        """Add one unit of the product that a code names; return what is wrong, if anything is.

        With the first scan, lines on which nothing was typed begin at 0. A product without an
        open line gets one at ``source``.
        """
        product = product_of_code(code)
        if product is None:
            told = gettext("No product has the SKU or barcode “%(code)s”. Scan or type it again.")
            return told % {"code": code}
        entry_source = self.source or source
        own = [line for line in self.lines if line.product.pk == product.pk]
        if not own and entry_source is None:
            told = gettext("%(sku)s is not on this delivery. Select the source where it came in.")
            return told % {"sku": product.sku}
        if not self.is_counted:
            self._begin_count()
        if not own and entry_source is not None:
            own = [SheetLine(None, product, entry_source, ZERO, "0")]
            self.lines += own
        for line in own:
            line.read()
        lacking = [line for line in own if line.quantity < line.outstanding]
        (lacking or own)[0].add_one()
        return ""

    def _begin_count(self) -> None:
        self.is_counted = True
        for line in self.lines:
            if line.units == input_text(line.outstanding):
                line.units = "0"

    def fill(self) -> None:
        """Enter what is outstanding on every recorded line."""
        self.is_counted = False
        for line in self.lines:
            if line.supply_id is not None:
                line.units = input_text(line.outstanding)

    def show_again(self, supply_ids: Iterable[int]) -> list[str]:
        """Show records as they are now; return the SKUs of those that had changed."""
        changed = set(supply_ids)
        skus = [line.product.sku for line in self.lines if line.supply_id in changed]
        now = FutureSupply.objects.open().in_bulk(changed)
        self.lines = [
            line for line in self.lines if line.supply_id not in changed or line.supply_id in now
        ]
        for line in self.lines:
            if line.supply_id in now:
                line.outstanding = now[line.supply_id].outstanding_quantity
        return skus

    def content(self) -> DeliveryContent:
        """Return what arrived, of a sheet that was read and is right."""
        recorded = [(line, line.supply_id) for line in self.lines if line.supply_id is not None]
        return DeliveryContent(
            token=self.token,
            reference=self.reference,
            source_id=self.source.pk if self.source else None,
            lines=tuple(
                DeliveryLine(pk, line.quantity, line.outstanding, line.is_last)
                for line, pk in recorded
            ),
            unrecorded=tuple(
                UnrecordedLine(line.product.pk, line.source.pk, line.quantity)
                for line in self.lines
                if line.supply_id is None and line.quantity
            ),
            confirms_over=self.confirms_over,
            reason=self.reason,
        )


def opened_sheet(reference: str, source: Source | None) -> DeliverySheet:
    """Return the sheet as it is opened: all that is outstanding is entered."""
    records = open_lines(reference=reference, source_id=source.pk if source else None)
    lines = [
        _line(record, outstanding=record.outstanding_quantity, units=None) for record in records
    ]
    return DeliverySheet(reference, source, uuid4(), lines)


def posted_sheet(posted: QueryDict) -> DeliverySheet | None:
    """Return the sheet as a page carries it; None where this product did not make the page."""
    shown = read_text(posted.get(INPUT_NAME, ""), page=PAGE)
    if shown is None:
        return None
    sources = seen(Source.objects.all()).in_bulk([shown["source"]] if shown["source"] else [])
    lines = [*_recorded(posted, shown["lines"]), *_unrecorded(posted)]
    return DeliverySheet(
        shown["reference"],
        sources.get(shown["source"]),
        UUID(shown["token"]),
        lines,
        is_counted="is_counted" in posted,
        confirms_over="confirms_over" in posted,
        reason=posted.get("reason", "")[:500],
    )


def _recorded(posted: QueryDict, shown: Mapping[str, str]) -> list[SheetLine]:
    named = FutureSupply.objects.select_related("product", "source", "sent_from")
    records = seen(named).in_bulk(map(int, shown))
    return [
        _line(
            records[int(key)],
            outstanding=Decimal(outstanding),
            units=posted.get(f"units-{key}", ""),
            is_last=f"last-{key}" in posted,
        )
        for key, outstanding in shown.items()
        if int(key) in records
    ]


def _unrecorded(posted: QueryDict) -> list[SheetLine]:
    """Return the lines that were added to the page; what names no product is passed over."""
    added = []
    for name in posted:
        parts = name.removeprefix("units-").split("-")
        if len(parts) == 3 and parts[0] == NEW and all(part.isdecimal() for part in parts[1:]):
            added.append((name, int(parts[1]), int(parts[2])))
    products = Product.objects.in_bulk({product for _name, product, _source in added})
    sources = seen(Source.objects.all()).in_bulk({source for _name, _product, source in added})
    return [
        SheetLine(None, products[product], sources[source], ZERO, posted.get(name, ""))
        for name, product, source in added
        if product in products and source in sources
    ]


def _line(
    record: FutureSupply, *, outstanding: Decimal, units: str | None, **values: Any
) -> SheetLine:
    typed = input_text(outstanding) if units is None else units
    return SheetLine(
        record.pk,
        record.product,
        record.source,
        outstanding,
        typed,
        expected_on=record.expected_on,
        sent_from="" if record.sent_from is None else record.sent_from.code,
        **values,
    )
