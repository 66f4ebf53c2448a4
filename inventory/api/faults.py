"""What rules of the inventory refuse, as problems."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from rest_framework.response import Response

from core.api import problems
from core.api.problems import Fault, ProblemError, refused
from inventory.operations.whole_units import FractionError, FractionsLeftError
from inventory.option_rules import Conflict

NO_POINTERS: Mapping[tuple[int, int | None], str] = {}


def of_conflicts(found: Sequence[Conflict], *, prefix: str = "") -> ProblemError:
    """Return what options contradict each other, each at the one to correct."""
    faults = [
        Fault(f"{prefix}/{one.name}", one.code, gettext(one.message) % one.values) for one in found
    ]
    return refused("CONFLICTING_OPTIONS", gettext("Options contradict each other."), faults)


def of_fractions(
    error: FractionError, pointers: Mapping[tuple[int, int | None], str] = NO_POINTERS
) -> ProblemError:
    """Return which quantities are fractions of what is sold in whole units.

    ``pointers`` are the places in the body of each product at a source, by id.
    """
    faults = []
    for fraction in error.fractions:
        pointer = pointers.get((fraction.product_id, fraction.source_id), "")
        detail = gettext(fraction.error.message) % fraction.error.values
        faults.append(Fault(f"{pointer}/{fraction.name}", fraction.error.code, detail))
    return refused("DECIMALS_NOT_ALLOWED", str(error), faults)


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn an error that a view raised into a problem; None for an unexpected one."""
    if isinstance(error, FractionError):
        error = of_fractions(error)
    elif isinstance(error, FractionsLeftError):
        error = of_conflicts(list(error.conflicts.values()), prefix="/overrides")
    return problems.handle(error, context)
