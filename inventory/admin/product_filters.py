"""How the list of products is narrowed."""

from collections.abc import Callable

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from core.admin.lists import OptionFilter, yes_or_no
from core.admin.row_choice import FarRowFilter
from core.clock import today
from inventory.models import InventoryConfiguration, Product, SourceItem
from inventory.models.product import PRODUCT_OPTIONS
from inventory.options import Backorders
from inventory.queries.buyable import cannot_be_bought
from inventory.queries.low_items import low_product
from inventory.queries.product_list import overridden, salable, unsalable

OFF = Q(effective_backorders=Backorders.NO_BACKORDERS)


class BackordersFilter(OptionFilter):
    """By what the effective backorder policy lets a stock sell."""

    title = _("backorders")
    parameter_name = "takes_backorders"
    options = {
        "allowed": (_("Allowed"), lambda products: products.exclude(OFF)),
        "unlimited": (
            _("Unlimited"),
            lambda products: products.exclude(OFF).filter(effective_threshold__gte=0),
        ),
        "capped": (
            _("Allowed up to a cap"),
            lambda products: products.exclude(OFF).filter(effective_threshold__lt=0),
        ),
        "off": (_("Off"), lambda products: products.filter(OFF)),
    }


def with_own(name: str) -> Callable[[QuerySet[Product]], QuerySet[Product]]:
    """Return what keeps the products that have a value of their own of an option."""
    return lambda products: products.filter(**{f"{name}__isnull": False})


class OverriddenFilter(OptionFilter):
    """By whether any option is overridden, at a source too; or one of them, on the product."""

    title = _("overridden")
    parameter_name = "overridden"
    options = {
        **yes_or_no(overridden),
        **{
            option.name: (gettext_lazy(option.label), with_own(option.name))
            for option in PRODUCT_OPTIONS
        },
    }


class BarcodeFilter(OptionFilter):
    """By whether the product has a barcode of its own; with one, the list has a column of them."""

    title = _("barcode")
    parameter_name = "has_barcode"
    options = {
        "yes": (_("With a barcode"), lambda rows: rows.exclude(barcode=None)),
        "no": (_("Without a barcode"), lambda rows: rows.filter(barcode=None)),
    }

    @classmethod
    def asks_for_codes(cls, request: HttpRequest) -> bool:
        """Whether the list is narrowed to products with a barcode."""
        return request.GET.get(cls.parameter_name) == "yes"


class ItemBarcodeFilter(BarcodeFilter):
    """The same, of the product of a source item."""

    options = {
        "yes": (_("With a barcode"), lambda rows: rows.exclude(product__barcode=None)),
        "no": (_("Without a barcode"), lambda rows: rows.filter(product__barcode=None)),
    }


class LowFilter(OptionFilter):
    title = _("low stock")
    parameter_name = "low"
    options = yes_or_no(lambda: low_product(configuration=InventoryConfiguration.load()))


class CannotBeBoughtFilter(OptionFilter):
    """By whether the product's limits leave a quantity to buy."""

    title = _("cannot be bought")
    parameter_name = "cannot_be_bought"
    options = yes_or_no(
        lambda: cannot_be_bought(configuration=InventoryConfiguration.load().overrides())
    )


class OutOfStockFilter(OptionFilter):
    """Out of stock: no stock can sell any of it."""

    title = _("out of stock")
    parameter_name = "out_of_stock"
    options = {
        "yes": (
            _("Yes"),
            lambda products: products.filter(
                unsalable(configuration=InventoryConfiguration.load(), today=today())
            ),
        ),
        "no": (
            _("No"),
            lambda products: products.filter(
                salable(configuration=InventoryConfiguration.load(), today=today())
            ),
        ),
    }


class ProductSourceFilter(FarRowFilter):
    """By a source that the product is assigned to."""

    title = _("source")
    parameter_name = "source"
    field = SourceItem._meta.get_field("source")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        source_id = self.chosen_key()
        return queryset if source_id is None else queryset.filter(source_items__source=source_id)
