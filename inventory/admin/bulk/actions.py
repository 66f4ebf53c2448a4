"""The bulk actions of lists: what each asks for, and the permission it needs."""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin import theme
from core.admin.fields import QuantityFormField, QuantityInput, field_of
from core.quantities import format_quantity
from inventory.admin.option_fields import in_words
from inventory.admin.typed_choice import SOURCE, RowChoice, RowsChoice
from inventory.admin.use_config import CHECKBOX_LABELS, UseConfigField
from inventory.models import BulkChange, InventoryConfiguration, Source, SourceItem
from inventory.options import BY_NAME, Scope, options_for
from inventory.resolution import resolve

CHECKBOXES = forms.CheckboxSelectMultiple


class SourceChoice(RowChoice):
    """One source."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Source.objects.order_by("code"),
            lookup=SOURCE,
            input_class=theme.INPUT_CLASS,
            widget=forms.Select({"class": theme.SELECT_CLASS}),
            **kwargs,
        )


class SourceChoices(RowsChoice):
    """Any number of sources."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Source.objects.order_by("code"),
            lookup=SOURCE,
            input_class=theme.INPUT_CLASS,
            widget=CHECKBOXES,
            **kwargs,
        )


class BulkForm(forms.Form):
    """What one action asks for; subclasses say what rows it is about."""

    @property
    def is_complete(self) -> bool:
        """Whether everything is there that a preview needs."""
        return self.is_bound and self.is_valid()

    def keys(self, chosen: QuerySet[Any]) -> list[int]:
        """Return the keys of the rows, in the order of the list."""
        return list(chosen.values_list("pk", flat=True))

    def values(self) -> dict[str, Any]:
        """Return what was asked for, as it is kept."""
        return {}

    def summary(self) -> str:
        """Return the change in one sentence, without a full stop."""
        # Django's classes have a metaclass of their own, which refuses no abstract methods.
        raise NotImplementedError


class AssignForm(BulkForm):
    sources = SourceChoices(label=_("Sources to assign"))
    status = forms.ChoiceField(
        label=_("Status with nothing on hand"),
        choices=SourceItem.Status.choices,
        initial=SourceItem.Status.OUT_OF_STOCK,
        required=False,
        widget=forms.Select({"class": theme.SELECT_CLASS}),
        help_text=_("Out of Stock becomes In Stock when units arrive."),
    )

    def clean_status(self) -> str:
        status: str = self.cleaned_data["status"]
        return status or SourceItem.Status.OUT_OF_STOCK.value

    def values(self) -> dict[str, Any]:
        return {
            "source_ids": [source.pk for source in self.cleaned_data["sources"]],
            "status": self.cleaned_data["status"],
        }

    def summary(self) -> str:
        values = {
            "sources": codes(self.cleaned_data["sources"]),
            "status": SourceItem.Status(self.cleaned_data["status"]).label,
        }
        return gettext("Assign to %(sources)s, %(status)s") % values


class UnassignItemsForm(BulkForm):
    def summary(self) -> str:
        return gettext("Unassign from their sources")


class UnassignForm(BulkForm):
    sources = SourceChoices(label=_("Sources to unassign"))

    def keys(self, chosen: QuerySet[Any]) -> list[int]:
        return items_of(chosen, self.cleaned_data["sources"])

    def summary(self) -> str:
        sources = codes(self.cleaned_data["sources"])
        return gettext("Unassign from %(sources)s") % {"sources": sources}


class TransferItemsForm(BulkForm):
    to_source = SourceChoice(label=_("To source"))
    quantity = QuantityFormField(
        label=_("Quantity of each"),
        required=False,
        min_value=Decimal("0.0001"),
        widget=QuantityInput({"class": theme.INPUT_CLASS}),
        help_text=_("Empty: everything that is not allocated."),
    )

    def values(self) -> dict[str, Any]:
        quantity = self.cleaned_data["quantity"]
        return {
            "to_source_id": self.cleaned_data["to_source"].pk,
            "quantity": None if quantity is None else format_quantity(quantity),
        }

    def summary(self) -> str:
        quantity = self.cleaned_data["quantity"]
        to = self.cleaned_data["to_source"].code
        if quantity is None:
            return gettext("Transfer all that is not allocated to %(to)s") % {"to": to}
        units = format_quantity(quantity)
        return gettext("Transfer %(units)s of each to %(to)s") % {"units": units, "to": to}


class TransferForm(TransferItemsForm):
    from_source = SourceChoice(label=_("From source"))
    field_order = ("from_source", "to_source", "quantity")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "to_source" in cleaned and cleaned.get("from_source") == cleaned["to_source"]:
            raise ValidationError(_("Choose two different sources."))
        return cleaned

    def keys(self, chosen: QuerySet[Any]) -> list[int]:
        return items_of(chosen, [self.cleaned_data["from_source"]])


class ItemStatusForm(BulkForm):
    status = forms.ChoiceField(
        label=_("Status"),
        choices=SourceItem.Status.choices,
        widget=forms.Select({"class": theme.SELECT_CLASS}),
    )

    def values(self) -> dict[str, Any]:
        return {"status": self.cleaned_data["status"]}

    def summary(self) -> str:
        status = SourceItem.Status(self.cleaned_data["status"]).label
        return gettext("Set status to %(status)s") % {"status": status}


class StatusForm(ItemStatusForm):
    sources = SourceChoices(
        label=_("Sources"), required=False, help_text=_("None chosen: at every source.")
    )

    def keys(self, chosen: QuerySet[Any]) -> list[int]:
        return items_of(chosen, self.cleaned_data["sources"] or Source.objects.all())


def items_of(products: QuerySet[Any], sources: Iterable[Source]) -> list[int]:
    """Return the source items of ``products`` at ``sources``, by SKU."""
    items = SourceItem.objects.filter(
        product__in=products.order_by().values("pk"),
        source__in=[source.pk for source in sources],
    )
    return list(items.order_by("product__sku", "source__code", "pk").values_list("pk", flat=True))


def codes(sources: Iterable[Source]) -> str:
    return ", ".join(source.code for source in sources)


class OptionForm(BulkForm):
    """First the option is chosen; its value is asked for on the page that follows.

    ``asked_option`` is the option that the value was typed for: for another, it is asked again.
    """

    scope: Scope

    option = forms.ChoiceField(
        label=_("Option"), widget=forms.Select({"class": theme.SELECT_CLASS})
    )
    asked_option = forms.CharField(required=False, widget=forms.HiddenInput)

    class Media:
        css = {"all": ["inventory/use_config.css"]}
        js = ["inventory/use_config.js"]

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        options = options_for(self.scope)
        option_field = field_of(self, "option", forms.ChoiceField)
        option_field.choices = [(option.name, gettext(option.label)) for option in options]
        chosen = (data or {}).get("option", "")
        if chosen in {option.name for option in options}:
            configuration = InventoryConfiguration.load().overrides()
            self.fields["value"] = UseConfigField(
                BY_NAME[chosen],
                scope=self.scope,
                inherited=resolve(chosen, configuration=configuration),
            )
            if (data or {}).get("asked_option") != chosen:
                # Nothing was typed for this option yet: it is shown as inherited.
                posted: Any = copy(self.data)
                posted.pop("value_value", None)
                posted["asked_option"] = chosen
                posted["value_use_config"] = "on"
                self.data = posted
                self.is_asked = False
                return
        self.is_asked = "value" in self.fields

    @property
    def is_complete(self) -> bool:
        return self.is_bound and self.is_asked and self.is_valid()

    def values(self) -> dict[str, Any]:
        value = self.cleaned_data["value"]
        kept = format_quantity(value) if isinstance(value, Decimal) else value
        return {"name": self.cleaned_data["option"], "value": kept}

    def summary(self) -> str:
        option = BY_NAME[self.cleaned_data["option"]]
        value = self.cleaned_data["value"]
        words = CHECKBOX_LABELS[self.scope] if value is None else in_words(option, value)
        return f"{gettext(option.label)}: {words}"


class ProductOptionForm(OptionForm):
    scope = Scope.PRODUCT


class ItemOptionForm(OptionForm):
    scope = Scope.SOURCE_ITEM


Action = BulkChange.Action


@dataclass(frozen=True, slots=True)
class ListAction:
    """One action of a list: ``slug`` names it in addresses, ``code`` in what is kept."""

    slug: str
    code: str
    label: str | Promise
    form: type[BulkForm]
    permission: str


ADD, CHANGE, DELETE = (f"inventory.{verb}_sourceitem" for verb in ("add", "change", "delete"))
PRODUCT = "inventory.change_product"

ON_PRODUCTS = (
    ListAction("assign", Action.ASSIGN, _("Assign sources"), AssignForm, ADD),
    ListAction("unassign", Action.UNASSIGN, _("Unassign sources"), UnassignForm, DELETE),
    ListAction("transfer", Action.TRANSFER, _("Transfer between sources"), TransferForm, CHANGE),
    ListAction("status", Action.STATUS, _("Set status at sources"), StatusForm, CHANGE),
    ListAction(
        "option", Action.PRODUCT_OPTION, _("Set or clear an option"), ProductOptionForm, PRODUCT
    ),
)
ON_ITEMS = (
    ListAction("unassign", Action.UNASSIGN, _("Unassign"), UnassignItemsForm, DELETE),
    ListAction("transfer", Action.TRANSFER, _("Transfer to a source"), TransferItemsForm, CHANGE),
    ListAction("status", Action.STATUS, _("Set status"), ItemStatusForm, CHANGE),
    ListAction("option", Action.ITEM_OPTION, _("Set or clear an option"), ItemOptionForm, CHANGE),
)


def allowed_actions(request: HttpRequest, actions: tuple[ListAction, ...]) -> list[ListAction]:
    """Return those of ``actions`` that this person may take."""
    return [action for action in actions if request.user.has_perm(action.permission)]
