"""Facts of a product in a stock, as rules of salability take them."""

from decimal import Decimal
from typing import Any

from inventory.options import Backorders
from inventory.resolution import ProductPolicy
from inventory.salability import Refusal, SalabilityFacts, SalableItem, refusals
from tests.present import present

NO = Backorders.NO_BACKORDERS
ALLOW = Backorders.ALLOW_QTY_BELOW_0
NOTIFY = Backorders.ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER


def rules(**changed: Any) -> ProductPolicy:
    values: dict[str, Any] = {
        "manage_stock": True,
        "backorders": NO,
        "out_of_stock_threshold": Decimal(0),
        "min_cart_qty": Decimal(0),
        "max_cart_qty": Decimal(0),
        "enable_qty_increments": False,
        "qty_increments": Decimal(1),
        "qty_uses_decimals": True,
        "only_x_left_threshold": Decimal(0),
        "future_inventory": False,
    }
    return ProductPolicy(**(values | changed))


def item(
    quantity: str,
    *,
    allocated: str = "0",
    safety_stock: str = "0",
    is_in_stock: bool = True,
    is_source_enabled: bool = True,
) -> SalableItem:
    return SalableItem(
        item_id=1,
        product_id=1,
        source_id=1,
        quantity=Decimal(quantity),
        allocated=Decimal(allocated),
        safety_stock=Decimal(safety_stock),
        is_in_stock=is_in_stock,
        overrides={},
        is_source_enabled=is_source_enabled,
    )


def facts(
    *items: SalableItem, waiting: str = "0", is_enabled: bool = True, **changed: Any
) -> SalabilityFacts:
    return SalabilityFacts(rules(**changed), items, Decimal(waiting), is_enabled)


def codes(product: SalabilityFacts, quantity: Any) -> list[Any]:
    return [refusal.reason.value for refusal in refusals(product, Decimal(quantity))]


def sentence(refusal: Refusal | None) -> Any:
    return present(refusal).message % present(refusal).values
