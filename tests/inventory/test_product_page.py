"""A product's page, over HTTP: what it saves, what it refuses, what it previews."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from inventory import ports
from inventory.models import SourceItem, StockBalance
from inventory.ports import GivingWay
from tests.factories.inventory import (
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.inventory.product_page import change_url, posted
from tests.option_values import own_value

pytestmark = pytest.mark.django_db


def test_backorders_allowed_at_the_product_undo_the_status_the_system_wrote(
    admin_client: Client, available: list[list[int]]
) -> None:
    product = ProductFactory()
    automatic = SourceItemFactory(
        product=product, quantity=0, status="OUT_OF_STOCK", is_status_automatic=True
    )
    by_hand = SourceItemFactory(product=product, quantity=0, status="OUT_OF_STOCK")

    entered = posted(product, without_boxes=("backorders",), backorders_value="ALLOW_QTY_BELOW_0")
    entered = {name: text for name, text in entered.items() if not name.startswith("source_items")}
    entered |= {"source_items-TOTAL_FORMS": "0", "source_items-INITIAL_FORMS": "0"}
    response = admin_client.post(change_url(product), entered)

    assert response.status_code == 302
    automatic.refresh_from_db()
    by_hand.refresh_from_db()
    assert (automatic.status, automatic.is_status_automatic) == ("IN_STOCK", False)
    assert by_hand.status == "OUT_OF_STOCK"
    assert available == [[product.pk]]


def test_one_enabled_source_puts_the_quantity_on_the_product_itself(
    admin_client: Client, available: list[list[int]]
) -> None:
    product = ProductFactory()
    url = change_url(product)
    assert "source_items-0-source" not in admin_client.get(url).content.decode()

    entered = {
        **posted(product),
        "source_items-TOTAL_FORMS": "1",
        "source_items-0-quantity": "2",
        "source_items-0-status": "IN_STOCK",
    }
    assert admin_client.post(url, entered).status_code == 302

    item = SourceItem.objects.get(product=product)
    assert (item.source.code, item.quantity) == ("default", Decimal(2))


def test_a_source_that_holds_allocated_units_cannot_be_unassigned(
    admin_client: Client, available: list[list[int]]
) -> None:
    product = ProductFactory()
    item = SourceItemFactory(product=product, allocated=Decimal(3))

    response = admin_client.post(
        change_url(product), posted(product) | {"source_items-0-DELETE": "on"}
    )

    assert "cannot be unassigned" in response.content.decode()
    assert SourceItem.objects.filter(pk=item.pk).exists()


def test_the_preview_writes_nothing(admin_client: Client) -> None:
    product = ProductFactory()
    source = SourceFactory()
    StockFactory(code="northwind", sources=[source])
    SourceItemFactory(product=product, source=source, quantity=Decimal(25))
    entered = posted(
        product, without_boxes=("out_of_stock_threshold",), out_of_stock_threshold_value="10"
    )

    url = reverse("admin:inventory_product_preview", args=[product.pk])
    answer = admin_client.post(url, entered).json()

    assert '<td class="is-number" data-stock="northwind">15</td>' in answer["salable"]
    assert answer["sentences"]["out_of_stock_threshold"] == "Out of stock when 10 are left."
    product.refresh_from_db()
    assert own_value(product, "out_of_stock_threshold") is None


def test_the_preview_says_what_each_source_would_do(admin_client: Client) -> None:
    product = ProductFactory()
    SourceItemFactory(product=product, source=SourceFactory())
    entered = posted(
        product,
        without_boxes=("notify_quantity_below",),
        notify_quantity_below_value="7",
        **{"source_items-0-backorders_value": "ALLOW_QTY_BELOW_0"},
    )
    del entered["source_items-0-backorders_use_config"]

    url = reverse("admin:inventory_product_preview", args=[product.pk])
    sentences = admin_client.post(url, entered).json()["sentences"]

    assert sentences["backorders"] == "Only units on hand are sold."
    assert sentences["source_items-0-backorders"] == "Unlimited backorders."
    assert sentences["source_items-0-notify_quantity_below"] == (
        "Low where fewer than 7 are on hand."
    )


def test_a_viewer_reads_and_changes_nothing(client: Client, available: list[list[int]]) -> None:
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_product"))
    client.force_login(viewer)
    product = ProductFactory()

    assert client.get(change_url(product)).status_code == 200
    assert client.post(change_url(product), posted(product, name="Other")).status_code == 403
    preview = reverse("admin:inventory_product_preview", args=[product.pk])
    assert client.post(preview, posted(product)).status_code == 403
    product.refresh_from_db()
    assert product.name != "Other"


def test_history_tells_who_changed_what_from_what_to_what(
    admin_client: Client, available: list[list[int]]
) -> None:
    product = ProductFactory(sku="TOLD")
    seattle = SourceFactory(code="seattle")
    item = SourceItemFactory(product=product, source=seattle, quantity=Decimal(10))
    changed = posted(
        product,
        without_boxes=("backorders",),
        backorders_value="ALLOW_QTY_BELOW_0",
        **{"source_items-0-quantity": "7"},
    )

    assert admin_client.post(change_url(product), changed).status_code == 302
    SourceItem.objects.filter(pk=item.pk).update(allocated=Decimal(2))

    url = reverse("admin:inventory_product_history", args=[product.pk])
    response = admin_client.get(url)
    told = [
        (entry["username"], entry["row"], field["label"], field["before"], field["after"])
        for entry in response.context["entries"]
        if entry["kind"] == "Changed"
        for field in entry["fields"]
    ]
    assert sorted(told) == [
        ("admin", "", "Backorders", "inherited", "Allow Qty Below 0"),
        ("admin", "seattle", "Quantity", "10", "7"),
    ]


def test_a_count_below_what_is_allocated_names_the_shipments_that_wait_again(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_way = []

    class GivingWayPort:
        def lock_giving_way(self, shortfalls: Any) -> GivingWay:
            return GivingWay(frozenset({"SHP-7"}))

        def would_give_way(self, shortfalls: Any) -> list[str]:
            return ["SHP-7"]

        def deallocate_shortfall(self, shortfalls: Any, act: Any) -> list[str]:
            given_way.append(dict(shortfalls))
            SourceItem.objects.update(allocated=0)
            return ["SHP-7"]

        def end_bars(self, item_ids: Collection[int]) -> None:
            pass

        def note_arrival(self, product_ids: Collection[int]) -> None:
            pass

    monkeypatch.setattr(ports, "_registered", [GivingWayPort()])
    product, _other = ProductFactory(), SourceFactory()
    item = SourceItemFactory(product=product, quantity=Decimal(10), allocated=Decimal(8))

    response = admin_client.post(
        change_url(product), posted(product) | {"source_items-0-quantity": "5"}, follow=True
    )

    assert given_way == [{item.pk: Decimal(3)}]
    assert "These shipments went back to backorder: SHP-7." in response.content.decode()
    item.refresh_from_db()
    assert item.quantity == Decimal(5)


@pytest.mark.parametrize(("source_allows", "is_said"), [(False, True), (True, False)])
def test_backorders_that_go_off_leave_owed_units_owed(
    admin_client: Client, available: list[list[int]], source_allows: bool, is_said: bool
) -> None:
    source = SourceFactory()
    stock = StockFactory(sources=[source])
    product = ProductFactory(backorders="ALLOW_QTY_BELOW_0")
    own = "ALLOW_QTY_BELOW_0" if source_allows else None
    SourceItemFactory(product=product, source=source, quantity=Decimal(4), backorders=own)
    StockBalance.objects.create(stock=stock, product=product, reserved=-109)
    entered = posted(product, without_boxes=("backorders",), backorders_value="NO_BACKORDERS")
    if source_allows:
        entered["source_items-0-backorders_value"] = own
        del entered["source_items-0-backorders_use_config"]

    saved = admin_client.post(change_url(product), entered, follow=True)

    product.refresh_from_db()
    assert own_value(product, "backorders") == "NO_BACKORDERS"
    sentence = "Backorders are off. Units still backordered: 105."
    assert (sentence in saved.text) == is_said
