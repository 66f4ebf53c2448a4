"""The pages of the inventory, over HTTP, without a browser."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from inventory import downstream
from inventory.downstream import GivingWay
from inventory.models import (
    FutureSupply,
    InventoryConfiguration,
    Product,
    SalesChannel,
    Source,
    SourceItem,
    Stock,
    StockSource,
)
from inventory.queries.positions import stock_positions
from inventory.salability import is_salable, salable_quantity
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.inventory.test_use_config import BOXES, SITE_BOXES

pytestmark = pytest.mark.django_db


@pytest.fixture
def available(monkeypatch) -> list[list[int]]:
    """The product ids that the release engine was told of."""
    told: list[list[int]] = []

    class Listener:
        def units_became_available(self, product_ids) -> None:
            told.append(list(product_ids))

    monkeypatch.setattr(downstream, "_registered", [Listener()])
    return told


def posted(product: Product, *, without_boxes: tuple[str, ...] = (), **entered: str) -> dict:
    """Return what the product's page posts; its sources as they are."""
    unticked = {f"{name}_use_config" for name in without_boxes}
    rows = {
        "source_items-TOTAL_FORMS": "0",
        "source_items-INITIAL_FORMS": "0",
    }
    items = list(product.source_items.order_by("source__code", "pk"))
    for index, item in enumerate(items):
        rows |= {
            f"source_items-{index}-id": str(item.pk),
            f"source_items-{index}-product": str(product.pk),
            f"source_items-{index}-status": item.status,
            f"source_items-{index}-quantity": str(item.quantity),
            f"source_items-{index}-safety_stock": str(item.safety_stock),
            f"source_items-{index}-backorders_use_config": "on",
            f"source_items-{index}-notify_quantity_below_use_config": "on",
            f"source_items-{index}-qty_uses_decimals_use_config": "on",
        }
    rows |= {
        "source_items-TOTAL_FORMS": str(len(items)),
        "source_items-INITIAL_FORMS": str(len(items)),
    }
    return {
        "sku": product.sku,
        "name": product.name,
        "is_enabled": "on",
        "product_type": product.product_type,
        "price": str(product.price),
        **{name: on for name, on in BOXES.items() if name not in unticked},
        **rows,
        **entered,
    }


def change_url(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def test_backorders_allowed_at_the_product_undo_the_status_the_system_wrote(
    admin_client, available
):
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


def test_a_global_change_is_seen_by_every_product_that_inherits_and_by_no_other(
    admin_client, available
):
    configuration = InventoryConfiguration.load()
    source = SourceFactory()
    StockFactory(sources=[source])
    inheriting, overriding = ProductFactory(), ProductFactory(out_of_stock_threshold=Decimal(2))
    for product in (inheriting, overriding):
        SourceItemFactory(product=product, source=source, quantity=Decimal(12))
    boxes = {name: on for name, on in SITE_BOXES.items() if "out_of_stock_t" not in name}

    admin_client.post(change_url(configuration), {**boxes, "out_of_stock_threshold_value": "5"})

    positions = stock_positions(
        [inheriting, overriding], configuration=InventoryConfiguration.load()
    )
    assert salable_quantity(positions[inheriting.sku][0].facts) == Decimal(7)
    assert salable_quantity(positions[overriding.sku][0].facts) == Decimal(10)


def test_the_list_sorts_and_filters_by_what_the_rules_say(admin_client):
    InventoryConfiguration.load()
    source = SourceFactory()
    stock = StockFactory(sources=[source])
    cases = {
        "PLAIN": ({}, {"quantity": 10}),
        "SAFE": ({}, {"quantity": 10, "safety_stock": 4}),
        "CAPPED": (
            {"backorders": "ALLOW_QTY_BELOW_0", "out_of_stock_threshold": -50},
            {"quantity": 25},
        ),
        "UNLIMITED": ({"backorders": "ALLOW_QTY_BELOW_0"}, {"quantity": 0}),
        "AT-SOURCE": ({"out_of_stock_threshold": -3}, {"backorders": "ALLOW_QTY_BELOW_0"}),
        "THRESHOLD": ({"out_of_stock_threshold": 10}, {"quantity": 12}),
        "EMPTY": ({}, {"quantity": 0}),
        "OUT": ({}, {"quantity": 5, "status": "OUT_OF_STOCK"}),
        "VIRTUAL": (
            {"product_type": "VIRTUAL", "backorders": "ALLOW_QTY_BELOW_0"},
            {"quantity": 0},
        ),
        "UNMANAGED": ({"manage_stock": False}, {"quantity": 0}),
        "DISABLED": ({"is_enabled": False}, {"quantity": 9}),
    }
    for sku, (own, held) in cases.items():
        SourceItemFactory(product=ProductFactory(sku=sku, **own), source=source, **held)
    url = reverse("admin:inventory_product_changelist")

    shown = admin_client.get(url).context["cl"].list_display
    columns = {getattr(column, "annotation", column): place for place, column in enumerate(shown)}
    by_salable = {"o": f"-{columns[f'salable_{stock.pk}']}"}
    listed = admin_client.get(url, by_salable).context["cl"].result_list
    by_quantity = admin_client.get(url, {"o": columns["quantities"]}).context["cl"].result_list
    out = admin_client.get(url, {"out_of_stock": "yes"}).context["cl"].result_list
    not_out = admin_client.get(url, {"out_of_stock": "no"}).context["cl"].result_list

    positions = stock_positions(listed, configuration=InventoryConfiguration.load())
    facts = {product.sku: positions[product.sku][0].facts for product in listed}
    assert {product.sku: getattr(product, f"salable_{stock.pk}") for product in listed} == {
        sku: salable_quantity(found) for sku, found in facts.items()
    }
    salable = [salable_quantity(facts[product.sku]) for product in listed]
    assert salable == sorted(salable, reverse=True)
    held = [product.total_quantity for product in by_quantity]
    assert held == sorted(held)
    assert held[-1] == 25
    assert {product.sku for product in out} == {
        sku for sku, found in facts.items() if not is_salable(found)
    }
    assert {product.sku for product in out} == {"EMPTY", "OUT", "VIRTUAL", "DISABLED"}
    assert {product.sku for product in not_out} == set(cases) - {product.sku for product in out}


@pytest.mark.parametrize(
    ("chosen", "listed"),
    [
        ({"takes_backorders": "allowed"}, {"CAPPED", "UNLIMITED"}),
        ({"takes_backorders": "unlimited"}, {"UNLIMITED"}),
        ({"takes_backorders": "capped"}, {"CAPPED"}),
        ({"takes_backorders": "off"}, {"PLAIN"}),
        ({"overridden": "yes"}, {"CAPPED", "UNLIMITED"}),
        ({"low": "yes"}, {"UNLIMITED"}),
    ],
)
def test_the_product_list_narrows(admin_client, chosen, listed):
    source = SourceFactory()
    allowed = {"backorders": "ALLOW_QTY_BELOW_0"}
    capped = ProductFactory(sku="CAPPED", out_of_stock_threshold=-5, **allowed)
    unlimited = ProductFactory(sku="UNLIMITED", **allowed)
    SourceItemFactory(product=ProductFactory(sku="PLAIN"), source=source)
    SourceItemFactory(product=capped, source=source)
    SourceItemFactory(product=unlimited, source=source, quantity=0)

    response = admin_client.get(reverse("admin:inventory_product_changelist"), chosen)

    assert {product.sku for product in response.context["cl"].result_list} == listed


@pytest.mark.parametrize(
    ("own", "at_sources", "in_force", "origin"),
    [
        (None, ["ALLOW_QTY_BELOW_0", None], "ALLOW_QTY_BELOW_0", "SOURCE_ITEM"),
        (
            "ALLOW_QTY_BELOW_0",
            ["ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER", "NO_BACKORDERS"],
            "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER",
            "SOURCE_ITEM",
        ),
        ("ALLOW_QTY_BELOW_0", ["NO_BACKORDERS", None], "ALLOW_QTY_BELOW_0", "PRODUCT"),
        ("ALLOW_QTY_BELOW_0", ["NO_BACKORDERS"], "NO_BACKORDERS", "SOURCE_ITEM"),
        (None, ["NO_BACKORDERS"], "NO_BACKORDERS", "SYSTEM"),
        (None, [None], "NO_BACKORDERS", "SYSTEM"),
        ("ALLOW_QTY_BELOW_0", [None], "ALLOW_QTY_BELOW_0", "PRODUCT"),
    ],
)
def test_the_list_knows_the_most_permissive_backorders_of_the_sources(
    admin_client, own, at_sources, in_force, origin
):
    linked = [SourceFactory() for _each in at_sources]
    StockFactory(sources=linked)
    product = ProductFactory(backorders=own)
    for source, backorders in zip(linked, at_sources, strict=True):
        SourceItemFactory(product=product, source=source, backorders=backorders)
    # What no stock can sell from counts for nothing.
    allowed = {"product": product, "backorders": "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER"}
    SourceItemFactory(source=SourceFactory(), **allowed)
    closed, sold_out = SourceFactory(is_enabled=False), SourceFactory()
    StockFactory(sources=[closed, sold_out])
    SourceItemFactory(source=closed, **allowed)
    SourceItemFactory(source=sold_out, status="OUT_OF_STOCK", **allowed)

    url = reverse("admin:inventory_product_changelist")
    (listed,) = admin_client.get(url).context["cl"].result_list
    takes = "off" if in_force == "NO_BACKORDERS" else "allowed"
    found = admin_client.get(url, {"takes_backorders": takes}).context["cl"].result_list

    assert (listed.effective_backorders, listed.backorders_origin) == (in_force, origin)
    assert list(found) == [product]


def test_one_enabled_source_puts_the_quantity_on_the_product_itself(admin_client, available):
    product = ProductFactory()
    url = change_url(product)
    assert "source_items-0-source" not in admin_client.get(url).content.decode()

    entered = {
        **posted(product),
        "source_items-TOTAL_FORMS": "1",
        "source_items-0-quantity": "2.5",
        "source_items-0-status": "IN_STOCK",
    }
    assert admin_client.post(url, entered).status_code == 302

    item = SourceItem.objects.get(product=product)
    assert (item.source.code, item.quantity) == ("default", Decimal("2.5"))


def test_a_source_that_holds_allocated_units_cannot_be_unassigned(admin_client, available):
    product = ProductFactory()
    item = SourceItemFactory(product=product, allocated=Decimal(3))

    response = admin_client.post(
        change_url(product), posted(product, **{"source_items-0-DELETE": "on"})
    )

    assert "cannot be unassigned" in response.content.decode()
    assert SourceItem.objects.filter(pk=item.pk).exists()


def test_the_preview_writes_nothing(admin_client):
    product = ProductFactory()
    source = SourceFactory()
    StockFactory(code="northwind", sources=[source])
    SourceItemFactory(product=product, source=source, quantity=Decimal(25))
    entered = posted(
        product, without_boxes=("out_of_stock_threshold",), out_of_stock_threshold_value="10"
    )

    url = reverse("admin:inventory_product_preview", args=[product.pk])
    answer = admin_client.post(url, entered).json()

    assert '<td data-stock="northwind">15</td>' in answer["salable"]
    assert answer["sentences"]["out_of_stock_threshold"] == "Out of stock when 10 are left."
    product.refresh_from_db()
    assert product.out_of_stock_threshold is None


def test_the_preview_says_what_each_source_would_do(admin_client):
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

    assert sentences["backorders"] == "No more is sold than is on hand."
    assert sentences["source_items-0-backorders"] == "Unlimited backorders."
    assert sentences["source_items-0-notify_quantity_below"] == (
        "Low where fewer than 7 are on hand."
    )


def test_the_preview_of_the_configuration_writes_nothing(admin_client):
    unticked = {name: on for name, on in SITE_BOXES.items() if not name.startswith("release_")}
    entered = {
        **unticked,
        "release_enabled_use_config": "on",
        "release_mode_use_config": "on",
        "release_policy_value": "AGEING",
    }

    url = reverse("admin:inventory_configuration_preview")
    sentences = admin_client.post(url, entered).json()["sentences"]

    assert sentences["release_policy"] == "Units are kept for shipments that have waited for long."
    assert sentences["ageing_days"] == "Units are kept for shipments that wait for 14 days or more."
    assert InventoryConfiguration.load().release_policy is None


def test_dragged_priorities_are_numbered_from_one(admin_client, available):
    first, second, third = SourceFactory(), SourceFactory(), SourceFactory()
    stock = StockFactory(sources=[first, second, third])
    links = {link.source: link for link in stock.links.all()}
    entered = {"name": "Renamed", "links-TOTAL_FORMS": "3", "links-INITIAL_FORMS": "3"}
    for index, (source, priority) in enumerate([(first, 2), (second, 0), (third, 1)]):
        entered |= {
            f"links-{index}-id": links[source].pk,
            f"links-{index}-stock": stock.pk,
            f"links-{index}-source": source.pk,
            f"links-{index}-priority": priority,
        }
    entered |= {"sales_channels-TOTAL_FORMS": "0", "sales_channels-INITIAL_FORMS": "0"}

    response = admin_client.post(change_url(stock), entered)

    assert response.status_code == 302
    kept = StockSource.objects.filter(stock=stock).order_by("priority")
    assert [(link.source_id, link.priority) for link in kept] == [
        (second.pk, 1),
        (third.pk, 2),
        (first.pk, 3),
    ]
    assert {link.pk for link in kept} == {link.pk for link in links.values()}


def test_enabling_a_source_tells_the_release_engine_of_what_it_holds(admin_client, available):
    source = SourceFactory(is_enabled=False)
    item = SourceItemFactory(source=source)
    entered = {"name": source.name, "is_enabled": "on", "postcode": "1", "country": "US"}

    admin_client.post(change_url(source), entered)

    assert Source.objects.get(pk=source.pk).is_enabled
    assert available == [[item.product_id]]


def test_codes_are_fixed_and_the_default_source_stays(admin_client, available):
    source, stock = Source.objects.get(code="default"), Stock.objects.get(code="default")
    entered = {"code": "other", "name": "Renamed", "postcode": "1", "country": "US"}

    admin_client.post(change_url(source), entered)

    source.refresh_from_db()
    assert (source.code, source.name, source.is_enabled) == ("default", "Renamed", True)
    for row in (source, stock):
        url = reverse(f"admin:inventory_{row._meta.model_name}_delete", args=[row.pk])
        assert admin_client.post(url, {"post": "yes"}).status_code == 403


def test_a_new_sales_channel_belongs_to_the_default_stock(admin_client):
    form = admin_client.get(reverse("admin:inventory_saleschannel_add"))

    chosen = form.context["adminform"].form.initial["stock"]
    assert Stock.objects.get(pk=chosen).code == "default"
    SalesChannelFactory(code="web")
    assert SalesChannel.objects.count() == 1


def test_overdue_supply_is_marked(admin_client):
    FutureSupplyFactory(expected_on="2020-01-01", reference="late")
    FutureSupplyFactory(expected_on=None, reference="undated")
    FutureSupplyFactory(expected_on="2020-01-01", reference="came", state="RECEIVED")
    url = reverse("admin:inventory_futuresupply_changelist")

    overdue = admin_client.get(url, {"overdue": "yes"}).context["cl"].result_list

    assert [(supply.reference, supply.standing) for supply in overdue] == [("late", "OVERDUE")]


def test_balances_are_not_added_by_hand(admin_client):
    assert admin_client.get(reverse("admin:inventory_stockbalance_add")).status_code == 403


@pytest.mark.parametrize(
    "model", ["reservation", "stockbalance"], ids=["reservations", "stock balances"]
)
def test_nothing_is_deleted_from_logs(admin_client, model):
    listed = admin_client.get(reverse(f"admin:inventory_{model}_changelist"))
    assert "delete_selected" not in listed.content.decode()


def test_a_viewer_reads_and_changes_nothing(client, available):
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


def test_history_tells_who_changed_what_from_what_to_what(admin_client, available):
    product = ProductFactory(sku="TOLD")
    seattle = SourceFactory(code="seattle")
    item = SourceItemFactory(product=product, source=seattle, quantity=Decimal(10))
    changed = posted(
        product,
        without_boxes=("backorders",),
        backorders_value="ALLOW_QTY_BELOW_0",
        **{"source_items-0-quantity": "7.5"},
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
        ("admin", "seattle", "Quantity", "10", "7.5"),
    ]


def test_the_first_change_of_the_configuration_is_in_its_history(admin_client, available):
    configuration = InventoryConfiguration.load()
    boxes = {name: on for name, on in SITE_BOXES.items() if "ageing_days" not in name}

    admin_client.post(change_url(configuration), {**boxes, "ageing_days_value": "21"})

    url = reverse("admin:inventory_inventoryconfiguration_history", args=[configuration.pk])
    entries = admin_client.get(url).context["entries"]
    assert [field for entry in entries for field in entry["fields"]] == [
        {"label": "Ageing Days", "before": "inherited", "after": "21"}
    ]


def test_a_count_below_what_is_allocated_names_the_shipments_that_wait_again(
    admin_client, monkeypatch
):
    given_way = []

    class Engine:
        def lock_giving_way(self, shortfalls) -> GivingWay:
            return GivingWay(frozenset({"SHP-7"}))

        def would_give_way(self, shortfalls) -> list[str]:
            return ["SHP-7"]

        def deallocate_shortfall(self, shortfalls, *, now, actor_id) -> list[str]:
            given_way.append(dict(shortfalls))
            SourceItem.objects.update(allocated=0)
            return ["SHP-7"]

        def units_became_available(self, product_ids) -> None:
            pass

    monkeypatch.setattr(downstream, "_registered", [Engine()])
    product, _other = ProductFactory(), SourceFactory()
    item = SourceItemFactory(product=product, quantity=Decimal(10), allocated=Decimal(8))

    response = admin_client.post(
        change_url(product), posted(product, **{"source_items-0-quantity": "5"}), follow=True
    )

    assert given_way == [{item.pk: Decimal(3)}]
    assert "These shipments went back to backorder: SHP-7." in response.content.decode()
    item.refresh_from_db()
    assert item.quantity == Decimal(5)


def test_a_source_item_is_made_on_a_page_of_its_own(admin_client, available):
    product, source = ProductFactory(), SourceFactory()
    entered = {
        "product": product.pk,
        "source": source.pk,
        "status": "IN_STOCK",
        "quantity": "3",
        "safety_stock": "1",
        "backorders_use_config": "on",
        "notify_quantity_below_value": "2",
        "qty_uses_decimals_use_config": "on",
    }

    response = admin_client.post(reverse("admin:inventory_sourceitem_add"), entered)

    assert response.status_code == 302
    item = SourceItem.objects.get(product=product, source=source)
    assert (item.quantity, item.safety_stock) == (Decimal(3), Decimal(1))
    assert (item.notify_quantity_below, item.backorders) == (Decimal(2), None)


def test_supply_that_is_recorded_tells_the_release_engine(admin_client, available):
    product, source = ProductFactory(), SourceFactory()
    entered = {"product": product.pk, "source": source.pk, "quantity": "12.5", "expected_on": ""}

    response = admin_client.post(reverse("admin:inventory_futuresupply_add"), entered)

    assert response.status_code == 302
    supply = FutureSupply.objects.get(product=product)
    assert (supply.quantity, supply.expected_on) == (Decimal("12.5"), None)
    assert available == [[product.pk]]


def test_supply_that_is_promised_is_not_edited_in_place(admin_client, available):
    supply = FutureSupplyFactory(quantity=Decimal(10), allocated_quantity=Decimal(4))

    admin_client.post(change_url(supply), {"quantity": "3", "reference": "PO-1"})

    supply.refresh_from_db()
    assert (supply.quantity, supply.reference) == (Decimal(10), "PO-1")
    assert supply.allocated_quantity == Decimal(4)
