"""Moves units on source items: set aside, given back, taken off, put back.

Callers hold the rows locked (``SourceItem.objects.locked()``); every function is one statement
however many items it touches, and refuses what the rows cannot give.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.quantities import ZERO
from core.sql import array, execute_prepared
from inventory import ports
from inventory.models import SourceItem
from inventory.operations.item_rows import takes_backorders

IN_STOCK = SourceItem.Status.IN_STOCK.value
OUT_OF_STOCK = SourceItem.Status.OUT_OF_STOCK.value

ALLOCATE = """
UPDATE inventory_sourceitem AS item SET allocated = item.allocated + change.quantity
FROM unnest(%s::bigint[], %s::numeric[]) AS change(item_id, quantity)
WHERE item.id = change.item_id
  AND item.quantity - item.allocated - CASE WHEN %s THEN 0 ELSE item.safety_stock END
      >= change.quantity
"""

DEALLOCATE = """
UPDATE inventory_sourceitem AS item SET allocated = item.allocated - change.quantity
FROM unnest(%s::bigint[], %s::numeric[]) AS change(item_id, quantity)
WHERE item.id = change.item_id AND item.allocated >= change.quantity
"""

# Where backorders are off, the item that reaches 0 goes Out of Stock in the same statement.
DEDUCT = f"""
UPDATE inventory_sourceitem AS item
SET quantity = item.quantity - change.quantity,
    allocated = item.allocated - change.allocated,
    status = CASE WHEN empties.now THEN '{OUT_OF_STOCK}' ELSE item.status END,
    is_status_automatic = item.is_status_automatic OR empties.now
FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS change(item_id, quantity, allocated),
     inventory_sourceitem AS held
     JOIN inventory_product AS product ON product.id = held.product_id
     LEFT JOIN inventory_inventoryconfiguration AS configuration ON configuration.id = 1,
     LATERAL (SELECT held.quantity = change.quantity AND held.status = '{IN_STOCK}'
         AND NOT {takes_backorders("held.backorders")} AS now) AS empties
WHERE item.id = change.item_id AND held.id = item.id
  AND item.quantity >= change.quantity AND item.allocated >= change.allocated
"""  # noqa: S608 - constants alone

# Units that never left: on hand and set aside as before, and so is a status of the system.
UNDO_DEDUCTION = f"""
UPDATE inventory_sourceitem AS item
SET quantity = item.quantity + change.quantity,
    allocated = item.allocated + change.quantity,
    status = CASE WHEN item.is_status_automatic THEN '{IN_STOCK}' ELSE item.status END,
    is_status_automatic = FALSE
FROM unnest(%s::bigint[], %s::numeric[]) AS change(item_id, quantity)
WHERE item.id = change.item_id
"""  # noqa: S608 - constants alone

# An increase undoes a status that the system wrote; one that a person set stays.
ADD = f"""
UPDATE inventory_sourceitem AS item
SET quantity = item.quantity + change.quantity,
    status = CASE WHEN item.is_status_automatic AND %s THEN '{IN_STOCK}' ELSE item.status END,
    is_status_automatic = item.is_status_automatic AND NOT %s
FROM unnest(%s::bigint[], %s::numeric[]) AS change(item_id, quantity)
WHERE item.id = change.item_id
"""  # noqa: S608 - constants alone


class InsufficientSupplyError(Exception):
    """A source item cannot give what was asked for; nothing was written."""


def allocate(quantities: Mapping[int, Decimal], *, into_safety_stock: bool = False) -> None:
    """Set units aside, by source item id.

    ``into_safety_stock`` lets units that just arrived for a promise go to it although they fall
    below the safety stock, which closes units to new decisions only.

    :raises InsufficientSupplyError: if any item has less available.
    """
    _update(
        ALLOCATE, quantities, [array(quantities), array(quantities.values()), into_safety_stock]
    )


def deallocate(quantities: Mapping[int, Decimal]) -> None:
    """Give units back to what is available, by source item id.

    :raises InsufficientSupplyError: if any item has less allocated.
    """
    _update(DEALLOCATE, quantities, [array(quantities), array(quantities.values())])


def deduct(
    quantities: Mapping[int, Decimal], *, allocated: Mapping[int, Decimal] | None = None
) -> None:
    """Take units off what is on hand, by source item id, never below zero.

    ``allocated`` says how many of them end an allocation there (all of them when left out).
    An item that reaches 0 while backorders are off becomes Out of Stock in the same statement.

    :raises InsufficientSupplyError: if any item holds, or has allocated, less.

    Rule: Reservations, deduction.
    """
    ended = quantities if allocated is None else allocated
    _update(
        DEDUCT,
        quantities,
        [
            array(quantities),
            array(quantities.values()),
            array(ended.get(item_id, ZERO) for item_id in quantities),
        ],
    )


def undo_deduction(quantities: Mapping[int, Decimal]) -> None:
    """Put units back on hand that are set aside there as before, by source item id.

    Nothing of them is available, so nothing that waits for units hears of it.

    Rule: Picking and shipping, undo shipping (§21).
    """
    _update(UNDO_DEDUCTION, quantities, [array(quantities), array(quantities.values())])


def add(quantities: Mapping[int, Decimal], *, restores_status: bool = True) -> None:
    """Put units on hand, by source item id.

    ``restores_status`` undoes an Out of Stock that the system wrote (a return does so only where
    ``set_in_stock_on_return`` is on). What waited for units to come in there hears of it.
    """
    _update(
        ADD,
        quantities,
        [restores_status, restores_status, array(quantities), array(quantities.values())],
    )
    if quantities:
        ports.current().end_bars(quantities)


def _update(statement: str, quantities: Mapping[int, Decimal], parameters: list[Any]) -> None:
    if not quantities:
        return
    cursor = execute_prepared(statement, parameters)
    if cursor.rowcount != len(quantities):
        missing = len(quantities) - cursor.rowcount
        raise InsufficientSupplyError(
            f"{missing} of {len(quantities)} source items cannot give the units asked for."
        )
