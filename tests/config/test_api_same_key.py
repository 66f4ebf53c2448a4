"""What is made over the API is made once for each key, and answered alike each time.

Every list that takes a POST, from the URL resolver, is in the table or listed with its test.
"""

import pytest

from core.api.endpoint import ListEndpoint
from tests.api import api_of_superuser
from tests.config.test_api_parameters import ENDPOINTS
from tests.factories.inventory import SourceItemFactory, StockFactory

pytestmark = pytest.mark.django_db

BODIES = {
    "products/": {"sku": "A", "name": "Lamp", "barcode": "4006381333931"},
    "sources/": {"code": "north", "name": "North", "postcode": "1", "country": "SE"},
    "stocks/": {"code": "pool", "name": "Pool", "sales_channels": ["web"]},
    "future-supply/": {"sku": "HELD", "source": "east", "quantity": "3", "expected_on": None},
    "reservations/": {"stock": "shop", "sku": "HELD", "quantity": "1", "reason": "Counted"},
    "rules/": {
        "name": "Old ones",
        "conditions": {"age_days_min": 30},
        "action": {"kind": "HOLD"},
    },
    "rule-runs/": {},
    "carriers/": {"code": "van", "name": "Our van"},
    "deliveries/": {"source": "east", "lines": [{"sku": "HELD", "quantity": "2"}]},
}
OTHERS = {
    "orders/": "orders/api/test_orders.py",
    "orders/none/changes/": "orders/api/test_order_changes.py",
    "returns/": "orders/api/test_returns.py",
    "orders/none/notes/": "fulfillment/test_assignees_and_notes.py",
    "release-runs/": "fulfillment/api/test_runs.py",
    "back-in-stock/": "inventory/test_back_in_stock.py",
    "shipments/none/parcels/": "fulfillment/operations/test_parcels.py",
    "pick-lists/": "fulfillment/api/test_pick_lists.py",
    "shipments/none/notes/": "fulfillment/test_assignees_and_notes.py",
}


def test_every_list_that_takes_a_post_is_among_them() -> None:
    lists = {
        address
        for address, cls in ENDPOINTS
        if issubclass(cls, ListEndpoint) and hasattr(cls, "post")
    }

    assert lists == BODIES.keys() | OTHERS.keys()


@pytest.mark.parametrize("address", BODIES)
def test_the_same_key_has_the_same_answer(address: str) -> None:
    SourceItemFactory(product__sku="HELD", source__code="east", quantity=5)
    StockFactory(code="shop")
    api = api_of_superuser()

    first = api.post(address, BODIES[address], Idempotency_Key="one")
    again = api.post(address, BODIES[address], Idempotency_Key="one")

    # What a worker does later is accepted.
    assert first[0] == (202 if address == "rule-runs/" else 201), first
    assert again == first
    assert api.headers["Idempotent-Replayed"] == "true"
