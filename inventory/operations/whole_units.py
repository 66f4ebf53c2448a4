"""Refuses fractions of products that are sold in whole units, at every entry.

A fraction is written while its product is held, and Qty Uses Decimals is switched off while it is
held too, so neither passes the other. Products are held before anything else is locked.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext

from core.sql import fetch_column, fetch_rows, listed
from inventory.models import Product
from inventory.option_rules import Conflict
from inventory.queries.decimals import Fraction, Place, conflicts_at, fractions_at, fractions_of

QUANTITIES = ("quantity", "safety_stock", "notify_quantity_below")
# What is wanted of each row that sets a fraction, or Qty Uses Decimals; most set neither.
IS_FRACTION = listed("sets_{0} AND mod({0}, 1) <> 0", QUANTITIES, separator=" OR ")
DECIMALS_AT_STAKE = f"""
SELECT DISTINCT product_id FROM wanted_item AS wanted WHERE sets_qty_uses_decimals OR {IS_FRACTION}
"""  # noqa: S608 - constants alone
QUANTITY_VALUES = listed("('{0}', wanted.sets_{0}, wanted.{0}, item.{0})", QUANTITIES)
FRACTIONS = f"""
SELECT wanted.product_id, wanted.source_id, value.becomes, value.name
FROM wanted_item AS wanted
JOIN inventory_product AS product ON product.id = wanted.product_id
LEFT JOIN inventory_sourceitem AS item
    ON item.product_id = wanted.product_id AND item.source_id = wanted.source_id
CROSS JOIN LATERAL (VALUES {QUANTITY_VALUES}) AS value(name, is_set, becomes, was)
WHERE value.is_set AND mod(value.becomes, 1) <> 0 AND value.becomes IS DISTINCT FROM value.was
  AND NOT COALESCE(
    CASE WHEN wanted.sets_qty_uses_decimals THEN wanted.qty_uses_decimals
         ELSE item.qty_uses_decimals END,
    product.qty_uses_decimals, FALSE)
ORDER BY wanted.product_id, wanted.source_id
"""  # noqa: S608 - constants alone
ENDING = """
SELECT item.product_id, item.source_id, source.code,
    mod(CASE WHEN wanted.sets_quantity THEN wanted.quantity ELSE item.quantity END, 1) <> 0
    OR mod(CASE WHEN wanted.sets_safety_stock THEN wanted.safety_stock ELSE item.safety_stock END,
           1) <> 0
    OR mod(item.allocated, 1) <> 0
FROM wanted_item AS wanted
JOIN inventory_sourceitem AS item
    ON item.product_id = wanted.product_id AND item.source_id = wanted.source_id
JOIN inventory_product AS product ON product.id = item.product_id
JOIN inventory_source AS source ON source.id = item.source_id
WHERE wanted.sets_qty_uses_decimals
  AND COALESCE(item.qty_uses_decimals, product.qty_uses_decimals, FALSE)
  AND NOT COALESCE(wanted.qty_uses_decimals, product.qty_uses_decimals, FALSE)
ORDER BY item.product_id, item.source_id
"""


class FractionError(Exception):
    """Quantities are fractions of products sold in whole units; nothing was written."""

    def __init__(self, fractions: Sequence[Fraction]) -> None:
        errors = dict.fromkeys(
            gettext(fraction.error.message) % fraction.error.values for fraction in fractions
        )
        super().__init__(" ".join(errors))
        self.fractions = tuple(fractions)


class FractionsLeftError(Exception):
    """Qty Uses Decimals stays on where there are fractions; nothing was written."""

    def __init__(self, conflicts: Mapping[int, Conflict]) -> None:
        super().__init__(
            " ".join(gettext(told.message) % told.values for told in conflicts.values())
        )
        self.conflicts = dict(conflicts)


def hold_products(product_ids: Collection[int]) -> None:
    """Keep Qty Uses Decimals of these products as it is until the transaction ends."""
    products = Product.objects.filter(pk__in=product_ids).order_by("pk")
    list(products.select_for_update(no_key=True).values_list("pk"))


def refuse_fractions_at(quantities: Iterable[tuple[Place, Decimal]]) -> None:
    """Hold the products of fractions that are about to be written at these places.

    Runs inside the caller's transaction, before it locks anything else.

    :raises FractionError: where decimals are not used.

    Rule: Qty Uses Decimals, §2.
    """
    written = [(place, quantity) for place, quantity in quantities if quantity % 1]
    if written:
        hold_products({product_id for (product_id, _source), _quantity in written})
        refuse(fractions_at(written))


def refuse_fractions_of(quantities: Iterable[tuple[int, Decimal]]) -> None:
    """Do what :func:`refuse_fractions_at` does for products, by id, wherever their units are."""
    written = [(product_id, quantity) for product_id, quantity in quantities if quantity % 1]
    if written:
        hold_products({product_id for product_id, _quantity in written})
        refuse(fractions_of(written))


def refuse(found: Sequence[Fraction]) -> None:
    """Raise what was found, if anything was.

    :raises FractionError: with all of it.
    """
    if found:
        raise FractionError(found)


def refuse_fractions() -> None:
    """Hold the products whose decimals matter, and refuse staged values that may not be written.

    Runs inside the caller's transaction, before it locks anything else.

    :raises inventory.operations.whole_units.FractionError: for a fraction where decimals are not
        used, that is not there already.
    :raises inventory.operations.whole_units.FractionsLeftError: where decimals would be used no
        longer, and there are fractions.

    Rule: Qty Uses Decimals, §2.
    """
    touched = fetch_column(DECIMALS_AT_STAKE)
    if not touched:
        return
    hold_products(touched)
    refuse(staged_fractions())
    left = staged_fractions_left()
    if left:
        raise FractionsLeftError(left)


def staged_fractions() -> list[Fraction]:
    """Return the new values that are fractions and may not be; each is named by its column."""
    return [Fraction(*row) for row in fetch_rows(FRACTIONS)]


def staged_places_ending() -> list[Place]:
    """Return the places that would use decimals no longer."""
    return [(product_id, source_id) for product_id, source_id, *_rest in fetch_rows(ENDING)]


def staged_fractions_left() -> dict[int, Conflict]:
    """Return what forbids that places use decimals no longer, by product id."""
    ending = fetch_rows(ENDING)
    if not ending:
        return {}
    return conflicts_at(
        [(product_id, source_id) for product_id, source_id, *_rest in ending],
        on_hand=[(product_id, code) for product_id, _source, code, is_held in ending if is_held],
    )
