"""Several clicks on the page of an order at once, thanks to the lock on the order."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from fulfillment.models import Shipment
from inventory.models import InventoryConfiguration
from orders.models import Cancellation, OrderEmail
from orders.order_links import order_token
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db(transaction=True)

CLICKS = 4


def test_a_double_click_cancels_once() -> None:
    cache.clear()
    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"customers_may_cancel": True})
    shipment = BackorderFactory(lines={ProductFactory(): 3})
    order = shipment.order
    version = Shipment.objects.get().version
    token = order_token(order.pk, email=order.customer_email, now=timezone.now())
    start = Barrier(CLICKS)

    def click(_number: int) -> tuple[int, bool]:
        try:
            start.wait(timeout=120)
            posted = {"shipment": shipment.number, "version": str(version)}
            answer = Client().post(f"/order/{token}/", posted)
            return answer.status_code, "The units were canceled." in answer.text
        finally:
            connection.close()

    with ThreadPoolExecutor(CLICKS) as pool:
        answers = list(pool.map(click, range(CLICKS)))

    assert answers == [(200, True)] * CLICKS
    assert Cancellation.objects.count() == 1
    assert OrderEmail.objects.count() == 1
    assert_invariants()
