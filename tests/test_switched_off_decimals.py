"""Qty Uses Decimals is switched off only where there are no fractions, whoever switches it.

OIL uses decimals itself; of WINE one source item does.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.acts import Act
from fulfillment.models import Allocation, Shipment
from fulfillment.operations.moves.backorder import move_to_backorder
from fulfillment.operations.moves.fulfill import fulfill
from inventory.models import (
    FutureSupply,
    Product,
    Source,
    SourceItem,
    Stock,
)
from inventory.operations.compensation import compensate
from inventory.operations.options import save_product
from inventory.operations.source_items import ItemChange, set_items
from inventory.operations.supply_records import save_supply
from inventory.operations.whole_units import FractionError
from inventory.queries.decimals import conflicts_of_products
from orders.changes.cancel import cancel
from orders.placing.errors import OrderRefusedError
from orders.placing.place import place_order
from orders.placing.request import LineRequest
from tests.beside import beside
from tests.factories.inventory import (
    FutureSupplyFactory,
    ProductFactory,
    SourceFactory,
    SourceItemFactory,
)
from tests.inventory.files.imports import checked, confirmed, sentences
from tests.option_values import give_own_values
from tests.whole_units import (
    FRACTION,
    NOW,
    ORDER,
    WHOLE,
    api,
    bulk,
    everything,
    file,
    item,
    line,
    make_world,
    page,
    set_api,
    supply,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world() -> None:
    make_world()


def held(sku: str) -> str:
    SourceItem.objects.filter(pk=item(sku).pk).update(quantity=Decimal("20.5"))
    return "on hand at default; incoming at –; ordered in –"


def kept_back(sku: str) -> str:
    SourceItem.objects.filter(pk=item(sku).pk).update(safety_stock=Decimal("0.5"))
    return "on hand at default; incoming at –; ordered in –"


def coming(sku: str) -> str:
    FutureSupply.objects.filter(pk=supply(sku).pk).update(quantity=Decimal("2.5"))
    return "on hand at –; incoming at default; ordered in –"


def sent(sku: str) -> str:
    """Units on their way to a source that uses decimals itself; they may go back."""
    product, sender = item(sku).product, item(sku).source
    target = SourceItemFactory(
        product=product, source=SourceFactory(code="oslo"), quantity=0, qty_uses_decimals=True
    ).source
    FutureSupplyFactory(product=product, source=target, sent_from=sender, quantity=Decimal("2.5"))
    return "on hand at –; incoming at oslo; ordered in –"


def waiting(sku: str) -> str:
    """An order of which a fraction waits: nothing is set aside for it."""
    Product.objects.filter(sku=sku).update(backorders="ALLOW_QTY_BELOW_0")
    place_order(replace(ORDER, lines=(LineRequest(sku, Decimal("40.5")),), number="W-2"), Act(NOW))
    SourceItem.objects.filter(product__sku=sku).update(allocated=0, quantity=0)
    Allocation.objects.all().delete()
    return "on hand at –; incoming at –; ordered in W-2"


def set_aside(sku: str) -> str:
    """Two orders of fractions: what is set aside is whole in all."""
    for number in ("W-2", "W-3"):
        lines = (LineRequest(sku, Decimal("1.5")),)
        place_order(replace(ORDER, lines=lines, number=number), Act(NOW))
    return "on hand at –; incoming at –; ordered in W-2, W-3"


LEFT = (held, kept_back, coming, sent, waiting, set_aside)


def switched_on_item_page(sku: str) -> list[str]:
    url = reverse("admin:inventory_sourceitem_change", args=[item(sku).pk])
    return page(url, qty_uses_decimals_value="False", qty_uses_decimals_use_config="")


def switched_on_product_page(sku: str) -> list[str]:
    url = reverse("admin:inventory_product_change", args=[item(sku).product_id])
    return page(url, qty_uses_decimals_value="False", qty_uses_decimals_use_config="")


def switched_in_sources_area(sku: str) -> list[str]:
    url = reverse("admin:inventory_product_change", args=[item(sku).product_id])
    name = "source_items-0-qty_uses_decimals"
    return page(url, **{f"{name}_value": "", f"{name}_use_config": "on"})


def replaced_by_file(sku: str) -> list[str]:
    """A row that replaces an item leaves it no value of its own."""
    whole = str(int(item(sku).quantity))
    row = f"source_code,sku,quantity\ndefault,{sku},{whole}\n"
    found = checked(row, behavior="REPLACE")
    if found.state == "CHECKED":
        assert confirmed(found).state == "WRITTEN"
    return [sentence for _line, _column, sentence in sentences(found)]


SWITCHES: dict[str, tuple[str, Callable[[str], list[str]]]] = {
    "page of a product": ("OIL", switched_on_product_page),
    "API products": (
        "OIL",
        lambda sku: api("PATCH", f"products/{sku}/", {"overrides": {"qty_uses_decimals": None}}),
    ),
    "file PRODUCTS": ("OIL", lambda sku: file("PRODUCTS", sku=sku, is_qty_decimal="0")),
    "bulk option of products": (
        "OIL",
        lambda sku: bulk(
            "PRODUCT_OPTION", item(sku).product_id, name="qty_uses_decimals", value=False
        ),
    ),
    "page of a source item": ("WINE", switched_on_item_page),
    "page of a product: its sources": ("WINE", switched_in_sources_area),
    "API source-items/set": (
        "WINE",
        lambda sku: set_api(overrides={"qty_uses_decimals": False})(sku, ""),
    ),
    "file STOCK_SOURCES": ("WINE", replaced_by_file),
    "bulk option of source items": (
        "WINE",
        lambda sku: bulk("ITEM_OPTION", item(sku).pk, name="qty_uses_decimals", value=None),
    ),
}


@pytest.fixture
def wine() -> None:
    """A product of which one source item alone uses decimals."""
    product = ProductFactory(sku="WINE")
    default = Source.objects.get(code="default")
    SourceItemFactory(product=product, source=default, quantity=20, qty_uses_decimals=True)
    FutureSupplyFactory(product=product, source=default, quantity=Decimal(10))


def cases_of_switches() -> list[Any]:
    return [
        pytest.param(sku, switch, left, id=f"{name} · {left.__name__}")
        for name, (sku, switch) in SWITCHES.items()
        for left in LEFT
        # A count in the same row takes the fraction away.
        if (name, left) != ("file STOCK_SOURCES", held)
        if (name, left) != ("file STOCK_SOURCES", kept_back)
    ]


@pytest.mark.parametrize(("sku", "switch", "left"), cases_of_switches())
def test_decimals_are_not_switched_off_while_there_are_fractions(
    wine: None, sku: Any, switch: Any, left: Any
) -> None:
    named = left(sku)
    before = everything()

    said = switch(sku)

    sentence = f"Qty Uses Decimals cannot be switched off while there are fractions: {named}."
    assert any(sentence in one for one in said), said
    assert everything() == before


def test_a_sender_without_its_item_counts_as_the_product_does() -> None:
    tea = ProductFactory(sku="TEA", qty_uses_decimals=True)
    own = SourceItemFactory(product=tea, source=SourceFactory(code="oslo"), qty_uses_decimals=True)
    sender = Source.objects.get(code="default")
    FutureSupplyFactory(product=tea, source=own.source, sent_from=sender, quantity=Decimal("2.5"))

    found = conflicts_of_products([tea.pk])

    assert found[tea.pk].values["incoming"] == "oslo"


@pytest.mark.parametrize(("sku", "switch"), SWITCHES.values(), ids=SWITCHES)
def test_decimals_are_switched_off_where_everything_is_whole(
    wine: None, sku: str, switch: Callable[[str], list[str]]
) -> None:
    assert switch(sku) == []

    own: Any = Product.objects.get(sku=sku) if sku == "OIL" else item(sku)
    assert not own.qty_uses_decimals


def test_decimals_stay_for_orders_that_another_source_can_serve(wine: None) -> None:
    waiting("WINE")
    north = SourceItemFactory(
        product=Product.objects.get(sku="WINE"), source=Source.objects.get(code="north")
    )
    SourceItem.objects.filter(pk=north.pk).update(qty_uses_decimals=True)

    assert switched_on_item_page("WINE") == []


def order_of_fraction() -> None:
    place_order(replace(ORDER, lines=(LineRequest("OIL", FRACTION),), number="W-9"), Act(NOW))


def count_of_fraction() -> None:
    change = ItemChange(item("OIL").product_id, item("OIL").source_id, {"quantity": FRACTION})
    set_items([change], Act(NOW))


def supply_of_fraction() -> None:
    save_supply(
        FutureSupply(
            product_id=item("OIL").product_id, source_id=item("OIL").source_id, quantity=FRACTION
        ),
        changed={"quantity"},
    )


def compensation_of_fraction() -> None:
    compensate(
        Act(NOW, reason="counted"),
        stock_id=Stock.objects.get(code="default").pk,
        product_id=item("OIL").product_id,
        quantity=FRACTION,
    )


def cancel_of_fraction() -> None:
    cancel(line("OIL").order_id, Act(NOW), quantities={line("OIL").pk: FRACTION})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "write",
    [
        order_of_fraction,
        count_of_fraction,
        supply_of_fraction,
        compensation_of_fraction,
        cancel_of_fraction,
    ],
    ids=lambda write: write.__name__,
)
def test_a_fraction_that_comes_while_decimals_are_switched_off_is_refused(
    write: Callable[..., Any],
) -> None:
    refusals = []

    def attempt() -> None:
        try:
            write()
        except (FractionError, OrderRefusedError) as error:
            refusals.append(str(error))

    with ExitStack() as ending, transaction.atomic():
        product = Product.objects.get(sku="OIL")
        give_own_values(product, qty_uses_decimals=False)
        save_product(product, Act(NOW))
        ending.enter_context(beside(attempt))
    assert refusals in ([f"1.5 {WHOLE}."], ["DECIMALS_NOT_ALLOWED"])


@pytest.mark.parametrize("move", ["fulfill", "backorder"])
def test_the_product_of_a_fraction_is_held_before_its_shipment_is_locked(move: str) -> None:
    """Cancels hold products first, too: whoever comes second waits, and none waits for both."""
    shipment = Shipment.objects.get(number="W-1-1")

    with CaptureQueriesContext(connection) as asked:
        if move == "fulfill":
            fulfill(shipment.pk, Act(NOW), quantities={line("OIL").pk: FRACTION})
        else:
            counted = {item("OIL").product_id: FRACTION}
            move_to_backorder(shipment.pk, Act(NOW, reason="counted"), counted=counted)

    locks = [each["sql"] for each in asked if "FOR UPDATE" in each["sql"]
             or "FOR NO KEY UPDATE" in each["sql"]]  # fmt: skip
    assert 'FROM "inventory_product"' in locks[0]
    assert any('FROM "fulfillment_shipment"' in lock for lock in locks[1:])
