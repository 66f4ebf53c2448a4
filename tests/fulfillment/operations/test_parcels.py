"""Parcels: given when a shipment leaves, added and corrected later, and told to the customer."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.acts import Act
from fulfillment.models import Carrier, Parcel, Shipment
from fulfillment.operations.moves.fulfill import fulfill, fulfill_each
from fulfillment.operations.moves.parcels import add_parcel, change_parcel, remove_parcel
from fulfillment.operations.moves.undo_fulfillment import undo_fulfillment
from fulfillment.operations.shipments.locking import StaleShipmentError, WrongStateError
from fulfillment.operations.shipments.parcel_facts import ParcelFacts, ParcelRefusedError
from inventory.models import InventoryConfiguration
from orders.models import OrderEmail
from orders.notices.send import send_queued
from tests.api import api_of_superuser, codes
from tests.fulfillment.operations.test_bulk_fulfillment import placed, shop
from tests.inbox import text_of
from tests.invariants import assert_invariants

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
ACT = Act(NOW)
UPS = ParcelFacts("ups", "1Z 999", Decimal("1.5"))
DHL = ParcelFacts("dhl", "JD-7")
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sends_at_once")]


def gone(*parcels: ParcelFacts, number: str = "1001") -> Shipment:
    return fulfill(placed(number).pk, ACT, parcels=parcels)


def said(inbox: list[Any]) -> list[str]:
    """Send what is queued; return the subjects of what was sent beside confirmations."""
    inbox.clear()
    send_queued(now=LATER)
    found = [mail["Subject"] for mail in inbox]
    return [subject for subject in found if subject != "Your order 1001"]


def test_a_shipment_leaves_in_parcels_that_its_e_mail_names(inbox: list[Any]) -> None:
    shop()
    shipment = gone(UPS, DHL)

    assert said(inbox) == ["Your order 1001 is on its way to you"]
    assert (
        "Follow what was sent:\n"
        "UPS 1Z999 https://www.ups.com/track?tracknum=1Z999\n"
        "DHL JD-7 https://www.dhl.com/global-en/home/tracking.html?tracking-id=JD-7\n"
    ) in text_of(inbox[-1])
    parcels = shipment.parcels.values_list("carrier__code", "tracking_number", "weight")
    assert list(parcels) == [("ups", "1Z999", Decimal("1.5")), ("dhl", "JD-7", None)]
    event = shipment.events.get(kind="FULFILLED")
    assert event.detail == {"tracking": "UPS 1Z999, DHL JD-7"}
    assert_invariants()


def test_the_first_number_is_told_and_a_later_one_if_asked_for(inbox: list[Any]) -> None:
    shop()
    shipment = gone()
    assert said(inbox) == ["Your order 1001 is on its way to you"]

    first = add_parcel(shipment.pk, UPS, ACT)
    assert said(inbox) == ["Follow your order 1001"]
    assert "UPS 1Z999 https://www.ups.com/track?tracknum=1Z999" in text_of(inbox[-1])
    add_parcel(shipment.pk, DHL, ACT)
    assert said(inbox) == []
    change_parcel(shipment.pk, first.pk, ParcelFacts("ups", "1Z888"), ACT)
    assert said(inbox) == []
    change_parcel(shipment.pk, first.pk, ParcelFacts("ups", "1Z777"), ACT, tell_customer=True)
    assert said(inbox) == ["Follow your order 1001"]
    assert "1Z777" in text_of(inbox[-1])
    assert "JD-7" in text_of(inbox[-1])

    kinds = shipment.events.order_by("pk").values_list("kind", "detail__tracking")
    assert list(kinds)[-4:] == [
        ("PARCEL_ADDED", "UPS 1Z999"),
        ("PARCEL_ADDED", "DHL JD-7"),
        ("PARCEL_CHANGED", "UPS 1Z999 → UPS 1Z888"),
        ("PARCEL_CHANGED", "UPS 1Z888 → UPS 1Z777"),
    ]


def test_a_number_that_the_e_mail_about_the_dispatch_names_is_not_told_again(
    inbox: list[Any],
) -> None:
    shop()
    shipment = gone()
    add_parcel(shipment.pk, UPS, ACT)

    assert said(inbox) == ["Your order 1001 is on its way to you"]
    assert "1Z999" in text_of(inbox[-1])
    left_out = OrderEmail.objects.get(kind="TRACKING")
    assert (left_out.state, left_out.left_out_reason) == ("LEFT_OUT", "OVER")


def test_it_is_told_where_e_mails_about_dispatches_are_switched_off(inbox: list[Any]) -> None:
    shop()
    InventoryConfiguration.objects.update(send_dispatched=False)
    shipment = gone()
    add_parcel(shipment.pk, UPS, ACT)

    assert said(inbox) == ["Follow your order 1001"]


def test_undoing_shipping_takes_the_parcels_away(inbox: list[Any]) -> None:
    shop()
    shipment = gone(UPS)
    undo_fulfillment(shipment.pk, Act(NOW, reason="Not collected"))

    assert not Parcel.objects.exists()
    with pytest.raises(WrongStateError):
        add_parcel(shipment.pk, DHL, ACT)


@pytest.mark.parametrize(
    ("facts", "name", "message"),
    [
        (ParcelFacts("none", "123"), "carrier", "There is no carrier with the code “none”."),
        (ParcelFacts("gls", "123"), "carrier", "The carrier GLS is disabled."),
        (ParcelFacts("ups", "1"), "tracking_number", "has 3 to 50 characters"),
        (ParcelFacts("ups", "<b>1</b>"), "tracking_number", "is no tracking number"),
        (ParcelFacts("ups", "1Z999"), "tracking_number", "already has a parcel"),
        (ParcelFacts("dhl", "123", Decimal(0)), "weight", "A weight is more than 0."),
    ],
)
def test_a_parcel_that_cannot_be_is_refused_and_nothing_written(
    facts: ParcelFacts, name: str, message: str
) -> None:
    shop()
    Carrier.objects.filter(code="gls").update(is_enabled=False)
    shipment = gone(UPS)
    with pytest.raises(ParcelRefusedError, match=message) as refused:
        add_parcel(shipment.pk, facts, ACT)
    assert refused.value.name == name
    ready = placed("1002")
    if name != "tracking_number":
        with pytest.raises(ParcelRefusedError):
            fulfill(ready.pk, ACT, parcels=[DHL, facts])
    assert Shipment.objects.get(pk=ready.pk).state == "READY"
    assert Parcel.objects.count() == 1


def test_what_is_collected_has_no_parcels() -> None:
    shop()
    ready = placed("1001", fulfillment_method="PICKUP", pickup_source="lund")

    with pytest.raises(ParcelRefusedError, match="collects this shipment"):
        fulfill(ready.pk, ACT, parcels=[UPS])
    assert fulfill_each({ready.number: [UPS]}, ACT).keys() == {ready.number}
    assert Shipment.objects.get().state == "READY"


def test_in_bulk_each_leaves_in_its_own_parcels() -> None:
    shop()
    good, bad = placed("1001"), placed("1002")

    refused = fulfill_each({good.number: [UPS], bad.number: [ParcelFacts("none")]}, ACT)

    assert {number: type(error) for number, error in refused.items()} == {
        bad.number: ParcelRefusedError
    }
    assert [str(parcel) for parcel in Parcel.objects.all()] == ["UPS 1Z999"]
    assert Shipment.objects.get(pk=bad.pk).state == "READY"
    assert_invariants()


def test_who_saw_other_parcels_looks_again() -> None:
    shop()
    shipment = gone()
    seen = Shipment.objects.get(pk=shipment.pk).version
    parcel = add_parcel(shipment.pk, UPS, ACT, expected_version=seen)

    with pytest.raises(StaleShipmentError):
        add_parcel(shipment.pk, DHL, ACT, expected_version=seen)
    with pytest.raises(StaleShipmentError):
        change_parcel(shipment.pk, parcel.pk, DHL, ACT, expected_version=seen)
    with pytest.raises(StaleShipmentError):
        remove_parcel(shipment.pk, parcel.pk, ACT, expected_version=seen)
    assert [str(one) for one in Parcel.objects.all()] == ["UPS 1Z999"]


def test_parcels_over_the_api() -> None:
    shop()
    shipment = gone()
    api = api_of_superuser()
    address = f"shipments/{shipment.number}/parcels/"
    body = {"carrier": "ups", "tracking_number": "1Z 999", "weight": "1.5"}

    status, parcel = api.post(address, body, Idempotency_Key="one")
    assert (status, parcel) == (
        201,
        {
            "id": parcel["id"],
            "carrier": "ups",
            "tracking_number": "1Z999",
            "weight": "1.5000",
            "tracking_url": "https://www.ups.com/track?tracknum=1Z999",
        },
    )
    assert api.post(address, body, Idempotency_Key="one") == (201, parcel)
    assert api.get(address)[1]["results"] == [parcel]
    own = f"{address}{parcel['id']}/"
    assert api.get(own) == (200, parcel)
    status, changed = api.patch(own, {"tracking_number": "1Z888", "tell_customer": True})
    assert (status, changed["tracking_number"], changed["weight"]) == (200, "1Z888", "1.5000")
    status, problem = api.patch(own, {"carrier": "none"})
    assert (status, codes(problem)) == (
        422, ("parcel-refused", [("/carrier", "PARCEL_REFUSED")])
    )  # fmt: skip
    assert api.delete(own)[0] == 204
    assert api.get(own)[0] == 404
    assert OrderEmail.objects.filter(kind="TRACKING").count() == 2


def test_parcels_on_the_page_of_the_shipment(admin_client: Client) -> None:
    shop()
    shipment = gone()
    page_of = reverse("admin:fulfillment_shipment_change", args=[shipment.pk])
    add = reverse("admin:fulfillment_shipment_add_parcel", args=[shipment.pk])
    page = admin_client.get(page_of)
    assert "No parcels yet." in page.text
    version = page.context["version"]
    typed = {"parcel-0-carrier": "ups", "parcel-0-tracking_number": "1Z<b>"}

    refused = admin_client.post(add, {**typed, "version": version})
    assert "is no tracking number" in refused.text
    assert "1Z&lt;b&gt;" in refused.text
    typed["parcel-0-tracking_number"] = "1Z 999"
    assert admin_client.post(add, {**typed, "version": version}).status_code == 302
    stale = admin_client.post(add, {**typed, "version": version})
    assert "It has changed in the meantime." in stale.text

    parcel = Parcel.objects.get()
    shown = admin_client.get(page_of)
    assert 'href="https://www.ups.com/track?tracknum=1Z999"' in shown.text
    change = reverse("admin:fulfillment_shipment_change_parcel", args=[shipment.pk, parcel.pk])
    version = shown.context["version"]
    name = f"parcel-{parcel.pk}"
    values = {f"{name}-carrier": "dhl", f"{name}-tracking_number": "JD-7", "version": version}
    assert admin_client.post(change, values).status_code == 302
    assert str(Parcel.objects.get()) == "DHL JD-7"
    version = admin_client.get(page_of).context["version"]
    assert admin_client.post(change, {"remove": "1", "version": version}).status_code == 302
    assert not Parcel.objects.exists()
    again = admin_client.post(change, {"remove": "1", "version": version}, follow=True)
    assert "This parcel was removed in the meantime." in again.text
