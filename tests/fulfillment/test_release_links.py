"""A quantity is saved: the page leads to what became ready, and to what still waits."""

import re
from datetime import UTC, datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from core.acts import Act
from fulfillment.models import ReleaseRun, Shipment
from fulfillment.release.runs.engine import run_release
from inventory.models import InventoryConfiguration, SourceItem
from tests.factories.fulfillment import BackorderFactory
from tests.factories.inventory import ProductFactory, SourceItemFactory, StockFactory
from tests.form_values import carried

pytestmark = pytest.mark.django_db(transaction=True)
LINKS = re.compile(r'<a class="underline" href="([^"]+)">(Shipments that [a-z ]+)</a>')


@pytest.fixture
def item() -> SourceItem:
    """No kettle at the source; SHP-A waits for 3 and SHP-B for 4."""
    kettle = ProductFactory(sku="KETTLE", price="20.00")
    found: SourceItem = SourceItemFactory(product=kettle, quantity=0)
    stock = StockFactory(sources=[found.source])
    for number, quantity in (("SHP-A", 3), ("SHP-B", 4)):
        BackorderFactory(
            number=number, order__number=number, order__stock=stock, lines={kettle: quantity}
        )
    return found


def saved(client: Client, item: SourceItem, quantity: int) -> dict[str, str]:
    """Save the quantity on the item's page; return the addresses of the links by their words."""
    url = reverse("admin:inventory_sourceitem_change", args=[item.pk])
    entered = carried(client, url) | {
        "quantity": str(quantity),
        "status": "IN_STOCK",
        "safety_stock": "0",
        "backorders_use_config": "on",
        "notify_quantity_below_use_config": "on",
        "qty_uses_decimals_use_config": "on",
    }
    page = client.post(url, entered, follow=True)
    item.refresh_from_db()
    assert item.quantity == quantity
    return {words: unescape(address) for address, words in LINKS.findall(page.text)}


def shown(client: Client, address: str) -> set[str]:
    return set(re.findall(r"SHP-[AB]", client.get(address).text))


def test_the_links_show_what_became_ready_and_what_still_waits(
    admin_client: Client, item: SourceItem
) -> None:
    links = saved(admin_client, item, 5)
    run_release(
        act=Act(datetime.now(UTC)), zone=ZoneInfo("UTC"), trigger=ReleaseRun.Trigger.ARRIVAL
    )

    assert dict(Shipment.objects.values_list("number", "state")) == {
        "SHP-A": "READY",
        "SHP-B": "BACKORDER",
    }
    assert shown(admin_client, links["Shipments that became ready"]) == {"SHP-A"}
    ready = admin_client.get(links["Shipments that became ready"])
    assert [chip.label for chip in ready.context["chips"]] == ["Search", "Released at"]
    assert re.fullmatch(r"from \d+ \w+ \d{4}, \d\d:\d\d", ready.context["chips"][1].value)
    assert shown(admin_client, links["Shipments that still wait"]) == {"SHP-B"}


def test_nothing_is_said_where_no_run_follows_or_nothing_waits(
    admin_client: Client, item: SourceItem
) -> None:
    other = SourceItemFactory(product=ProductFactory(sku="LID"), source=item.source, quantity=0)
    assert saved(admin_client, other, 5) == {}
    assert saved(admin_client, item, 2) != {}
    assert saved(admin_client, item, 1) == {}

    InventoryConfiguration.objects.update_or_create(pk=1, defaults={"release_enabled": False})

    assert saved(admin_client, item, 3) == {}


def test_who_may_not_see_shipments_gets_no_links(client: Client, item: SourceItem) -> None:
    user = User.objects.create_user("clerk", is_staff=True)
    names = ["view_sourceitem", "change_sourceitem"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))
    client.force_login(user)

    assert saved(client, item, 5) == {}
