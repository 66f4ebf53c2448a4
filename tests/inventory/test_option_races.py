"""Options of a product, and of the site, that are set at the same moment."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from core.acts import Act
from core.operations.bulk.apply import ChangedSinceShownError
from inventory.models import InventoryConfiguration, Product
from inventory.operations import options
from tests.beside import beside
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.inventory.bulk_changes import made
from tests.inventory.files.imports import written
from tests.option_values import give_own_values, own_value

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True)
TEN, FIVE = Decimal(10), Decimal(5)


@pytest.fixture
def product() -> Product:
    """LAMP, which follows the site."""
    InventoryConfiguration.load()
    return SourceItemFactory(
        product=ProductFactory(sku="LAMP"), source=SourceFactory(), quantity=TEN
    ).product


def minimum_of_ten() -> None:
    product = Product.objects.get(sku="LAMP")
    give_own_values(product, min_cart_qty=TEN)
    options.save_product(product, Act(NOW), changed={"min_cart_qty"})


def maximum_of_five() -> None:
    configuration = InventoryConfiguration.load()
    give_own_values(configuration, max_cart_qty=FIVE)
    options.save_configuration(configuration, changed={"max_cart_qty"})


def by_product() -> str:
    minimum_of_ten()
    return "saved"


def by_bulk() -> str:
    key = Product.objects.get(sku="LAMP").pk
    change = made("PRODUCT_OPTION", [key], name="min_cart_qty", value="10")
    return f"{change.changed_count} changed"


def by_file() -> str:
    file = written("sku,min_cart_qty\nLAMP,10\n", format_code="PRODUCTS")
    return file.state


@pytest.mark.parametrize(
    ("write", "answer"),
    [
        (by_product, "OptionConflictError"),
        (by_bulk, "ChangedSinceShownError"),
        (by_file, "REFUSED"),
    ],
)
def test_a_product_waits_for_the_site_and_is_refused_what_leaves_nothing_to_buy(
    product: Product, write: Callable[..., Any], answer: str
) -> None:
    answers = []

    def set_minimum() -> None:
        try:
            answers.append(write())
        except (options.OptionConflictError, ChangedSinceShownError) as refused:
            answers.append(type(refused).__name__)

    with ExitStack() as stack, transaction.atomic():
        maximum_of_five()
        stack.enter_context(beside(set_minimum))

    product.refresh_from_db()
    assert (answers, own_value(product, "min_cart_qty")) == ([answer], None)


def test_the_site_waits_for_a_product_and_asks_about_it(product: Product) -> None:
    answers = []

    def set_maximum() -> None:
        try:
            maximum_of_five()
        except options.LeavesNothingToBuyError as asked:
            answers.append(asked.found.skus)

    with ExitStack() as stack, transaction.atomic():
        minimum_of_ten()
        stack.enter_context(beside(set_maximum))

    assert answers == [("LAMP",)]
    assert own_value(InventoryConfiguration.load(), "max_cart_qty") is None
