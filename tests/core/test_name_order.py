"""Names in the order of the reader's language, in the database and in Python."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField, TextField
from django.test import Client
from django.urls import reverse
from django.utils import translation

from core.countries import country_choices
from core.models import PersonLanguage
from core.name_order import NAMES, by_name, name_key
from inventory.models import Product
from tests.factories.inventory import ProductFactory

SHUFFLED = [
    *("Öl", "zebra", "Étui", "Ånga", "eta", "Ärla", "fax", "Ebbe", "Œuf", "Odeur", "orange"),
    *("Ødegaard", "Zara", "Łódź", "lokal", "Æble", "apa", "9 V", "(x)", "Straße", "strass"),
    "Ete",
]
ORDERED = {
    "sv": [
        *("(x)", "9 V", "apa", "Ebbe", "eta", "Ete", "Étui", "fax", "Łódź", "lokal", "Odeur"),
        *("Œuf", "orange", "strass", "Straße", "Zara", "zebra", "Ånga", "Æble", "Ärla"),
        *("Ødegaard", "Öl"),
    ],
    "fr": [
        *("(x)", "9 V", "Æble", "Ånga", "apa", "Ärla", "Ebbe", "eta", "Ete", "Étui", "fax"),
        *("Łódź", "lokal", "Ødegaard", "Odeur", "Œuf", "Öl", "orange", "strass", "Straße"),
        *("Zara", "zebra"),
    ],
}
ORDERED["en"] = ORDERED["fr"]
# Columns of text that have no language: lists sort them as the database does.
CODES = {
    *("action", "code", "customer_email", "email", "gateway", "kind", "number", "order_number"),
    *("prefix", "recipient", "reference", "sku", "tracking_url"),
}


@pytest.mark.pure
@pytest.mark.parametrize("language", ["en", "sv", "fr"])
def test_python_orders_names_as_the_language_does(language: str) -> None:
    with translation.override(language):
        assert sorted(SHUFFLED, key=name_key) == ORDERED[language]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "sv", "fr"])
def test_the_database_orders_names_as_python_does(language: str) -> None:
    for name in SHUFFLED:
        ProductFactory(name=name)

    with translation.override(language):
        names = list(Product.objects.order_by(by_name("name")).values_list("name", flat=True))
        turned = list(Product.objects.order_by(by_name("-name")).values_list("name", flat=True))

    assert names == ORDERED[language]
    assert turned == ORDERED[language][::-1]


@pytest.mark.django_db
def test_a_mark_of_its_own_does_not_change_the_order() -> None:
    for name in ("Anga", "A\u030anga", "Zon"):
        ProductFactory(name=name)

    with translation.override("sv"):
        names = list(Product.objects.order_by(by_name("name")).values_list("name", flat=True))
        assert sorted(names, key=name_key) == ["Anga", "Zon", "A\u030anga"]

    assert names == ["Anga", "Zon", "A\u030anga"]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "sv"])
def test_a_list_is_sorted_in_the_language_of_the_person(
    admin_client: Client, admin_user: User, language: str
) -> None:
    PersonLanguage.objects.create(user=admin_user, language=language)
    admin_client.force_login(admin_user)
    for name in ("Öl", "Zebra", "Ånga", "Ost"):
        ProductFactory(name=name)
    page = reverse("admin:inventory_product_changelist")

    shown = [
        [product.name for product in admin_client.get(page, {"o": order}).context["cl"].result_list]
        for order in ("2", "-2")
    ]

    expected = {"en": ["Ånga", "Öl", "Ost", "Zebra"], "sv": ["Ost", "Zebra", "Ånga", "Öl"]}
    assert shown == [expected[language], expected[language][::-1]]


@pytest.mark.pure
def test_countries_are_in_the_order_of_the_language() -> None:
    with translation.override("sv"):
        swedish = [name for _code, name in country_choices()]
    with translation.override("fr"):
        french = [name for _code, name in country_choices()]

    assert swedish[-3:] == ["Åland", "Österrike", "Östtimor"]
    assert french.index("Égypte") < french.index("Espagne") < french.index("États-Unis")


@pytest.mark.pure
def test_every_column_of_text_that_lists_sort_by_is_of_names_or_of_codes() -> None:
    found = set(sorted_texts())

    assert found - NAMES == CODES
    assert {"name", "username", "first_name"} <= found


def sorted_texts() -> Iterator[str]:
    """Yield the columns of text without choices by which lists of the admin can be sorted."""
    for model, model_admin in admin.site._registry.items():
        listed: list[Any] = [*model_admin.list_display, *getattr(model_admin, "more_columns", ())]
        for column in [*listed, *(model_admin.ordering or ())]:
            described = getattr(model_admin, column, None) if isinstance(column, str) else column
            order = getattr(described, "admin_order_field", None) if described else column
            field = field_of(model, order) if isinstance(order, str) else None
            if isinstance(field, CharField | TextField) and not field.choices:
                yield field.name


def field_of(model: Any, path: str) -> Any:
    try:
        *relations, column = path.removeprefix("-").split("__")
        for relation in relations:
            model = model._meta.get_field(relation).related_model
        return model._meta.get_field(column)
    except FieldDoesNotExist:
        return None
