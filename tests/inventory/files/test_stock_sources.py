from decimal import Decimal

import pytest

from inventory.models import SourceItem
from inventory.operations import units
from tests.factories.inventory import ProductFactory, SourceFactory, SourceItemFactory
from tests.inventory.files.importing import checked, counts, findings, sentences, written

pytestmark = pytest.mark.django_db


def held():
    return {
        (sku, code): (quantity, status)
        for sku, code, quantity, status in SourceItem.objects.values_list(
            "product__sku", "source__code", "quantity", "status"
        )
    }


@pytest.fixture
def world():
    """A and B; A is held at north with 5."""
    a, b = ProductFactory(sku="A"), ProductFactory(sku="B")
    north = SourceFactory(code="north")
    SourceFactory(code="south")
    SourceItemFactory(product=a, source=north, quantity=5, safety_stock=2, backorders=None)
    return a, b


def test_append_makes_items_and_changes_others(world):
    file = checked("source_code,sku,status,quantity\nnorth,A,,7.5\nsouth,A,0,0\nnorth,B,1,3\n")

    assert (file.state, sentences(file)) == ("CHECKED", [])
    assert counts(file) == (2, 1, 0, 0, 0, 0)
    assert [(step.line, step.name, step.kind) for step in findings(file).steps] == [
        (2, "A @ north", "CHANGED"),
        (3, "A @ south", "NEW"),
        (4, "B @ north", "NEW"),
    ]
    cells = [(cell.column, cell.before, cell.after) for cell in findings(file).steps[0].cells]
    assert cells == [("quantity", "5", "7.5")]
    assert held() == {("A", "north"): (5, "IN_STOCK")}


def test_confirmed_file_is_written(world):
    file = written("source_code,sku,status,quantity\nnorth,A,,7.5\nsouth,A,0,0\nnorth,B,1,3\n")

    assert file.state == "WRITTEN"
    assert held() == {
        ("A", "north"): (Decimal("7.5"), "IN_STOCK"),
        ("A", "south"): (0, "OUT_OF_STOCK"),
        ("B", "north"): (3, "IN_STOCK"),
    }
    assert SourceItem.objects.get(product__sku="A", source__code="north").safety_stock == 2


def test_replace_starts_an_item_anew(world):
    SourceItem.objects.update(backorders="ALLOW_QTY_BELOW_0", status="OUT_OF_STOCK")

    file = written("source_code,sku,quantity\nnorth,A,5\n", behavior="REPLACE")

    assert counts(file) == (0, 1, 0, 0, 0, 0)
    cells = [(cell.column, cell.before, cell.after) for cell in findings(file).steps[0].cells]
    assert cells == [("safety_stock", "2", "0"), ("status", "0", "1"), ("backorders", "1", "")]
    item = SourceItem.objects.get()
    assert (item.quantity, item.safety_stock, item.status, item.backorders) == (
        5,
        0,
        "IN_STOCK",
        None,
    )


def test_delete_unassigns(world):
    file = written("source_code,sku\nnorth,A\n", behavior="DELETE")

    assert counts(file) == (0, 0, 0, 1, 0, 0)
    assert held() == {}


def test_status_that_the_system_wrote_is_undone_and_shown(world):
    item = SourceItem.objects.get()
    units.deduct({item.pk: Decimal(5)}, allocated={})
    assert held() == {("A", "north"): (0, "OUT_OF_STOCK")}

    file = written("source_code,sku,status,quantity\nnorth,A,,4\n")

    cells = [(cell.column, cell.before, cell.after) for cell in findings(file).steps[0].cells]
    assert cells == [("quantity", "0", "4"), ("status", "0", "1")]
    assert held() == {("A", "north"): (4, "IN_STOCK")}
