"""The form of a phone order: checked as it is typed, placed once, refused line by line."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import InventoryConfiguration, Product, Reservation, Source
from orders.models import Order
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory
from tests.invariants import assert_invariants
from tests.present import present

NOT_FOUND = "No single product has this SKU, barcode or name. Choose one from the list."
PAGE = reverse("admin:orders_order_add")
PRODUCTS = reverse("admin:orders_order_products")
CUSTOMERS = reverse("admin:orders_order_customers")
LIVE = reverse("admin:orders_order_availability")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop() -> None:
    """Ten each of MUG (takes backorders and tells) and LAMP (takes none), sold through web."""
    InventoryConfiguration.load()
    source = SourceFactory(
        code="seattle", is_pickup_location=True, street="Pike", city="Seattle", phone="1"
    )
    SourceFactory(code="elsewhere", is_pickup_location=True, street="a", city="b", phone="1")
    SalesChannelFactory(code="web", stock=StockFactory(sources=[source]))
    for sku, backorders in (
        ("MUG", "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER"),
        ("LAMP", "NO_BACKORDERS"),
    ):
        product = ProductFactory(sku=sku, name=sku.title(), backorders=backorders)
        SourceItemFactory(product=product, source=source, quantity=Decimal(10))


def entered(*lines: tuple[str, str], **typed: str) -> dict[str, str]:
    """Return what the page posts: a customer of the web, these lines, and a blank row."""
    rows: dict[str, str] = {}
    for index, (sku, quantity) in enumerate([*lines, ("", "1")]):
        rows |= {f"lines-{index}-sku": sku, f"lines-{index}-quantity": quantity}
    return {
        "token": "t0ken",
        "channel": "web",
        "customer_name": "Ada Lovelace",
        "customer_email": "ada@example.com",
        "customer_language": "en",
        "fulfillment_method": "SHIP_TO_HOME",
        "recipient": "Ada Lovelace",
        "street": "1 High Street",
        "city": "London",
        "postcode": "SW1A 1AA",
        "country": "GB",
        "gateway": "manual",
        "currency": "USD",
        "priority": "0",
        "lines-TOTAL_FORMS": str(len(lines) + 1),
        "lines-INITIAL_FORMS": "0",
        "step": "place",
        **rows,
        **typed,
    }


def test_a_blank_form_has_the_language_of_the_site(admin_client: Client, settings: Any) -> None:
    settings.LANGUAGE_CODE = "sv"

    page = admin_client.get(PAGE)

    assert '<option value="sv" selected>' in page.text


def test_placed_twice_it_is_one_order_of_who_took_it_down(admin_client: Client) -> None:
    typed = entered(("MUG", "12"), ("LAMP", "2.0"), priority="3")
    for _click in range(2):
        response = admin_client.post(PAGE, typed)

    order = Order.objects.get()
    assert response["Location"] == reverse("admin:orders_order_change", args=[order.pk])
    assert (order.status, order.city, order.priority) == ("PROCESSING", "London", 3)
    assert list(
        order.lines.order_by("number").values_list("sku", "quantity", "backordered_quantity")
    ) == [("MUG", Decimal(12), Decimal(2)), ("LAMP", Decimal(2), Decimal(0))]
    assert {present(entry.actor).username for entry in Reservation.objects.all()} == {"admin"}
    assert_invariants()


def test_a_form_that_placed_an_order_places_no_other(admin_client: Client) -> None:
    admin_client.post(PAGE, entered(("MUG", "1")))
    response = admin_client.post(PAGE, entered(("MUG", "2")))

    assert response.context["form"].non_field_errors() == [
        "This form has already placed an order. Open a new form for another order."
    ]
    assert Order.objects.count() == 1


def test_every_reason_stands_beside_its_line_and_nothing_typed_is_lost(
    admin_client: Client,
) -> None:
    lines = [("LAMP", "11"), ("NONE", "1"), ("MUG", "2.5"), ("MUG", "x")]

    readable = admin_client.post(PAGE, entered(*lines[:3], pickup_source="seattle"))
    unreadable = admin_client.post(PAGE, entered(*lines, customer_name=""))
    refused = admin_client.post(PAGE, entered(*lines[:3]))

    for response in (readable, refused):
        assert [told.get("reasons") for _row, told in response.context["lines"]] == [
            ["There are not enough items for sale."],
            [NOT_FOUND],
            ["2.5 is a fraction, and this product is sold in whole units."],
            None,
        ]
    assert readable.context["form"].errors == {
        "pickup_source": ["A pickup order names its source; no other does."]
    }
    assert [row["quantity"].value() for row in unreadable.context["rows"].forms] == [
        "11",
        "1",
        "2.5",
        "x",
        "1",
    ]
    assert unreadable.context["rows"].forms[3].errors == {
        "quantity": ["“x” is not a number. Write digits such as 1234.5."]
    }
    # What can be read is checked all the same.
    assert unreadable.context["lines"][0][1]["reasons"] == ["There are not enough items for sale."]
    assert unreadable.context["form"].errors == {"customer_name": ["This field is required."]}
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"customer_email": "nowhere"}, "customer_email"),
        ({"currency": "usd"}, "currency"),
        ({"priority": "99999999999"}, "priority"),
        ({"city": "x" * 101}, "city"),
        ({"fulfillment_method": "PICKUP"}, "pickup_source"),
        ({"fulfillment_method": "PICKUP", "pickup_source": "elsewhere"}, "pickup_source"),
        ({"channel": "none"}, "channel"),
        ({"gateway": "none"}, "gateway"),
    ],
)
def test_what_is_wrong_with_the_order_is_said_at_its_field(
    admin_client: Client, typed: dict[str, str], field: str
) -> None:
    response = admin_client.post(PAGE, entered(("MUG", "1"), **typed))

    assert list(response.context["form"].errors) == [field]
    assert not Order.objects.exists()


@pytest.mark.parametrize("quantity", ["NaN", "1e400", "9" * 20, "1.00001", ""])
def test_a_quantity_that_is_no_number_is_refused(admin_client: Client, quantity: str) -> None:
    response = admin_client.post(PAGE, entered(("MUG", quantity)))

    assert list(response.context["rows"].forms[0].errors) == ["quantity"]
    assert not Order.objects.exists()


@pytest.mark.parametrize("quantity", ["0", "-1"])
def test_a_quantity_of_nothing_is_refused(admin_client: Client, quantity: str) -> None:
    response = admin_client.post(PAGE, entered(("MUG", quantity)))

    [(_row, told), _blank] = response.context["lines"]
    assert told["reasons"] == ["The quantity is a number greater than 0."]
    assert not Order.objects.exists()


def test_an_order_without_a_line_is_refused(admin_client: Client) -> None:
    response = admin_client.post(PAGE, entered())

    assert response.context["problems"] == ["Add at least one line."]
    assert response.context["form"].non_field_errors() == []
    unnamed = admin_client.post(PAGE, entered(customer_name=""))
    assert unnamed.context["problems"] == ["Add at least one line."]
    assert list(unnamed.context["form"].errors) == ["customer_name"]
    assert not Order.objects.exists()


def test_a_declined_payment_is_said_and_the_order_is_canceled(admin_client: Client) -> None:
    typed = entered(("MUG", "1"), gateway="sandbox", payment_token="decline")  # noqa: S106

    response = admin_client.post(PAGE, typed, follow=True)

    order = Order.objects.get()
    assert order.status == "CANCELED"
    assert [str(message) for message in response.context["messages"]] == [
        f"Order {order.number} was declined, and is canceled."
    ]


def test_lines_are_checked_as_they_are_typed_by_the_rules_of_placement(
    admin_client: Client,
) -> None:
    typed = entered(("MUG", "12"), ("LAMP", "11"), ("MUG", "x"), ("NONE", "1"), customer_name="")

    answer = admin_client.post(LIVE, typed).json()

    assert answer == {
        "problems": [],
        "lines": {
            "lines-0": {
                "is_ok": True,
                "message": "MUG Mug, 10.00 USD: In Stock; salable: Unlimited",
                "backordered": "2 will be backordered, and the confirmation says so.",
                "reasons": [],
            },
            "lines-1": {
                "is_ok": False,
                "message": "LAMP Lamp, 10.00 USD: In Stock; salable: 10",
                "backordered": "",
                "reasons": ["There are not enough items for sale."],
            },
            "lines-3": {
                "is_ok": False,
                "message": "",
                "backordered": "",
                "reasons": [NOT_FOUND],
            },
        },
        # Twelve mugs and eleven lamps.
        "total": "230.00 USD",
    }
    assert not Order.objects.exists()


def test_lines_of_one_product_are_checked_together(admin_client: Client) -> None:
    answer = admin_client.post(LIVE, entered(("LAMP", "6"), ("LAMP", "6"))).json()

    assert [line["reasons"] for line in answer["lines"].values()] == [
        ["There are not enough items for sale."],
        ["There are not enough items for sale."],
    ]


def test_a_pickup_source_of_another_stock_is_said_while_typing(admin_client: Client) -> None:
    typed = entered(("MUG", "1"), fulfillment_method="PICKUP", pickup_source="elsewhere")

    answer = admin_client.post(LIVE, typed).json()

    assert answer["problems"] == ["Orders of this channel cannot be picked up there."]


def test_rows_are_added_and_taken_away_without_a_script(admin_client: Client) -> None:
    added = admin_client.post(PAGE, entered(("MUG", "1"), ("LAMP", "99"), step="add"))
    typed = entered(("MUG", "1"), ("LAMP", "99"), **{"lines-1-DELETE": "on"})
    placed = admin_client.post(PAGE, typed)

    assert len(added.context["rows"].forms) == 4
    assert added.context["rows"].forms[1]["quantity"].value() == "99"
    assert "This field is required" not in added.content.decode()
    assert placed.status_code == 302
    assert list(Order.objects.get().lines.values_list("sku", flat=True)) == ["MUG"]


def test_availability_is_checked_without_a_script(admin_client: Client) -> None:
    response = admin_client.post(PAGE, entered(("MUG", "12"), step="check", customer_name=""))

    assert "2 will be backordered, and the confirmation says so." in response.content.decode()
    assert "This field is required" not in response.content.decode()
    assert not Order.objects.exists()


@pytest.mark.parametrize("damage", [{"lines-TOTAL_FORMS": "x"}, {"lines-TOTAL_FORMS": "9999999"}])
def test_a_damaged_form_is_refused(admin_client: Client, damage: dict[str, str]) -> None:
    for url in (PAGE, LIVE):
        assert admin_client.post(url, {**entered(("MUG", "1")), **damage}).status_code == 200
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"), [("Fulfillment", 200), ("Merchant", 403), ("Operations", 403)]
)
def test_roles_that_may_take_orders_down(client: Client, role: str, status: int) -> None:
    user = User.objects.create(username="somebody", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    assert client.get(PAGE).status_code == status
    assert client.post(LIVE, entered(("MUG", "1"))).status_code == status
    assert client.get(PRODUCTS).status_code == status
    assert client.get(CUSTOMERS).status_code == status


@pytest.mark.parametrize(
    ("typed", "sku"),
    [
        ("MUG", "MUG"),
        ("mug", "MUG"),
        ("96385074", "MUG"),
        ("Lamp", "LAMP"),
        ("a green lamp", "GREEN"),
        ("Twin", None),
        ("Mu", None),
    ],
)
def test_a_product_is_meant_by_sku_barcode_or_its_own_name(
    admin_client: Client, typed: str, sku: str | None
) -> None:
    Product.objects.filter(sku="MUG").update(barcode="96385074")
    source = Source.objects.get(code="seattle")
    for other, name in (("GREEN", "A green lamp"), ("TWIN-1", "Twin"), ("TWIN-2", "Twin")):
        SourceItemFactory(
            product=ProductFactory(sku=other, name=name), source=source, quantity=Decimal(5)
        )

    response = admin_client.post(PAGE, entered((typed, "1")))

    assert list(Order.objects.values_list("lines__sku", flat=True)) == ([sku] if sku else [])
    if sku is None:
        assert response.context["lines"][0][1]["reasons"] == [NOT_FOUND]


def test_many_lines_take_as_many_queries_as_one(admin_client: Client) -> None:
    def queries(*lines: tuple[str, str]) -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.post(LIVE, entered(*lines))
        return len(captured)

    queries(("Mug", "1"))
    one = queries(("Mug", "1"), ("none", "1"))
    assert queries(*[(text, "1") for text in ("Mug", "Lamp", "x", "y", "z", "lamp")]) <= one


def test_the_total_follows_prices_discounts_and_the_currency(admin_client: Client) -> None:
    typed = entered(("MUG", "3"), **{"lines-0-unit_price": "7.5", "lines-0-discount": "0.25"})

    dollars = admin_client.post(LIVE, typed).json()["total"]
    yen = admin_client.post(LIVE, {**entered(("MUG", "3")), "currency": "JPY"}).json()["total"]

    assert (dollars, yen) == ("22.25 USD", "30 JPY")


def test_a_currency_is_chosen(admin_client: Client) -> None:
    page = admin_client.get(PAGE).content.decode()

    assert '<option value="USD" selected>USD – US Dollar</option>' in page
    assert '<option value="KWD">KWD – Kuwaiti Dinar</option>' in page
    assert "DEM" not in page
    assert "latitude" not in page


def test_products_are_offered_while_one_types(admin_client: Client) -> None:
    Product.objects.filter(sku="LAMP").update(is_enabled=False)

    def offered(term: str) -> list[tuple[str, str]]:
        results = admin_client.get(PRODUCTS, {"term": term}).json()["results"]
        return [(result["text"], result["label"]) for result in results]

    assert offered("mu") == [("MUG", "Mug · 10.00 USD")]
    assert offered("") == [("MUG", "Mug · 10.00 USD")]
    assert offered("lamp") == []


def test_customers_of_before_are_offered_by_name_and_address(admin_client: Client) -> None:
    admin_client.post(PAGE, entered(("MUG", "1"), city="Paris"))
    admin_client.post(PAGE, entered(("MUG", "1"), token="another"))  # noqa: S106
    OrderFactory(customer_name="Grace Hopper", customer_email="grace@example.com")

    def offered(term: str) -> list[str]:
        results = admin_client.get(CUSTOMERS, {"term": term}).json()["results"]
        return [result["text"] for result in results]

    assert offered("love") == ["ada@example.com"]
    assert offered("grace@") == ["grace@example.com"]
    assert offered("") == ["grace@example.com", "ada@example.com"]
    assert offered("nobody") == []
    known = admin_client.get(CUSTOMERS, {"email": "ADA@example.com"}).json()["customer"]
    assert (known["customer_name"], known["city"]) == ("Ada Lovelace", "London")
    assert admin_client.get(CUSTOMERS, {"email": "no@example.com"}).json() == {"customer": None}


@pytest.mark.parametrize(
    "typed", [{"customer_email": "ada@example.com"}, {"customer_name": "lovelace"}]
)
def test_without_a_script_a_customer_is_filled_in(
    admin_client: Client, typed: dict[str, str]
) -> None:
    admin_client.post(PAGE, entered(("MUG", "1")))
    blank = dict.fromkeys(("customer_name", "customer_email", "street", "city", "country"), "")

    response = admin_client.post(
        PAGE, entered(("MUG", "2"), **{**blank, "step": "customer", **typed})
    )

    form = response.context["form"]
    assert [form[name].value() for name in ("customer_name", "street", "country")] == [
        "Ada Lovelace",
        "1 High Street",
        "GB",
    ]
    assert response.context["rows"].forms[0]["quantity"].value() == "2"
    assert Order.objects.count() == 1


def test_a_customer_who_is_not_known_is_not_filled_in(admin_client: Client) -> None:
    response = admin_client.post(
        PAGE, entered(("MUG", "2"), step="customer", customer_email="new@example.com")
    )

    assert response.context["form"]["customer_email"].value() == "new@example.com"
    assert [str(message) for message in response.context["messages"]] == [
        "No earlier order of one such customer was found."
    ]
