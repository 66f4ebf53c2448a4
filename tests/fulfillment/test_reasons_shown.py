from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from fulfillment.admin.reasons import SENTENCES
from fulfillment.release import engine
from fulfillment.release.plan import WaitReason
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.factories.orders import OrderFactory


def test_every_reason_has_its_words():
    assert set(SENTENCES) == {reason.value for reason in WaitReason}


@pytest.mark.django_db
def test_the_run_and_the_shipment_say_why_it_waits(admin_client):
    # given
    item = SourceItemFactory(product=ProductFactory(sku="KTP"), quantity=4)
    channel = SalesChannelFactory(stock=StockFactory(sources=[item.source]))
    for day in (1, 2):
        order = OrderFactory(channel=channel, placed_at=datetime(2026, 4, day, tzinfo=UTC))
        waiting = BackorderFactory(number=f"S{day}", order=order, lines={item.product: 3})

    # when
    run = engine.run_release(
        now=datetime(2026, 4, 28, tzinfo=UTC), zone=ZoneInfo("UTC"), trigger="STAFF"
    )

    # then
    sentence = "2 × KTP missing: earlier shipments took what was there (S1)"
    for name, row in (("releaserun", run), ("shipment", waiting)):
        url = reverse(f"admin:fulfillment_{name}_change", args=[row.pk])
        assert sentence in admin_client.get(url).content.decode()
