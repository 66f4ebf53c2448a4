"""The sentence that each action on a shipment ends with."""

from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from fulfillment.models import Shipment
from tests.fulfillment.review.shipment_page import act, url

pytestmark = pytest.mark.django_db


def said(client: Client, shipment: Shipment, code: str, **values: Any) -> str:
    """Take an action, and return the one message of the page that follows."""
    version = client.get(url(shipment)).context["version"]
    answer = act(client, shipment, code, version, reason="Why not", is_sure="on", **values)
    assert answer.status_code == 302, answer.context["attempt"].problem
    [message] = client.get(answer.url).context["messages"]
    return str(message)


def test_each_action_says_what_it_did(admin_client: Client, shipment: Shipment) -> None:
    units = f"units_{shipment.lines.get().order_line_id}"
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("hold", {}, "S1 is on hold."),
        ("lift-hold", {}, "Lifted the hold of S1. A release run follows."),
        ("set-priority", {"priority": "7"}, "The priority of S1 is 7."),
        (
            "set-expected-date",
            {"expected_on": "2099-03-04"},
            "The expected date of S1 is 4 Mar 2099.",
        ),
        (
            "set-expected-date",
            {"expected_on": ""},
            "Release runs set the expected date of S1 again.",
        ),
        ("customer-care", {}, "Sent S1 to customer care."),
        ("backorder", {}, "Sent S1 back to the queue."),
        ("reassign", {"source": "berlin"}, "S1 is ready at Berlin."),
        ("backorder", {"how": "BAR"}, "Sent S1 back to the queue."),
    ]

    sentences = [
        strip_tags(said(admin_client, shipment, code, **values)) for code, values, _result in steps
    ]

    assert sentences == [result for _code, _values, result in steps]
    bar = shipment.bars.get()
    lifted = said(admin_client, shipment, "lift-bar", bar=str(bar.pk))
    assert strip_tags(lifted) == "berlin may serve WHEEL of S1 again. A release run follows."
    said(admin_client, shipment, "reassign", source="berlin")
    left = said(admin_client, shipment, "fulfill", **{units: "1"})
    part = Shipment.objects.get(state="FULFILLED")
    assert left == f'Shipped 1 unit from Berlin: <a href="{url(part)}">{part.number}</a>.'
    assert strip_tags(said(admin_client, shipment, "cancel")) == "Canceled shipment S1."
