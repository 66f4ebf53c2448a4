"""The preview of a file: all that it would do and all that is wrong with it, page by page."""

import re
import tracemalloc
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.files import imports
from inventory.files.staging import rows_by_parts
from inventory.models import ImportFile, Product, Source, SourceItem
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.inventory.files.imports import TODAY, checked, quiet, steps
from tests.inventory.test_source_item_operations import ready_shipments

pytestmark = pytest.mark.django_db

HEADER = "source_code,sku,quantity\n"


def page_of(client: Client, file: ImportFile, **parameters: int) -> Any:
    return client.get(reverse("admin:inventory_importfile_change", args=[file.pk]), parameters)


def sentences_of(page: Any) -> Any:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


@pytest.fixture
def products() -> list[Product]:
    """120 products and the source north, where nothing is yet."""
    SourceFactory(code="north")
    return [ProductFactory(sku=f"P-{number:03}") for number in range(120)]


def test_every_change_is_listed_in_pages_and_what_is_not_listed_is_named(
    admin_client: Client, products: list[Product]
) -> None:
    SourceItemFactory(
        product=ProductFactory(sku="SAME"), source__code="south", quantity=3, status="IN_STOCK"
    )
    rows = [f"north,{product.sku},{number}" for number, product in enumerate(products)]
    file = checked(HEADER + "\n".join([*rows, "south,SAME,3", "nowhere,SAME,1"]) + "\n")

    pages = [page_of(admin_client, file, page=number) for number in (1, 2, 3)]

    listed = [step["line"] for page in pages for step in page.context["steps"]]
    assert listed == list(range(2, 122))
    assert [len(page.context["steps"]) for page in pages] == [50, 50, 20]
    assert "P-119 @ north" in pages[2].content.decode()
    said = sentences_of(pages[0])
    assert "Page 1 of 3" in said
    assert "120 rows that change something." in said
    assert "1 row is not listed because it changes nothing." in said
    assert "1 row is not listed because it is left out: it has an error" in said


def test_every_error_is_listed_in_pages_beside_the_changes(
    admin_client: Client, products: list[Product]
) -> None:
    good = [f"north,{product.sku},1" for product in products[:60]]
    bad = [f"north,{product.sku},x" for product in products[60:]]
    file = checked(HEADER + "\n".join([*good, *bad]) + "\n")

    first, second = page_of(admin_client, file), page_of(admin_client, file, errors=2, page=2)

    assert [problem["line"] for problem in first.context["problems"]] == list(range(62, 112))
    assert [problem["line"] for problem in second.context["problems"]] == list(range(112, 122))
    assert [step["line"] for step in second.context["steps"]] == list(range(52, 62))
    assert "60 errors" in sentences_of(first)
    assert "?errors=1&amp;page=2" in second.content.decode()


def test_errors_beyond_those_kept_are_named(
    admin_client: Client, products: list[Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inventory.files.staging.KEPT_PROBLEMS", 70)
    file = checked(HEADER + "".join(f"north,{product.sku},x\n" for product in products))

    said = sentences_of(page_of(admin_client, file, errors=2))

    assert "The first 70 of 120 errors are listed." in said
    assert "Page 2 of 2" in said


def test_every_shipment_that_would_fall_back_is_listed_in_pages(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inventory.admin.import_page.PAGE_SIZE", 2)
    item = SourceItemFactory(product__sku="A", source__code="north", quantity=60)
    ready_shipments(item, quantities=[20, 20, 20])
    file = checked(f"{HEADER}north,A,0\n")

    pages = [page_of(admin_client, file, shipments=number) for number in (1, 2)]

    assert [len(page.context["fallen_back"]) for page in pages] == [2, 1]
    assert "3 shipments would lose their units" in sentences_of(pages[1])


def test_a_second_check_replaces_what_the_first_found(products: list[Product]) -> None:
    file = checked(f"{HEADER}north,P-000,1\nnorth,P-001,1\n")
    SourceItem.objects.create(
        product=products[0], source=Source.objects.get(code="north"), quantity=1
    )

    imports.check(file.pk, today=TODAY, progress=quiet)

    assert [(step.line, step.name, step.kind) for step in steps(file)] == [
        (3, "P-001 @ north", "NEW")
    ]


def test_a_page_asks_as_much_of_many_rows_as_of_few(
    admin_client: Client, products: list[Product]
) -> None:
    few = checked(f"{HEADER}north,P-000,1\n")
    many = checked(HEADER + "".join(f"north,{product.sku},1\n" for product in products))
    page_of(admin_client, few)

    asked = []
    for file in (few, many):
        with CaptureQueriesContext(connection) as captured:
            page_of(admin_client, file)
        asked.append(len(captured))

    assert asked[0] == asked[1]


def test_rows_of_a_large_file_are_never_held_all_at_once() -> None:
    tracemalloc.start()
    try:
        rows = rows_by_parts(
            "many", "SELECT line, repeat('x', 100) FROM generate_series(1, 100000) AS line"
        )
        found = sum(1 for _row in rows)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert found == 100_000
    # 100,000 rows of a number and a text would be 20 MB.
    assert most < 5_000_000
