from decimal import Decimal

import pytest

from inventory.salability import SalableItem


@pytest.mark.parametrize(
    ("quantity", "allocated", "safety_stock", "available"),
    [
        ("10", "0", "0", "10"),
        ("10", "4", "0", "6"),
        ("10", "4", "2.5", "3.5"),
        ("10", "4", "6", "0"),
        ("10", "4", "6.0001", "0"),
        ("10", "10", "3", "0"),
    ],
)
def test_available_is_what_is_neither_allocated_nor_kept_back(
    quantity: str, allocated: str, safety_stock: str, available: str
) -> None:
    item = SalableItem(
        1, 1, 1, Decimal(quantity), Decimal(allocated), Decimal(safety_stock), True, overrides={}
    )

    assert item.available == Decimal(available)
