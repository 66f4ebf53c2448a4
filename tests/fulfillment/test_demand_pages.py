"""The page of demand: what it shows, its files, and what is ordered from it."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from core.clock import today
from inventory.models import FutureSupply
from inventory.operations.supply_records import SupplyRecordedError, record_supplies
from tests.beside import beside
from tests.factories.inventory import FutureSupplyFactory
from tests.fulfillment.demand_world import ask_for, make_world

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)
PAGE = reverse("admin:fulfillment_demand")
ORDER = reverse("admin:fulfillment_demand_order")
FIELD = re.compile(r'<input type="hidden" name="(form-[^"]+)" value="([^"]*)"')


def text_of(page: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text)))


def reviewed(client: Client, *products: Any) -> dict[str, str]:
    """Select products; return the fields of the review as it proposes them."""
    page = client.post(ORDER, {"product": [product.pk for product in products]})
    rows = page.context["rows"]
    fields = {"step": "confirm", "reference": "PO-9"}
    for name in ("TOTAL_FORMS", "INITIAL_FORMS"):
        fields[f"form-{name}"] = str(len(rows))
    for form in rows:
        for field in form:
            fields[field.html_name] = "" if field.value() is None else str(field.value())
    return fields


def recorded() -> list[tuple[Any, ...]]:
    rows = FutureSupply.objects.filter(reference="PO-9").order_by("pk")
    return list(rows.values_list("product__sku", "source__code", "quantity", "expected_on"))


def test_the_page_shows_what_waits_and_what_to_order(admin_client: Client) -> None:
    world = make_world()
    ask_for(world.kettle, confirmed=2, unconfirmed=1)

    page = admin_client.get(PAGE)
    text = text_of(page)

    assert "3 products: 11 backordered units, 12 incoming units." in text
    cells = text.partition("KETTLE Kettle ")[2].split("LID")[0]
    assert cells.strip(" –") == "6 1 Mar 2026 60.00 USD 3 3 2 main: 6, store: 2"
    assert "Order PAN" not in text
    # Each figure has its formula, and so have the sums and the chart.
    formulas = re.findall(r"<dt>([^<]+)</dt><dd>[^<]+</dd>", page.text)
    table = page.text.partition('class="delivery-table"')[2]
    headings = re.findall(r'<th scope="col"(?: class="is-number")?>([^<]+)</th>', table)
    assert set(headings) - {"Order", "Product"} | {"Sums", "Chart"} == set(formulas)
    assert "POT" not in text
    assert "No product with demand has “%” in its SKU." in text_of(admin_client.get(f"{PAGE}?q=%"))
    for number in ("0", "x", "9" * 30, "٣"):
        assert admin_client.get(PAGE, {"p": number}).status_code == 200


def test_demand_and_proposals_are_files(admin_client: Client) -> None:
    world = make_world()
    pan_day, kettle_day = (today() + timedelta(days=days) for days in (3, 10))

    csv: Any
    sheet: Any
    csv, sheet = (
        admin_client.get(reverse(f"admin:fulfillment_demand_{name}"))
        for name in ("csv", "proposals_xlsx")
    )

    assert b"".join(csv.streaming_content).decode() == (
        "\ufeffsku,name,waiting,waiting_since,value,coming,short,below_notify_quantity,"
        "back_in_stock_requests,order_multiple,proposed\r\n"
        "KETTLE,Kettle,6,2026-03-01,60.00 USD,3,3,3,0,4,8\r\n"
        "LID,Lid,5,2026-03-01,50.00 USD,9,0,0,0,1,0\r\n"
        "PAN,Pan,0,,,0,0,2,0,1,2\r\n"
    )
    rows = CalamineWorkbook.from_filelike(BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
    assert rows == [
        ["sku", "source_code", "quantity", "expected_on", "reference"],
        ["KETTLE", "main", 6.0, kettle_day.isoformat(), ""],
        ["KETTLE", "store", 2.0, "", ""],
        ["PAN", "main", 2.0, pan_day.isoformat(), ""],
    ]
    assert world.pot.sku not in str(rows)


def test_proposals_are_changed_and_become_future_supply_once(admin_client: Client) -> None:
    world = make_world()
    fields = reviewed(admin_client, world.kettle, world.lid, world.pan)
    assert fields["form-TOTAL_FORMS"] == "3"
    changed = fields | {"form-1-source": "main", "form-1-quantity": "4", "form-2-quantity": ""}

    answer = admin_client.post(ORDER, changed, follow=True)
    again = admin_client.post(ORDER, changed, follow=True)

    assert "Recorded 2 future supplies." in text_of(answer)
    day = today() + timedelta(days=10)
    assert recorded() == [("KETTLE", "main", 6, day), ("KETTLE", "main", 4, None)]
    assert "Incoming supply of these products has changed: KETTLE." in text_of(again)


def test_supply_that_came_after_the_page_was_shown_orders_nothing(admin_client: Client) -> None:
    world = make_world()
    fields = reviewed(admin_client, world.kettle, world.pan)
    FutureSupplyFactory(product=world.pan, source=world.main, quantity=2)

    answer = admin_client.post(ORDER, fields, follow=True)

    assert "Incoming supply of these products has changed: PAN. Nothing was ordered." in (
        text_of(answer)
    )
    assert recorded() == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"form-0-quantity": "x"}, "“x” is not a number."),
        ({"form-0-quantity": "1.5"}, "1.5 is a fraction, and this product is sold in whole units"),
        ({"form-0-quantity": "-1"}, "greater than or equal to 0"),
        ({"form-0-source": "nowhere"}, "Select a valid choice"),
        ({"form-0-expected_on": "2026-01-01"}, "That day has passed."),
        ({"form-0-quantity": "0"}, "Enter the units to order."),
        ({"form-0-product": "x"}, "Enter a whole number."),
        ({"reference": "x" * 101}, "at most 100 characters"),
        ({"form-0-product": str(2**62)}, "A product was deleted."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_recorded(
    admin_client: Client, change: dict[str, str], sentence: str
) -> None:
    world = make_world()
    before = FutureSupply.objects.count()

    answer = admin_client.post(ORDER, reviewed(admin_client, world.pan) | change, follow=True)

    assert sentence in text_of(answer)
    assert FutureSupply.objects.count() == before


def test_nothing_selected_says_so(admin_client: Client) -> None:
    world = make_world()
    for products in ([], ["x"], ["9" * 30], [str(world.lid.pk)]):
        answer = admin_client.post(ORDER, {"product": products}, follow=True)
        assert "Select products that an order is proposed for." in text_of(answer)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_order_the_same_the_second_is_refused(other: Any) -> None:
    world = make_world()
    refused: list[tuple[str, ...]] = []

    def order() -> None:
        supply = FutureSupply(product=world.pan, source=world.main, quantity=2, reference="PO-9")
        try:
            record_supplies([supply], coming={world.pan.pk: Decimal(0)})
        except SupplyRecordedError as error:
            refused.append(error.skus)

    # Both wait for the product before either looks at what is outstanding.
    other.execute("SELECT 1 FROM inventory_product FOR NO KEY UPDATE")
    with beside(order), beside(order, waiting=2):
        other.rollback()

    assert refused == [("PAN",)]
    assert len(recorded()) == 1
