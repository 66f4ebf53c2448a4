"""Back in stock: who is asked, who is informed, when, and how it ends (§18c)."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.header import decode_header, make_header
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask
from pytest_django import Settings

from inventory.models import (
    BackInStockRequest,
    InventoryConfiguration,
    Product,
    SalesChannel,
    SourceItem,
)
from inventory.models.back_in_stock import CONFIRM, UNSUBSCRIBE
from inventory.operations.back_in_stock import (
    NewBackInStockRequest,
    ask,
    delete_old,
    send_queued,
    tell_due,
)
from inventory.tasks import send_back_in_stock, tell_back_in_stock
from tests.api import api_of_superuser, api_with, codes
from tests.beside import wait_until_waiting
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.inbox import text_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = NOW.date()
SITE = "https://shop.example.com"


@pytest.fixture(autouse=True)
def site(settings: Settings) -> None:
    settings.SITE_URL = SITE
    cache.clear()


@pytest.fixture
def channel() -> SalesChannel:
    return SalesChannelFactory(code="web", stock=StockFactory(sources=[SourceFactory()]))


@pytest.fixture
def item(channel: SalesChannel) -> SourceItem:
    """A product of the channel with nothing to sell."""
    product = ProductFactory(sku="LAMP", name="Desk lamp")
    source = channel.stock.sources.get()
    return SourceItemFactory(product=product, source=source, quantity=Decimal(0))


def asked(item: SourceItem, email: str = "ann@example.com", **values: Any) -> NewBackInStockRequest:
    channel = SalesChannel.objects.get(code="web")
    own = {"language": "en", "site": SITE, **values}
    return NewBackInStockRequest(
        product_id=item.product_id, channel_id=channel.pk, email=email, **own
    )


def waiting(item: SourceItem, count: int, **values: Any) -> list[BackInStockRequest]:
    """Make confirmed requests, each a minute after the one before."""
    channel = SalesChannel.objects.get(code="web")
    return BackInStockRequest.objects.bulk_create(
        BackInStockRequest(
            product=item.product,
            channel=channel,
            recipient=f"{number}@example.com",
            language="en",
            site=SITE,
            asked_at=NOW - timedelta(days=1) + timedelta(minutes=number),
            confirmed_at=NOW,
            next_attempt_at=NOW,
            state="SENT",
            sent_at=NOW,
            **values,
        )
        for number in range(count)
    )


def subject_of(message: Any) -> str:
    return str(make_header(decode_header(message["Subject"])))


def told() -> list[str]:
    rows = BackInStockRequest.objects.filter(told_at__isnull=False)
    return list(rows.order_by("asked_at").values_list("recipient", flat=True))


def limit(item: SourceItem, **options: Any) -> None:
    Product.objects.filter(pk=item.product_id).update(**options)


def restock(item: SourceItem, quantity: int) -> None:
    SourceItem.objects.filter(pk=item.pk).update(quantity=quantity)


def test_a_customer_asks_confirms_hears_once_and_unsubscribes(
    item: SourceItem, inbox: list[Any], client: Client
) -> None:
    # asked over the API: an e-mail with a link
    body = {"email": "ann@example.com", "language": "sv", "sku": "LAMP", "channel": "web"}
    answer = (202, {"sku": "LAMP", "channel": "web"})
    assert api_of_superuser().post("back-in-stock/", body) == answer
    assert send_queued(now=datetime.now(UTC)) == 1
    row = BackInStockRequest.objects.get()
    [message] = inbox
    link = row.address(CONFIRM)
    assert (message["To"], subject_of(message)) == (
        "ann@example.com",
        "Bekräfta din bevakning: Desk lamp",
    )
    assert link.startswith(f"{SITE}/back-in-stock/confirm/{row.pk}.")
    assert link in text_of(message)
    assert f'href="{link}"' in text_of(message, "text/html")
    # what is kept, and seen by staff, has no working link
    assert link not in row.body
    assert f"{SITE}/back-in-stock/confirm/link/" in row.body

    # a scanner opens the link: nothing is confirmed
    page = client.get(link.removeprefix(SITE))
    client.head(link.removeprefix(SITE))
    assert "Desk lamp" in page.text
    assert '<html lang="sv">' in page.text
    assert (page["Cache-Control"], page["X-Robots-Tag"], page["Referrer-Policy"]) == (
        "no-store",
        "noindex, nofollow",
        "no-referrer",
    )
    row.refresh_from_db()
    assert row.confirmed_at is None
    restock(item, 5)
    assert tell_due(now=NOW, today=TODAY) == 0

    # the button confirms, twice as once
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link.removeprefix(SITE)).status_code == 200
    assert "<button" not in strict.post(link.removeprefix(SITE)).text
    assert tell_due(now=NOW, today=TODAY) == 1
    assert tell_due(now=NOW, today=TODAY) == 0
    assert send_queued(now=NOW) == 1
    assert send_queued(now=NOW + timedelta(days=1)) == 0
    message = inbox[1]
    end = row.address(UNSUBSCRIBE)
    assert subject_of(message) == "Åter i lager: Desk lamp"
    assert "".join(message["List-Unsubscribe"].split()) == f"<{end}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert end in text_of(message)

    # one click of a mail program, without cookies, ends all requests of the address
    ask(asked(item, "Ann@Example.com"), now=NOW)
    assert client.get(end.removeprefix(SITE)).status_code == 200
    assert BackInStockRequest.objects.count() == 2
    click = {"List-Unsubscribe": "One-Click"}
    assert strict.post(end.removeprefix(SITE), click).status_code == 200
    assert strict.post(end.removeprefix(SITE), click).status_code == 200
    assert not BackInStockRequest.objects.exists()


def test_the_answer_is_the_same_however_often_an_address_asks(item: SourceItem) -> None:
    api = api_of_superuser()
    for number in range(8):
        product = ProductFactory(sku=f"OTHER-{number}")
        body = {"email": "ann@example.com", "sku": product.sku, "channel": "web"}
        for _time in range(2):
            answer = api.post("back-in-stock/", body)
            assert answer == (202, {"sku": product.sku, "channel": "web"})

    skus = BackInStockRequest.objects.order_by("pk").values_list("product__sku", flat=True)
    assert list(skus) == [f"OTHER-{number}" for number in range(5)]


def test_the_same_key_asks_once(item: SourceItem) -> None:
    api, body = api_of_superuser(), {"email": "ann@example.com", "sku": "LAMP", "channel": "web"}

    first = api.post("back-in-stock/", body, Idempotency_Key="k1")
    BackInStockRequest.objects.all().delete()

    assert api.post("back-in-stock/", body, Idempotency_Key="k1") == first
    assert api.headers["Idempotent-Replayed"] == "true"
    assert not BackInStockRequest.objects.exists()


def test_an_address_asks_five_times_a_day_however_it_is_written(item: SourceItem) -> None:
    items = [SourceItemFactory(source=item.source) for _number in range(7)]
    for each in items[:5]:
        ask(asked(each, "ann@example.com"), now=NOW)
    ask(asked(items[5], "ANN@example.com"), now=NOW + timedelta(hours=23))
    assert BackInStockRequest.objects.count() == 5

    ask(asked(items[5], "ben@example.com"), now=NOW)
    ask(asked(items[6], "ANN@example.com"), now=NOW + timedelta(hours=24, seconds=1))
    assert BackInStockRequest.objects.count() == 7


@pytest.mark.parametrize(
    ("change", "status", "faults"),
    [
        ({"email": "ann"}, 400, [("/email", "INVALID")]),
        ({"email": "a@b.se\r\nBcc: c@d.se"}, 400, [("/email", "CONTROL_CHARACTERS")]),
        ({"sku": "NONE"}, 422, [("/sku", "UNKNOWN_SKU")]),
        ({"channel": "none"}, 422, [("/channel", "UNKNOWN_CHANNEL")]),
        ({"telephone": "1"}, 400, [("/telephone", "UNKNOWN")]),
    ],
)
def test_a_request_that_is_wrong_says_where(
    item: SourceItem, change: dict[str, str], status: int, faults: Any
) -> None:
    body = {"email": "ann@example.com", "sku": "LAMP", "channel": "web"} | change

    answer = api_of_superuser().post("back-in-stock/", body)

    assert answer[0] == status
    assert codes(answer[1])[1] == faults
    assert not BackInStockRequest.objects.exists()


def test_counts_are_seen_by_permission_and_never_addresses(item: SourceItem) -> None:
    waiting(item, 3)
    ask(asked(item, "ann@example.com"), now=NOW)

    status, page = api_with("inventory.view_backinstockrequest").get("back-in-stock/?sku=LAMP")

    assert (status, page["results"]) == (
        200,
        [{"sku": "LAMP", "channel": "web", "waiting_count": 3}],
    )
    assert api_with("inventory.view_product").get("back-in-stock/")[0] == 403
    body = {"email": "ann@example.com", "sku": "LAMP", "channel": "web"}
    assert api_with("inventory.view_backinstockrequest").post("back-in-stock/", body)[0] == 403


def test_customers_hear_in_the_order_of_asking_up_to_the_limit_of_each_day(
    item: SourceItem,
) -> None:
    waiting(item, 8)
    restock(item, 2)

    # 2 units × 3
    assert tell_due(now=NOW, today=TODAY) == 6
    assert told() == [f"{number}@example.com" for number in range(6)]
    assert tell_due(now=NOW + timedelta(hours=1), today=TODAY) == 0
    # more units, more customers
    tomorrow = NOW + timedelta(days=1)
    assert tell_due(now=tomorrow, today=tomorrow.date()) == 2
    assert BackInStockRequest.objects.filter(state="QUEUED").count() == 8


def test_the_limit_is_rounded_up_and_an_option(item: SourceItem) -> None:
    limit(item, qty_uses_decimals=True, min_cart_qty=Decimal("0.5"))
    SourceItem.objects.filter(pk=item.pk).update(quantity=Decimal("0.6"))
    InventoryConfiguration.objects.update(back_in_stock_factor=2)
    waiting(item, 3)

    assert tell_due(now=NOW, today=TODAY) == 2


@pytest.mark.parametrize(
    "unlimited", [{"manage_stock": False}, {"backorders": "ALLOW_QTY_BELOW_0"}]
)
def test_without_a_limited_quantity_the_day_has_its_own_limit(
    item: SourceItem, unlimited: dict[str, Any]
) -> None:
    limit(item, **unlimited)
    InventoryConfiguration.load()
    InventoryConfiguration.objects.update(back_in_stock_daily=4)
    waiting(item, 5)

    assert tell_due(now=NOW, today=TODAY) == 4


def test_nobody_hears_while_the_minimum_cannot_be_bought(item: SourceItem) -> None:
    limit(item, min_cart_qty=Decimal(3), enable_qty_increments=True, qty_increments=Decimal(2))
    waiting(item, 1)

    restock(item, 3)
    assert tell_due(now=NOW, today=TODAY) == 0
    restock(item, 4)
    limit(item, is_enabled=False)
    assert tell_due(now=NOW, today=TODAY) == 0
    limit(item, is_enabled=True)
    assert tell_due(now=NOW, today=TODAY) == 1


def test_what_is_over_is_deleted_in_time(item: SourceItem) -> None:
    ask(asked(item, "new@example.com"), now=NOW - timedelta(days=2))
    ask(asked(item, "old@example.com"), now=NOW - timedelta(days=2, seconds=1))
    waits, lapsed, just_told, long_told = waiting(item, 4)
    rows = BackInStockRequest.objects
    rows.filter(pk=waits.pk).update(asked_at=NOW - timedelta(days=180))
    rows.filter(pk=lapsed.pk).update(asked_at=NOW - timedelta(days=180, seconds=1))
    rows.filter(pk=just_told.pk).update(told_at=NOW - timedelta(days=30))
    rows.filter(pk=long_told.pk).update(told_at=NOW - timedelta(days=30, seconds=1))

    assert delete_old(now=NOW) == 3

    left = rows.order_by("recipient").values_list("recipient", flat=True)
    assert list(left) == ["0@example.com", "2@example.com", "new@example.com"]


def test_links_that_were_changed_or_are_gone_have_one_answer(
    item: SourceItem, client: Client
) -> None:
    ask(asked(item), now=NOW)
    row = BackInStockRequest.objects.get()
    good = reverse(CONFIRM, args=[row.token(CONFIRM)])
    other = reverse(CONFIRM, args=[row.token(UNSUBSCRIBE)])
    changed = reverse(CONFIRM, args=[f"{row.pk + 1}{row.token(CONFIRM)[len(str(row.pk)) :]}"])

    answers = [client.post(address) for address in (other, changed)]
    row.delete()
    answers.append(client.post(good))

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1


def test_pages_are_asked_for_so_often_and_no_more(
    item: SourceItem, client: Client, settings: Settings
) -> None:
    settings.ORDER_PAGE_RATE = 2
    ask(asked(item), now=NOW)
    address = reverse(CONFIRM, args=[BackInStockRequest.objects.get().token(CONFIRM)])

    statuses = [client.get(address).status_code for _time in range(2)]
    last = client.post(address)

    assert statuses == [200, 200]
    assert (last.status_code, last["Retry-After"]) == (429, "60")
    assert BackInStockRequest.objects.get().confirmed_at is None


def test_the_product_shows_how_many_wait(item: SourceItem, client: Client) -> None:
    waiting(item, 3)
    user = User.objects.create(username="mary", is_staff=True)
    user.groups.add(Group.objects.get(name="Merchant"))
    client.force_login(user)

    page = client.get(reverse("admin:inventory_product_change", args=[item.product_id]))
    found = client.get(reverse("admin:inventory_backinstockrequest_changelist"))

    assert "3 back-in-stock requests" in page.text
    assert "0@example.com" in found.text
    user.groups.set([Group.objects.get(name="Fulfillment")])
    page = client.get(reverse("admin:inventory_product_change", args=[item.product_id]))
    assert "back-in-stock" not in page.text


def test_jobs_are_scheduled(item: SourceItem) -> None:
    scheduled = set(PeriodicTask.objects.values_list("task", flat=True))

    assert {tell_back_in_stock.name, send_back_in_stock.name} <= scheduled
    tell_back_in_stock()
    send_back_in_stock()


def at_once(work: Any, count: int) -> None:
    """Do ``work`` in threads that all wait for the lock, then let them go."""

    def run(number: int) -> None:
        try:
            work(number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    with transaction.atomic(), connection.cursor() as cursor:
        # Reading is let through, writing is not.
        cursor.execute("LOCK TABLE inventory_backinstockrequest IN SHARE MODE")
        for thread in threads:
            thread.start()
        wait_until_waiting(count)
    for thread in threads:
        thread.join(120)


@pytest.mark.django_db(transaction=True)
def test_two_workers_inform_nobody_twice_nor_more_than_the_limit() -> None:
    channel = SalesChannelFactory(code="web", stock=StockFactory(sources=[SourceFactory()]))
    item = SourceItemFactory(source=channel.stock.sources.get(), quantity=Decimal(1))
    waiting(item, 8)
    counts = []

    at_once(lambda _number: counts.append(tell_due(now=NOW, today=TODAY)), 2)

    assert sorted(counts) == [0, 3]
    assert told() == ["0@example.com", "1@example.com", "2@example.com"]


@pytest.mark.django_db(transaction=True)
def test_an_address_that_asks_at_once_asks_five_times() -> None:
    SalesChannelFactory(code="web")
    items = [SourceItemFactory() for _number in range(7)]
    for each in items[:4]:
        ask(asked(each), now=NOW)

    at_once(lambda number: ask(asked(items[4 + number]), now=NOW), 3)

    assert BackInStockRequest.objects.count() == 5
