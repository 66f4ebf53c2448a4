from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from core.acts import Act
from fulfillment.admin.reasons import REMEDIES, sentences
from fulfillment.release.planning.remedy import RemedyKind
from fulfillment.release.planning.values import WaitReason
from fulfillment.release.runs import engine
from fulfillment.review.reasons import REASONS
from inventory.models import InventoryConfiguration
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SalesChannelFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory


def coming(day: Any) -> dict[str, Any]:
    return {"future_supply": 1, "source": "a", "expected_on": day, "quantity": "2.5000"}


def test_every_reason_has_its_words() -> None:
    assert set(REASONS) == {reason.value for reason in WaitReason}


def test_every_remedy_has_its_words() -> None:
    assert set(REMEDIES) == {kind.value for kind in RemedyKind}


@pytest.mark.django_db
def test_a_part_that_is_coming_is_said_with_its_day_and_what_is_missing(
    admin_client: Client,
) -> None:
    InventoryConfiguration.objects.update_or_create(defaults={"future_inventory": True})
    item = SourceItemFactory(product=ProductFactory(sku="KTP"), quantity=0)
    order = OrderFactory(channel=SalesChannelFactory(stock=StockFactory(sources=[item.source])))
    waiting = BackorderFactory(number="S1", order=order, lines={item.product: 41})
    day = timezone.localdate() + timedelta(days=9)
    FutureSupplyFactory(
        product=item.product, source=item.source, quantity=40, expected_on=day, reference="PO-7"
    )

    url = reverse("admin:fulfillment_shipment_change", args=[waiting.pk])
    page = admin_client.get(url).content.decode()

    assert "1 × KTP missing: no stock at a source that can ship this order." in page
    shown = date_format(day, "DATE_FORMAT")
    assert f"40 of 41 would come on PO-7 by {shown}, and 1 is missing." in page
    assert "No date can be given yet." in page


@pytest.mark.django_db
def test_the_run_and_the_shipment_say_why_it_waits(admin_client: Client) -> None:
    # given
    item = SourceItemFactory(product=ProductFactory(sku="KTP"), quantity=4)
    channel = SalesChannelFactory(stock=StockFactory(sources=[item.source]))
    for day in (1, 2):
        order = OrderFactory(channel=channel, placed_at=datetime(2026, 4, day, tzinfo=UTC))
        waiting = BackorderFactory(number=f"S{day}", order=order, lines={item.product: 3})

    # when
    run = engine.run_release(
        act=Act(datetime(2026, 4, 28, tzinfo=UTC)), zone=ZoneInfo("UTC"), trigger="STAFF"
    )

    # then
    sentence = "2 × KTP missing: earlier shipments use all the stock (S1)"
    for name, row in (("releaserun", run), ("shipment", waiting)):
        url = reverse(f"admin:fulfillment_{name}_change", args=[row.pk])
        assert sentence in admin_client.get(url).content.decode()


@pytest.mark.parametrize(
    ("reason", "facts", "said"),
    [
        ("WAITING_BEHIND", {"kept_for": ["S1", "S2"]}, "(S1, S2)"),
        ("ITEM_OUT_OF_STOCK", {"out_of_stock_at": ["a"]}, "Out of Stock (a)"),
        ("SAFETY_STOCK", {"safety_stock_at": ["a", "b"]}, "safety stock (a, b)"),
        ("SOURCE_NOT_ELIGIBLE", {"units_elsewhere_at": ["c"]}, "that cannot ship this order (c)"),
        (
            "FUTURE_BEYOND_LIMIT",
            {"future_beyond_limit": [coming("2026-07-02"), coming("2026-08-01")]},
            "date limit (2.5 at a on 2 Jul 2026, 2.5 at a on 1 Aug 2026)",
        ),
        ("FUTURE_NO_DATE", {"future_no_date": [coming(None)]}, "without a date (2.5 at a)"),
        (
            "PAYMENT",
            {"payment_retry_at": "2026-04-28T14:30:00+00:00"},
            "not settled (asked for again on 28 Apr 2026, 14:30)",
        ),
        ("PAYMENT", {"order_status": "PAYMENT_REVIEW"}, "missing: its payment is not settled"),
    ],
)
def test_a_reason_says_who_where_and_when(reason: str, facts: dict[Any, Any], said: str) -> None:
    short = {"sku": "KTP", "missing": "2", "reasons": [reason], "facts": facts}

    (sentence,) = sentences({"shortages": [short]})

    assert sentence.endswith(said)
