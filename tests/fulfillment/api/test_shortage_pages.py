"""Units that are missing on a pick list, on its page and over the API."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.acts import Act
from fulfillment.models import PickList, Shipment
from inventory.models import Source, SourceItem
from inventory.operations.source_items import ItemChange, set_items
from tests.api import Api
from tests.fulfillment.api.test_shortages import LATER, item, listed, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def pick_list(api: Api, place: Callable[..., Any]) -> PickList:
    """A list at the source east with shipments of 3 and 1 units of A, which holds 4."""
    place("W-0", "3")
    place("W-1", "1")
    return listed(list(Shipment.objects.order_by("pk")))


def hidden(page: str) -> dict[str, str]:
    return dict(
        re.findall(r'<input type="hidden" name="(code|found|left|shown)" value="([^"]*)"', page)
    )


def test_a_count_is_shown_then_done(admin_client: Client, pick_list: PickList) -> None:
    page = reverse("admin:fulfillment_picklist_change", args=[pick_list.pk])
    address = reverse("admin:fulfillment_picklist_short", args=[pick_list.pk])
    assert f'href="{address}?code=A"' in admin_client.get(page).text

    preview = admin_client.get(address, {"code": "A", "found": "1", "left": ""})

    assert "<strong>4 → 1</strong>" in preview.text
    # The unit that was found is for the first in the queue, and does not complete it.
    assert "<li>W-0-1</li><li>W-1-1</li>" in preview.text
    assert states() == {"W-0-1": "READY", "W-1-1": "READY"}
    done = admin_client.post(address, hidden(preview.text), follow=True)
    assert "A at east: 4 → 1." in done.text
    assert "These shipments wait again: W-0-1, W-1-1" in done.text
    assert states() == {"W-0-1": "BACKORDER", "W-1-1": "BACKORDER"}


def test_a_count_that_has_changed_since_it_was_shown_is_shown_again(
    admin_client: Client, pick_list: PickList
) -> None:
    address = reverse("admin:fulfillment_picklist_short", args=[pick_list.pk])
    preview = admin_client.get(address, {"code": "A", "found": "1"})
    source = Source.objects.get(code="east").pk
    product = SourceItem.objects.get(source=source).product_id
    set_items([ItemChange(product, source, {"quantity": Decimal(9)})], Act(LATER))

    again = admin_client.post(address, hidden(preview.text))

    assert "This has changed since. Nothing was counted. Review it again." in again.text
    assert "<strong>9 → 1</strong>" in again.text
    assert item() == (9, 4)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"code": "A", "found": "5"}, "The list misses 4 units. No more can be found for it."),
        ({"code": "Z", "found": "1"}, "No product on this list has this SKU or barcode."),
        (
            {"code": "A", "found": "0.5"},
            "0.5 is a fraction, and this product is",
        ),
        ({"code": "A", "found": "many"}, "“many” is not a number."),
        ({"code": "A", "found": ""}, "This field is required."),
    ],
)
def test_what_cannot_be_counted_is_said(
    admin_client: Client, pick_list: PickList, typed: dict[str, str], said: str
) -> None:
    address = reverse("admin:fulfillment_picklist_short", args=[pick_list.pk])

    page = admin_client.get(address, typed)

    assert said in page.text
    assert "outcome" not in page.context
    assert item() == (4, 4)


def test_the_api_makes_a_list_counts_and_reports_what_is_missing(
    api: Api, place: Callable[..., Any]
) -> None:
    place("W-0", "3")
    place("W-1", "1")
    status, made = api.post("pick-lists/", {"source": "east", "filter": "channel=web"})
    assert (status, made["state"], made["on_other_lists"]) == (201, "OPEN", [])
    address = f"pick-lists/{made['id']}/"
    place("W-2", "2")
    assert made["not_ready"] == made["left_over"] == []
    status, refused = api.post("pick-lists/", {"source": "east", "shipments": ["W-0-1"]})
    assert (status, refused["on_other_lists"]) == (409, ["W-0-1"])
    asked = {"source": "east", "shipments": ["W-2-1", "W-9-1"]}
    status, refused = api.post("pick-lists/", asked)
    assert (status, refused["errors"][0]["pointer"]) == (422, "/shipments/1")

    once = {"barcode": "A", "scan": "s-1"}
    for _ in range(2):
        status, scanned = api.post(f"{address}picks/", once)
        assert (status, scanned["picks"][0]["picked_quantity"]) == (200, "1.0000")
    rows = [{"shipment": "W-1-1", "line": 1, "picked_quantity": "1"}]
    status, counted = api.post(f"{address}picks/", rows)
    assert [pick["picked_quantity"] for pick in counted["picks"]] == ["1.0000", "1.0000"]

    short = {"sku": "A", "found_quantity": "1"}
    outcome = {"counted_before": "4.0000", "counted": "3.0000", "waiting": ["W-0-1"]}
    assert api.post(f"{address}short/?dry_run=1", short) == (200, outcome)
    assert states()["W-0-1"] == "READY"
    assert api.post(f"{address}short/", short) == (200, outcome)
    assert states()["W-0-1"] == "BACKORDER"

    status, left = api.post(f"{address}take-off/", {"shipments": ["W-1-1"]})
    assert (status, left["state"]) == (200, "CLOSED")
    assert api.post(f"{address}close/", {})[0] == 409
    assert api.get(address)[1]["picks"] == left["picks"]
    assert [row["id"] for row in api.get("pick-lists/?state=CLOSED")[1]["results"]] == [made["id"]]
