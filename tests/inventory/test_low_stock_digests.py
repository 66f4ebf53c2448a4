"""The daily digests of low stock: to whom, how often, and when the mail server is down."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.utils import translation
from django_celery_beat.models import PeriodicTask
from pytest_django import Settings

from core.models import PersonLanguage
from core.operations.digest_readers import digest_readers
from core.operations.mail import send_due
from inventory.models import LowStockDigest, Source
from inventory.operations.low_stock_digests import SHOWN, queue_digests
from inventory.tasks import queue_low_stock_digests, send_low_stock_digests
from tests.factories.inventory import (
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
)
from tests.inbox import text_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 7, tzinfo=UTC)
# A server that takes its time is no other outcome.
SOON = NOW + timedelta(minutes=4)
TODAY = date(2026, 3, 1)


@pytest.fixture
def no_server(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "core.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1


def merchant(email: str = "merchant@example.com", **values: bool) -> User:
    user = User.objects.create(username=email, email=email, **values)
    user.groups.add(Group.objects.get(name="Merchant"))
    return user


def test_contacts_get_their_source_and_merchants_get_everything(
    shelves: dict[str, Source], inbox: list[Any]
) -> None:
    merchant()

    assert queue_digests(today=TODAY, now=NOW) == 3
    assert send_due(LowStockDigest, now=NOW) == 3

    told = {message["To"]: message for message in inbox}
    assert sorted(told) == ["east@example.com", "merchant@example.com", "west@example.com"]
    assert told["east@example.com"]["Subject"] == "1 product is low at East"
    assert text_of(told["east@example.com"]) == (
        "Low at East on 1 Mar 2026\n\n"
        "1 product is low at a source:\n\n"
        "- OWN Own threshold: 9.5 on hand, low below 10\n\n"
        "The back office lists everything under Catalog, Low stock.\n"
    )
    assert told["merchant@example.com"]["Subject"] == "Low stock on 1 Mar 2026"
    assert text_of(told["merchant@example.com"]) == (
        "Low stock on 1 Mar 2026\n\n"
        "2 products are low at a source:\n\n"
        "- EMPTY Sold out at west: 0 on hand, low below 1\n"
        "- OWN Own threshold at east: 9.5 on hand, low below 10\n\n"
        "Nothing left to sell in Shop:\n\n"
        "- EMPTY Sold out\n\n"
        "The back office lists everything under Catalog, Low stock.\n\n"
        "To turn this e-mail off, select “Your e-mails” in your menu of the back office.\n"
    )
    assert set(LowStockDigest.objects.values_list("state", flat=True)) == {"SENT"}
    assert LowStockDigest.objects.filter(sent_at__range=(NOW, SOON)).count() == 3


def test_each_merchant_reads_the_digest_in_the_language_that_the_person_chose(
    shelves: dict[str, Source],
) -> None:
    merchant()
    PersonLanguage.objects.create(user=merchant("anna@example.com"), language="sv")
    PersonLanguage.objects.create(user=merchant("luc@example.com"), language="fr")

    with translation.override("fr"):
        queue_digests(today=TODAY, now=NOW)

    assert dict(LowStockDigest.objects.values_list("recipient", "subject")) == {
        "east@example.com": "1 product is low at East",
        "west@example.com": "1 product is low at West",
        "merchant@example.com": "Low stock on 1 Mar 2026",
        "anna@example.com": "Lågt lager den 1 mars 2026",
        "luc@example.com": "Stock faible au 1er mars 2026",
    }
    swedish = LowStockDigest.objects.get(recipient="anna@example.com").body
    assert "- OWN Own threshold på east: 9,5 i lager" in swedish


def test_a_day_has_one_digest_for_each_however_often_it_is_asked_for(
    shelves: dict[str, Source], inbox: list[Any]
) -> None:
    merchant()

    for _again in range(2):
        queue_digests(today=TODAY, now=NOW)
        send_due(LowStockDigest, now=NOW)
    assert len(inbox) == 3

    tomorrow = NOW + timedelta(days=1)
    queue_digests(today=tomorrow.date(), now=tomorrow)
    assert send_due(LowStockDigest, now=tomorrow) == 3


def test_who_would_read_of_nothing_gets_no_digest(inbox: list[Any]) -> None:
    merchant()
    SourceItemFactory(source__email="a@example.com", quantity=Decimal(50))

    assert queue_digests(today=TODAY, now=NOW) == 0


def test_a_disabled_source_and_one_without_a_contact_are_not_written_to(
    shelves: dict[str, Source],
) -> None:
    shelves["east"].is_enabled = False
    shelves["east"].save()
    shelves["west"].email = ""
    shelves["west"].save()

    assert queue_digests(today=TODAY, now=NOW) == 0


def test_merchants_are_the_active_ones_with_an_address_and_the_permission() -> None:
    asked = merchant("asked@example.com")
    merchant("left@example.com", is_active=False)
    User.objects.create(username="no address").groups.add(Group.objects.get(name="Merchant"))
    User.objects.create(username="viewer", email="viewer@example.com").groups.add(
        Group.objects.get(name="Viewer")
    )
    User.objects.create(username="root", email="root@example.com", is_superuser=True)

    assert list(digest_readers(LowStockDigest)) == [asked]


def test_a_long_digest_is_cut_and_says_by_how_much() -> None:
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


def test_a_server_that_is_down_is_asked_again_after_growing_pauses(
    shelves: dict[str, Source], no_server: None
) -> None:
    queue_digests(today=TODAY, now=NOW)
    LowStockDigest.objects.exclude(recipient="east@example.com").delete()

    assert send_due(LowStockDigest, now=NOW) == 0
    assert send_due(LowStockDigest, now=NOW + timedelta(seconds=59)) == 0
    assert LowStockDigest.objects.get().attempt_count == 1
    assert send_due(LowStockDigest, now=NOW + timedelta(seconds=90)) == 0

    digest = LowStockDigest.objects.get()
    assert (digest.state, digest.attempt_count) == ("QUEUED", 2)
    assert NOW + timedelta(seconds=210) <= digest.next_attempt_at < SOON
    assert "refused" in digest.last_error


def test_what_was_queued_while_the_server_was_down_says_what_was_true_then(
    shelves: dict[str, Source], no_server: None, inbox: list[Any]
) -> None:
    queue_digests(today=TODAY, now=NOW)
    shelves["east"].items.update(quantity=Decimal(100))

    send_due(LowStockDigest, now=NOW)

    assert "9.5 on hand" in text_of(
        next(message for message in inbox if message["To"] == "east@example.com")
    )


def test_after_the_last_attempt_a_digest_is_failed(
    shelves: dict[str, Source], no_server: None
) -> None:
    queue_digests(today=TODAY, now=NOW)
    LowStockDigest.objects.update(attempt_count=9)

    # A server that is down ends each try.
    for _ in range(3):
        send_due(LowStockDigest, now=NOW)

    assert set(LowStockDigest.objects.values_list("state", flat=True)) == {"FAILED"}


def test_tasks_are_scheduled_and_do_it(
    shelves: dict[str, Source], inbox: list[Any], settings: Settings
) -> None:
    settings.EMAIL_CONNECTIONS = 1
    merchant()
    scheduled = dict(
        PeriodicTask.objects.filter(task__startswith="inventory.").values_list("name", "task")
    )
    assert scheduled["Write the daily digests of low stock"] == queue_low_stock_digests.name
    assert scheduled["Send the digests of low stock"] == send_low_stock_digests.name

    queue_low_stock_digests()
    send_low_stock_digests()

    assert len(inbox) == 3
