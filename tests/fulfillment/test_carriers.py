"""Carriers: what comes with the product, their page, the API and their history."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from fulfillment.models import Carrier
from fulfillment.tracking import link_of
from tests.api import api_of_superuser

pytestmark = pytest.mark.django_db


def test_the_usual_carriers_are_there_with_links_that_are_right() -> None:
    carriers = {carrier.code: carrier for carrier in Carrier.objects.all()}

    for carrier in carriers.values():
        carrier.full_clean()
    assert len(carriers) == 14
    assert link_of(carriers["ups"].tracking_url, "1Z9") == "https://www.ups.com/track?tracknum=1Z9"
    assert link_of(carriers["royal-mail"].tracking_url, "AB1") == (
        "https://www.royalmail.com/track-your-item#/tracking-results/AB1"
    )


def test_a_carrier_is_made_and_changed_on_its_page_with_history(admin_client: Client) -> None:
    values = {"code": "van", "name": "Our van", "is_enabled": "on"}
    link = "https://van.example/{number}"

    refused = admin_client.post(
        reverse("admin:fulfillment_carrier_add"), {**values, "tracking_url": "http://van.example"}
    )
    made = admin_client.post(
        reverse("admin:fulfillment_carrier_add"), {**values, "tracking_url": link}
    )

    assert "Write a link that begins with https://" in refused.text
    carrier = Carrier.objects.get(code="van")
    assert made.status_code == 302
    assert (carrier.tracking_url, carrier.is_enabled) == (link, True)
    history = admin_client.get(reverse("admin:fulfillment_carrier_history", args=[carrier.pk]))
    assert "https://van.example/{number}" in history.text


def test_a_carrier_is_made_and_changed_over_the_api() -> None:
    api = api_of_superuser()
    body = {"code": "van", "name": "Our van", "tracking_url": "https://van.example/{number}"}

    assert api.post("carriers/", body) == (201, {**body, "enabled": True})
    assert api.patch("carriers/van/", {"enabled": False}) == (200, {**body, "enabled": False})
    assert api.get("carriers/van/") == (200, {**body, "enabled": False})
    assert "van" in [row["code"] for row in api.get("carriers/?enabled=false")[1]["results"]]

    status, answer = api.patch("carriers/van/", {"tracking_url": "https://van.example/"})
    assert status in (400, 422)
    assert [fault["pointer"] for fault in answer["errors"]] == ["/tracking_url"]
    assert answer["errors"][0]["detail"] == (
        "Write {number} once, where the tracking number belongs."
    )
    assert Carrier.objects.get(code="van").tracking_url == "https://van.example/{number}"


def test_a_code_is_taken_once() -> None:
    status, answer = api_of_superuser().post("carriers/", {"code": "ups", "name": "Another"})

    assert status in (409, 422)
    assert [fault["pointer"] for fault in answer["errors"]] == ["/code"]


def test_a_link_may_be_empty() -> None:
    Carrier(code="van", name="Our van").full_clean()
    with pytest.raises(ValidationError):
        Carrier(code="a b", name="Our van").full_clean()
