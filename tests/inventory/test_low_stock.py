"""Low stock: the report, the daily digests, and the count beside the menu's entry."""

import csv
import io
import socket
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from inventory.admin.low_badge import KEY, low_badge
from inventory.models import InventoryConfiguration, LowStockDigest, Stock
from inventory.operations.digest_sending import send_digests
from inventory.operations.digests import SHOWN, merchants, queue_digests
from inventory.queries.low_items import low_count, sold_out
from inventory.tasks import queue_low_stock_digests, send_low_stock_digests
from tests.factories.inventory import (
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)

NOW = datetime(2026, 3, 1, 7, tzinfo=UTC)
TODAY = date(2026, 3, 1)
pytestmark = pytest.mark.django_db


class Inbox(Message):
    def __init__(self):
        super().__init__()
        self.messages = []

    def handle_message(self, message):
        self.messages.append(message)


@pytest.fixture
def inbox(settings):
    """A real SMTP server on a free port."""
    handler = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    yield handler.messages
    controller.stop()


@pytest.fixture
def no_server(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1


@pytest.fixture
def shelves():
    """Two sources with contacts; what is low is low for different reasons."""
    east = SourceFactory(code="east", name="East", email="east@example.com")
    west = SourceFactory(code="west", name="West", email="west@example.com")
    StockFactory(code="shop", name="Shop", sources=[east, west])
    own = ProductFactory(sku="OWN", name="Own threshold", notify_quantity_below=Decimal(10))
    empty = ProductFactory(sku="EMPTY", name="Sold out")
    fine = ProductFactory(sku="FINE", name="Plenty")
    SourceItemFactory(source=east, product=own, quantity=Decimal("9.5"))
    SourceItemFactory(source=west, product=own, quantity=Decimal(10))
    SourceItemFactory(source=west, product=empty, quantity=Decimal(0), status="OUT_OF_STOCK")
    SourceItemFactory(source=east, product=fine, quantity=Decimal(50))
    return {"east": east, "west": west}


def merchant(email="merchant@example.com", **values):
    user = User.objects.create(username=email, email=email, **values)
    user.groups.add(Group.objects.get(name="Merchant"))
    return user


def text(message):
    return message.get_payload(decode=True).decode().replace("\r\n", "\n")


def test_each_contact_is_told_of_its_source_and_merchants_of_everything(shelves, inbox):
    merchant()

    assert queue_digests(today=TODAY, now=NOW) == 3
    assert send_digests(now=NOW) == 3

    told = {message["To"]: message for message in inbox}
    assert sorted(told) == ["east@example.com", "merchant@example.com", "west@example.com"]
    assert told["east@example.com"]["Subject"] == "1 product is low at East"
    assert text(told["east@example.com"]) == (
        "Low at East on March 1, 2026\n\n"
        "1 product is low at a source:\n\n"
        "- OWN Own threshold: 9.5 on hand, low below 10\n\n"
        "The back office lists everything under Inventory, Low stock.\n"
    )
    assert told["merchant@example.com"]["Subject"] == "Low stock on March 1, 2026"
    assert text(told["merchant@example.com"]) == (
        "Low stock on March 1, 2026\n\n"
        "2 products are low at a source:\n\n"
        "- EMPTY Sold out at west: 0 on hand, low below 1\n"
        "- OWN Own threshold at east: 9.5 on hand, low below 10\n\n"
        "Nothing left to sell in Shop:\n\n"
        "- EMPTY Sold out\n\n"
        "The back office lists everything under Inventory, Low stock.\n"
    )
    assert set(LowStockDigest.objects.values_list("state", "sent_at")) == {("SENT", NOW)}


def test_a_day_has_one_digest_for_each_however_often_it_is_asked_for(shelves, inbox):
    merchant()

    for _again in range(2):
        queue_digests(today=TODAY, now=NOW)
        send_digests(now=NOW)
    assert len(inbox) == 3

    tomorrow = NOW + timedelta(days=1)
    queue_digests(today=tomorrow.date(), now=tomorrow)
    assert send_digests(now=tomorrow) == 3


def test_who_would_read_of_nothing_gets_no_digest(inbox):
    merchant()
    SourceItemFactory(source__email="a@example.com", quantity=Decimal(50))

    assert queue_digests(today=TODAY, now=NOW) == 0


def test_a_disabled_source_and_one_without_a_contact_are_not_written_to(shelves):
    shelves["east"].is_enabled = False
    shelves["east"].save()
    shelves["west"].email = ""
    shelves["west"].save()

    assert queue_digests(today=TODAY, now=NOW) == 0


def test_merchants_are_the_active_ones_with_an_address_and_the_permission():
    asked = merchant("asked@example.com")
    merchant("left@example.com", is_active=False)
    User.objects.create(username="no address").groups.add(Group.objects.get(name="Merchant"))
    User.objects.create(username="viewer", email="viewer@example.com").groups.add(
        Group.objects.get(name="Viewer")
    )
    User.objects.create(username="root", email="root@example.com", is_superuser=True)

    assert list(merchants()) == [asked]


def test_a_long_digest_is_cut_and_says_by_how_much():
    source = SourceFactory(email="a@example.com", name="East")
    for number in range(SHOWN + 3):
        SourceItemFactory(
            source=source, product=ProductFactory(sku=f"S{number:03}"), quantity=Decimal(0)
        )

    queue_digests(today=TODAY, now=NOW)

    digest = LowStockDigest.objects.get()
    assert digest.subject == "203 products are low at East"
    assert digest.body.count("\n- ") == 200
    assert "… and 3 more." in digest.body


def test_a_server_that_is_down_is_asked_again_after_growing_pauses(shelves, no_server):
    queue_digests(today=TODAY, now=NOW)
    LowStockDigest.objects.exclude(recipient="east@example.com").delete()

    assert send_digests(now=NOW) == 0
    assert send_digests(now=NOW + timedelta(minutes=4, seconds=59)) == 0
    assert LowStockDigest.objects.get().attempt_count == 1
    assert send_digests(now=NOW + timedelta(minutes=5)) == 0

    digest = LowStockDigest.objects.get()
    assert (digest.state, digest.attempt_count) == ("QUEUED", 2)
    assert digest.next_attempt_at == NOW + timedelta(minutes=15)
    assert "refused" in digest.last_error


def test_what_was_queued_while_the_server_was_down_says_what_was_true_then(
    shelves, no_server, inbox
):
    queue_digests(today=TODAY, now=NOW)
    shelves["east"].items.update(quantity=Decimal(100))

    send_digests(now=NOW)

    assert "9.5 on hand" in text(
        next(message for message in inbox if message["To"] == "east@example.com")
    )


def test_after_the_last_attempt_a_digest_is_failed(shelves, no_server):
    queue_digests(today=TODAY, now=NOW)
    LowStockDigest.objects.update(attempt_count=7)

    send_digests(now=NOW)

    assert set(LowStockDigest.objects.values_list("state", flat=True)) == {"FAILED"}


def test_tasks_are_scheduled_and_do_it(shelves, inbox):
    merchant()
    scheduled = dict(
        PeriodicTask.objects.filter(task__startswith="inventory.").values_list("name", "task")
    )
    assert scheduled["Write the daily digests of low stock"] == queue_low_stock_digests.name
    assert scheduled["Send the digests of low stock"] == send_low_stock_digests.name

    queue_low_stock_digests()
    send_low_stock_digests()

    assert len(inbox) == 3


@pytest.mark.parametrize(
    ("product", "item", "is_sold_out"),
    [
        ({}, {"quantity": 0}, True),
        ({}, {"quantity": 1}, False),
        ({"out_of_stock_threshold": 3}, {"quantity": 3}, True),
        ({"out_of_stock_threshold": 3}, {"quantity": 4}, False),
        ({"backorders": "ALLOW_QTY_BELOW_0"}, {"quantity": 0}, False),
        ({}, {"quantity": 9, "status": "OUT_OF_STOCK"}, True),
        ({"manage_stock": False}, {"quantity": 0}, False),
        ({"is_enabled": False}, {"quantity": 0}, False),
    ],
)
def test_sold_out_is_what_a_stock_has_nothing_left_of(product, item, is_sold_out):
    source = SourceFactory()
    stock = StockFactory(sources=[source])
    SourceItemFactory(source=source, product=ProductFactory(sku="A", **product), **item)
    ProductFactory(sku="ELSEWHERE")

    found = sold_out(stock, configuration=InventoryConfiguration.load())

    assert [row.sku for row in found] == (["A"] if is_sold_out else [])
    assert list(sold_out(Stock.objects.get(code="default"), configuration=_site())) == []


def _site():
    return InventoryConfiguration.load()


def test_the_report_lists_those_that_miss_most_first(shelves, admin_client):
    page = admin_client.get(reverse("admin:inventory_low_stock"))

    found = [
        (item.product.sku, item.source.code, item.missing)
        for item in page.context["cl"].result_list
    ]
    assert found == [("EMPTY", "west", Decimal(1)), ("OWN", "east", Decimal("0.5"))]


@pytest.mark.parametrize(
    ("query", "skus"),
    [
        ("?q=OWN", ["OWN"]),
        ("?q=sold", ["EMPTY"]),
        ("?status__exact=IN_STOCK", ["OWN"]),
        ("?o=3", ["EMPTY", "OWN"]),
        ("?o=-3", ["OWN", "EMPTY"]),
    ],
)
def test_the_report_searches_filters_and_sorts(shelves, admin_client, query, skus):
    page = admin_client.get(reverse("admin:inventory_low_stock") + query)

    assert [item.product.sku for item in page.context["cl"].result_list] == skus


def test_the_report_is_narrowed_to_a_source(shelves, admin_client):
    query = f"?source__id__exact={shelves['east'].pk}"

    page = admin_client.get(reverse("admin:inventory_low_stock") + query)

    assert [item.product.sku for item in page.context["cl"].result_list] == ["OWN"]


def exported(client, query=""):
    response = client.get(reverse("admin:inventory_low_stock_export") + query)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content)))


def test_the_report_is_exported_as_it_is_filtered(shelves, admin_client):
    head = ["source_code", "sku", "name", "status", "quantity", "notify_on_stock_below", "missing"]
    own = ["east", "OWN", "Own threshold", "IN_STOCK", "9.5", "10", "0.5"]
    empty = ["west", "EMPTY", "Sold out", "OUT_OF_STOCK", "0", "1", "1"]

    assert exported(admin_client) == [head, empty, own]
    assert exported(admin_client, "?q=OWN") == [head, own]


def test_no_cell_of_the_export_runs_as_a_formula(admin_client):
    SourceItemFactory(product=ProductFactory(sku="A", name="=HYPERLINK(1)"), quantity=Decimal(0))

    assert exported(admin_client)[1][2] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(("role", "status"), [("Viewer", 200), (None, 403)])
@pytest.mark.parametrize("name", ["inventory_low_stock", "inventory_low_stock_export"])
def test_the_report_opens_for_those_who_may_see_source_items(client, role, status, name):
    user = User.objects.create(username="somebody", is_staff=True)
    if role:
        user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    assert client.get(reverse(f"admin:{name}")).status_code == status


def test_the_report_takes_as_many_queries_for_many_rows(
    admin_client, django_assert_max_num_queries
):
    source = SourceFactory()
    for _each in range(30):
        SourceItemFactory(source=source, quantity=Decimal(0))
    admin_client.get(reverse("admin:inventory_low_stock"))

    with django_assert_max_num_queries(10):
        admin_client.get(reverse("admin:inventory_low_stock"))


def test_the_menu_counts_what_is_low_and_asks_once_in_a_while(shelves, rf, admin_client):
    cache.delete(KEY)
    assert low_badge(rf.get("/")) == "2"

    SourceItemFactory(quantity=Decimal(0))
    assert low_badge(rf.get("/")) == "2"

    cache.delete(KEY)
    assert low_badge(rf.get("/")) == "3"
    menu = admin_client.get(reverse("admin:index")).content.decode()
    assert ">3<" in "".join(menu.split())
    cache.delete(KEY)


@pytest.mark.parametrize(("count", "shown"), [(0, ""), (999, "999"), (1000, "999+")])
def test_the_badge_is_short(rf, count, shown):
    cache.set(KEY, count)

    assert low_badge(rf.get("/")) == shown
    cache.delete(KEY)


def test_counting_goes_no_further_than_asked(shelves):
    assert low_count(configuration=_site(), most=1) == 1
    assert low_count(configuration=_site(), most=100) == 2


@pytest.mark.parametrize(
    ("product", "items", "is_sold_out"),
    [
        ({}, ["NO_BACKORDERS", "ALLOW_QTY_BELOW_0"], False),
        ({"backorders": "ALLOW_QTY_BELOW_0"}, ["NO_BACKORDERS"], True),
        ({"backorders": "ALLOW_QTY_BELOW_0"}, ["NO_BACKORDERS", None], False),
        ({"backorders": "ALLOW_QTY_BELOW_0", "product_type": "VIRTUAL"}, [None], True),
        ({}, [None, None], True),
    ],
)
def test_sold_out_takes_the_most_permissive_backorders_of_the_items(product, items, is_sold_out):
    sources = [SourceFactory() for _item in items]
    stock = StockFactory(sources=sources)
    row = ProductFactory(sku="A", **product)
    for source, backorders in zip(sources, items, strict=True):
        SourceItemFactory(source=source, product=row, quantity=0, backorders=backorders)

    found = sold_out(stock, configuration=_site())

    assert [told.sku for told in found] == (["A"] if is_sold_out else [])
