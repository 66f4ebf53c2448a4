"""Why a ready shipment may not leave is the same wherever it is asked for."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.acts import Act
from fulfillment.admin.packing_slips import plan_slips
from fulfillment.admin.pick_list_action import plan_list
from fulfillment.models import Shipment
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange
from orders.models import Order
from tests.api import api_of_superuser
from tests.fulfillment.operations.test_set_aside import placed, shop
from tests.fulfillment.review.bulk_moves import effects, said

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
HELD = {"is_held": True, "hold_reason": "STAFF"}
WAITS = {"is_held": True, "hold_reason": "REST"}
PAID, UNPAID = "PROCESSING", "PAYMENT_REVIEW"
pytestmark = pytest.mark.django_db


@pytest.fixture
def shipment() -> Shipment:
    """A READY shipment for pickup."""
    shop()
    return placed()


@pytest.mark.parametrize(
    ("columns", "status", "code", "sentence"),
    [
        (HELD, PAID, "hold-first-lifted", "Held: lift the hold first."),
        # The payment alone would not let it go.
        (HELD, UNPAID, "hold-first-lifted", "Held: lift the hold first."),
        (
            WAITS,
            PAID,
            "waits-for-rest",
            "Waiting for the rest of the order: it is let go with it, or with Ship what is ready.",
        ),
        ({}, UNPAID, "unpaid", "The payment of its order is not decided yet."),
    ],
    ids=["held", "held and unpaid", "rest", "unpaid"],
)
def test_the_reason_is_the_same_everywhere(
    admin_client: Client,
    shipment: Shipment,
    columns: dict[str, Any],
    status: str,
    code: str,
    sentence: str,
) -> None:
    Shipment.objects.filter(pk=shipment.pk).update(**columns)
    Order.objects.update(status=status)
    api = api_of_superuser()

    moves = [BulkAction.PACK, BulkAction.SET_ASIDE, BulkAction.FULFILL]
    shown = [effects([shipment], ShipmentBulkChange(move)) for move in moves]
    [slip] = plan_slips([shipment.pk], None, Act(NOW))
    [pick] = plan_list([shipment.pk], None, Act(NOW))
    paths = [f"shipments/{shipment.number}/{move}/" for move in ("pack", "set-aside", "fulfill")]
    refused = [api.post(path, {}) for path in paths]
    _status, no_slip = api.get(f"shipments/{shipment.number}/packing-slip/")
    page = reverse("admin:fulfillment_shipment_packing_slip", args=[shipment.pk])
    [message] = admin_client.post(page, follow=True).context["messages"]

    assert shown == [[(False, sentence)]] * 3
    assert [said(slip), said(pick), str(message), no_slip["detail"]] == [sentence] * 4
    assert [(answer[0], answer[1]["type"]) for answer in refused] == [
        (409, f"urn:problem:{code}")
    ] * 3


def test_what_is_not_ready_is_told_what_each_action_is_for(shipment: Shipment) -> None:
    held = {**HELD, "source": None, "backordered_since": NOW, "state": "BACKORDER"}
    Shipment.objects.filter(pk=shipment.pk).update(**held)

    [pack, aside] = [
        effects([shipment], ShipmentBulkChange(move))
        for move in (BulkAction.PACK, BulkAction.SET_ASIDE)
    ]
    [slip] = plan_slips([shipment.pk], None, Act(NOW))
    [pick] = plan_list([shipment.pk], None, Act(NOW))

    # To lift the hold would not help.
    assert pack == [
        (False, "Only ready shipments that are neither on hold nor set aside are packed.")
    ]
    assert aside == [(False, "Only ready shipments for pickup are set aside.")]
    assert said(slip) == (
        "Only ready shipments that are not on hold, and shipped ones, have a packing slip."
    )
    assert said(pick) == (
        "Only ready shipments that are neither on hold, packed nor set aside are picked."
    )
