"""Every bulk page names the selected rows, starts at the value in force, and previews at once."""

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from core.admin.bulk.bulk_lists import BulkList
from fulfillment.models import Shipment
from inventory.models import Product, Source, SourceItem
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.opened_form import opened_form

pytestmark = pytest.mark.django_db

OPTIONS = {"max_cart_qty_value": "7", "backorders_value": "ALLOW_QTY_BELOW_0"}
# What the form of each page holds when it is opened, and what a person fills in or changes then.
# Sources are named by their codes.
PAGES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "inventory_product_bulk_assign": ({"sources": "berlin"}, {"sources": "oslo"}),
    "inventory_product_bulk_unassign": ({}, {"sources": "berlin"}),
    "inventory_product_bulk_transfer": ({"from_source": "berlin"}, {"to_source": "oslo"}),
    "inventory_product_bulk_status": ({"status": "OUT_OF_STOCK"}, {"status": "IN_STOCK"}),
    "inventory_product_bulk_option": (OPTIONS, {"option": "max_cart_qty"}),
    "inventory_product_bulk_labels": ({}, {"count": "2"}),
    "inventory_sourceitem_bulk_unassign": ({}, {}),
    "inventory_sourceitem_bulk_transfer": ({}, {"to_source": "oslo"}),
    "inventory_sourceitem_bulk_status": ({"status": "OUT_OF_STOCK"}, {"status": "IN_STOCK"}),
    "inventory_sourceitem_bulk_option": (
        {"notify_quantity_below_value": "3"},
        {"option": "notify_quantity_below", "notify_quantity_below_value": "4"},
    ),
    "fulfillment_shipment_bulk_release": ({}, {}),
    "fulfillment_shipment_bulk_hold": ({}, {}),
    "fulfillment_shipment_bulk_lift-hold": ({}, {}),
    "fulfillment_shipment_bulk_assign-person": ({"username": "anna"}, {"username": "bo"}),
    "fulfillment_shipment_bulk_set-priority": ({"priority": "4"}, {"priority": "5"}),
    "fulfillment_shipment_bulk_reassign": ({"source": "berlin"}, {"source": "oslo"}),
    "fulfillment_shipment_bulk_set-expected-date": (
        {"expected_on": "2126-05-04"},
        {"expected_on": "2126-05-05"},
    ),
    "fulfillment_shipment_bulk_customer-care": ({}, {}),
    "fulfillment_shipment_bulk_cancel": ({}, {}),
    "fulfillment_shipment_bulk_pack": ({}, {}),
    "fulfillment_shipment_bulk_unpack": ({}, {}),
    "fulfillment_shipment_bulk_set-aside": ({}, {}),
    "fulfillment_shipment_bulk_fulfill": ({}, {}),
    "fulfillment_shipment_bulk_pick-list": ({}, {}),
    "fulfillment_shipment_bulk_packing-slips": ({}, {}),
}
# What the previews of those say that change no row.
COUNTED = {
    "inventory_product_bulk_labels": "Would be printed",
    "fulfillment_shipment_bulk_pick-list": "Would be picked",
    "fulfillment_shipment_bulk_packing-slips": "Would be printed",
}
SEVERAL = "The selected rows have several values."


@pytest.fixture
def sources() -> dict[str, Source]:
    """Keys as a form holds them, by code."""
    return {code: SourceFactory(code=code) for code in ("berlin", "oslo")}


@pytest.fixture
def rows(sources: dict[str, Source]) -> None:
    """Twelve products at berlin alone, with the same values, and as many shipments."""
    stock = StockFactory(sources=sources.values())
    channel = SalesChannelFactory(stock=stock)
    anna, _bo = (
        User.objects.create(username=name, is_staff=True, is_superuser=True)
        for name in ("anna", "bo")
    )
    for number in range(12):
        product = ProductFactory(
            sku=f"P{number:02}", max_cart_qty=Decimal(7), backorders="ALLOW_QTY_BELOW_0"
        )
        SourceItemFactory(
            product=product,
            source=sources["berlin"],
            quantity=Decimal(2),
            status="OUT_OF_STOCK",
            notify_quantity_below=Decimal(3),
        )
        BackorderFactory(
            number=f"S{number:02}",
            order=OrderFactory(channel=channel),
            lines={product: 1},
            priority=4,
            expected_on=date(2126, 5, 4),
            assignee=anna,
        )


def offered() -> dict[Any, tuple[Any, Any]]:
    """Every bulk page, by name, with its list."""
    return {
        one._name(action): (one, action)
        for one in admin.site._registry.values()
        if isinstance(one, BulkList)
        for action in one.bulk_actions
    }


def only_ready_have_a_source(name: Any, sources: dict[str, Source]) -> None:
    """Have shipments leave from berlin where a page asks for another source."""
    if name.endswith("_reassign"):
        Shipment.objects.update(state="READY", source=sources["berlin"])


def keyed(values: Any, sources: dict[str, Source], name: str) -> Any:
    """Forms of products and source items hold the keys of sources, those of shipments codes."""
    if name.startswith("fulfillment"):
        return values
    return {
        field: str(sources[value].pk) if value in sources else value
        for field, value in values.items()
    }


def test_the_table_names_every_bulk_page() -> None:
    assert list(offered()) == list(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_bulk_page_names_its_rows_starts_at_what_is_in_force_and_previews_at_once(
    admin_client: Client, rows: None, sources: dict[str, Source], name: Any
) -> None:
    bulk_list, action = offered()[name]
    only_ready_have_a_source(name, sources)
    keys = bulk_list.model.objects.order_by("-pk").values_list("pk", flat=True)
    address = f"{reverse(f'admin:{name}')}?{urlencode({'ids': ','.join(map(str, keys))})}"
    in_force, filled = (keyed(values, sources, name) for values in PAGES[name])

    opened = admin_client.get(address)

    assert 'data-selected="12"' in opened.text
    listed = {str(row) for row in bulk_list.model.objects.all()} & set(opened.context["listed"])
    assert len(listed) == 10
    held = opened_form(opened.text, form_id="bulk_form")
    assert {field: held.get(field) for field in in_force} == in_force
    assert SEVERAL not in opened.text
    # Where nothing is asked, it is previewed as it is opened.
    assert ("planned" in opened.context) == (not action.form.base_fields)

    sent = urlencode({**held, **filled}, doseq=True)
    shown = admin_client.get(f"{reverse(f'admin:{name}')}?{sent}")

    assert shown.context["form"].errors == {}
    assert shown.context["planned"].chosen_count == 12
    assert shown.text.count('<tr class="is-') == 12
    assert f"<dt>{COUNTED.get(name, 'Would change')}</dt>" in shown.text
    assert not (name in COUNTED and "Already have this value" in shown.text)


@pytest.mark.parametrize("name", [name for name in PAGES if PAGES[name][0]])
def test_a_field_of_which_rows_have_several_values_is_empty_and_says_so(
    admin_client: Client, rows: None, sources: dict[str, Source], name: Any
) -> None:
    bulk_list, _action = offered()[name]
    only_ready_have_a_source(name, sources)
    Product.objects.filter(sku="P03").update(max_cart_qty=None, backorders=None)
    SourceItem.objects.filter(product__sku="P03").update(
        source=sources["oslo"], status="IN_STOCK", notify_quantity_below=None
    )
    last = Shipment.objects.filter(number="S03")
    last.update(priority=0, expected_on=None, assignee=None)
    last.filter(source__isnull=False).update(source=sources["oslo"])
    keys = bulk_list.model.objects.values_list("pk", flat=True)
    query = urlencode({"ids": ",".join(map(str, keys))})

    opened = admin_client.get(f"{reverse(f'admin:{name}')}?{query}")

    held = opened_form(opened.text, form_id="bulk_form")
    assert {field: held.get(field) or "" for field in PAGES[name][0]} == dict.fromkeys(
        PAGES[name][0], ""
    )
    says_so = "sources" not in PAGES[name][0] and "from_source" not in PAGES[name][0]
    assert (SEVERAL in opened.text) == says_so
