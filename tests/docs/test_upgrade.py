"""What the page about upgrades has people run finds what it says."""

import re
from pathlib import Path

import pytest
from django.db import connection

from core.sql import fetch_column
from tests.factories.inventory import ProductFactory

PAGE = Path(__file__).parents[2] / "docs/operations/upgrade.md"


@pytest.mark.django_db
def test_products_with_one_barcode_in_two_spellings_are_listed() -> None:
    [query] = re.findall(r'-c "\s*(SELECT[^"]*inventory_product[^"]*)"', PAGE.read_text())
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE inventory_product DROP CONSTRAINT product_barcode_once")
    for sku, barcode in (
        ("A", "012345678905"),
        ("B", "0012345678905"),
        ("C", "4006381333931"),
        ("D", "0001"),
        ("E", "1"),
        # Wrong check digits: numbers of the house, each its own.
        ("H", "96385075"),
        ("I", "000096385075"),
        ("F", None),
        ("G", None),
    ):
        ProductFactory(sku=sku, barcode=barcode)

    assert fetch_column(query, {}) == ["A: 012345678905, B: 0012345678905"]
