"""The ledger in the admin: its list, the balance of one product, compensations by hand."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.acts import Act
from inventory.models import Product, Reservation, Stock, StockBalance
from inventory.operations import ledger
from inventory.queries.ledger import PAGE_SIZE, ledger_of_product
from tests.factories.inventory import ProductFactory, StockFactory
from tests.present import present

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIST = reverse("admin:inventory_reservation_changelist")
LEDGER = reverse("admin:inventory_ledger")
ADD = reverse("admin:inventory_reservation_add")
pytestmark = pytest.mark.django_db


@pytest.fixture
def mug() -> Product:
    return ProductFactory(sku="MUG")


@pytest.fixture
def main() -> Stock:
    return StockFactory(code="main")


def write(product: Product, stock: Stock, *quantities: int, order: str = "") -> None:
    for quantity in quantities:
        entry = ledger.Entry(
            stock_id=stock.pk,
            product_id=product.pk,
            quantity=Decimal(quantity),
            event=Reservation.Event.COMPENSATION,
            order_number=order,
            reason="x",
        )
        ledger.record([entry], Act(NOW))


def listed(client: Client, **chosen: str) -> list[int]:
    response = client.get(LIST, chosen)
    assert response.status_code == 200
    return [int(entry.quantity) for entry in response.context["cl"].result_list]


@pytest.mark.parametrize(
    ("chosen", "quantities"),
    [
        ({"q": "ORD-1"}, [-1]),
        ({"q": "ORD-"}, []),
        ({"q": "mu"}, [-2, -1]),
        ({"sku": "LAMP"}, [-3]),
        ({"sku": "LA"}, []),
        ({"order": "ORD-2"}, [-2]),
        ({"event__exact": "COMPENSATION"}, [-3, -2, -1]),
        ({"event__exact": "PLACED"}, []),
        ({"created_at_from": "2026-03-03"}, []),
        ({"created_at_from": "2026-03-02", "created_at_to": "2026-03-02"}, [-3, -2, -1]),
        ({"created_at_to": "2026-03-01"}, []),
        ({"created_at_from": "x", "created_at_to": "2026-99-99"}, [-3, -2, -1]),
    ],
)
def test_the_list_is_narrowed(
    admin_client: Client, mug: Product, main: Stock, chosen: dict[str, str], quantities: list[int]
) -> None:
    write(mug, main, -1, order="ORD-1")
    write(mug, main, -2, order="ORD-2")
    write(ProductFactory(sku="LAMP"), main, -3)

    assert listed(admin_client, **chosen) == quantities


def test_the_list_counts_no_table(admin_client: Client, mug: Product, main: Stock) -> None:
    write(mug, main, -1)
    with CaptureQueriesContext(connection) as queries:
        admin_client.get(LIST, {"q": "MUG"})

    assert not [query for query in queries if "COUNT(" in query["sql"]]


def test_the_balance_runs_through_the_pages(mug: Product, main: Stock) -> None:
    write(mug, main, *range(1, PAGE_SIZE + 3))
    write(mug, StockFactory(), 1000)
    write(ProductFactory(), main, 1000)

    first = ledger_of_product(mug.pk, main.pk)
    second = ledger_of_product(mug.pk, main.pk, older_than=first.older_than)

    assert [int(row.balance) for row in first.rows[:2]] == [1378, 1326]
    assert int(first.rows[-1].balance) == 6
    assert [(int(row.entry.quantity), int(row.balance)) for row in second.rows] == [(2, 3), (1, 1)]
    assert second.older_than is None


def test_the_page_shows_the_ledger_of_a_product(
    admin_client: Client, mug: Product, main: Stock
) -> None:
    write(mug, main, -5, 2)

    response = admin_client.get(LEDGER, {"sku": "MUG", "stock": "main"})

    assert [(row["quantity"], row["balance"]) for row in response.context["rows"]] == [
        ("+2", "-3"),
        ("-5", "-5"),
    ]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"sku": "NONE", "stock": "main"},
        {"sku": "MUG", "stock": "none"},
        {"sku": "MUG", "stock": "main", "older_than": "x"},
        {"sku": "MUG", "stock": "main", "older_than": "9" * 30},
    ],
)
def test_what_is_no_ledger_is_not_shown(
    admin_client: Client, mug: Product, main: Stock, asked: dict[str, str]
) -> None:
    write(mug, main, -5)

    response = admin_client.get(LEDGER, asked)

    assert response.status_code == 200
    assert response.context["rows"] == []


def test_a_text_that_no_column_keeps_is_refused(admin_client: Client) -> None:
    assert admin_client.get(LEDGER, {"sku": "\x00", "stock": "main"}).status_code == 400


def test_a_compensation_is_written_by_hand_with_its_reason(
    admin_client: Client, mug: Product, main: Stock
) -> None:
    Product.objects.update(qty_uses_decimals=True)
    entered = {"stock": main.pk, "product": "MUG", "quantity": "-2.5", "reason": "Lost a parcel"}

    response = admin_client.post(ADD, entered)

    assert response.status_code == 302
    entry = Reservation.objects.get()
    assert (entry.event, entry.quantity, entry.reason, present(entry.actor).username) == (
        "COMPENSATION",
        Decimal("-2.5"),
        "Lost a parcel",
        "admin",
    )
    assert StockBalance.objects.get().reserved == Decimal("-2.5")


@pytest.mark.parametrize(
    ("quantity", "reason", "field"),
    [("0", "x", "quantity"), ("NaN", "x", "quantity"), ("", "x", "quantity"), ("1", "", "reason")],
)
def test_a_compensation_that_makes_no_sense_is_refused(
    admin_client: Client, mug: Product, main: Stock, quantity: str, reason: str, field: str
) -> None:
    entered = {"stock": main.pk, "product": "MUG", "quantity": quantity, "reason": reason}

    response = admin_client.post(ADD, entered)

    assert list(response.context["adminform"].form.errors) == [field]
    assert not Reservation.objects.exists()


def test_a_compensation_of_no_product_is_refused(
    admin_client: Client, mug: Product, main: Stock
) -> None:
    entered = {"stock": main.pk, "product": "NONE", "quantity": "1", "reason": "x"}

    response = admin_client.post(ADD, entered)

    assert response.context["adminform"].form.errors == {
        "product": ["There is no product with this SKU."]
    }
    assert not Reservation.objects.exists()
