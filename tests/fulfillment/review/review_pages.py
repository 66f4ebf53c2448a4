"""The backorder review as tests fill it, open it and read it."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from fulfillment.models import Shipment
from inventory.models import Product, SalesChannel
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory
from tests.factories.orders import OrderFactory

REVIEW = reverse("admin:fulfillment_shipment_review")
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def backorder(
    number: str,
    channel: SalesChannel,
    *,
    since: Any = datetime(2026, 3, 1, 9, tzinfo=UTC),
    **columns: dict[Product, int] | int | str,
) -> Shipment:
    order = OrderFactory(channel=channel, placed_at=since)
    lines = columns.pop("lines", None) or {ProductFactory(): 1}
    return BackorderFactory(number=number, order=order, lines=lines, **columns)


def member(client: Client, role: str) -> User:
    user = User.objects.create_user(role.lower(), is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


def numbers(response: Any) -> list[Any]:
    return [item["shipment"].number for item in response.context["rows"]]
