"""One rule at every entry: what is sold in whole units has no fraction anywhere.

``ENTRIES`` has each place where a quantity enters. LAMP is sold in whole units, OIL is not, and
each has the same rows: the same values are refused of one and taken of the other.
"""

import csv
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fulfillment.models import Allocation, Shipment
from fulfillment.operations.backorder import move_to_backorder
from fulfillment.operations.fulfill import fulfill
from inventory.models import (
    FutureSupply,
    InventoryConfiguration,
    Product,
    Reservation,
    Source,
    SourceItem,
    Stock,
)
from inventory.operations.compensation import compensate
from inventory.operations.options import save_product
from inventory.operations.source_items import ItemChange, set_items
from inventory.operations.supply_records import save_supply
from inventory.operations.whole_units import FractionError
from inventory.quantities import fraction_error
from orders.cancellation import cancel
from orders.models import Order, OrderLine
from orders.placement import place_order
from orders.refusals import OrderRefusedError
from orders.request import Customer, LineRequest, OrderRequest
from tests.api import api_of_superuser
from tests.beside import beside
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.inventory.bulk_changes import made, shown
from tests.inventory.files.importing import checked, confirmed, sentences
from tests.opened_form import opened_form
from tests.orders.addresses import HOME
from tests.orders.test_phone_order import entered
from tests.shown import carried

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SKUS = ("LAMP", "OIL")
FRACTION = Decimal("1.5")
WHOLE = "is a fraction, and this product is sold in whole units"
Entry = Callable[[str, str], list[str]]
ORDER = OrderRequest(
    channel="web",
    customer=Customer("Ada Example", "ada@example.com"),
    lines=tuple(LineRequest(sku, Decimal(4)) for sku in SKUS),
    number="W-1",
    address=HOME,
)


@pytest.fixture(autouse=True)
def world() -> None:
    """Twenty of each at two sources, ten to come, and an order of four of each."""
    InventoryConfiguration.load()
    if not Stock.objects.exists():
        StockFactory(code="default", sources=[SourceFactory(code="default")])
    SourceFactory(code="north")
    SalesChannelFactory(code="web", stock=Stock.objects.get(code="default"))
    for sku in SKUS:
        product = ProductFactory(sku=sku, qty_uses_decimals=sku == "OIL" or None)
        for source in Source.objects.all():
            SourceItemFactory(product=product, source=source, quantity=Decimal(20))
        FutureSupplyFactory(
            product=product, source=Source.objects.get(code="default"), quantity=Decimal(10)
        )
    place_order(ORDER, now=NOW)


def item(sku: str) -> SourceItem:
    return SourceItem.objects.get(product__sku=sku, source__code="default")


def supply(sku: str) -> FutureSupply:
    return FutureSupply.objects.get(product__sku=sku)


def line(sku: str) -> OrderLine:
    return OrderLine.objects.get(sku=sku)


def client_of_superuser() -> Client:
    user, _is_new = User.objects.get_or_create(username="entry", is_superuser=True, is_staff=True)
    client = Client()
    client.force_login(user)
    return client


def page(url: str, **typed: str) -> list[str]:
    """Open a page of the admin, type, and send it; return what it says is wrong."""
    client = client_of_superuser()
    response = client.post(url, {**opened_form(client.get(url).text), **typed})
    if response.status_code == 302:
        return []
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += inline.formset.forms
    return errors_of(forms)


def own_page(url: str, **typed: str) -> list[str]:
    """Send a page of ours with what it showed; return what its form says is wrong."""
    client = client_of_superuser()
    response = client.post(url, {**carried(client, url), **typed})
    return [] if response.status_code == 302 else errors_of([response.context["form"]])


def errors_of(forms: list) -> list[str]:
    return [sentence for form in forms for found in form.errors.values() for sentence in found]


def api(method: str, path: str, body: object) -> list[str]:
    status, answer = api_of_superuser().send(method, path, body)
    if status < 300:
        return []
    return [f"{fault['pointer']} {fault['detail']}" for fault in answer["errors"]]


def file(format_code: str, **row: str) -> list[str]:
    text = StringIO()
    writer = csv.DictWriter(text, list(row))
    writer.writeheader()
    writer.writerow(row)
    found = checked(text.getvalue(), format_code=format_code)
    if found.state == "CHECKED":
        assert confirmed(found).state == "WRITTEN"
    return [sentence for _line, _column, sentence in sentences(found)]


def bulk(action: str, key: int, **values: object) -> list[str]:
    refused = [told for _sku, _source, told in shown(action, [key], **values) if type(told) is str]
    change = made(action, [key], **values)
    assert change.refused_count == len(refused)
    return refused


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


def set_api(**row: object) -> Entry:
    """``None`` stands for the quantity."""

    def entry(sku: str, quantity: str) -> list[str]:
        text = json.dumps([{"sku": sku, "source": "default", **row}])
        return api("POST", "source-items/set/", json.loads(text.replace("null", f'"{quantity}"')))

    return entry


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
        url = reverse("admin:orders_order_task", args=[line(sku).order_id, task])
        typed = {"token": "t0ken", "step": "confirm", f"quantity_{line(sku).number}": quantity}
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


def everything() -> list[object]:
    """What a fraction could be written into."""
    tables = (SourceItem, FutureSupply, Product, Reservation, Order, OrderLine)
    return [list(table.objects.order_by("pk").values()) for table in tables]


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_a_fraction_is_refused_where_units_are_whole(entry):
    before = everything()

    said = entry("LAMP", "1.500")

    assert any(
        "1.500 is a fraction, and this product is sold in whole units; did you mean 1500?" in one
        for one in said
    ), said
    assert everything() == before


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_a_fraction_is_taken_where_decimals_are_used(entry):
    assert entry("OIL", "1.5") == []


def held(sku: str) -> str:
    SourceItem.objects.filter(pk=item(sku).pk).update(quantity=Decimal("20.5"))
    return "on hand at default; incoming at –; ordered in –"


def kept_back(sku: str) -> str:
    SourceItem.objects.filter(pk=item(sku).pk).update(safety_stock=Decimal("0.5"))
    return "on hand at default; incoming at –; ordered in –"


def coming(sku: str) -> str:
    FutureSupply.objects.filter(pk=supply(sku).pk).update(quantity=Decimal("2.5"))
    return "on hand at –; incoming at default; ordered in –"


def waiting(sku: str) -> str:
    """An order of which a fraction waits: nothing is set aside for it."""
    Product.objects.filter(sku=sku).update(backorders="ALLOW_QTY_BELOW_0")
    place_order(replace(ORDER, lines=(LineRequest(sku, Decimal("40.5")),), number="W-2"), now=NOW)
    SourceItem.objects.filter(product__sku=sku).update(allocated=0, quantity=0)
    Allocation.objects.all().delete()
    return "on hand at –; incoming at –; ordered in W-2"


def set_aside(sku: str) -> str:
    """Two orders of fractions: what is set aside is whole in all."""
    for number in ("W-2", "W-3"):
        lines = (LineRequest(sku, Decimal("1.5")),)
        place_order(replace(ORDER, lines=lines, number=number), now=NOW)
    return "on hand at –; incoming at –; ordered in W-2, W-3"


LEFT = (held, kept_back, coming, waiting, set_aside)


def switched_on_item_page(sku: str) -> list[str]:
    url = reverse("admin:inventory_sourceitem_change", args=[item(sku).pk])
    return page(url, qty_uses_decimals_value="False", qty_uses_decimals_use_config="")


def switched_on_product_page(sku: str) -> list[str]:
    url = reverse("admin:inventory_product_change", args=[item(sku).product_id])
    return page(url, qty_uses_decimals_value="False", qty_uses_decimals_use_config="")


def switched_in_sources_area(sku: str) -> list[str]:
    url = reverse("admin:inventory_product_change", args=[item(sku).product_id])
    name = "source_items-0-qty_uses_decimals"
    return page(url, **{f"{name}_value": "", f"{name}_use_config": "on"})


def replaced_by_file(sku: str) -> list[str]:
    """A row that replaces an item leaves it no value of its own."""
    whole = str(int(item(sku).quantity))
    row = f"source_code,sku,quantity\ndefault,{sku},{whole}\n"
    found = checked(row, behavior="REPLACE")
    if found.state == "CHECKED":
        assert confirmed(found).state == "WRITTEN"
    return [sentence for _line, _column, sentence in sentences(found)]


SWITCHES: dict[str, tuple[str, Callable[[str], list[str]]]] = {
    "page of a product": ("OIL", switched_on_product_page),
    "API products": (
        "OIL",
        lambda sku: api("PATCH", f"products/{sku}/", {"overrides": {"qty_uses_decimals": None}}),
    ),
    "file PRODUCTS": ("OIL", lambda sku: file("PRODUCTS", sku=sku, is_qty_decimal="0")),
    "bulk option of products": (
        "OIL",
        lambda sku: bulk(
            "PRODUCT_OPTION", item(sku).product_id, name="qty_uses_decimals", value=False
        ),
    ),
    "page of a source item": ("WINE", switched_on_item_page),
    "page of a product: its sources": ("WINE", switched_in_sources_area),
    "API source-items/set": (
        "WINE",
        lambda sku: set_api(overrides={"qty_uses_decimals": False})(sku, ""),
    ),
    "file STOCK_SOURCES": ("WINE", replaced_by_file),
    "bulk option of source items": (
        "WINE",
        lambda sku: bulk("ITEM_OPTION", item(sku).pk, name="qty_uses_decimals", value=None),
    ),
}


@pytest.fixture
def wine() -> None:
    """A product of which one source item alone uses decimals."""
    product = ProductFactory(sku="WINE")
    default = Source.objects.get(code="default")
    SourceItemFactory(product=product, source=default, quantity=20, qty_uses_decimals=True)
    FutureSupplyFactory(product=product, source=default, quantity=Decimal(10))


def cases_of_switches() -> list:
    return [
        pytest.param(sku, switch, left, id=f"{name} · {left.__name__}")
        for name, (sku, switch) in SWITCHES.items()
        for left in LEFT
        # A count in the same row takes the fraction away.
        if (name, left) != ("file STOCK_SOURCES", held)
        if (name, left) != ("file STOCK_SOURCES", kept_back)
    ]


@pytest.mark.parametrize(("sku", "switch", "left"), cases_of_switches())
def test_decimals_are_not_switched_off_while_there_are_fractions(wine, sku, switch, left):
    places = left(sku)
    before = everything()

    said = switch(sku)

    sentence = f"Qty Uses Decimals cannot be switched off while there are fractions: {places}."
    assert any(sentence in one for one in said), said
    assert everything() == before


@pytest.mark.parametrize(("sku", "switch"), SWITCHES.values(), ids=SWITCHES)
def test_decimals_are_switched_off_where_everything_is_whole(wine, sku, switch):
    assert switch(sku) == []

    own = Product.objects.get(sku=sku) if sku == "OIL" else item(sku)
    assert not own.qty_uses_decimals


def test_decimals_stay_for_orders_that_another_source_can_serve(wine):
    waiting("WINE")
    north = SourceItemFactory(
        product=Product.objects.get(sku="WINE"), source=Source.objects.get(code="north")
    )
    SourceItem.objects.filter(pk=north.pk).update(qty_uses_decimals=True)

    assert switched_on_item_page("WINE") == []


def order_of_fraction() -> None:
    place_order(replace(ORDER, lines=(LineRequest("OIL", FRACTION),), number="W-9"), now=NOW)


def count_of_fraction() -> None:
    change = ItemChange(item("OIL").product_id, item("OIL").source_id, {"quantity": FRACTION})
    set_items([change], now=NOW)


def supply_of_fraction() -> None:
    save_supply(
        FutureSupply(
            product_id=item("OIL").product_id, source_id=item("OIL").source_id, quantity=FRACTION
        ),
        changed={"quantity"},
    )


def compensation_of_fraction() -> None:
    compensate(
        stock_id=Stock.objects.get(code="default").pk,
        product_id=item("OIL").product_id,
        quantity=FRACTION,
        reason="counted",
        now=NOW,
    )


def cancel_of_fraction() -> None:
    cancel(line("OIL").order_id, quantities={line("OIL").pk: FRACTION}, now=NOW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "write",
    [
        order_of_fraction,
        count_of_fraction,
        supply_of_fraction,
        compensation_of_fraction,
        cancel_of_fraction,
    ],
    ids=lambda write: write.__name__,
)
def test_a_fraction_that_comes_while_decimals_are_switched_off_is_refused(write):
    refusals = []

    def attempt() -> None:
        try:
            write()
        except (FractionError, OrderRefusedError) as error:
            refusals.append(str(error))

    with ExitStack() as ending, transaction.atomic():
        product = Product.objects.get(sku="OIL")
        product.qty_uses_decimals = False
        save_product(product)
        ending.enter_context(beside(attempt))
    assert refusals in ([f"1.5 {WHOLE}."], ["DECIMALS_NOT_ALLOWED"])


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
def test_what_looks_like_thousands_is_asked_about(quantity, sentence):
    error = fraction_error(Decimal(quantity))

    assert (error and str(error)) == sentence


@pytest.mark.parametrize("move", ["fulfill", "backorder"])
def test_the_product_of_a_fraction_is_held_before_its_shipment_is_locked(move):
    """Cancels hold products first, too: whoever comes second waits, and none waits for both."""
    shipment = Shipment.objects.get(number="W-1-1")

    with CaptureQueriesContext(connection) as asked:
        if move == "fulfill":
            fulfill(shipment.pk, quantities={line("OIL").pk: FRACTION}, now=NOW)
        else:
            counted = {item("OIL").product_id: FRACTION}
            move_to_backorder(shipment.pk, reason="counted", counted=counted, now=NOW)

    locks = [each["sql"] for each in asked if "FOR UPDATE" in each["sql"]
             or "FOR NO KEY UPDATE" in each["sql"]]  # fmt: skip
    assert 'FROM "inventory_product"' in locks[0]
    assert any('FROM "fulfillment_shipment"' in lock for lock in locks[1:])
