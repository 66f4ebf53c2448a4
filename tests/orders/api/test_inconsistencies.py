"""Lines that the ledger has wrong, over the API."""

from decimal import Decimal
from typing import Any

import pytest

from core.acts import Act
from inventory.operations import ledger
from orders.models import OrderLine
from tests.api import NOW, Api, api_of_superuser, codes
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.invariants import assert_invariants
from tests.orders.addresses import HOME_BODY

pytestmark = pytest.mark.django_db
ROW = {"order": "W-1", "line": 1, "stock": "shop", "sku": "A", "compensation": "-2.0000"}


@pytest.fixture
def api() -> Api:
    """An order of 3 A of which someone compensated 2 that are still open."""
    east = SourceFactory(code="east")
    stock = StockFactory(code="shop", sources=[east])
    SalesChannelFactory(code="web", stock=stock)
    product = ProductFactory(sku="A")
    SourceItemFactory(source=east, product=product, quantity=Decimal(9))
    api = api_of_superuser()
    body = {
        "number": "W-1",
        "channel": "web",
        "customer": {"name": "Ada Example", "email": "ada@example.com"},
        "address": HOME_BODY,
        "lines": [{"sku": "A", "quantity": "3"}],
    }
    assert api.post("orders/", body)[0] == 201
    entry = ledger.Entry(
        stock_id=stock.pk,
        product_id=product.pk,
        quantity=Decimal(2),
        event="COMPENSATION",
        order_line_id=OrderLine.objects.get().pk,
        order_number="W-1",
        sequence=1,
        reason="A mistake",
    )
    ledger.record([entry], Act(NOW))
    return api


def test_a_broken_line_is_listed_with_its_remedy(api: Api) -> None:
    assert api.get("inconsistencies/") == (200, {"next": None, "previous": None, "results": [ROW]})


def test_the_remedy_is_applied_once(api: Api) -> None:
    assert api.post("inconsistencies/", [ROW]) == (200, {"applied": [ROW], "left_alone": []})
    assert api.post("inconsistencies/", [ROW]) == (200, {"applied": [], "left_alone": [ROW]})

    assert api.get("inconsistencies/")[1]["results"] == []
    assert_invariants()


@pytest.mark.parametrize(
    ("rows", "status", "fault"),
    [
        ([ROW | {"sku": "B"}], 422, ("/0", "UNKNOWN_LINE")),
        ([ROW | {"line": 2}], 422, ("/0", "UNKNOWN_LINE")),
        ([ROW, ROW], 422, ("/1", "NAMED_TWICE")),
        ([], 400, ("", "EMPTY")),
        (ROW, 400, ("", "NOT_A_LIST")),
        ([ROW | {"compensation": "NaN"}], 400, ("/0/compensation", "NOT_A_NUMBER")),
    ],
)
def test_rows_that_name_no_broken_line_change_nothing(
    api: Api, rows: Any, status: int, fault: tuple[str, str]
) -> None:
    answered, problem = api.post("inconsistencies/", rows)

    assert (answered, codes(problem)[1]) == (status, [fault])
    assert api.get("inconsistencies/")[1]["results"] == [ROW]
