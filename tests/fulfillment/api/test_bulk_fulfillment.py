"""``shipments/fulfill/``: each for itself, up to 200 at once."""

from collections.abc import Callable
from typing import Any

import pytest

from fulfillment.models import Shipment
from tests.api import Api, codes
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db


def test_each_is_shipped_for_itself(api: Api, place: Callable[..., Any]) -> None:
    place("W-1", "2")
    place("W-2", "2")
    place("W-3", "2")
    api.post("shipments/W-2-1/hold/", {"reason": "Call first"})
    rows = [{"shipment": number} for number in ("W-1-1", "W-2-1", "W-3-1", "NONE")]

    status, answer = api.post("shipments/fulfill/", rows, Idempotency_Key="one")

    assert status == 200
    assert [(row["shipment"], row["ok"], row.get("code")) for row in answer] == [
        ("W-1-1", True, None),
        ("W-2-1", False, "HOLD_FIRST_LIFTED"),
        ("W-3-1", False, "WRONG_STATE"),
        ("NONE", False, "UNKNOWN_SHIPMENT"),
    ]
    assert answer[1]["detail"] == "Held: lift the hold first."
    assert answer[3]["detail"] == "There is no shipment with this number."
    states = dict(Shipment.objects.values_list("number", "state"))
    assert (states["W-1-1"], states["W-2-1"]) == ("FULFILLED", "READY")
    assert api.post("shipments/fulfill/", rows, Idempotency_Key="one") == (200, answer)
    assert Shipment.objects.filter(state="FULFILLED").count() == 1
    assert_invariants()


def test_a_shipment_is_named_once_and_at_most_200_are(api: Api, place: Callable[..., Any]) -> None:
    place("W-1")
    row = {"shipment": "W-1-1"}

    twice = api.post("shipments/fulfill/", [row, row])
    many = api.post("shipments/fulfill/", [{"shipment": f"W-{n}"} for n in range(201)])

    assert (twice[0], codes(twice[1])) == (422, ("named-twice", [("/1", "NAMED_TWICE")]))
    assert many[0] == 400
    assert api.post("shipments/fulfill/", [])[0] == 400
    assert api.post("shipments/fulfill/", [{"shipment": "W-1-1", "parcel": 1}])[0] == 400
    assert Shipment.objects.get(number="W-1-1").state == "READY"
