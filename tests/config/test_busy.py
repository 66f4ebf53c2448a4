"""A request that meets a time limit is answered: a page for people, a problem for programs."""

import errno
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from psycopg import errors
from psycopg_pool import PoolTimeout
from pytest_django import Settings

from config.request_refusals import AWAY, FULL, LOCKED, STOPPED, Delay, answer, delay_of
from core.operations.api_keys import issue_key
from inventory.models import SourceItem
from tests.factories.inventory import SourceItemFactory, StockFactory

LOCK = "SELECT 1 FROM inventory_sourceitem WHERE id = %s FOR UPDATE"


@pytest.fixture
def item(transactional_db: None) -> SourceItem:
    item = SourceItemFactory(quantity=Decimal(5))
    StockFactory(sources=[item.source])
    return item


@pytest.fixture
def somebody_else(item: SourceItem) -> Iterator[Any]:
    """A session that holds the row of the item, for longer than anybody waits here."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute(LOCK, [item.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        yield other
    connection.close()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sent_by(page: str) -> dict[str, str]:
    """Return what a browser sends of the main form of a page, as it is shown."""

    class Form(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.values: dict[str, str] = {}
            self.is_within = False
            self.select = ""

        def handle_starttag(self, tag: Any, attributes: Any) -> None:
            found = dict(attributes)
            self.is_within |= tag == "form" and found.get("id", "").endswith("_form")
            name = found.get("name", "")
            if not self.is_within:
                return
            if tag == "select":
                self.select = name
            elif tag == "option" and "selected" in found:
                self.values[self.select] = found["value"]
            is_left_out = found.get("type") == "submit" or (
                found.get("type") == "checkbox" and "checked" not in found
            )
            if tag == "input" and name and not is_left_out:
                self.values[name] = found.get("value", "on")

        def handle_endtag(self, tag: Any) -> None:
            self.is_within &= tag != "form"

    form = Form()
    form.feed(page)
    return form.values


def adjusting(item: SourceItem) -> dict[str, Any]:
    _row, key = issue_key(
        User.objects.create_superuser("program").pk, name="test", now=timezone.now()
    )
    return {
        "path": "/api/v1/source-items/adjust/",
        "data": [
            {"sku": item.product.sku, "source": item.source.code, "by": "1", "reason": "Found"}
        ],
        "content_type": "application/json",
        "headers": {"Authorization": f"Bearer {key}"},
    }


def test_a_program_is_answered_a_problem_that_says_when_to_try_again(
    item: SourceItem, somebody_else: Any
) -> None:
    asked = adjusting(item)

    refused = Client().post(**asked)

    assert refused.status_code == 409
    assert refused["Content-Type"] == "application/problem+json"
    assert refused["Retry-After"] == "2"
    assert refused.json() == {
        "type": "urn:problem:locked",
        "title": "Conflict",
        "status": 409,
        "detail": "Somebody else is changing this. Try again in a moment.",
        "errors": [],
    }
    item.refresh_from_db()
    assert item.quantity == 5

    somebody_else.rollback()
    assert Client().post(**asked).status_code == 200
    item.refresh_from_db()
    assert item.quantity == 6


def test_a_person_is_answered_a_page_that_sends_the_same_again(
    item: SourceItem, somebody_else: Any
) -> None:
    client = client_of(User.objects.create_superuser("person"))
    address = reverse("admin:inventory_sourceitem_change", args=[item.pk])
    typed = sent_by(client.get(address).text) | {"quantity": "8"}

    refused = client.post(address, typed)

    assert (refused.status_code, refused["Retry-After"]) == (409, "2")
    assert "Somebody else is changing this." in refused.text
    assert 'name="quantity" value="8"' in refused.text
    assert "admin/logout" in refused.text, "it is in the product's shell"
    item.refresh_from_db()
    assert item.quantity == 5

    somebody_else.rollback()
    again = dict(refused.context["again"])
    assert client.post(address, again).status_code == 302
    item.refresh_from_db()
    assert item.quantity == 8


def test_a_statement_that_takes_too_long_is_stopped_and_said_so(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_arguments: Any, **_values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '50ms'")
            cursor.execute("SELECT pg_sleep(60)")

    client = client_of(User.objects.create_superuser("person"))
    monkeypatch.setattr("inventory.admin.products.ProductAdmin.get_queryset", slow)

    stopped = client.get(reverse("admin:inventory_product_changelist"))
    connection.close()

    assert (stopped.status_code, stopped["Retry-After"]) == (503, "10")
    assert "This took too long and was stopped." in stopped.text


def test_without_the_database_the_page_does_without_the_menu(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("person"))
    connection.close()
    with monkeypatch.context() as away:
        away.setitem(connection.settings_dict, "PORT", "1")
        page = client.get("/admin/")
        problem = client.get("/api/v1/products/", headers={"Authorization": "Bearer x"})
        connection.close()

    assert (page.status_code, page["Retry-After"]) == (503, "10")
    assert "The database does not answer." in page.text
    assert "admin/logout" not in page.text
    assert (problem.status_code, problem.json()["type"]) == (503, "urn:problem:database-away")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sent", [{"username": "a", "password": "hunter2"}, {"file": SimpleUploadedFile("a.csv", b"1")}]
)
def test_passwords_and_files_are_not_sent_back(rf: RequestFactory, sent: dict[Any, Any]) -> None:
    request = rf.post("/admin/", sent)
    request.user = User.objects.create_superuser("person")

    page = answer(request, LOCKED).text

    assert "hunter2" not in page
    assert 'name="username"' not in page
    assert '<a class="error-button" href="">' in page


@pytest.mark.parametrize(
    ("cause", "delay"),
    [
        (errors.LockNotAvailable(), LOCKED),
        (errors.DeadlockDetected(), LOCKED),
        (errors.SerializationFailure(), LOCKED),
        (errors.QueryCanceled(), STOPPED),
        (errors.IdleInTransactionSessionTimeout(), STOPPED),
        (errors.AdminShutdown(), AWAY),
        (errors.TooManyConnections(), AWAY),
        (errors.ConnectionFailure(), AWAY),
        (PoolTimeout(), AWAY),
        (psycopg.OperationalError("the connection is closed"), AWAY),
        (errors.DiskFull(), FULL),
    ],
)
def test_each_trouble_of_the_database_has_its_answer(cause: Any, delay: Delay) -> None:
    error = OperationalError()
    error.__cause__ = cause

    assert delay_of(error) is delay


@pytest.mark.django_db
def test_an_upload_that_finds_the_disk_full_says_so(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    def write(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    settings.FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", write)
    admin_client.raise_request_exception = False

    page = admin_client.post(
        reverse("admin:inventory_sourceitem_import"),
        {"file": SimpleUploadedFile("stock.csv", b"sku"), "behavior": "APPEND"},
    )

    assert page.status_code == 503
    assert "The disk is full. Nothing was written." in page.text


@pytest.mark.parametrize(
    "error", [None, ValueError("no matter of time"), FileNotFoundError(errno.ENOENT, "nowhere")]
)
def test_what_time_does_not_mend_is_an_error(error: Any) -> None:
    assert delay_of(error) is None
