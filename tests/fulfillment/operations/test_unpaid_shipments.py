"""While the payment of an order is not decided, nothing of it is picked, packed or handed over.

The places are walked with one READY shipment for pickup: on each it is refused or left out, and as
soon as the order is paid for it is there.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.acts import Act
from fulfillment.admin.packing_slips import plan_slips
from fulfillment.admin.pick_list_action import plan_list
from fulfillment.models import PickList, Shipment
from fulfillment.operations.moves.pack import pack
from fulfillment.operations.moves.packing_slips import print_slips
from fulfillment.operations.moves.set_aside import set_aside
from fulfillment.operations.picking.pick_lists import NothingToPickError, make_pick_list
from fulfillment.operations.shipments.locking import WrongStateError
from fulfillment.operations.upkeep.pickups import set_pickups_aside
from fulfillment.queries.order_shipments import orders_to_ship
from fulfillment.release.shipment_actions import ACTIONS
from fulfillment.review.bulk_change import BulkAction, ShipmentBulkChange
from inventory.models import InventoryConfiguration
from orders.models import Order
from orders.refusals import UnpaidOrderError
from tests.api import api_of_superuser
from tests.fulfillment.operations.test_set_aside import placed, shop, told
from tests.fulfillment.review.bulk_moves import effects, said

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
ACT = Act(NOW)
UNDECIDED = "The payment of its order is not decided yet."
pytestmark = pytest.mark.django_db


@pytest.fixture(params=["PENDING_PAYMENT", "PAYMENT_REVIEW"])
def unpaid(request: pytest.FixtureRequest) -> Shipment:
    """A READY shipment for pickup, of an order whose payment is not decided."""
    shop()
    shipment = placed()
    Order.objects.update(status=request.param)
    return Shipment.objects.get(pk=shipment.pk)


def pay() -> None:
    Order.objects.update(status="PROCESSING")


def lund(shipment: Shipment) -> int:
    assert shipment.source_id is not None
    return shipment.source_id


def test_it_is_on_no_list_of_what_is_to_ship(admin_client: Client, unpaid: Shipment) -> None:
    shipments = reverse("admin:fulfillment_shipment_changelist") + "?tab=to-ship"
    orders = reverse("admin:orders_order_changelist") + "?tab=to-ship"

    def found() -> list[Any]:
        return [
            list(Shipment.objects.to_ship()),
            list(orders_to_ship()),
            [row.pk for row in admin_client.get(shipments).context["cl"].result_list],
            [row.pk for row in admin_client.get(orders).context["cl"].result_list],
        ]

    assert found() == [[], [], [], []]
    pay()
    order = unpaid.order_id
    assert found() == [[unpaid], [{"order": order}], [unpaid.pk], [order]]


def test_it_is_put_on_no_pick_list(unpaid: Shipment) -> None:
    api = api_of_superuser()

    with pytest.raises(NothingToPickError):
        make_pick_list(lund(unpaid), [unpaid.pk], ACT)
    [row] = plan_list([unpaid.pk], None, ACT)
    assert (row.is_change, said(row)) == (False, UNDECIDED)
    for body in ({"shipments": [unpaid.number]}, {"filter": "state=READY"}):
        assert api.post("pick-lists/", {"source": "lund", **body})[0] == 409
    assert not PickList.objects.exists()

    pay()
    assert make_pick_list(lund(unpaid), [unpaid.pk], ACT).taken == [unpaid.number]


def test_it_has_no_packing_slip(unpaid: Shipment) -> None:
    api = api_of_superuser()

    with pytest.raises(WrongStateError):
        print_slips([unpaid.pk], ACT)
    [row] = plan_slips([unpaid.pk], None, ACT)
    assert (row.is_change, said(row)) == (False, UNDECIDED)
    assert api.get(f"shipments/{unpaid.number}/packing-slip/")[0] == 409
    assert Shipment.objects.get().slip_printed_at is None

    pay()
    assert [slip.shipment.number for slip in print_slips([unpaid.pk], ACT)] == [unpaid.number]


def test_it_is_not_packed(unpaid: Shipment) -> None:
    with pytest.raises(UnpaidOrderError):
        pack(unpaid.pk, ACT)
    status, refused = api_of_superuser().post(f"shipments/{unpaid.number}/pack/", {})
    assert (status, refused["type"]) == (409, "urn:problem:unpaid")
    assert effects([unpaid], ShipmentBulkChange(BulkAction.PACK)) == [(False, UNDECIDED)]
    assert Shipment.objects.get().packed_at is None

    pay()
    pack(unpaid.pk, ACT)
    assert Shipment.objects.get().packed_at == NOW


def test_it_is_not_set_aside_and_its_customer_is_not_asked_to_come(unpaid: Shipment) -> None:
    InventoryConfiguration.objects.update(pickup_without_setting_aside=True)

    with pytest.raises(UnpaidOrderError):
        set_aside(unpaid.pk, ACT)
    status, refused = api_of_superuser().post(f"shipments/{unpaid.number}/set-aside/", {})
    assert (status, refused["type"]) == (409, "urn:problem:unpaid")
    assert effects([unpaid], ShipmentBulkChange(BulkAction.SET_ASIDE)) == [(False, UNDECIDED)]
    assert set_pickups_aside(now=NOW) == 0
    assert (Shipment.objects.get().set_aside_at, told()) == (None, [])

    pay()
    set_aside(unpaid.pk, ACT)
    assert told() == ["READY_TO_COLLECT"]


def test_its_page_offers_neither(admin_client: Client, unpaid: Shipment) -> None:
    page = reverse("admin:fulfillment_shipment_change", args=[unpaid.pk])

    def offered() -> set[str]:
        shipment = Shipment.objects.get()
        codes = {action.code for action in ACTIONS if action.fits(shipment)}
        return codes & {"fulfill", "pack", "set-aside"}

    assert offered() == set()
    assert "Print packing slip" not in admin_client.get(page).text
    pay()
    assert offered() == {"fulfill", "pack", "set-aside"}
    assert "Print packing slip" in admin_client.get(page).text
