"""One shipment's page as tests open it, and its actions as they post them."""

from datetime import UTC, datetime

from django.urls import reverse

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def url(shipment):
    return reverse("admin:fulfillment_shipment_change", args=[shipment.pk])


def offered(response):
    return [offer["action"].code for offer in response.context["actions"]]


def act(client, shipment, code, version, *, seen="", **values):
    address = reverse("admin:fulfillment_shipment_act", args=[shipment.pk, code])
    fields = {f"{code}-{name}": value for name, value in values.items()}
    return client.post(address, {"version": version, "seen": seen, **fields})
