"""Splits money to the cent; PURE."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal, localcontext

CENT = Decimal("0.01")


def share(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """Return what ``part`` of ``whole`` units is worth, rounded down to the cent."""
    if part == whole:
        return amount
    with localcontext(prec=60):
        return (amount * part / whole).quantize(CENT, rounding=ROUND_DOWN)


def shares(amount: Decimal, parts: Sequence[Decimal]) -> list[Decimal]:
    """Return what each of ``parts`` units is worth of ``amount``; the last has what remains.

    Rule: Conservation.
    """
    whole = sum(parts, Decimal(0))
    worth = [share(amount, part, whole) for part in parts[:-1]]
    return [*worth, amount - sum(worth, Decimal(0))]
