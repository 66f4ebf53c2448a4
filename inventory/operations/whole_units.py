"""Refuses fractions of products that are sold in whole units, at every entry.

A fraction is written while its product is held, and Qty Uses Decimals is switched off while it is
held too, so neither passes the other. Products are held before anything else is locked.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from core import formats
from inventory.models import Product
from inventory.option_rules import Conflict
from inventory.queries.decimals import Fraction, ItemKey, fractions_at, fractions_of


class FractionError(Exception):
    """Quantities are fractions of products sold in whole units; nothing was written."""

    def __init__(self, fractions: Sequence[Fraction]) -> None:
        errors = dict.fromkeys(
            formats.filled(fraction.error.message, fraction.error.values) for fraction in fractions
        )
        super().__init__(" ".join(errors))
        self.fractions = tuple(fractions)


class FractionsLeftError(Exception):
    """Qty Uses Decimals stays on where there are fractions; nothing was written."""

    def __init__(self, conflicts: Mapping[int, Conflict]) -> None:
        super().__init__(
            " ".join(formats.filled(told.message, told.values) for told in conflicts.values())
        )
        self.conflicts = dict(conflicts)


def hold_products(product_ids: Collection[int]) -> None:
    """Keep Qty Uses Decimals and the release date of these products until the transaction ends."""
    products = Product.objects.filter(pk__in=product_ids).order_by("pk")
    list(products.select_for_update(no_key=True).values_list("pk"))


def refuse_fractions_at(quantities: Iterable[tuple[ItemKey, Decimal]]) -> None:
    """Hold the products of fractions that are about to be written of these source items.

    Runs inside the caller's transaction, before it locks anything else.

    :raises FractionError: where decimals are not used.

    Rule: Qty Uses Decimals, §2.
    """
    written = [(key, quantity) for key, quantity in quantities if quantity % 1]
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
