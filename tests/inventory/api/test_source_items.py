from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.acts import Act
from core.models.history import events_of
from fulfillment.models import Shipment
from inventory.models import InventoryConfiguration, Source, SourceItem
from orders.placing.place import place_order
from orders.placing.request import Customer, LineRequest, OrderRequest
from tests.api import api_of_superuser, codes
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.option_values import own_value
from tests.orders.addresses import HOME

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def east() -> Source:
    source = SourceFactory(code="east")
    for sku in ("A", "B"):
        product = ProductFactory(sku=sku, qty_uses_decimals=True)
        SourceItemFactory(source=source, product=product, quantity=Decimal(10))
    return source


def quantities() -> Any:
    return dict(SourceItem.objects.values_list("product__sku", "quantity"))


def row(sku: str, **members: Any) -> Any:
    return {"sku": sku, "source": "east"} | members


def test_items_are_listed_with_what_is_available_and_their_version(east: Source) -> None:
    SourceItem.objects.filter(product__sku="A").update(allocated=3, safety_stock=2)

    status, page = api_of_superuser().get("source-items/?sku=A&source=east")

    [item] = page["results"]
    assert status == 200
    assert item.pop("version").isdecimal()
    assert item == {
        "sku": "A",
        "source": "east",
        "quantity": "10.0000",
        "allocated": "3.0000",
        "available": "5.0000",
        "safety_stock": "2.0000",
        "status": "IN_STOCK",
        "overrides": {
            "backorders": None,
            "notify_quantity_below": None,
            "qty_uses_decimals": None,
        },
    }


def test_items_are_filtered_by_status_and_by_being_low(east: Source) -> None:
    api = api_of_superuser()
    SourceItem.objects.filter(product__sku="A").update(status="OUT_OF_STOCK", quantity=0)

    def skus(query: str) -> list[Any]:
        return [item["sku"] for item in api.get(f"source-items/?{query}")[1]["results"]]

    assert skus("status=OUT_OF_STOCK") == ["A"]
    assert skus("low=true") == ["A"]
    assert skus("low=false") == ["B"]
    SourceItem.objects.filter(product__sku="B").update(notify_quantity_below=Decimal("10.0001"))
    assert skus("low=true") == ["B", "A"]
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"manage_stock": False})
    assert skus("low=true") == []
    assert api.get("source-items/?low=perhaps")[0] == 400
    assert api.get("source-items/?status=GONE")[0] == 400


def test_set_writes_what_is_named_and_makes_what_is_not_there(east: Source) -> None:
    ProductFactory(sku="C")

    answer = api_of_superuser().post(
        "source-items/set/",
        [
            row("A", quantity="7.5", overrides={"qty_uses_decimals": True}),
            row("B", status="OUT_OF_STOCK", safety_stock="2"),
            row("C", quantity="1"),
        ],
    )

    assert answer == (
        200,
        {"created_count": 1, "changed_count": 3, "shipments_fallen_back": []},
    )
    assert quantities() == {"A": Decimal("7.5"), "B": Decimal(10), "C": Decimal(1)}
    item = SourceItem.objects.get(product__sku="B")
    assert (item.status, item.safety_stock) == ("OUT_OF_STOCK", Decimal(2))
    assert own_value(SourceItem.objects.get(product__sku="A"), "qty_uses_decimals") is True


def test_set_names_the_shipments_that_lost_their_units(east: Source) -> None:
    SalesChannelFactory(code="web", stock=StockFactory(sources=[east]))
    request = OrderRequest(
        "web",
        Customer("Ada", "ada@example.com"),
        (LineRequest("A", Decimal(4)),),
        number="W-1",
        address=HOME,
    )
    place_order(request, Act(NOW))

    answer = api_of_superuser().post("source-items/set/", [row("A", quantity="3")])

    assert answer == (
        200,
        {"created_count": 0, "changed_count": 1, "shipments_fallen_back": ["W-1-1"]},
    )
    assert Shipment.objects.get().state == "BACKORDER"
    assert_invariants()


def test_adjust_adds_and_takes_all_or_nothing(east: Source) -> None:
    api = api_of_superuser()
    by = {"reason": "count"}

    assert api.post(
        "source-items/adjust/", [row("A", by="-4", **by), row("B", by="0.5", **by)]
    ) == (
        200,
        {"created_count": 0, "changed_count": 2, "shipments_fallen_back": []},
    )
    assert quantities() == {"A": Decimal(6), "B": Decimal("10.5")}

    status, body = api.post(
        "source-items/adjust/", [row("B", by="1", **by), row("A", by="-7", **by)]
    )
    assert (status, codes(body)[0]) == (422, "below-zero")
    assert quantities() == {"A": Decimal(6), "B": Decimal("10.5")}


def test_the_history_of_an_adjusted_item_says_why(east: Source) -> None:
    api_of_superuser().post("source-items/adjust/", [row("A", by="-4", reason="broken")])

    event = events_of(SourceItem).objects.order_by("-pgh_id")[0]
    assert event.pgh_context.metadata["cause"] == "broken"


def test_if_match_refuses_a_stale_version_and_takes_the_present_one(east: Source) -> None:
    api = api_of_superuser()
    [item] = api.get("source-items/?sku=A")[1]["results"]
    change = [row("A", quantity="5")]

    assert api.post("source-items/set/", change, If_Match=f'"{item["version"]}"')[0] == 200
    status, body = api.post("source-items/set/", [row("A", quantity="4")], If_Match=item["version"])
    assert (status, codes(body)[0]) == (412, "stale")
    adjustment = [row("A", by="1", reason="count")]
    assert api.post("source-items/adjust/", adjustment, If_Match=item["version"])[0] == 412
    assert quantities()["A"] == Decimal(5)
    assert api.post("source-items/set/", change, If_Match="W/x")[0] == 400
    assert api.post("source-items/set/", [*change, row("B")], If_Match="1")[0] == 400
    assert api.post("source-items/adjust/", adjustment, If_Match="*")[0] == 200


@pytest.mark.parametrize(
    ("members", "status", "faults"),
    [
        ({"quantity": "-1"}, 400, [("/1/quantity", "TOO_SMALL")]),
        ({"quantity": "NaN"}, 400, [("/1/quantity", "NOT_A_NUMBER")]),
        ({"quantity": "1e400"}, 400, [("/1/quantity", "NOT_A_NUMBER")]),
        ({"quantity": "1" * 20}, 400, [("/1/quantity", "TOO_LARGE")]),
        ({"quantity": "1.00001"}, 400, [("/1/quantity", "TOO_MANY_DECIMALS")]),
        ({"quantity": 1}, 400, [("/1/quantity", "NOT_A_STRING")]),
        ({"safety_stock": "-0.5"}, 400, [("/1/safety_stock", "TOO_SMALL")]),
        ({"status": "in_stock"}, 400, [("/1/status", "INVALID_CHOICE")]),
        ({"sku": "b"}, 422, [("/1/sku", "UNKNOWN_SKU")]),
        ({"source": "west"}, 422, [("/1/source", "UNKNOWN_SOURCE")]),
        ({"sku": "A"}, 422, [("/1", "NAMED_TWICE")]),
        ({"sku": "x" * 65}, 400, [("/1/sku", "MAX_LENGTH")]),
        ({"sku": "\x00"}, 400, [("/1/sku", "CONTROL_CHARACTERS")]),
    ],
)
def test_one_bad_row_refuses_the_list(
    east: Source, members: dict[Any, Any], status: int, faults: list[tuple[str, str]]
) -> None:
    answer, body = api_of_superuser().post(
        "source-items/set/", [row("A", quantity="1"), row("B") | members]
    )

    assert (answer, codes(body)[1]) == (status, faults)
    assert quantities() == {"A": Decimal(10), "B": Decimal(10)}


def test_ten_thousand_rows_are_taken_and_one_more_is_not(east: Source) -> None:
    api = api_of_superuser()

    status, body = api.post("source-items/set/", [row("A")] * 10_001)

    assert (status, codes(body)) == (400, ("invalid", [("", "MAX_LENGTH")]))
    assert api.post("source-items/set/", [])[0] == 400
    assert api.post("source-items/set/", {})[0] == 400


def test_what_is_not_held_or_would_be_too_large_is_refused(east: Source) -> None:
    api = api_of_superuser()
    ProductFactory(sku="C")

    status, body = api.post("source-items/adjust/", [row("C", by="1", reason="x")])
    assert (status, codes(body)[0]) == (422, "unknown-source-item")
    status, body = api.post("source-items/adjust/", [row("A", by="999999999999.9999", reason="x")])
    assert (status, codes(body)[0]) == (422, "out-of-range")
    assert quantities() == {"A": Decimal(10), "B": Decimal(10)}
