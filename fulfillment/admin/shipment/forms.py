"""What each action on a shipment asks for."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from fulfillment.admin.expected_day import ExpectedDayField
from fulfillment.models import Shipment
from inventory.admin.theme import INPUT_CLASS, SELECT_CLASS
from inventory.models import StockSource
from inventory.quantities import PLACES, format_quantity

LOWEST, HIGHEST = -1_000_000, 1_000_000
LAST = ("reason", "is_sure")


class ShipmentForm(forms.Form):
    """A form about one shipment, as the page shows it."""

    def __init__(self, *args: Any, shipment: Shipment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shipment = shipment
        # The reason, and the confirmation, come last.
        names = [name for name in self.fields if name not in LAST]
        self.order_fields([*names, *LAST])


class ReasonForm(ShipmentForm):
    """A reason, kept in the timeline."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"class": INPUT_CLASS, "rows": 2}),
    )


class SureForm(ReasonForm):
    """What cannot be undone is confirmed."""

    is_sure = forms.BooleanField(label=_("I am sure: this cannot be undone."))


class PriorityForm(ReasonForm):
    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=LOWEST,
        max_value=HIGHEST,
        help_text=_("Higher goes first in the queue."),
        widget=forms.NumberInput(attrs={"class": INPUT_CLASS}),
    )

    def __init__(self, *args: Any, shipment: Shipment, **kwargs: Any) -> None:
        super().__init__(*args, shipment=shipment, **kwargs)
        self.fields["priority"].initial = shipment.priority


class ExpectedDateForm(ReasonForm):
    expected_on = ExpectedDayField(
        help_text=_(
            "The customer is told of a new date. Leave it empty to let release runs set it again."
        )
    )

    def __init__(self, *args: Any, shipment: Shipment, **kwargs: Any) -> None:
        super().__init__(*args, shipment=shipment, **kwargs)
        self.fields["expected_on"].initial = shipment.expected_on


class SourceForm(ReasonForm):
    source = forms.ChoiceField(
        label=_("Source"),
        help_text=_("It gets all its units there, past nobody who waits, or stays as it is."),
        widget=forms.Select(attrs={"class": SELECT_CLASS}),
    )

    def __init__(self, *args: Any, shipment: Shipment, **kwargs: Any) -> None:
        super().__init__(*args, shipment=shipment, **kwargs)
        links = StockSource.objects.filter(stock=shipment.stock_id, source__is_enabled=True)
        sources = links.select_related("source").order_by("priority", "source__code")
        field = cast("forms.ChoiceField", self.fields["source"])
        field.choices = [
            (link.source.code, f"{link.source.code} – {link.source.name}") for link in sources
        ]


class FulfillForm(ReasonForm):
    """What leaves now, line by line, and how it is followed."""

    tracking = forms.CharField(
        label=_("Tracking number"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"class": INPUT_CLASS}),
    )
    is_sure = forms.BooleanField(
        label=_("I am sure: it leaves now, and this cannot be undone. The rest stays ready.")
    )

    def __init__(self, *args: Any, shipment: Shipment, **kwargs: Any) -> None:
        super().__init__(*args, shipment=shipment, **kwargs)
        self.lines = {
            f"units_{line.order_line_id}": line
            for line in shipment.lines.filter(quantity__gt=0)
            .select_related("order_line")
            .order_by("pk")
        }
        for name, line in self.lines.items():
            units = format_quantity(line.quantity)
            self.fields[name] = forms.DecimalField(
                label=_("%(sku)s: leaves now, of %(units)s")
                % {"sku": line.order_line.sku, "units": units},
                min_value=0,
                max_value=line.quantity,
                decimal_places=PLACES,
                initial=units,
                widget=forms.NumberInput(attrs={"class": INPUT_CLASS, "step": "any"}),
            )
        self.order_fields([*self.lines, "tracking", *LAST])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        named = {line.order_line_id: cleaned.get(name) for name, line in self.lines.items()}
        if not self.errors and not any(named.values()):
            raise forms.ValidationError(_("Name at least one unit that leaves."))
        return {**cleaned, "quantities": named}
