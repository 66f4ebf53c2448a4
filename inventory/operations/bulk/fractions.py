"""Why bulk actions refuse fractions of what is sold in whole units. PURE."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.operations.bulk.row_plans import BulkRow
from core.quantities import ZERO, QuantityError, fraction_error
from core.text import Sentence
from inventory.option_rules import Conflict
from inventory.resolution import Values, uses_decimals

QUANTITIES = ("quantity", "safety_stock")


def refusal_of(error: QuantityError) -> Sentence:
    """Return the refusal of a quantity."""
    return Sentence(error.message, error.values)


def fraction_refusal(
    becomes: Mapping[str, Any], *, product: Values, source_item: Values
) -> Sentence | None:
    """Return why a source item may not hold what it becomes: the first fraction of whole units.

    ``product`` and ``source_item`` are the own values that would be in force then.

    Rule: Qty Uses Decimals, §2.
    """
    if uses_decimals(product, source_item):
        return None
    errors = (fraction_error(becomes.get(name, ZERO)) for name in QUANTITIES)
    return next((refusal_of(error) for error in errors if error is not None), None)


def refuse_for_fractions(row: BulkRow, left: Conflict | None) -> BulkRow:
    """Return the row, refused where ``left`` says which fractions still need decimals."""
    return row if left is None else replace(row, refusal=Sentence(left.message, left.values))
