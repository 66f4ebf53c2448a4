"""One rule at every entry: what is sold in whole units has no fraction anywhere.

``ENTRIES`` has each way in which a quantity enters. LAMP is sold in whole units, OIL is not, and
each has the same rows: the same values are refused of one and taken of the other.
"""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from core.quantities import fraction_error
from fulfillment.models import Shipment
from inventory.models import (
    Source,
    Stock,
)
from tests.api import api_of_superuser
from tests.orders.test_phone_order import entered
from tests.whole_units import (
    SKUS,
    Entry,
    api,
    bulk,
    client_of_superuser,
    everything,
    file,
    item,
    line,
    make_world,
    own_page,
    page,
    set_api,
    supply,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world() -> None:
    make_world()


def item_page(name: str) -> Entry:
    def entry(sku: str, quantity: str) -> list[str]:
        url = reverse("admin:inventory_sourceitem_change", args=[item(sku).pk])
        return page(url, **{name: quantity})

    return entry


def own_value_on_item_page(sku: str, quantity: str) -> list[str]:
    url = reverse("admin:inventory_sourceitem_change", args=[item(sku).pk])
    typed = {"notify_quantity_below_value": quantity, "notify_quantity_below_use_config": ""}
    return page(url, **typed)


def sources_area(sku: str, quantity: str) -> list[str]:
    url = reverse("admin:inventory_product_change", args=[item(sku).product_id])
    return page(url, **{"source_items-0-quantity": quantity})


def product_page(name: str) -> Entry:
    def entry(sku: str, quantity: str) -> list[str]:
        url = reverse("admin:inventory_product_change", args=[item(sku).product_id])
        return page(url, **{f"{name}_value": quantity, f"{name}_use_config": ""})

    return entry


def product_api(name: str) -> Entry:
    return lambda sku, quantity: api("PATCH", f"products/{sku}/", {"overrides": {name: quantity}})


def product_file(column: str, **others: str) -> Entry:
    return lambda sku, quantity: file("PRODUCTS", sku=sku, **{column: quantity}, **others)


def product_option(name: str) -> Entry:
    return lambda sku, quantity: bulk(
        "PRODUCT_OPTION", item(sku).product_id, name=name, value=quantity
    )


def order_of(sku: str, quantity: str) -> dict[str, object]:
    return {
        "channel": "web",
        "customer": {"name": "Ada", "email": "ada@example.com"},
        "fulfillment_method": "SHIP_TO_HOME",
        "address": ADDRESS,
        "lines": [{"sku": sku, "quantity": quantity, "unit_price": "1"}],
        "payment": {"gateway": "manual"},
    }


ADDRESS = {
    "recipient": "Ada",
    "street": "1 Pike",
    "city": "Seattle",
    "postcode": "98101",
    "country": "US",
}


def check_api(sku: str, quantity: str) -> list[str]:
    body = {"channel": "web", "lines": [{"sku": sku, "quantity": quantity}]}
    _status, answer = api_of_superuser().post("availability/check/", body)
    [checked_line] = answer["lines"]
    return [reason["message"] for reason in checked_line["reasons"]]


def order_file(sku: str, quantity: str) -> list[str]:
    row = {"number": "A-1", "channel": "web", "customer_name": "Ada", "sku": sku}
    contact = {"customer_email": "ada@example.com", **ADDRESS}
    return file("ORDERS", **row, **contact, quantity=quantity, unit_price="1")


def phone_order(sku: str, quantity: str) -> list[str]:
    typed = {**entered((sku, quantity)), **ADDRESS}
    response = client_of_superuser().post(reverse("admin:orders_order_add"), typed)
    return [] if response.status_code == 302 else [response.text]


def of_order(task: str, **others: object) -> Entry:
    def entry(sku: str, quantity: str) -> list[str]:
        body = {"lines": [{"line": line(sku).number, "quantity": quantity}], **others}
        return api("POST", f"orders/W-1/{task}/", body)

    return entry


def order_page(task: str) -> Entry:
    def entry(sku: str, quantity: str) -> list[str]:
        order = line(sku).order
        url = reverse("admin:orders_order_task", args=[order.pk, task])
        typed = {"token": "t0ken", "version": str(order.version), "step": "confirm"}
        typed[f"quantity_{line(sku).number}"] = quantity
        return own_page(url, **typed)

    return entry


def of_shipment(task: str, name: str, **others: object) -> Entry:
    """Name a quantity of a line, or of a product, of the shipment of the order."""

    def entry(sku: str, quantity: str) -> list[str]:
        what = {"line": line(sku).number} if name == "lines" else {"sku": sku}
        return api(
            "POST", f"shipments/W-1-1/{task}/", {name: [{**what, "quantity": quantity}], **others}
        )

    return entry


def shipment_page(task: str, **typed: str) -> Entry:
    def entry(sku: str, quantity: str) -> list[str]:
        client = client_of_superuser()
        shipment = Shipment.objects.get(number="W-1-1").pk
        opened = client.get(reverse("admin:fulfillment_shipment_change", args=[shipment]))
        quantities = {f"units_{line(other).pk}": "0" for other in SKUS if task == "fulfill"}
        name = {
            "fulfill": f"units_{line(sku).pk}",
            "backorder": f"counted_{item(sku).product_id}",
        }[task]
        values = {**typed, **quantities, name: quantity, "reason": "Counted"}
        response = client.post(
            reverse("admin:fulfillment_shipment_act", args=[shipment, task]),
            {"version": opened.context["version"]}
            | {f"{task}-{field}": value for field, value in values.items()},
        )
        return [] if response.status_code == 302 else [response.text]

    return entry


def supply_page(action: str) -> Entry:
    def entry(sku: str, quantity: str) -> list[str]:
        url = reverse(f"admin:inventory_futuresupply_{action}", args=[supply(sku).pk])
        return own_page(url, quantity=quantity)

    return entry


def command(sku: str, quantity: str) -> list[str]:
    try:
        call_command("create_compensation", "default", sku, quantity, reason="counted")
    except CommandError as error:
        return [str(error)]
    return []


THRESHOLDS = {
    "out_of_stock_threshold": "out_of_stock_qty",
    "min_cart_qty": "min_cart_qty",
    "max_cart_qty": "max_cart_qty",
    "notify_quantity_below": "notify_on_stock_below",
    "qty_increments": "qty_increments",
    "only_x_left_threshold": None,
}
ENTRIES: dict[str, Entry] = {
    "page of a source item: quantity": item_page("quantity"),
    "page of a source item: safety stock": item_page("safety_stock"),
    "page of a source item: notify below": own_value_on_item_page,
    "page of a product: its sources": sources_area,
    "API source-items/set: quantity": set_api(quantity=None),
    "API source-items/set: safety stock": set_api(safety_stock=None),
    "API source-items/set: notify below": set_api(overrides={"notify_quantity_below": None}),
    "API source-items/adjust": lambda sku, quantity: api(
        "POST",
        "source-items/adjust/",
        [{"sku": sku, "source": "default", "by": quantity, "reason": "found"}],
    ),
    "file STOCK_SOURCES": lambda sku, quantity: file(
        "STOCK_SOURCES", source_code="default", sku=sku, quantity=quantity
    ),
    "file PRODUCTS: qty": product_file("qty"),
    "bulk transfer": lambda sku, quantity: bulk(
        "TRANSFER",
        item(sku).pk,
        to_source_id=Source.objects.get(code="north").pk,
        quantity=quantity,
    ),
    "bulk option of source items": lambda sku, quantity: bulk(
        "ITEM_OPTION", item(sku).pk, name="notify_quantity_below", value=quantity
    ),
    "page of new supply": lambda sku, quantity: page(
        reverse("admin:inventory_futuresupply_add"),
        product=str(item(sku).product_id),
        source=str(item(sku).source_id),
        quantity=quantity,
    ),
    "page of supply: change": supply_page("change_supply"),
    "page of supply: receive": supply_page("receive"),
    "API future-supply": lambda sku, quantity: api(
        "POST",
        "future-supply/",
        {"sku": sku, "source": "default", "quantity": quantity, "expected_on": None},
    ),
    "API order-proposals": lambda sku, quantity: api(
        "POST",
        "order-proposals/",
        {"lines": [{"sku": sku, "source": "default", "quantity": quantity, "expected_on": None}]},
    ),
    "API future-supply: lower": lambda sku, quantity: api(
        "PATCH", f"future-supply/{supply(sku).pk}/", {"quantity": quantity}
    ),
    "API future-supply: receive": lambda sku, quantity: api(
        "POST", f"future-supply/{supply(sku).pk}/receive/", {"quantity": quantity}
    ),
    "file FUTURE_SUPPLY": lambda sku, quantity: file(
        "FUTURE_SUPPLY", sku=sku, source_code="default", quantity=quantity
    ),
    "page of a compensation": lambda sku, quantity: page(
        reverse("admin:inventory_reservation_add"),
        stock=str(Stock.objects.get(code="default").pk),
        product=sku,
        quantity=quantity,
        reason="counted",
    ),
    "API reservations": lambda sku, quantity: api(
        "POST",
        "reservations/",
        {"stock": "default", "sku": sku, "quantity": quantity, "reason": "counted"},
    ),
    "command create_compensation": command,
    "API orders": lambda sku, quantity: api("POST", "orders/", order_of(sku, quantity)),
    "API availability/check": check_api,
    "file ORDERS": order_file,
    "phone order": phone_order,
    "API orders/cancel": of_order("cancel"),
    "API orders/refund": of_order("refund", return_to_stock=True),
    "API shipments/cancel": of_shipment("cancel", "lines", reason="asked"),
    "API shipments/fulfill": of_shipment("fulfill", "lines"),
    "API shipments/backorder: counted": of_shipment("backorder", "counted", reason="counted"),
    "page of a shipment: fulfill": shipment_page("fulfill", is_sure="on"),
    "page of a shipment: send back to wait": shipment_page("backorder", how="COUNT"),
    "page of an order: cancel": order_page("cancel"),
    "page of an order: refund": order_page("refund"),
    **{f"page of a product: {name}": product_page(name) for name in THRESHOLDS},
    **{f"API products: {name}": product_api(name) for name in THRESHOLDS},
    **{f"bulk option of products: {name}": product_option(name) for name in THRESHOLDS},
    **{
        f"file PRODUCTS: {column}": product_file(column, use_config_qty_increments="0")
        if name == "qty_increments"
        else product_file(column)
        for name, column in THRESHOLDS.items()
        if column
    },
}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_a_fraction_is_refused_where_units_are_whole(entry: Entry) -> None:
    before = everything()

    said = entry("LAMP", "1.500")

    assert any(
        "1.500 is a fraction, and this product is sold in whole units; did you mean 1500?" in one
        for one in said
    ), said
    assert everything() == before


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_a_fraction_is_taken_where_decimals_are_used(entry: Entry) -> None:
    assert entry("OIL", "1.5") == []


@pytest.mark.parametrize(
    ("quantity", "sentence"),
    [
        ("2", None),
        ("2.000", None),
        ("-3", None),
        (
            "1.234",
            "1.234 is a fraction, and this product is sold in whole units; did you mean 1234?",
        ),
        (
            "-12.500",
            "-12.500 is a fraction, and this product is sold in whole units; did you mean -12500?",
        ),
        ("0.500", "0.5 is a fraction, and this product is sold in whole units."),
        ("1.5", "1.5 is a fraction, and this product is sold in whole units."),
        ("1.5000", "1.5 is a fraction, and this product is sold in whole units."),
        ("1234.567", "1234.567 is a fraction, and this product is sold in whole units."),
    ],
)
def test_what_looks_like_thousands_is_asked_about(quantity: str, sentence: str | None) -> None:
    error = fraction_error(Decimal(quantity))

    assert (error and str(error)) == sentence
