"""Magento's own behaviour: which items are low, which sources serve, which codes are taken.

The figures are those of the tests named (magento/inventory 2.4, October 2024). Where ours differ
on purpose, the case expects ours and says why.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from fulfillment.sourcing.assignment import LineNeed, assign
from fulfillment.sourcing.choices import SplitLimits
from fulfillment.sourcing.eligibility import SpareUnits
from inventory.admin.source_item_forms import has_many_sources
from inventory.models import InventoryConfiguration, SalesChannel, Source, SourceItem, Stock
from inventory.operations.stocks import (
    ChannelsOfDefaultError,
    StockInUseError,
    delete_stock,
    save_source,
    save_stock,
)
from inventory.queries.low_items import low_item
from inventory.queries.salability_facts import availability_in_stock
from inventory.salability import salable_quantity
from tests.factories.inventory import (
    ProductFactory,
    SalesChannelFactory,
    SourceFactory,
    SourceItemFactory,
    StockFactory,
)
from tests.present import present

TODAY = date(2026, 3, 2)

EU_1, EU_2 = 1, 2


@pytest.fixture
def catalog(db: None) -> None:
    """Products at sources as Magento's own fixtures have them."""
    sources = {code: SourceFactory(code=code) for code in ("eu-1", "eu-2", "eu-3", "us-1")}
    sources["eu-disabled"] = SourceFactory(code="eu-disabled", is_enabled=False)
    products = {
        "SKU-1": ProductFactory(sku="SKU-1", manage_stock=True),
        "SKU-2": ProductFactory(sku="SKU-2", manage_stock=True),
        "SKU-3": ProductFactory(sku="SKU-3", manage_stock=True),
        "SKU-4": ProductFactory(sku="SKU-4", manage_stock=False),
        "SKU-6": ProductFactory(sku="SKU-6", manage_stock=True, backorders="ALLOW_QTY_BELOW_0"),
    }
    for source, sku, quantity, status, below in [
        ("eu-1", "SKU-1", "5.5", "IN_STOCK", "5.6"),
        ("eu-2", "SKU-1", "3", "IN_STOCK", None),
        ("eu-3", "SKU-1", "10", "OUT_OF_STOCK", None),
        ("eu-disabled", "SKU-1", "10", "IN_STOCK", "1000"),
        ("us-1", "SKU-2", "5", "IN_STOCK", "4.5"),
        ("eu-2", "SKU-3", "6", "OUT_OF_STOCK", "1000"),
        ("eu-2", "SKU-4", "6", "IN_STOCK", None),
        ("eu-1", "SKU-6", "0", "IN_STOCK", None),
    ]:
        SourceItemFactory(
            source=sources[source],
            product=products[sku],
            quantity=Decimal(quantity),
            status=status,
            notify_quantity_below=None if below is None else Decimal(below),
        )
    eu = [sources[code] for code in ("eu-1", "eu-2", "eu-3", "eu-disabled")]
    SalesChannelFactory(code="eu_website", stock=StockFactory(code="eu", sources=eu))


def low(**configured: Decimal | bool) -> list[str]:
    configuration = InventoryConfiguration.load()
    for name, value in configured.items():
        setattr(configuration, name, value)
    rows = SourceItem.objects.filter(low_item(configuration=configuration))
    return [
        " ".join(row)
        for row in rows.order_by("product__sku", "source__code").values_list(
            "source__code", "product__sku"
        )
    ]


def test_low_is_strictly_below_and_at_an_enabled_source(catalog: None) -> None:
    """LowQuantityCollectionTest lists eu-1 SKU-1 alone.

    Items out of stock, and those at 0 without a threshold of their own, are low here too.
    """
    assert low(notify_quantity_below=Decimal(1)) == ["eu-1 SKU-1", "eu-2 SKU-3", "eu-1 SKU-6"]


@pytest.mark.parametrize(
    ("source", "sku", "below", "count"),
    [
        ("eu-disabled", "SKU-1", "12", 4),
        ("eu-1", "SKU-1", None, 4),
        ("eu-2", "SKU-3", "10", 4),
        ("us-1", "SKU-2", "8", 5),
        ("eu-2", "SKU-3", None, 4),
    ],
)
@pytest.mark.parametrize("manage_stock", [True, False])
def test_a_changed_threshold_counts_at_once(
    catalog: None, manage_stock: bool, source: str, sku: str, below: str | None, count: int
) -> None:
    """RssFeedTest; Magento's feed has disabled sources too, which are never low here."""
    SourceItem.objects.filter(source__code=source, product__sku=sku).update(
        notify_quantity_below=None if below is None else Decimal(below)
    )

    found = low(notify_quantity_below=Decimal(7), manage_stock=manage_stock)

    assert len(found) == count
    assert "eu-disabled SKU-1" not in found
    assert "eu-2 SKU-4" not in found


def test_six_is_not_below_five(db: None) -> None:
    """AdminLowStockReportForSimpleProductWithStatusCheckAndDefaultStockTest"""
    SourceItemFactory(quantity=Decimal(6))

    assert low(notify_quantity_below=Decimal(5)) == []
    assert low(notify_quantity_below=Decimal(6)) == []
    assert len(low(notify_quantity_below=Decimal("6.0001"))) == 1


def salable(sku: str = "SKU-1") -> Decimal:
    return salable_quantity(
        present(availability_in_stock("eu", [sku], today=TODAY)).products[sku].facts
    )


@pytest.mark.parametrize(
    ("code", "before", "after"), [("eu-1", "8.5", "3"), ("eu-disabled", "8.5", "18.5")]
)
def test_a_source_opened_or_closed_counts_at_once(
    catalog: None, code: str, before: str, after: str
) -> None:
    """InvalidateAfterEnablingOrDisablingSourceTest; nothing is indexed here."""
    assert salable() == Decimal(before)

    source = Source.objects.get(code=code)
    source.is_enabled = not source.is_enabled
    save_source(source, today=date(2026, 4, 28))

    assert salable() == Decimal(after)


def takes(
    needs: list[LineNeed], at_source: dict[tuple[Any, int], Decimal]
) -> Mapping[int, Mapping[int, Decimal]]:
    in_all: dict[int, Decimal] = {}
    for (_source, product), quantity in at_source.items():
        in_all[product] = in_all.get(product, Decimal(0)) + quantity
    return assign(
        needs, SpareUnits(at_source, in_all, at_source.keys()), [EU_1, EU_2], SplitLimits()
    )


def test_sources_are_used_in_their_order() -> None:
    """GetDefaultSortedSourcesResultTest"""
    at_source = {(EU_1, 1): Decimal("5.5"), (EU_2, 1): Decimal(3)}

    assert takes([LineNeed(1, 1, Decimal(7))], at_source) == {
        EU_1: {1: Decimal("5.5")},
        EU_2: {1: Decimal("1.5")},
    }


def test_the_source_that_covers_most_goes_first() -> None:
    """SourceSelectionServiceTest takes 5.5 at eu-1 and the rest at eu-2.

    Here eu-2 covers seven of the twelve units and goes first: fewer units travel from the second.
    """
    at_source = {(EU_1, 1): Decimal("5.5"), (EU_2, 1): Decimal(3), (EU_2, 4): Decimal(6)}

    assert takes([LineNeed(1, 1, Decimal(8)), LineNeed(2, 4, Decimal(4))], at_source) == {
        EU_2: {1: Decimal(3), 2: Decimal(4)},
        EU_1: {1: Decimal(5)},
    }


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"code": ""}, "code"),
        ({"code": " "}, "code"),
        ({"code": "a b"}, "code"),
        ({"code": "${test}"}, "code"),
        ({"postcode": ""}, "postcode"),
        ({"country": ""}, "country"),
        ({"country": "Atlantis"}, "country"),
    ],
)
def test_a_source_says_who_and_where_it_is(db: None, changed: dict[str, str], field: str) -> None:
    """SourceRepository\\ValidationTest, CodeValidatorTest

    Magento refuses ${test} as a name too; a name is free text here.
    """
    source = Source(
        **({"code": "valid_code", "name": "${test}", "postcode": "1", "country": "US"} | changed)
    )

    with pytest.raises(ValidationError) as refused:
        source.full_clean()

    assert set(refused.value.error_dict) == {field}


def test_a_stock_has_a_name(db: None) -> None:
    """StockRepository\\ValidationTest"""
    with pytest.raises(ValidationError) as refused:
        Stock(code="eu", name="").full_clean()

    assert set(refused.value.error_dict) == {"name"}


def test_a_channel_taken_from_a_stock_is_served_by_the_default(catalog: None) -> None:
    """StockRepository\\RemoveSalesChannelTest"""
    save_stock(Stock.objects.get(code="eu"), channel_codes=["us_website"])

    served = SalesChannel.objects.order_by("code").values_list("code", "stock__code")
    assert list(served) == [("eu_website", "default"), ("us_website", "eu")]


def test_the_default_stock_stays(db: None) -> None:
    """StockRepository\\PreventDeleteDefaultStockTest

    Magento ties the default stock to the default source; here it may have other sources.
    """
    default = Stock.objects.get(code="default")
    SalesChannelFactory(code="base", stock=default)

    with pytest.raises(StockInUseError):
        delete_stock(default.pk)
    with pytest.raises(ChannelsOfDefaultError):
        save_stock(default, channel_codes=[])
    save_stock(default, priorities={SourceFactory(code="eu-2").pk: 1})
    assert default.links.get().source.code == "eu-2"


def test_with_one_enabled_source_the_page_is_simpler(db: None) -> None:
    """IsSingleSourceModeTest"""
    assert has_many_sources() is False

    SourceFactory(is_enabled=False)
    assert has_many_sources() is False

    SourceFactory()
    assert has_many_sources() is True
