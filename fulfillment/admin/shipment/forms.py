"""The forms of the actions on a shipment."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import formats
from core.admin.fields import QuantityFormField, field_of
from core.admin.theme import INPUT_CLASS, SELECT_CLASS
from fulfillment.admin.fields import ExpectedDayField, PriorityField, person_field
from fulfillment.admin.shipment.parcels import (
    carrier_choices,
    facts_typed,
    tracking_number_field,
    weight_field,
)
from fulfillment.models import Shipment, SourceBar
from inventory.admin.typed_choice import SOURCE, RowChoice
from inventory.models import Source
from orders.admin.wording import CancelCauseField
from orders.line_fractions import fractions_of_lines

LAST = ("reason", "is_sure")


class ShipmentForm(forms.Form):
    """A form about one shipment, as the page shows it; ``ARGUMENTS`` are those of its operation.

    Fields start at the shipment's own values.
    """

    ARGUMENTS: tuple[str, ...] = ("reason",)

    def __init__(self, *args: Any, shipment: Shipment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"priority": shipment.priority, "expected_on": shipment.expected_on}
        self.offer(shipment)
        # The reason, and the confirmation, come last.
        names = [name for name in self.fields if name not in LAST]
        self.order_fields([*names, *LAST])
        for field in self.fields.values():
            is_choice = isinstance(field.widget, forms.Select)
            if not isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs["class"] = SELECT_CLASS if is_choice else INPUT_CLASS

    def offer(self, shipment: Shipment) -> None:
        """Add the fields and choices of this shipment."""

    def arguments(self) -> dict[str, Any]:
        """Return the operation's arguments, from a valid form."""
        return {name: self.cleaned_data[name] for name in self.ARGUMENTS}


class ReasonForm(ShipmentForm):
    """A reason, kept in the timeline."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class OneClickForm(ShipmentForm):
    """Asks for nothing: it is one click."""

    ARGUMENTS = ()


class SureForm(ReasonForm):
    """A reason, and a confirmation that the action cannot be undone."""

    is_sure = forms.BooleanField(label=_("I understand that this cannot be undone."))


class CancelShipmentForm(SureForm):
    ARGUMENTS = ("cause", "reason")
    cause = CancelCauseField()


class PriorityForm(ReasonForm):
    ARGUMENTS = ("priority", "reason")
    priority = PriorityField()


class AssigneeForm(ShipmentForm):
    """The person who looks after it: from a list of few, of many by the user name."""

    ARGUMENTS = ("username",)

    def offer(self, shipment: Shipment) -> None:
        assignee = shipment.assignee
        self.initial["username"] = "" if assignee is None else assignee.get_username()
        self.fields["username"] = person_field()


class ExpectedDateForm(ReasonForm):
    ARGUMENTS = ("expected_on", "reason")
    expected_on = ExpectedDayField(
        help_text=_(
            "The customer gets an e-mail about a new date, about a delay after a day. "
            "Leave it empty to let release runs set the date."
        )
    )


class ReassignForm(ReasonForm):
    ARGUMENTS = ("source_code", "reason")
    source = RowChoice(
        Source.objects.none(),
        lookup=SOURCE,
        to_field_name="code",
        label=_("Source"),
        help_text=_(
            "Moves only if this source can supply every unit without taking any from earlier "
            "shipments."
        ),
    )

    def offer(self, shipment: Shipment) -> None:
        linked = Source.objects.filter(links__stock=shipment.stock_id, is_enabled=True)
        field_of(self, "source", RowChoice).offer(linked.order_by("links__priority", "code"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        source: Source | None = cleaned.get("source")
        return {**cleaned, "source_code": "" if source is None else source.code}


class BackorderForm(ReasonForm):
    """A count that is corrected, or a source that is barred.

    Of an exception of customer care, which has no source, only the reason is asked.
    """

    ARGUMENTS = ("counted", "missing", "reason")

    COUNT, BAR = "COUNT", "BAR"

    def offer(self, shipment: Shipment) -> None:
        self.products: dict[str, int] = {}
        if shipment.source is None:
            return
        values = {"source": shipment.source.code}
        bars = _("Bar %(source)s")
        care = _("Send it to customer care")
        self.fields["how"] = forms.ChoiceField(
            label=_("Correction"),
            choices=[
                (self.BAR, care if shipment.pickup_source_id else bars % values),
                (self.COUNT, _("Correct the count at %(source)s") % values),
            ],
            help_text=_(
                "A barred source does not serve the shipment until new units arrive there."
            ),
        )
        lines = shipment.lines.filter(quantity__gt=0, order_line__is_reserving=True)
        skus = dict(lines.order_by("pk").values_list("product_id", "order_line__sku"))
        if len(skus) > 1 and not shipment.is_pickup:
            self.fields["missing"] = forms.MultipleChoiceField(
                label=_("Barred for"),
                required=False,
                choices=list(skus.items()),
                help_text=_("Nothing selected: all products of the shipment."),
            )
        for product_id, sku in skus.items():
            self.products[f"counted_{product_id}"] = product_id
            self.fields[f"counted_{product_id}"] = QuantityFormField(
                label=_("%(sku)s: counted at %(source)s") % {"sku": sku, **values},
                required=False,
                min_value=0,
                help_text=_("All units at the source, including those for other shipments."),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        typed = {
            product_id: cleaned[name]
            for name, product_id in self.products.items()
            if cleaned.get(name) is not None
        }
        is_count = cleaned.get("how") == self.COUNT
        if is_count and not typed and not self.errors:
            raise forms.ValidationError(_("Type at least one count, or bar the source."))
        if cleaned.get("how") == self.BAR and typed:
            raise forms.ValidationError(
                _("A count was typed. Select “Correct the count”, or empty the count.")
            )
        missing = [int(product_id) for product_id in cleaned.get("missing") or ()]
        return {**cleaned, "counted": typed if is_count else None, "missing": missing}


class LiftBarForm(ReasonForm):
    """Which bar is lifted."""

    ARGUMENTS = ("source_code", "sku", "reason")

    bar = forms.ChoiceField(label=_("Bar"))

    def offer(self, shipment: Shipment) -> None:
        self.bars = {
            str(bar.pk): bar for bar in SourceBar.objects.shown().filter(shipment=shipment)
        }
        field = field_of(self, "bar", forms.ChoiceField)
        field.choices = [
            (key, f"{bar.source.code} – {bar.product.sku}") for key, bar in self.bars.items()
        ]
        field.initial = next(iter(self.bars), None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bar := self.bars.get(cleaned.get("bar", "")):
            cleaned |= {"source_code": bar.source.code, "sku": bar.product.sku}
        return cleaned


class FulfillForm(ShipmentForm):
    """Units to ship now, line by line, and the parcel that they leave in.

    Without any of its fields, as the button *Ship* sends it, the whole shipment leaves.
    """

    ARGUMENTS = ("quantities", "parcels")

    def offer(self, shipment: Shipment) -> None:
        self.lines = {
            f"units_{line.order_line_id}": line
            for line in shipment.lines.filter(quantity__gt=0)
            .select_related("order_line")
            .order_by("pk")
        }
        label = _("%(sku)s: ship now, of %(units)s")
        if shipment.is_pickup:
            label = _("%(sku)s: hand over now, of %(units)s")
        for name, line in self.lines.items():
            units = formats.quantity(line.quantity)
            self.fields[name] = QuantityFormField(
                label=label % {"sku": line.order_line.sku, "units": units},
                required=False,
                min_value=0,
                max_value=line.quantity,
                initial=line.quantity,
            )
        if not shipment.is_pickup:
            self.fields["carrier"] = forms.ChoiceField(
                label=_("Carrier"), choices=carrier_choices(), required=False
            )
            self.fields["tracking_number"] = tracking_number_field()
            self.fields["weight"] = weight_field()
        self.order_fields([*self.lines])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not any(self.add_prefix(name) in self.data for name in self.fields):
            return {**cleaned, "quantities": None, "parcels": []}
        named = {line.order_line_id: cleaned.get(name) for name, line in self.lines.items()}
        fractions = fractions_of_lines({pk: units for pk, units in named.items() if units})
        for name, line in self.lines.items():
            error = fractions.get(line.order_line_id)
            if error is not None:
                self.add_error(name, formats.filled(error.message, error.values))
        if not self.errors and not any(named.values()):
            raise forms.ValidationError(_("Enter at least one unit to ship."))
        facts = facts_typed(self)
        return {**cleaned, "quantities": named, "parcels": [] if facts is None else [facts]}
