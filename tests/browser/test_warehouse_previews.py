"""Pages that pack, print and transfer: whole and readable, wide and narrow, light and dark."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from playwright.sync_api import Page

from core.acts import Act
from core.clock import today
from fulfillment.models import PickList, Shipment
from fulfillment.operations.moves.pack import pack
from fulfillment.operations.moves.reassignment import reassign
from fulfillment.operations.picking.pick_lists import make_pick_list
from inventory.models import FutureSupply, Source, SourceItem
from inventory.operations.transfers import Consignment, TransferredUnits, send
from tests.browser.test_every_page import problems
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory

NOW = datetime.now(UTC)
WEEK = timedelta(days=7)


def ready_shipments() -> list[Shipment]:
    """Three shipments, READY at the harbor: the first is packed, the second held."""
    source = SourceFactory(code="reykjavik-harbor", name="Reykjavík, harbor warehouse")
    akureyri = SourceFactory(code="akureyri", name="Akureyri")
    channel = SalesChannelFactory(stock=StockFactory(sources=[source]))
    for number in range(3):
        product = ProductFactory(
            sku=f"SHELF-WALNUT-{number}",
            name=f"Shelf, walnut, with brackets, {number} m",
            barcode="4006381333931" if number == 0 else None,
        )
        SourceItemFactory(source=source, product=product, quantity=Decimal(20))
        SourceItemFactory(source=akureyri, product=product, quantity=Decimal(0))
        shipment = BackorderFactory(
            order=OrderFactory(channel=channel, customer_name="Guðrún Jónsdóttir"),
            lines={product: 2},
        )
        reassign(shipment.pk, Act(NOW), source_code=source.code)
    found = list(Shipment.objects.filter(state="READY").order_by("pk"))
    pack(found[0].pk, Act(NOW))
    Shipment.objects.filter(pk=found[1].pk).update(is_held=True, hold_reason="STAFF")
    return found


def pick_list(source: Source, shipment: Shipment) -> PickList:
    return make_pick_list(source.pk, [shipment.pk], Act(NOW)).pick_list


def sent_units(source: Source) -> FutureSupply:
    moves = [
        TransferredUnits(
            item.product_id, source.pk, Source.objects.get(code="akureyri").pk, Decimal(5)
        )
        for item in SourceItem.objects.filter(source=source).order_by("pk")
    ]
    send(moves, Consignment("TR-7", today() + WEEK))
    return FutureSupply.objects.order_by("pk")[0]


def bulk(name: str, rows: Any, **asked: Any) -> str:
    ids = ",".join(str(row.pk) for row in rows)
    return f"{reverse(f'admin:{name}')}?{urlencode({'ids': ids, 'asked': 1, **asked})}"


def asked(name: str, row: Any) -> str:
    return f"{reverse(f'admin:{name}')}?{urlencode({'ids': row.pk})}"


def test_pages_of_the_warehouse_are_whole_and_readable(open_page: Callable[..., Page]) -> None:
    shipments = ready_shipments()
    source = Source.objects.get(code="reykjavik-harbor")
    items = list(SourceItem.objects.filter(source=source).order_by("pk"))
    products = [item.product for item in items]
    listed = pick_list(source, shipments[2])
    supply = sent_units(source)
    move = {"to_source": Source.objects.get(code="akureyri").pk, "quantity": 3}
    delivery = urlencode({"source": supply.source.code, "reference": "TR-7"})
    addresses = {
        "pack": bulk("fulfillment_shipment_bulk_pack", shipments),
        "unpack": bulk("fulfillment_shipment_bulk_unpack", shipments),
        "pick list of": bulk("fulfillment_shipment_bulk_pick-list", shipments),
        "packing slips": bulk("fulfillment_shipment_bulk_packing-slips", shipments),
        "packed shipment": reverse("admin:fulfillment_shipment_change", args=[shipments[0].pk]),
        "pick list": reverse("admin:fulfillment_picklist_change", args=[listed.pk]),
        "labels": bulk("inventory_product_bulk_labels", products, count=2, paper="A4"),
        "labels asked": asked("inventory_product_bulk_labels", products[0]),
        "transfer": bulk("inventory_sourceitem_bulk_transfer", items, **move),
        "transfer sent": bulk(
            "inventory_sourceitem_bulk_transfer",
            items,
            **move,
            expected_on=(today() + WEEK).isoformat(),
        ),
        "transfer asked": asked("inventory_sourceitem_bulk_transfer", items[0]),
        "units on their way": reverse("admin:inventory_futuresupply_change", args=[supply.pk]),
        "deliveries": reverse("admin:inventory_futuresupply_deliveries"),
        "delivery": f"{reverse('admin:inventory_futuresupply_delivery')}?{delivery}",
    }
    page = open_page("/admin/")
    wrong = {}
    for name, address in addresses.items():
        page.goto(address)
        wrong[name] = problems(page, name=f"warehouse {name}")

    assert {name: found for name, found in wrong.items() if found} == {}
