"""The bulk actions of lists: what each asks for, with which permission."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import formats
from core.admin import theme
from core.admin.bulk.actions import BulkForm, ListAction, offer
from core.admin.fields import field_of
from core.quantities import format_quantity
from inventory.admin.bulk import words
from inventory.admin.bulk.source_fields import (
    SourcesChoice,
    codes,
    items_at,
    keys_at,
    sources_of_all,
    sources_of_any,
)
from inventory.admin.bulk.transfer_forms import TransferForm, TransferItemsForm
from inventory.admin.option_fields import CHECKBOX_LABELS, UseConfigField, in_words
from inventory.models import InventoryConfiguration, Source, SourceItem
from inventory.operations.bulk.actions import Action
from inventory.options import BY_NAME, Scope, options_for
from inventory.resolution import resolve


class AssignForm(BulkForm):
    sources = SourcesChoice(label=_("Sources to assign"))
    status = forms.ChoiceField(
        label=_("Status with nothing on hand"),
        choices=SourceItem.Status.choices,
        initial=SourceItem.Status.OUT_OF_STOCK,
        required=False,
        widget=forms.Select({"class": theme.SELECT_CLASS}),
        help_text=_("Out of Stock becomes In Stock when units arrive."),
    )

    def start_from(self, rows: QuerySet[Any]) -> None:
        self.initial["sources"] = sources_of_all(rows)

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
    sources = SourcesChoice(label=_("Sources to unassign"))

    def start_from(self, rows: QuerySet[Any]) -> None:
        field_of(self, "sources", SourcesChoice).offer(sources_of_any(rows))

    def keys(self, chosen: QuerySet[Any]) -> list[int]:
        return keys_at(chosen, self.cleaned_data["sources"])

    def summary(self) -> str:
        sources = codes(self.cleaned_data["sources"])
        return gettext("Unassign from %(sources)s") % {"sources": sources}


class ItemStatusForm(BulkForm):
    columns = {"status": "status"}
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
    sources = SourcesChoice(
        label=_("Sources"), required=False, help_text=_("Select none for every source.")
    )

    def shown_rows(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return items_at(rows, Source.objects.all())

    def keys(self, chosen: QuerySet[Any]) -> list[int]:
        return keys_at(chosen, self.cleaned_data["sources"] or Source.objects.all())


class OptionForm(BulkForm):
    """One option of all, with its value; each is shown with the value in force."""

    scope: Scope

    option = forms.ChoiceField(label=_("Option"), widget=forms.RadioSelect)

    class Media:
        css = {"all": ["inventory/use_config.css"]}
        js = ["inventory/use_config.js"]

    def add_fields(self) -> None:
        options = options_for(self.scope)
        configuration = InventoryConfiguration.load().overrides()
        option_field = field_of(self, "option", forms.ChoiceField)
        option_field.choices = [(option.name, gettext(option.label)) for option in options]
        for option in options:
            inherited = resolve(option.name, configuration=configuration)
            self.fields[option.name] = UseConfigField(option, scope=self.scope, inherited=inherited)
        self.columns = {option.name: option.name for option in options}

    def say_several(self, name: str) -> None:
        super().say_several(name)
        self.initial[name] = ["", False]

    def alternatives(self) -> Iterable[tuple[Any, forms.BoundField]]:
        return [(choice, self[choice.data["value"]]) for choice in self["option"]]

    def single_fields(self) -> Iterable[forms.BoundField]:
        return ()

    def clean(self) -> dict[str, Any]:
        """Ask for the value of the selected option alone."""
        cleaned = super().clean() or self.cleaned_data
        chosen = cleaned.get("option")
        for name in self.columns:
            if name != chosen:
                self.errors.pop(name, None)
        return cleaned

    def values(self) -> dict[str, Any]:
        name = self.cleaned_data["option"]
        value = self.cleaned_data[name]
        kept = format_quantity(value) if isinstance(value, Decimal) else value
        return {"name": name, "value": kept}

    def summary(self) -> str:
        option = BY_NAME[self.cleaned_data["option"]]
        value = self.cleaned_data[option.name]
        words = CHECKBOX_LABELS[self.scope] if value is None else in_words(option, value)
        return formats.labelled(gettext(option.label), words)


class ProductOptionForm(OptionForm):
    scope = Scope.PRODUCT


class ItemOptionForm(OptionForm):
    scope = Scope.SOURCE_ITEM


COLUMNS = (_("SKU"), _("Source"))


def list_action(
    slug: str, code: str, label: Promise, form: type[BulkForm], permission: str
) -> ListAction:
    """Return an action on products or source items."""
    return ListAction(slug, code, label, form, permission, words, COLUMNS)


ADD, CHANGE, DELETE = (f"inventory.{verb}_sourceitem" for verb in ("add", "change", "delete"))
PRODUCT = "inventory.change_product"

ON_PRODUCTS = (
    list_action("assign", Action.ASSIGN, _("Assign sources"), AssignForm, ADD),
    list_action("unassign", Action.UNASSIGN, _("Unassign sources"), UnassignForm, DELETE),
    list_action("transfer", Action.TRANSFER, _("Transfer between sources"), TransferForm, CHANGE),
    list_action("status", Action.STATUS, _("Set status at sources"), StatusForm, CHANGE),
    list_action(
        "option",
        Action.PRODUCT_OPTION,
        _("Set or clear an option of the products"),
        ProductOptionForm,
        PRODUCT,
    ),
)
ON_ITEMS = (
    list_action("unassign", Action.UNASSIGN, _("Unassign"), UnassignItemsForm, DELETE),
    list_action("transfer", Action.TRANSFER, _("Transfer to a source"), TransferItemsForm, CHANGE),
    list_action("status", Action.STATUS, _("Set status"), ItemStatusForm, CHANGE),
    list_action(
        "option",
        Action.ITEM_OPTION,
        _("Set or clear an option at the sources"),
        ItemOptionForm,
        CHANGE,
    ),
)
# Offered on the pages of changes, to those who may make the change that is taken back.
TAKE_BACK = list_action(
    "take-back", Action.TAKE_BACK, pgettext_lazy("change", "Take back"), BulkForm, PRODUCT
)
# Where both have an action, the longer label says what was done.
offer(*ON_ITEMS, *ON_PRODUCTS, TAKE_BACK)
