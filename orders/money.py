"""Splits money exactly, to the smallest unit of its currency; PURE."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext

from core.quantities import ZERO

# Digits enough for any amount times any quantity.
EXACT = 60


def rounded(amount: Decimal, unit: Decimal) -> Decimal:
    """Return ``amount`` in whole smallest units; half a unit is rounded up."""
    with localcontext(prec=EXACT):
        return amount.quantize(unit, rounding=ROUND_HALF_UP)


def share(amount: Decimal, part: Decimal, whole: Decimal, *, unit: Decimal) -> Decimal:
    """Return what ``part`` of ``whole`` units is worth, rounded down to ``unit``.

    ``unit`` is the smallest amount of the currency.
    """
    if part == whole:
        return amount
    with localcontext(prec=EXACT):
        return (amount * part / whole).quantize(unit, rounding=ROUND_DOWN)


def shares(amount: Decimal, parts: Sequence[Decimal], *, unit: Decimal) -> list[Decimal]:
    """Return what each of ``parts`` units is worth of ``amount``; the last has what remains.

    Rule: Conservation.
    """
    whole = sum(parts, ZERO)
    worth = [share(amount, part, whole, unit=unit) for part in parts[:-1]]
    return [*worth, amount - sum(worth, ZERO)]
