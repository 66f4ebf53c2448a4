"""The changes that would release a shipment, each with links to the pages that make it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fulfillment.admin.reasons import remedy_sentence
from fulfillment.models import Shipment
from fulfillment.release.planning.remedy import RemedyKind
from inventory.models import Product, Source, SourceItem
from orders.permissions import CHANGE as CHANGE_ORDER

User = AbstractBaseUser | AnonymousUser
Kind = RemedyKind


@dataclass(frozen=True, slots=True)
class RemedyLink:
    label: Promise
    url: str


@dataclass(frozen=True, slots=True)
class ShownRemedy:
    """A change in a sentence, and the pages on which this person can make it."""

    sentence: str
    links: tuple[RemedyLink, ...]


@dataclass(frozen=True, slots=True)
class _Page:
    """Where a change is made: the page, its row, and who may make it there."""

    label: Promise
    url_name: str
    row: str
    permission: str


ITEM = "inventory_sourceitem_change", "item", "inventory.change_sourceitem"
SITE = "inventory_inventoryconfiguration_changelist", "", "inventory.change_inventoryconfiguration"
SOURCE = "inventory_source_change", "source", "inventory.change_source"
PRODUCT = "inventory_product_change", "product", "inventory.change_product"
STOCK = "inventory_stock_change", "stock", "inventory.change_stock"
ORDER = "orders_order_change", "order", "orders.view_order"
CHANGE = "fulfillment.change_shipment"
PAGES: Mapping[str, tuple[_Page, ...]] = {
    Kind.RECEIVE: (
        _Page(
            _("Record supply"),
            "inventory_futuresupply_add",
            "supply",
            "inventory.add_futuresupply",
        ),
        _Page(
            _("Receive a delivery"),
            "inventory_futuresupply_deliveries",
            "",
            "inventory.receive_futuresupply",
        ),
        _Page(_("Count"), *ITEM),
    ),
    Kind.SET_IN_STOCK: (_Page(_("Change status"), *ITEM),),
    Kind.LOWER_SAFETY_STOCK: (_Page(_("Change safety stock"), *ITEM),),
    Kind.USE_DECIMALS: (_Page(_("Use decimals"), *ITEM),),
    Kind.ENABLE_FUTURE_INVENTORY: (_Page(_("Turn on future inventory"), *SITE),),
    Kind.EXTEND_FUTURE_DATE_LIMIT: (_Page(_("Change the date limit"), *SITE),),
    Kind.LIFT_SPLIT_LIMITS: (_Page(_("Change the limits"), *SITE),),
    Kind.ENABLE_FUTURE_INVENTORY_OF_PRODUCT: (_Page(_("Turn on future inventory"), *PRODUCT),),
    Kind.ENABLE_SOURCE: (_Page(_("Enable the source"), *SOURCE),),
    Kind.SHIP_TO_HOME: (_Page(_("Change the source"), *SOURCE),),
    Kind.LINK_SOURCE: (_Page(_("Assign the source"), *STOCK),),
    Kind.LIFT_BAR: (_Page(_("Lift bar"), "fulfillment_shipment_change", "lift-bar", CHANGE),),
    Kind.SET_RELEASE_DATE: (_Page(_("Change the release date"), *PRODUCT),),
    Kind.LIFT_HOLD: (_Page(_("Lift hold"), "fulfillment_shipment_change", "lift-hold", CHANGE),),
    Kind.SETTLE_PAYMENT: (_Page(_("Open the order"), *ORDER),),
    Kind.SHIP_WHAT_IS_READY: (
        _Page(_("Ship what is ready"), "orders_order_task", "ship-ready", CHANGE_ORDER),
    ),
}


def shown_remedies(
    remedies: Iterable[Mapping[str, Any]], shipment: Shipment, user: User
) -> list[ShownRemedy]:
    """Return ``remedies``, as an explanation gives them, with the links that ``user`` may follow.

    Three statements at most.
    """
    listed = list(remedies)
    rows = _rows(listed)
    return [
        ShownRemedy(
            remedy_sentence(remedy),
            tuple(
                RemedyLink(page.label, url)
                for page in PAGES[remedy["kind"]]
                if user.has_perm(page.permission)  # type: ignore[union-attr]
                and (url := _url(page, remedy, shipment, rows))
            ),
        )
        for remedy in listed
    ]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The keys of the rows that remedies name, by SKU and source code."""

    products: Mapping[str, int]
    sources: Mapping[str, int]
    items: Mapping[tuple[int, int], int]


def _rows(remedies: list[Mapping[str, Any]]) -> _Rows:
    skus = {remedy["sku"] for remedy in remedies if "sku" in remedy}
    codes = {remedy["source"] for remedy in remedies if "source" in remedy}
    products = dict(Product.objects.filter(sku__in=skus).order_by().values_list("sku", "pk"))
    sources = dict(Source.objects.filter(code__in=codes).order_by().values_list("code", "pk"))
    items = SourceItem.objects.filter(
        product__in=products.values(), source__in=sources.values()
    ).order_by()
    return _Rows(
        products,
        sources,
        {(row[0], row[1]): row[2] for row in items.values_list("product_id", "source_id", "pk")},
    )


def _url(page: _Page, remedy: Mapping[str, Any], shipment: Shipment, rows: _Rows) -> str:
    """Return the address of a page for a remedy; "" where the row is not there."""
    product = rows.products.get(remedy.get("sku", ""))
    source = rows.sources.get(remedy.get("source", ""))
    name = f"admin:{page.url_name}"
    match page.row:
        case "":
            return reverse(name)
        case "supply":
            entered = {"product": product, "source": source, "quantity": remedy["quantity"]}
            return f"{reverse(name)}?{urlencode(entered)}"
        case "lift-bar" | "lift-hold":
            return f"{reverse(name, args=[shipment.pk])}?do={page.row}#do-{page.row}"
        case "ship-ready":
            return reverse(name, args=[shipment.order_id, page.row])
    keys = {
        "item": rows.items.get((product or 0, source or 0)),
        "source": source,
        "product": product,
        "stock": shipment.stock_id,
        "order": shipment.order_id,
    }
    key = keys[page.row]
    return "" if key is None else reverse(name, args=[key])
