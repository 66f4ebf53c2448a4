"""The product list's columns over several tables, read once per page."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.lists import ChangeList, OptionFilter, yes_or_no
from core.admin.row_choice import FarRowFilter
from core.quantities import format_quantity
from inventory.admin.sentences import salable_in_words
from inventory.models import InventoryConfiguration, Product, SourceItem, Stock, StockSource
from inventory.option_rules import CANNOT_BE_BOUGHT
from inventory.options import Backorders
from inventory.queries.buyable import cannot_be_bought, reasons_by_product
from inventory.queries.low_items import low_product
from inventory.queries.positions import stock_positions
from inventory.queries.product_list import (
    overridden,
    salable,
    salable_in,
    total_quantity,
    unsalable,
)

TOTAL_QUANTITY = "total_quantity"


class ListColumns(TypedDict):
    """What the list adds to a product."""

    effective_backorders: str
    effective_threshold: Decimal
    backorders_origin: str
    salable_by_stock_id: dict[int, str]
    quantities_in_words: str
    cannot_be_bought: str


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    ListedProduct = WithAnnotations[Product, ListColumns]
else:
    ListedProduct = Product


class ProductChangeList(ChangeList):
    """Gives the products of a page their positions and quantities, in a few statements.

    What the list is sorted by has to be known of every product; the rest of the page's alone.
    """

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        columns = [self.list_display[index] for index in self.get_ordering_field_columns()]
        stocks = [column.stock for column in columns if isinstance(column, StockColumn)]
        if stocks:
            configuration = InventoryConfiguration.load()
            salable: dict[str, Any] = {
                StockColumn(stock).annotation: salable_in(stock, configuration=configuration)
                for stock in stocks
            }
            self.root_queryset = self.root_queryset.annotate(**salable)
        if any(self.get_ordering_field(column) == TOTAL_QUANTITY for column in columns):
            self.root_queryset = self.root_queryset.annotate(total_quantity=total_quantity())
        return super().get_queryset(request, exclude_parameters)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        products = list(self.result_list)
        site = InventoryConfiguration.load()
        positions = stock_positions(products, configuration=site)
        quantities = quantities_in_words(products)
        reasons = reasons_by_product(products, configuration=site.overrides())
        for product in products:
            product.salable_by_stock_id = {
                position.stock_id: salable_in_words(position.facts)
                for position in positions[product.sku]
            }
            product.quantities_in_words = quantities[product.pk]
            reason = reasons.get(product.pk)
            product.cannot_be_bought = (
                gettext(CANNOT_BE_BOUGHT[reason.code]) % reason.values if reason else ""
            )
        self.result_list = products


@dataclass(frozen=True)
class StockColumn:
    """The salable quantity in one stock, as a column that sorts; equal for the same stock.

    The admin compares the columns of a page with those that may be sorted by.
    """

    stock: Stock

    def __call__(self, product: ListedProduct) -> str:
        return product.salable_by_stock_id.get(self.stock.pk, "–")

    @property
    def annotation(self) -> str:
        return f"salable_{self.stock.pk}"

    @property
    def admin_order_field(self) -> str:
        return self.annotation

    @property
    def short_description(self) -> str:
        return gettext("Salable: %(stock)s") % {"stock": self.stock.code}

    @property
    def __name__(self) -> str:
        return self.annotation


def quantities_in_words(products: list[Product]) -> dict[int, str]:
    """Return what each source holds, by product id: ``london 12 · seattle 25``.

    Sources stand in the order in which a stock tries them: by priority, then code. One of several
    stocks has its first priority, one of none comes last.
    """
    held: defaultdict[int, list[str]] = defaultdict(list)
    first = StockSource.objects.filter(source=OuterRef("source")).order_by("priority", "pk")
    items = (
        SourceItem.objects.filter(product__in=products)
        .annotate(priority=Subquery(first.values("priority")[:1]))
        .order_by(F("priority").asc(nulls_last=True), "source__code")
    )
    rows: Any = items.values_list("product_id", "source__code", "quantity")
    for product_id, source, quantity in rows:
        held[product_id].append(f"{source} {format_quantity(quantity)}")
    return {product.pk: " · ".join(held[product.pk]) or "–" for product in products}


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


class OverriddenFilter(OptionFilter):
    title = _("overridden")
    parameter_name = "overridden"
    options = yes_or_no(overridden)


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
                unsalable(configuration=InventoryConfiguration.load())
            ),
        ),
        "no": (
            _("No"),
            lambda products: products.filter(salable(configuration=InventoryConfiguration.load())),
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
