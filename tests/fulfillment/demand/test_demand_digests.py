"""The weekly digests of demand: to whom, in which language, and how often."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group, User
from pytest_django import Settings

from core.models import PersonLanguage
from core.operations.mail import send_due
from fulfillment.models import DemandDigest, WaitingBalance
from fulfillment.operations.upkeep.demand_digests import queue_demand_digests
from fulfillment.tasks import queue_digests_of_demand, send_demand_digests
from tests.factories.inventory import ProductFactory, SourceFactory
from tests.fulfillment.demand.test_kept_promises import SENT_ON, send, shipment
from tests.fulfillment.demand_world import make_world
from tests.inbox import text_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 15, 7, tzinfo=UTC)
TODAY = date(2026, 6, 15)


def reader(email: str, role: str = "Merchant", **values: bool) -> User:
    user = User.objects.create(username=email, email=email, **values)
    user.groups.add(Group.objects.get(name=role))
    return user


def queue() -> int:
    return queue_demand_digests(today=TODAY, now=NOW, zone=ZoneInfo("UTC"))


def test_merchants_get_demand_and_kept_promises_once_a_week(inbox: list[Any]) -> None:
    make_world()
    cup = ProductFactory(sku="CUP")
    send(shipment(cup, 4, SENT_ON, 3), SourceFactory(code="far"))
    WaitingBalance.objects.filter(product=cup).delete()
    reader("m@example.com")
    reader("gone@example.com", is_active=False)
    reader("viewer@example.com", role="Viewer")
    PersonLanguage.objects.create(user=reader("anna@example.com"), language="sv")

    assert (queue(), queue()) == (2, 2)
    assert send_due(DemandDigest, now=NOW) == 2

    told = {message["To"]: message for message in inbox}
    assert sorted(told) == ["anna@example.com", "m@example.com"]
    assert told["m@example.com"]["Subject"] == "Demand on 15 Jun 2026"
    assert text_of(told["m@example.com"]) == (
        "Demand on 15 Jun 2026\n\n"
        "3 products: 11 backordered units, 12 incoming units.\n\n"
        "- KETTLE Kettle: 6 backordered, 3 incoming, 8 to order\n"
        "- LID Lid: 5 backordered, 9 incoming, 0 to order\n"
        "- PAN Pan: 0 backordered, 0 incoming, 2 to order\n\n"
        "The last 7 days:\n"
        "- Sent units that were backordered: 4, of them by the agreed date: 4\n"
        "- Units lost to delay: 0\n"
        "- Median days waited: 3\n\n"
        "The back office lists everything under Demand, and the formulas under Kept promises.\n\n"
        "To turn this e-mail off, select “Your e-mails” in your menu of the back office.\n"
    )
    swedish = DemandDigest.objects.get(recipient="anna@example.com")
    assert swedish.subject == "Efterfrågan den 15 juni 2026"


def test_a_week_without_demand_has_no_digest() -> None:
    reader("m@example.com")

    assert queue() == 0


def test_the_scheduled_tasks_write_and_send(inbox: list[Any], settings: Settings) -> None:
    settings.EMAIL_CONNECTIONS = 1
    make_world()
    reader("m@example.com")

    queue_digests_of_demand()
    send_demand_digests()

    assert [message["To"] for message in inbox] == ["m@example.com"]
