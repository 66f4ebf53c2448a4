"""Forms of many rows: small enough to open, saved whole, or refused with a sentence."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from inventory.models import Source, SourceItem, Stock, StockSource
from tests.factories.inventory import ProductFactory, StockFactory
from tests.form_values import shown_in
from tests.opened_form import opened_form

pytestmark = pytest.mark.django_db


def change(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def make_sources(first: int, count: int) -> list[Source]:
    return Source.objects.bulk_create(
        Source(code=f"warehouse-{number:04}", name=f"Warehouse {number}")
        for number in range(first, first + count)
    )


def assign(product: Any, sources: list[Source]) -> None:
    SourceItem.objects.bulk_create(
        SourceItem(product=product, source=source, quantity=5, status="IN_STOCK")
        for source in sources
    )


def link(stock: Stock, sources: list[Source]) -> None:
    StockSource.objects.bulk_create(
        StockSource(stock=stock, source=source, priority=priority)
        for priority, source in enumerate(sources, start=1)
    )


def opened(client: Any, row: Any) -> tuple[int, int]:
    """Return the characters of a page without what it showed, and its queries."""
    with CaptureQueriesContext(connection) as queries:
        page = client.get(change(row)).text
    return len(page) - len(shown_in(page)["shown_values"]), len(queries)


@pytest.mark.parametrize(("make", "fill"), [(ProductFactory, assign), (StockFactory, link)])
def test_each_row_adds_little_to_the_page_and_no_query(
    admin_client: Client, make: type[ProductFactory] | type[StockFactory], fill: Callable[..., Any]
) -> None:
    row = make()
    fill(row, make_sources(0, 5))
    opened(admin_client, row)
    small, few_queries = opened(admin_client, row)

    fill(row, make_sources(5, 20))
    large, many_queries = opened(admin_client, row)

    assert (large - small) / 20 < 7_000
    assert many_queries == few_queries


def test_a_product_at_a_thousand_sources_opens_and_saves(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    product = ProductFactory()
    assign(product, make_sources(0, 1_000))

    with django_assert_max_num_queries(40):
        page = admin_client.get(change(product))
    form = opened_form(page.text)
    with django_assert_max_num_queries(120):
        saved = admin_client.post(change(product), {**form, "source_items-3-quantity": "7"})

    # In its own row alone, as its source and in the words of its removal.
    assert page.text.count("warehouse-0077<") == 2
    assert saved.status_code == 302
    assert product.source_items.get(quantity=7).source.code == "warehouse-0003"
    assert product.source_items.filter(quantity=5).count() == 999


def test_a_form_with_more_fields_than_are_read_says_so(
    admin_client: Client, settings: Settings
) -> None:
    product = ProductFactory(name="Before")
    assign(product, make_sources(0, 3))
    form = opened_form(admin_client.get(change(product)).text)
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = len(form) - 1

    refused = admin_client.post(change(product), {**form, "name": "After"})

    product.refresh_from_db()
    assert refused.status_code == 400
    assert "This request cannot be read." in refused.text
    assert "The form has more fields than can be saved at once. Change fewer rows." in refused.text
    assert product.name == "Before"


def test_a_form_of_more_rows_than_are_read_says_so(admin_client: Client) -> None:
    """What is typed in a row beyond them is never left out without a word."""
    product = ProductFactory(name="Before")
    assign(product, make_sources(0, 3))
    form = opened_form(admin_client.get(change(product)).text)

    refused = admin_client.post(
        change(product), {**form, "name": "After", "source_items-TOTAL_FORMS": "5001"}
    )

    product.refresh_from_db()
    assert refused.status_code == 200
    assert "A form saves at most 5,000 rows. Nothing was saved." in refused.text
    assert product.name == "Before"
    assert product.source_items.filter(quantity=Decimal(5)).count() == 3
