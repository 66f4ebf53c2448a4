"""``demand/`` and ``order-proposals/``."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.clock import today
from inventory.models import FutureSupply
from tests.api import api_of_superuser, api_with
from tests.fulfillment.demand_world import ask_for, make_world

pytestmark = pytest.mark.django_db


def test_demand_by_sku() -> None:
    world = make_world()
    ask_for(world.kettle, confirmed=2, unconfirmed=1)
    api = api_of_superuser()

    status, page = api.get("demand/?page_size=1")

    assert (status, page["results"]) == (
        200,
        [
            {
                "sku": "KETTLE",
                "waiting_quantity": "6.0000",
                "waiting_since": "2026-03-01T09:00:00Z",
                "values": [{"currency": "USD", "amount": "60.00"}],
                "coming_quantity": "3.0000",
                "short_quantity": "3.0000",
                "below_notify_quantity": "3.0000",
                "back_in_stock_requests": 2,
                "proposed_quantity": "8.0000",
                "proposals": [
                    {
                        "source": "main",
                        "quantity": "6.0000",
                        "expected_on": (today() + timedelta(days=10)).isoformat(),
                    },
                    {"source": "store", "quantity": "2.0000", "expected_on": None},
                ],
            }
        ],
    )
    assert page["next"]
    assert [row["sku"] for row in api.get("demand/?sku=PAN,POT")[1]["results"]] == ["PAN"]
    assert api_with("inventory.view_product").get("demand/")[0] == 403


def test_proposals_become_future_supply_all_or_nothing() -> None:
    world = make_world()
    api = api_of_superuser()
    line = {"source": "main", "sku": "KETTLE", "quantity": "6", "expected_on": None}
    body: dict[str, Any] = {"lines": [line, line | {"source": "store"}], "reference": "PO-9"}
    before = FutureSupply.objects.count()

    shown = api.post("order-proposals/?dry_run=1", body)

    assert (shown[0], len(shown[1]), FutureSupply.objects.count()) == (200, 2, before)
    first = api.post("order-proposals/", body, Idempotency_Key="one")
    again = api.post("order-proposals/", body, Idempotency_Key="one")
    assert (first[0], first) == (201, again)
    rows = FutureSupply.objects.filter(reference="PO-9").order_by("pk")
    assert [(row.product_id, row.source_id, row.quantity) for row in rows] == [
        (world.kettle.pk, world.main.pk, Decimal(6)),
        (world.kettle.pk, world.store.pk, Decimal(6)),
    ]
    assert first[1][0]["sku"] == "KETTLE"


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"sku": "NONE"}, 422, "/lines/1/sku"),
        ({"source": "none"}, 422, "/lines/1/source"),
        ({"expected_on": "2026-01-01"}, 422, "/lines/1/expected_on"),
        ({"quantity": "0"}, 400, "/lines/1/quantity"),
        ({"colour": "red"}, 400, "/lines/1/colour"),
    ],
)
def test_a_faulty_line_is_named_and_nothing_is_made(
    change: dict[str, str], status: int, pointer: str
) -> None:
    make_world()
    line = {"source": "main", "sku": "KETTLE", "quantity": "6", "expected_on": None}
    before = FutureSupply.objects.count()

    answer = api_of_superuser().post("order-proposals/", {"lines": [line, line | change]})

    assert answer[0] == status
    assert [fault["pointer"] for fault in answer[1]["errors"]] == [pointer]
    assert FutureSupply.objects.count() == before


def test_a_fraction_of_a_whole_product_is_refused() -> None:
    make_world()
    line = {"source": "main", "sku": "KETTLE", "quantity": "1.5", "expected_on": None}

    assert api_of_superuser().post("order-proposals/", {"lines": [line]})[0] == 422
