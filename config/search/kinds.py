"""The kinds of rows that the search finds: how, in which words, for whom."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.formats import day
from core.queries.search import Way
from fulfillment.models import ReleaseRun, Shipment
from fulfillment.queries.search import run_ways, shipment_ways
from inventory.admin.file_access import visible_files
from inventory.models import FutureSupply, ImportFile, Product, SalesChannel, Source, Stock
from inventory.queries.search import coded_ways, file_ways, product_ways, supply_ways
from orders.models import Order
from orders.queries.search import order_ways

Row = Any


@dataclass(frozen=True, slots=True)
class RowKind:
    """A model whose rows are found.

    ``names`` are words that one may put before what is sought, to say that it is of this kind;
    ``described`` returns the title of a row and what to know of it. ``recent`` are the rows to
    show while nothing is sought, the newest first.
    """

    model: type[Model]
    icon: str
    names: Any
    ways: Callable[[HttpRequest, str], Iterable[Way]]
    described: Callable[[Row], tuple[str, Iterable[Any]]]
    recent: Callable[[], QuerySet[Any]] | None = None

    def is_open_to(self, request: HttpRequest) -> bool:
        """Whether the user may look at rows of this kind."""
        return bool(admin.site.get_model_admin(self.model).has_view_permission(request))


def _order(order: Order) -> tuple[str, Iterable[Any]]:
    placed = day(order.placed_at.date())
    return order.number, (
        order.customer_name, order.customer_email, order.get_status_display(), placed,
    )  # fmt: skip


def _shipment(shipment: Shipment) -> tuple[str, Iterable[Any]]:
    return shipment.number, (
        shipment.get_state_display(), shipment.order.customer_name, shipment.source or "",
    )  # fmt: skip


def _product(product: Product) -> tuple[str, Iterable[Any]]:
    disabled = "" if product.is_enabled else gettext("Disabled")
    return f"{product.sku} · {product.name}", (product.barcode or "", disabled)


def _supply(supply: FutureSupply) -> tuple[str, Iterable[Any]]:
    words = gettext("%(quantity)s of %(sku)s at %(source)s") % {
        "quantity": formats.quantity(supply.quantity),
        "sku": supply.product,
        "source": supply.source,
    }
    expected = day(supply.expected_on) if supply.expected_on else ""
    return supply.reference, (words, expected, supply.get_state_display())


def _run(run: ReleaseRun) -> tuple[str, Iterable[Any]]:
    released = gettext("%(count)s released") % {"count": run.released_count}
    dry = gettext("Dry run") if run.is_dry_run else run.get_trigger_display()
    title = gettext("Release run %(number)s") % {"number": run.pk}
    return title, (dry, run.get_state_display(), released, day(run.created_at.date()))


def _file(file: ImportFile) -> tuple[str, Iterable[Any]]:
    return file.name, (file.get_format_display(), file.get_state_display())


def _coded(row: Source | Stock | SalesChannel) -> tuple[str, Iterable[Any]]:
    return row.name, (row.code,)


def _coded_kind(model: type[Model], icon: str, names: Any) -> RowKind:
    return RowKind(
        model,
        icon,
        names,
        lambda _request, text: coded_ways(model._default_manager.all(), text),
        _coded,
    )


KINDS = (
    RowKind(
        Order,
        "receipt_long",
        _("order, orders, order number, customer, buyer, client"),
        lambda _request, text: order_ways(text),
        _order,
        lambda: Order.objects.order_by("-placed_at", "-pk"),
    ),
    RowKind(
        Shipment,
        "local_shipping",
        _("shipment, shipments, delivery, package, parcel, backorder"),
        lambda _request, text: shipment_ways(text),
        _shipment,
        lambda: Shipment.objects.select_related("order", "source").order_by("-pk"),
    ),
    RowKind(
        Product,
        "sell",
        _("product, products, SKU, barcode, EAN, GTIN, UPC, item, article"),
        lambda _request, text: product_ways(text),
        _product,
    ),
    RowKind(
        FutureSupply,
        "upcoming",
        _("supply, future supply, purchase order, PO, incoming, reference"),
        lambda _request, text: supply_ways(text),
        _supply,
        lambda: (
            FutureSupply.objects.exclude(reference="")
            .select_related("product", "source")
            .order_by("-pk")
        ),
    ),
    RowKind(
        ReleaseRun,
        "play_circle",
        _("run, release run, dry run, release"),
        lambda _request, text: run_ways(text),
        _run,
        lambda: ReleaseRun.objects.order_by("-pk"),
    ),
    _coded_kind(Source, "warehouse", _("source, warehouse, location, store, shop")),
    _coded_kind(Stock, "hub", _("stock, pool")),
    _coded_kind(SalesChannel, "storefront", _("channel, sales channel, website")),
    RowKind(
        ImportFile,
        "upload_file",
        _("import, file, upload, CSV"),
        lambda request, text: file_ways(visible_files(request), text),
        _file,
    ),
)
