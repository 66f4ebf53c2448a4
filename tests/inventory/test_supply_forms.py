"""Future supply is recorded, corrected and found when it is late."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from inventory.models import (
    FutureSupply,
)
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SourceFactory,
)
from tests.form_values import shown
from tests.inventory.product_page import change_url

pytestmark = pytest.mark.django_db


def test_supply_that_is_recorded_tells_the_release_engine(
    admin_client: Client, available: list[list[int]]
) -> None:
    product, source = ProductFactory(qty_uses_decimals=True), SourceFactory()
    entered = {"product": product.pk, "source": source.pk, "quantity": "12.5", "expected_on": ""}

    response = admin_client.post(reverse("admin:inventory_futuresupply_add"), entered)

    assert response.status_code == 302
    supply = FutureSupply.objects.get(product=product)
    assert (supply.quantity, supply.expected_on) == (Decimal("12.5"), None)
    assert available == [[product.pk]]


def test_supply_that_is_promised_is_not_edited_in_place(
    admin_client: Client, available: list[list[int]]
) -> None:
    supply = FutureSupplyFactory(quantity=Decimal(10), allocated_quantity=Decimal(4))

    admin_client.post(change_url(supply), {**shown(supply), "quantity": "3", "reference": "PO-1"})

    supply.refresh_from_db()
    assert (supply.quantity, supply.reference) == (Decimal(10), "PO-1")
    assert supply.allocated_quantity == Decimal(4)


def test_overdue_supply_is_marked(admin_client: Client) -> None:
    FutureSupplyFactory(expected_on="2020-01-01", reference="late")
    FutureSupplyFactory(expected_on=None, reference="undated")
    FutureSupplyFactory(expected_on="2020-01-01", reference="came", state="RECEIVED")
    url = reverse("admin:inventory_futuresupply_changelist")

    overdue = admin_client.get(url, {"overdue": "yes"}).context["cl"].result_list

    assert [(supply.reference, supply.shown_state) for supply in overdue] == [("late", "OVERDUE")]
