"""Fractions of units of order lines, of products that are sold whole."""

from collections.abc import Mapping
from decimal import Decimal

from core.quantities import QuantityError, fraction_error
from inventory.operations.whole_units import hold_products, refuse
from inventory.queries.decimals import Fraction, whole_products
from orders.models import OrderLine


def fractions_of_lines(quantities: Mapping[int, Decimal]) -> dict[int, QuantityError]:
    """Return what is wrong with units of order lines that are fractions, by line id.

    A line that was ordered with a fraction may give one, even if its product no longer has any.

    Rule: Qty Uses Decimals, §2.
    """
    found = {pk: fraction_error(quantity) for pk, quantity in quantities.items()}
    errors = {pk: error for pk, error in found.items() if error is not None}
    if not errors:
        return {}
    lines = OrderLine.objects.filter(pk__in=errors).values_list("pk", "product_id", "quantity")
    products = {pk: product for pk, product, quantity in lines if fraction_error(quantity) is None}
    whole = whole_products(set(products.values()))
    return {pk: error for pk, error in errors.items() if products.get(pk) in whole}


def refuse_fractions(quantities: Mapping[int, Decimal] | None) -> None:
    """Hold the products of fractions that are to be taken off lines, by line id.

    Runs inside the caller's transaction, before it locks anything else.

    :raises inventory.operations.whole_units.FractionError: where the product is sold in whole
        units.
    """
    fractions = {pk: quantity for pk, quantity in (quantities or {}).items() if quantity % 1}
    if fractions:
        lines = OrderLine.objects.filter(pk__in=fractions)
        products = dict(lines.values_list("pk", "product_id"))
        hold_products(set(products.values()))
        refused = fractions_of_lines(fractions)
        refuse([Fraction(products[pk], None, fractions[pk]) for pk in refused])
