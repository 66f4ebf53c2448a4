"""The product list's columns over several tables, read once per page."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

from django.db.models import F, OuterRef, Subquery
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.admin.lists import ChangeList
from core.admin.theme import display
from core.clock import today
from core.formats import labelled
from inventory.admin.sentences import salable_in_words
from inventory.models import InventoryConfiguration, Product, SourceItem, Stock, StockSource
from inventory.option_rules import CANNOT_BE_BOUGHT
from inventory.options import Backorders
from inventory.queries.buyable import reasons_by_product
from inventory.queries.low_items import low_product
from inventory.queries.positions import StockPosition, stock_positions
from inventory.queries.product_list import TOTALS, overridden, salable_in, totals_of
from inventory.salability import is_salable, salable_quantity

# More stocks than these have one column together, of the one that can sell least.
MOST_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class ProductFlag:
    """A word that stands out in the list: its kind, the word, and why it is there."""

    kind: str
    word: str
    reason: str = ""


class ListColumns(TypedDict):
    """What the list adds to a product."""

    effective_backorders: str
    effective_threshold: Decimal
    is_stock_managed: bool
    backorders_origin: str
    positions: Sequence[StockPosition]
    totals: Mapping[str, Decimal]
    quantities_in_words: str
    flags: Sequence[ProductFlag]


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
        sorted_by: dict[str, Any] = {
            name: TOTALS[name]() for name in map(self.get_ordering_field, columns) if name in TOTALS
        }
        if stocks:
            configuration = InventoryConfiguration.load()
            sorted_by |= {
                StockColumn(stock).annotation: salable_in(
                    stock, configuration=configuration, today=today()
                )
                for stock in stocks
            }
        self.root_queryset = self.root_queryset.annotate(**sorted_by)
        return super().get_queryset(request, exclude_parameters)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        products = list(self.result_list)
        site = InventoryConfiguration.load()
        positions = stock_positions(products, configuration=site, today=today())
        quantities = quantities_in_words(products)
        totals = totals_of(products)
        flags = flags_by_product(products, positions, configuration=site)
        for product in products:
            product.positions = positions[product.sku]
            product.quantities_in_words = quantities[product.pk]
            product.totals = totals[product.pk]
            product.flags = flags[product.pk]
        self.result_list = products


@dataclass(frozen=True)
class StockColumn:
    """The salable quantity in one stock, as a column that sorts; equal for the same stock.

    The admin compares the columns of a page with those that may be sorted by.
    """

    stock: Stock
    is_number: ClassVar[bool] = True

    def __call__(self, product: ListedProduct) -> str:
        for position in product.positions:
            if position.stock_id == self.stock.pk:
                return salable_in_words(position.facts)
        return formats.EMPTY

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


def total_column(name: str, description: str | Promise) -> Any:
    """Return a column that shows a total of the list, and sorts by it."""

    @display(description=description, ordering=name, is_number=True)
    def column(_admin: Any, product: ListedProduct) -> SafeString:
        quantity = product.totals[name]
        tone = "" if quantity else "is-zero"
        return format_html('<span class="{}">{}</span>', tone, formats.quantity(quantity))

    return column


@display(description=_("lowest salable"), is_number=True)
def least_salable(product: ListedProduct) -> str | SafeString:
    """Show the stock that can sell least of a product; all of them where one points at it."""
    if not product.positions:
        return formats.EMPTY
    least = least_position(product.positions)
    every = " · ".join(_in_stock(position) for position in product.positions)
    return format_html('<span title="{}">{}</span>', every, _in_stock(least))


def least_position(positions: Sequence[StockPosition]) -> StockPosition:
    """Return the position of the stock that can sell least; there is one."""
    return min(positions, key=_plenty)


def _plenty(position: StockPosition) -> tuple[bool, Decimal, str]:
    facts = position.facts
    has_no_limit = not facts.policy.manage_stock or facts.policy.is_unlimited
    return has_no_limit, salable_quantity(facts), position.stock_code


def _in_stock(position: StockPosition) -> str:
    return labelled(position.stock_code, salable_in_words(position.facts))


def salable_columns(stocks: Sequence[Stock]) -> list[Any]:
    """Return a column for each stock; where they are many, one of the least."""
    return [least_salable] if len(stocks) > MOST_COLUMNS else [StockColumn(s) for s in stocks]


def backorders_in_words(product: ListedProduct) -> str:
    """Return whether a product takes backorders: ``No``, ``Yes, notify``, ``Up to 50``."""
    if not product.is_stock_managed:
        return formats.EMPTY
    policy, threshold = product.effective_backorders, product.effective_threshold
    if policy == Backorders.NO_BACKORDERS:
        return gettext("No")
    is_told = policy == Backorders.ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER
    if threshold >= 0:
        return gettext("Yes, notify") if is_told else gettext("Yes")
    words = gettext("Up to %(cap)s, notify") if is_told else gettext("Up to %(cap)s")
    return words % {"cap": formats.quantity(-threshold)}


def flags_by_product(
    products: Sequence[Product],
    positions: Mapping[str, Sequence[StockPosition]],
    *,
    configuration: InventoryConfiguration,
) -> dict[int, list[ProductFlag]]:
    """Return what stands out about each product, by id, the gravest first."""
    reasons = reasons_by_product(products, configuration=configuration.overrides())
    listed = Product.objects.filter(pk__in=[product.pk for product in products])
    low = _keys(listed.filter(low_product(configuration=configuration)))
    overriding = _keys(listed.filter(overridden()))
    flags: defaultdict[int, list[ProductFlag]] = defaultdict(list)
    for product in products:
        own = flags[product.pk]
        reason = reasons.get(product.pk)
        if reason:
            sentence = gettext(CANNOT_BE_BOUGHT[reason.code]) % reason.values
            own.append(ProductFlag("trouble", gettext("Cannot be bought"), sentence))
        if not product.is_enabled:
            own.append(ProductFlag("quiet", gettext("Disabled")))
        elif not any(is_salable(position.facts) for position in positions[product.sku]):
            own.append(ProductFlag("trouble", gettext("Out")))
        if product.pk in low:
            own.append(ProductFlag("warning", gettext("Low")))
        if product.pk in overriding:
            own.append(ProductFlag("quiet", gettext("Overridden")))
    return flags


def _keys(products: Any) -> set[int]:
    return set(products.order_by().values_list("pk", flat=True))


def drawn_flags(flags: Sequence[ProductFlag]) -> SafeString:
    """Draw flags as labels; one with a reason opens it, by mouse, touch and keyboard alike."""
    return format_html_join(" ", "{}", ((_drawn(flag),) for flag in flags))


def _drawn(flag: ProductFlag) -> SafeString:
    if not flag.reason:
        return format_html('<span class="flag flag-{}">{}</span>', flag.kind, flag.word)
    return format_html(
        '<details class="flag-reason"><summary class="flag flag-{}">{}</summary> {}</details>',
        flag.kind,
        flag.word,
        flag.reason,
    )


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
        held[product_id].append(f"{source} {formats.quantity(quantity)}")
    return {product.pk: " · ".join(held[product.pk]) or formats.EMPTY for product in products}
