"""E-mails, problems of the API and pages of errors have no English in other languages."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from django.utils import translation
from django.utils.functional import Promise
from rest_framework import exceptions, fields, relations, serializers, validators

from core.models import PersonLanguage
from inventory.admin.products import ProductAdmin
from orders.models import OrderEmail
from tests.api import api_of_superuser
from tests.config.test_api_parameters import METHODS
from tests.customer_pages import customer_pages, linked_pages, templates_of_pages, text_of
from tests.every_email import texts_in
from tests.lints.catalogues import LANGUAGES
from tests.lints.translations import shown_in
from tests.test_no_english import english_in, english_words, names_in, words_of

pytestmark = pytest.mark.django_db

# Members of the API with values of other kinds than theirs.
WRONG = {
    **dict.fromkeys(("sku", "code", "name", "number", "reason", "note", "reference"), 7),
    **dict.fromkeys(("quantity", "priority", "price", "amount", "total"), "many"),
    **dict.fromkeys(("expected_on", "placed_at", "expires_at"), "tomorrow"),
    **dict.fromkeys(("lines", "sources", "items", "shipments", "channels"), "all"),
    **dict.fromkeys(("is_enabled", "confirm", "return_to_stock"), "perhaps"),
    **dict.fromkeys(("source", "product", "stock", "channel", "currency", "country"), "nowhere"),
    "customer": 7,
    "payment": [],
}
# What an answer quotes or lists: values and members of the request, which no language changes.
QUOTED = re.compile(r"”[^”]*”|«[^»]*»|\"[^\"]*\"|\b\w+_\w+\b|: [a-z_]+(?:, [a-z_]+)+\Z")

# The name of a language in the menu, and what the person is called.
NAMES_SHOWN = {"english", "admin", "example"}
# Of an address that takes one parameter: its name stands alone in the list of those there are.
PARAMETER = {"paper"}


def left(told: list[str], english: set[str]) -> set[str]:
    """Return the English words of texts, without what they quote."""
    return {word for text in told for word in words_of(QUOTED.sub("", text))} & english


@pytest.mark.parametrize("language", LANGUAGES)
def test_e_mails_have_no_english_words(language: str) -> None:
    english = english_words(language)
    texts = texts_in(language)

    assert len(texts) > 2 * len(OrderEmail.Kind)
    assert {text: words_of(text) & english for text in texts if words_of(text) & english} == {}


@time_machine.travel("2026-03-05T12:00Z", tick=False)
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_that_customers_open_have_no_english_words(language: str, settings: Any) -> None:
    english = english_words(language)
    names = names_in(language)

    answers = customer_pages(language, settings)

    pages = answers.values()
    assert templates_of_pages() <= {each.name for page in pages for each in page.templates}
    assert {page.resolver_match.url_name for page in pages} == linked_pages()
    other = {name for name, page in answers.items() if f'lang="{language}"' not in page.text}
    assert other == set()
    shown = {name: english_in(text_of(page), english, names) for name, page in answers.items()}
    assert {name: words for name, words in shown.items() if words} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_problems_of_the_api_have_no_english_words(language: str) -> None:
    english = english_words(language) - PARAMETER
    api = api_of_superuser()

    found = {}
    asked = [("", {}), ("?stat=BACKORDER", {}), ("", "[1]"), ("", "{"), ("", WRONG)]
    for address, _endpoint, method in METHODS:
        for parameters, body in asked:
            status, problem = api.send(
                method, f"{address}{parameters}", body, Accept_Language=language
            )
            if status >= 400:
                told = [problem["title"], problem["detail"]]
                told += [fault["detail"] for fault in problem["errors"]]
                found[method, address, parameters, str(body)] = told

    assert len(found) > 200
    wrong = {key: words for key, told in found.items() if (words := left(told, english))}
    assert wrong == {}


@pytest.mark.pure
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_frameworks_messages_have_the_language(language: str) -> None:
    """What the REST framework says by itself and its catalogue lacks is in ours."""
    messages = {
        message
        for module in (exceptions, fields, relations, serializers, validators)
        for kind in vars(module).values()
        if isinstance(kind, type)
        for message in [
            *getattr(kind, "default_error_messages", {}).values(),
            getattr(kind, "default_detail", ""),
            getattr(kind, "message", ""),
        ]
        if isinstance(message, Promise) and str(message)
    }

    assert len(messages) > 50
    english = {message: str(message) for message in messages}
    with translation.override(language):
        assert [text for message, text in english.items() if str(message) == text] == []


def error_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return the answers to what is not carried out, by what went wrong."""
    products = "/admin/inventory/product/"
    answers: dict[str, Any] = {
        "nowhere": client.get("/admin/nowhere/"),
        "of no page": client.get("/nowhere/"),
        "unreadable": client.get(products, {"q": "a\x00b"}),
        "expired": client.post(f"{products}add/", {"sku": "TYPED"}),
        "filter": client.get(products, {"product_type__exact__no": "x"}, follow=True),
    }
    client.handler.enforce_csrf_checks = False
    for name, error in (
        ("unforeseen", RuntimeError("secret")),
        ("database away", OperationalError("server closed the connection unexpectedly")),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(ProductAdmin, "get_queryset", raising(error))
            answers[name] = client.get(products)
    return answers


def raising(error: Exception) -> Any:
    def fail(*_arguments: Any, **_named: Any) -> None:
        raise error

    return fail


@pytest.fixture
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_errors_and_of_the_log_in_are_in_the_language(
    admin_user: User, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    english = english_words(language)
    header = {"accept-language": language}
    person = Client(enforce_csrf_checks=True, raise_request_exception=False)
    PersonLanguage.objects.create(user=admin_user, language=language)
    person.force_login(admin_user)
    nobody = Client(enforce_csrf_checks=True, raise_request_exception=False, headers=header)
    clerk = Client(headers=header)
    clerk.force_login(User.objects.create(username="clerk", is_staff=True))

    answers = {f"a person: {name}": page for name, page in error_pages(person, monkeypatch).items()}
    answers |= {
        "nobody: nowhere": nobody.get("/nowhere/"),
        "nobody: log-in": nobody.get("/admin/login/"),
        "nobody: wrong password": Client(headers=header).post(
            "/admin/login/", {"username": "admin", "password": "wrong"}
        ),
        "nobody: expired": nobody.post("/admin/login/", {"username": "admin"}),
        "a clerk: not permitted": clerk.get("/admin/inventory/product/"),
        "a clerk: no role": clerk.get("/admin/", follow=True),
        "a clerk: logged out": clerk.post("/admin/logout/"),
    }

    assert {page.status_code for page in answers.values()} == {200, 400, 403, 404, 500, 503}
    assert {
        name for name, page in answers.items() if f'<html lang="{language}"' not in page.text
    } == (set())
    shown = {
        name: {word for text in shown_in(page.text) for word in words_of(text)}
        & english - NAMES_SHOWN
        for name, page in answers.items()
    }
    assert {name: words for name, words in shown.items() if words} == {}
