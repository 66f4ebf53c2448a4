"""Demand by product, against a shop counted by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fulfillment.queries.demand import DemandPage, demand_of, demand_page, wanted_products
from inventory.models import InventoryConfiguration, Product
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.fulfillment.demand_world import make_world

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 5)


def test_demand_is_as_counted_by_hand() -> None:
    world = make_world()

    page = demand_page(words="", first=0, count=50)
    kettle, lid, pan = demand_of(page.product_ids, today=TODAY)

    keys = (world.kettle.pk, world.lid.pk, world.pan.pk)
    assert page == DemandPage(keys, 3, Decimal(11), Decimal(12))
    assert (kettle.waiting, kettle.coming, kettle.short, kettle.below_notify) == (
        Decimal(6),
        Decimal(3),
        Decimal(3),
        Decimal(3),
    )
    assert kettle.since == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert [(value.currency, value.amount) for value in kettle.values] == [("USD", Decimal(60))]
    # 4 + 3 − 3 for main and 2 for pickup are 6; two more fill the second box.
    assert [(line.source_code, line.quantity, line.expected_on) for line in kettle.lines] == [
        ("main", Decimal(6), date(2026, 3, 15)),
        ("store", Decimal(2), None),
    ]
    assert (lid.waiting, lid.coming, lid.short, lid.lines) == (
        Decimal(5),
        Decimal(9),
        Decimal(0),
        (),
    )
    assert (pan.waiting, pan.since, pan.values, pan.proposed) == (Decimal(0), None, (), Decimal(2))
    assert [line.expected_on for line in pan.lines] == [date(2026, 3, 8)]
    assert set(wanted_products()) == {world.kettle, world.lid, world.pan}


def test_the_notify_quantity_is_the_items_else_the_products_else_the_sites() -> None:
    InventoryConfiguration.objects.update(notify_quantity_below=2)
    source = SourceFactory(code="main")
    StockFactory(sources=[source])
    table = {
        # The item's own, the product's own, and what is missing of 1 on hand.
        "SITE": (None, None, 1),
        "PRODUCT": (None, 5, 4),
        "PRODUCT-NONE": (None, 0, 0),
        "ITEM": (3, None, 2),
        "BOTH": (4, 9, 3),
        "ITEM-NONE": (0, 9, 0),
    }
    for sku, (own, of_product, _missing) in table.items():
        product = ProductFactory(sku=sku, notify_quantity_below=of_product)
        SourceItemFactory(product=product, source=source, quantity=1, notify_quantity_below=own)

    page = demand_page(words="", first=0, count=50)
    found = {one.product.sku: one.below_notify for one in demand_of(page.product_ids, today=TODAY)}

    assert found == {sku: missing for sku, (_own, _product, missing) in table.items() if missing}


def test_only_products_with_managed_stock_are_proposed_below_their_notify_quantity() -> None:
    world = make_world()
    for change in ({"manage_stock": False}, {"is_enabled": False}):
        Product.objects.filter(pk=world.pan.pk).update(manage_stock=None, is_enabled=True)
        assert world.pan.pk in demand_page(words="", first=0, count=50).product_ids

        Product.objects.filter(pk=world.pan.pk).update(**change)

        assert world.pan.pk not in demand_page(words="", first=0, count=50).product_ids


def test_pages_and_words() -> None:
    world = make_world()

    assert demand_page(words="", first=1, count=1).product_ids == (world.lid.pk,)
    assert demand_page(words="pa", first=0, count=9).product_ids == (world.pan.pk,)
    assert demand_page(words="%", first=0, count=9) == DemandPage((), 0, Decimal(0), Decimal(0))


def test_as_many_statements_for_many_products() -> None:
    make_world()
    counts = []
    for _time in range(2):
        with CaptureQueriesContext(connection) as queries:
            demand_of(demand_page(words="", first=0, count=50).product_ids, today=TODAY)
        counts.append(len(queries))
        BackorderFactory(lines={ProductFactory(): 1, ProductFactory(): 2})

    assert counts[0] == counts[1]
