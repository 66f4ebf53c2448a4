"""One shipment's page as tests open it, and its actions as they post them."""

from datetime import UTC, datetime
from typing import Any

from django.test import Client
from django.urls import reverse

from fulfillment.models import Shipment

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def url(shipment: Any) -> Any:
    return reverse("admin:fulfillment_shipment_change", args=[shipment.pk])


def offered(response: Any) -> list[Any]:
    return [offer["action"].code for offer in response.context["actions"]]


def act(
    client: Client, shipment: Shipment, code: str, version: Any, *, seen: Any = "", **values: Any
) -> Any:
    address = reverse("admin:fulfillment_shipment_act", args=[shipment.pk, code])
    fields = {f"{code}-{name}": value for name, value in values.items()}
    return client.post(address, {"version": version, "seen": seen, **fields})
