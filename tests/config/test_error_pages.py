"""What was not carried out is answered by the product's own pages, to programs by problems."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import reverse

from config.error_handlers import server_error
from inventory.admin.products import ProductAdmin

PRODUCTS = "/admin/inventory/product/"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def has_menu(page: str) -> bool:
    return reverse("admin:logout") in page


@pytest.mark.django_db
def test_what_is_nowhere_has_a_page(admin_client: Client, client: Client) -> None:
    shown, alone, problem = (
        admin_client.get("/admin/nowhere/"),
        client.get("/nowhere/"),
        client.get("/api/nowhere/"),
    )

    assert (shown.status_code, alone.status_code, problem.status_code) == (404, 404, 404)
    assert "This page does not exist." in shown.text
    assert "This page does not exist." in alone.text
    assert (has_menu(shown.text), has_menu(alone.text)) == (True, False)
    assert problem.json()["type"] == "urn:problem:not-found"


@pytest.mark.django_db
def test_what_a_role_does_not_include_has_a_page(client: Client) -> None:
    client.force_login(User.objects.create(username="nobody", is_staff=True))

    page = client.get(PRODUCTS)

    assert page.status_code == 403
    assert "You may not do this." in page.text
    assert has_menu(page.text)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"data": {"q": "a\x00b"}}, "The address has a character that cannot be stored."),
        (
            {"CONTENT_TYPE": "text/plain; charset=foo"},
            "The request uses the character set “foo”. Send it in UTF-8.",
        ),
    ],
)
def test_what_cannot_be_read_has_a_page_that_says_why(
    admin_client: Client, asked: dict[Any, Any], sentence: str
) -> None:
    page = admin_client.get(PRODUCTS, **asked)

    assert page.status_code == 400
    assert sentence in page.text
    assert has_menu(page.text)


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["foo", "utf-16", "zlib", "utf-7"])
@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_forms_in_other_character_sets_are_refused(
    admin_client: Client, kind: str, charset: str
) -> None:
    body = b"--x\r\nContent-Disposition: form-data; name=sku\r\n\r\n+2AA-\xff\r\n--x--\r\n"

    page = admin_client.generic("POST", f"{PRODUCTS}add/", body, f"{kind}; charset={charset}")

    assert page.status_code == 400


@pytest.mark.django_db
def test_a_form_that_has_expired_says_what_to_do(admin_user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)

    page = client.post(f"{PRODUCTS}add/", {"sku": "TYPED"})

    assert page.status_code == 403
    assert "This form has expired. Nothing was saved." in page.text
    # Another site may have written it: nothing of it is offered.
    assert "TYPED" not in page.text


@pytest.mark.django_db
def test_what_nobody_foresaw_has_a_page(admin_user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(ProductAdmin, "get_queryset", fail)
    client = Client(raise_request_exception=False)
    client.force_login(admin_user)

    page = client.get(PRODUCTS)

    assert page.status_code == 500
    assert "Something went wrong." in page.text
    assert has_menu(page.text)
    assert "secret" not in page.text


def test_without_a_database_the_page_stands_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(request: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(admin.site, "each_context", away)
    request = RequestFactory().get(PRODUCTS)
    request.user = User(username="somebody", is_staff=True)

    page = server_error(request)

    assert page.status_code == 500
    assert "Something went wrong." in page.content.decode()
    assert "<nav" not in page.content.decode()
