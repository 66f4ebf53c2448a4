"""The head of a product's pages: its figures, its tabs, the way to what is about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.admin.pages import AdminPage
from core.clock import today
from inventory.admin.product_list import (
    MOST_COLUMNS,
    ListedProduct,
    backorders_in_words,
    drawn_flags,
    flags_by_product,
    least_position,
)
from inventory.admin.sentences import salable_in_words
from inventory.models import BackInStockRequest, InventoryConfiguration, Product
from inventory.options import Backorders
from inventory.queries.positions import StockPosition, stock_positions
from inventory.queries.product_list import totals_of
from inventory.resolution import resolve

# The option that an address may propose to change, as the head's link does.
PROPOSED = "backorders"
# Pages of a product that apps downstream add, each under the address of the product.
PAGES_DOWNSTREAM: list[AdminPage] = []


@dataclass(frozen=True, slots=True)
class ProductTab:
    """A page about a product, for people with the permission; without one, a part of its own."""

    name: str
    label: Promise
    permission: str
    page: str = ""

    def address(self, product: Product) -> str:
        address = reverse(self.page or OWN_PAGE, args=[product.pk])
        return address if self.page else f"{address}#{self.name}"


OWN_PAGE = "admin:inventory_product_change"
VIEW = "inventory.view_product"
CHANGE = "inventory.change_product"
TABS = (
    ProductTab("overview", _("Overview"), VIEW),
    ProductTab("advanced", _("Advanced inventory"), VIEW),
    ProductTab("sources", _("Sources"), "inventory.view_sourceitem"),
    ProductTab(
        "waiting", _("Waiting"), "fulfillment.view_shipment", "admin:inventory_product_waiting"
    ),
    ProductTab(
        "supply", _("Supply"), "inventory.view_futuresupply", "admin:inventory_product_supply"
    ),
    ProductTab("history", _("History"), VIEW, "admin:inventory_product_history"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity in the head, with the address of what it counts ("" for none)."""

    label: str
    value: str
    address: str = ""
    is_none: bool = False


def head_of(
    request: HttpRequest,
    product: ListedProduct,
    *,
    tab: str,
    configuration: InventoryConfiguration,
    positions: Sequence[StockPosition] | None = None,
) -> dict[str, Any]:
    """Return what the head of a product's pages shows, in a constant number of statements.

    ``tab`` is the name of the page that is open. What every stock can sell is read, where it is
    not given.
    """
    if positions is None:
        positions = stock_positions([product], configuration=configuration, today=today())[
            product.sku
        ]
    flags = flags_by_product([product], {product.sku: positions}, configuration=configuration)
    tabs = [each for each in TABS if request.user.has_perm(each.permission)]
    addresses = {each.name: each.address(product) for each in tabs}
    return {
        "product": product,
        "flags": drawn_flags(flags[product.pk]),
        "figures": [*_totals(product, addresses), *_salable(positions, addresses["overview"])],
        "tabs": [(each.name, each.label, addresses[each.name]) for each in tabs],
        "tab": tab,
        "links": _links(request, product, positions),
        "backorders": backorders_in_words(product),
        "turn_off": _turn_off(request, product, configuration),
    }


def _totals(product: Product, addresses: Mapping[str, str]) -> list[Figure]:
    totals = totals_of([product])[product.pk]
    counted = (
        (gettext("On hand"), "total_on_hand", "sources"),
        (gettext("Set aside"), "total_set_aside", "sources"),
        (gettext("Waiting"), "total_waiting", "waiting"),
        (gettext("Incoming"), "total_incoming", "supply"),
    )
    return [
        Figure(label, formats.quantity(totals[name]), addresses.get(tab, ""), not totals[name])
        for label, name, tab in counted
    ]


def _salable(positions: Sequence[StockPosition], address: str) -> list[Figure]:
    """Return what each stock can sell; of many stocks, the one that can sell least."""
    address = f"{address.partition('#')[0]}#sold"
    if len(positions) < 2:
        words = [salable_in_words(position.facts) for position in positions] or [formats.EMPTY]
        return [Figure(gettext("Salable"), words[0], address)]
    label = gettext("Salable: %(stock)s")
    if len(positions) > MOST_COLUMNS:
        label, positions = gettext("Lowest salable: %(stock)s"), [least_position(positions)]
    return [
        Figure(label % {"stock": position.stock_code}, salable_in_words(position.facts), address)
        for position in positions
    ]


def _links(
    request: HttpRequest, product: Product, positions: Sequence[StockPosition]
) -> list[tuple[str, str]]:
    """Return the lists of what is about the product: their names and addresses."""
    ledger = {"sku": product.sku, "stock": positions[0].stock_code} if positions else {}
    lists: tuple[tuple[str, str, str, dict[str, str]], ...] = (
        (gettext("Orders"), "orders.view_order", "orders_order_changelist", {"q": product.sku}),
        (
            gettext("Shipments"),
            "fulfillment.view_shipment",
            "fulfillment_shipment_changelist",
            {"q": product.sku},
        ),
        (gettext("Ledger"), "inventory.view_reservation", "inventory_ledger", ledger),
    )
    return [
        (label, f"{reverse(f'admin:{route}')}?{urlencode(asked)}")
        for label, permission, route, asked in (*lists, *_back_in_stock(request, product))
        if asked and request.user.has_perm(permission)
    ]


def _back_in_stock(
    request: HttpRequest, product: Product
) -> list[tuple[str, str, str, dict[str, str]]]:
    """Return the list of customers who wait for an e-mail, where there are any."""
    permission = "inventory.view_backinstockrequest"
    if not request.user.has_perm(permission):
        return []
    count = BackInStockRequest.objects.waiting().filter(product=product.pk).count()
    label = ngettext(
        "%(count)s back-in-stock request", "%(count)s back-in-stock requests", count
    ) % {"count": formats.whole(count)}
    address = "inventory_backinstockrequest_changelist"
    return [(label, permission, address, {"q": product.sku})] if count else []


def _turn_off(
    request: HttpRequest, product: ListedProduct, configuration: InventoryConfiguration
) -> str:
    """Return the address that proposes to turn backorders off; "" where there is nothing to."""
    levels = {"configuration": configuration.overrides(), "product": product.overrides()}
    asked = resolve(PROPOSED, **levels).value
    takes_none = Backorders.NO_BACKORDERS in (asked, product.effective_backorders)
    if takes_none or not product.is_stock_managed or not request.user.has_perm(CHANGE):
        return ""
    address = reverse(OWN_PAGE, args=[product.pk])
    return f"{address}?{urlencode({PROPOSED: Backorders.NO_BACKORDERS})}#advanced"
