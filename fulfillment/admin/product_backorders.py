"""The page of the shipments that wait for one product."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from core.admin.bases import AnyPage
from core.admin.pages import AdminPage, answer, found_row
from core.clock import site_zone
from fulfillment.admin.list_links import ListLinks
from fulfillment.admin.review.cell_texts import lines_of
from fulfillment.models import Shipment, ShipmentLine, Shipments
from fulfillment.review.review_rows import ReviewRow, rows_of
from inventory.admin.product_head import PAGES_DOWNSTREAM, head_of
from inventory.models import InventoryConfiguration, Product

SHOWN = 50


def waiting_page(admin: AnyPage, request: HttpRequest, pk: int) -> HttpResponse:
    """Show the first shipments, in queue order, that units of the product are sold for."""
    product: Any = found_row(admin, request, pk)
    zone = site_zone()
    shipments = list(waiting_for(product)[: SHOWN + 1])
    units = units_by_shipment(product, shipments)
    rows = rows_of(shipments[:SHOWN], now=datetime.now(UTC), zone=zone, with_promises=False)
    site = InventoryConfiguration.load()
    context = {
        "head": head_of(request, product, tab="waiting", configuration=site),
        "original": product,
        "rows": [_shown(row, units) for row in rows],
        "has_more": len(shipments) > SHOWN,
        "review_address": ListLinks(request, zone).review(sku=product.sku),
    }
    title = gettext("Shipments waiting for %(sku)s") % {"sku": product.sku}
    return answer(admin, request, "fulfillment/product_backorders.html", title, context)


def waiting_for(product: Product) -> Shipments:
    """Return the waiting shipments that have open units of a product, in queue order."""
    lines = ShipmentLine.objects.filter(product=product, quantity__gt=0).order_by()
    found = Shipment.objects.filter(pk__in=lines.values("shipment"))
    return found.waiting().with_names().queue_order()


def units_by_shipment(product: Product, shipments: list[Shipment]) -> dict[int, Decimal]:
    """Return how many units of the product each of these shipments has open, by its key."""
    lines = ShipmentLine.objects.filter(product=product, shipment__in=shipments).order_by()
    return dict(lines.values_list("shipment").annotate(units=Sum("quantity")))


def _shown(row: ReviewRow, units: dict[int, Decimal]) -> dict[str, Any]:
    return {
        "shipment": row.shipment,
        "units": units.get(row.shipment.pk),
        "state": lines_of(row, "state"),
        "age": " ".join(lines_of(row, "age")),
        "why": " · ".join(lines_of(row, "why")),
    }


PAGES_DOWNSTREAM.append(
    AdminPage(
        "<int:pk>/waiting/",
        waiting_page,
        "inventory_product_waiting",
        "GET",
        "fulfillment.view_shipment",
    )
)
