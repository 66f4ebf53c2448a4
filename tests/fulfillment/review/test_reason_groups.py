"""What waits in groups by reason: counted as it is listed, with the page that ends the reason."""

from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from fulfillment.admin.reason_groups import PAGES, SENTENCES
from fulfillment.admin.review import page as review_page
from fulfillment.models import ReleaseDecision, ReleaseRun, Shipment
from fulfillment.review import listing
from fulfillment.review.reasons import REASON_LABELS
from inventory.models import SalesChannel
from tests.factories.inventory import ProductFactory
from tests.fulfillment.review.review_pages import NOON, REVIEW, backorder, member, numbers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def decided(shipment: Shipment, shortages: dict[str, list[str]]) -> None:
    """Keep the decision of a run that found these reasons, by SKU."""
    run = ReleaseRun.objects.create(
        trigger="SCHEDULE", state="COMPLETED", created_at=NOON, finished_at=NOON
    )
    ReleaseDecision.objects.create(
        run=run,
        shipment=shipment,
        position=1,
        outcome="WAITING",
        explains_wait=True,
        detail={
            "children": [],
            "expected_on": None,
            "shortages": [
                {"sku": sku, "missing": "1", "reasons": reasons, "facts": {}}
                for sku, reasons in shortages.items()
            ],
        },
    )


@pytest.fixture
def queue(channel: SalesChannel) -> None:
    chair, desk = ProductFactory(sku="CHAIR"), ProductFactory(sku="DESK")
    backorder("NEVER-PLANNED", channel)
    backorder("HELD", channel, is_held=True, hold_reason="STAFF")
    decided(
        backorder("BOTH", channel, lines={chair: 1, desk: 1}),
        {"CHAIR": ["NO_STOCK", "FUTURE_DISABLED_SITE"], "DESK": ["FUTURE_DISABLED_SITE"]},
    )
    # Of a product that the shipment needs no more.
    decided(backorder("LESS", channel, lines={chair: 1}), {"DESK": ["SAFETY_STOCK"]})
    decided(backorder("FUTURE", channel, lines={desk: 1}), {"DESK": ["FUTURE_DISABLED_SITE"]})


def groups(response: Any) -> dict[str, Any]:
    return {group.code: group for group in response.context["reason_groups"]}


def test_each_group_counts_what_its_address_lists(admin_client: Client, queue: None) -> None:
    found = groups(admin_client.get(REVIEW))

    assert {code: group.sentence for code, group in found.items()} == {
        "FUTURE_DISABLED_SITE": "2 wait for future inventory, which is off",
        "NO_STOCK": "2 wait for units that no source has",
        "HELD": "1 is held by staff",
    }
    listed = {
        code: numbers(admin_client.get(f"{REVIEW}{group.address}")) for code, group in found.items()
    }
    assert listed == {
        "FUTURE_DISABLED_SITE": ["BOTH", "FUTURE"],
        "NO_STOCK": ["NEVER-PLANNED", "BOTH"],
        "HELD": ["HELD"],
    }
    kept = groups(admin_client.get(REVIEW, {"held": "false", "sort": "-number"}))
    assert parse_qs(kept["NO_STOCK"].address[1:]) == {
        "held": ["false"],
        "sort": ["-number"],
        "reason": ["NO_STOCK"],
    }


@pytest.mark.parametrize(
    ("role", "label"),
    [("Merchant", "Turn on future inventory"), ("Fulfillment", ""), ("Viewer", "")],
)
def test_who_may_end_a_reason_has_a_link(
    client: Client, queue: None, role: str, label: str
) -> None:
    member(client, role)

    group = groups(client.get(REVIEW))["FUTURE_DISABLED_SITE"]

    assert group.label == label
    site = reverse("admin:inventory_inventoryconfiguration_changelist")
    assert group.url == (site if label else "")


def test_a_list_of_several_pages_is_grouped_whole(
    admin_client: Client, queue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_one_page = groups(admin_client.get(REVIEW))
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)

    assert groups(admin_client.get(REVIEW)) == on_one_page
    assert groups(admin_client.get(REVIEW, {"page": 3})).keys() == on_one_page.keys()


def test_a_long_list_is_not_grouped(
    admin_client: Client, queue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_page, "MOST_GROUPED", 4)

    assert groups(admin_client.get(REVIEW)) == {}
    assert groups(admin_client.get(REVIEW, {"held": "false"})) != {}


def test_every_reason_has_a_sentence_for_one_and_for_many() -> None:
    assert set(SENTENCES) == set(REASON_LABELS)
    with translation.override("en"):
        for sentence in SENTENCES.values():
            one = str(sentence % {"count": 1, "shown": "1"})
            many = str(sentence % {"count": 2, "shown": "2"})
            assert one.startswith("1 ")
            assert many.startswith("2 ")
            assert one[2:] != many[2:]


def test_every_page_that_ends_a_reason_opens(admin_client: Client) -> None:
    for page in PAGES.values():
        response = admin_client.get(
            f"{reverse(f'admin:{page.url_name}')}?{page.question}", follow=True
        )
        assert response.status_code == 200
        assert "was left out" not in response.content.decode()
