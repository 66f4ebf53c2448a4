"""How the product list narrows: backorders, overrides, low, out of stock, source."""

from abc import ABC, abstractmethod
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin.row_choice import FarRowFilter
from core.admin.theme import DropdownFilter
from inventory.models import InventoryConfiguration, Product, SourceItem
from inventory.options import Backorders
from inventory.queries.buyable import cannot_be_bought
from inventory.queries.product_list import low, overridden, salable, unsalable

YES_NO = [("yes", _("Yes")), ("no", _("No"))]


class BackordersFilter(DropdownFilter):
    """By what the effective backorder policy lets a stock sell."""

    title = _("backorders")
    parameter_name = "takes_backorders"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("allowed", _("Allowed")),
            ("unlimited", _("Unlimited")),
            ("capped", _("Allowed up to a cap")),
            ("off", _("Off")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        off = Q(effective_backorders=Backorders.NO_BACKORDERS)
        match self.value():
            case "allowed":
                return queryset.exclude(off)
            case "unlimited":
                return queryset.exclude(off).filter(effective_threshold__gte=0)
            case "capped":
                return queryset.exclude(off).filter(effective_threshold__lt=0)
            case "off":
                return queryset.filter(off)
        return queryset


class ConditionFilter(DropdownFilter, ABC):
    """Yes or no to a condition that a subclass states."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return YES_NO

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        if self.value() == "yes":
            return queryset.filter(self.condition())
        return queryset.exclude(self.condition()) if self.value() == "no" else queryset

    @abstractmethod
    def condition(self) -> Any:
        """Return the condition, as ``filter`` takes it."""


class OverriddenFilter(ConditionFilter):
    title = _("overridden")
    parameter_name = "overridden"

    def condition(self) -> Q:
        return overridden()


class LowFilter(ConditionFilter):
    title = _("low stock")
    parameter_name = "low"

    def condition(self) -> Q:
        return low(configuration=InventoryConfiguration.load())


class CannotBeBoughtFilter(ConditionFilter):
    """By whether the product's limits leave a quantity to buy."""

    title = _("cannot be bought")
    parameter_name = "cannot_be_bought"

    def condition(self) -> Any:
        return cannot_be_bought(configuration=InventoryConfiguration.load().overrides())


class OutOfStockFilter(DropdownFilter):
    """Out of stock: no stock can sell any of it."""

    title = _("out of stock")
    parameter_name = "out_of_stock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return YES_NO

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        configuration = InventoryConfiguration.load()
        match self.value():
            case "yes":
                return queryset.filter(unsalable(configuration=configuration))
            case "no":
                return queryset.filter(salable(configuration=configuration))
        return queryset


class ProductSourceFilter(FarRowFilter):
    """By a source that the product is assigned to."""

    title = _("source")
    parameter_name = "source"
    field = SourceItem._meta.get_field("source")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        source_id = self.chosen_key()
        return queryset if source_id is None else queryset.filter(source_items__source=source_id)
