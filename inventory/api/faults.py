"""Why the inventory refuses what it is asked, as problems."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from rest_framework.response import Response

from core import formats
from core.api import problems
from core.api.problems import Fault, ProblemError, refused
from core.api.versions import stale
from inventory.operations.deliveries import NothingReceivedError, TooManyLinesError
from inventory.operations.future_supply import (
    BelowReceivedError,
    ClosedSupplyError,
    InTransitError,
    SupplyChangedError,
    SupplyError,
    SupplyMovedError,
)
from inventory.operations.options import LeavesNothingToBuyError, OptionConflictError
from inventory.operations.receipt_reversals import (
    NoReasonError,
    NotLastReceiptError,
    TooManyUnitsError,
)
from inventory.operations.receipts import OverReceiptError, UnexplainedReceiptError
from inventory.operations.source_items import (
    OptionOfVirtualError,
    SourceItemError,
    StaleSourceItemError,
    UnknownSourceItemError,
)
from inventory.operations.stocks import ChannelsOfDefaultError, StockInUseError
from inventory.operations.whole_units import FractionError, FractionsLeftError
from inventory.option_rules import Conflict
from inventory.ports import HeldByVirtualLinesError, PackedUnitsError

NO_POINTERS: Mapping[tuple[int, int | None], str] = {}
Problem = Callable[[Any], ProblemError]


def of_conflicts(found: Iterable[Conflict], *, prefix: str = "") -> ProblemError:
    """Return what options contradict each other, each at the one to correct."""
    faults = [
        Fault(f"{prefix}/{one.name}", one.code, formats.filled(one.message, one.values))
        for one in found
    ]
    return refused("CONFLICTING_OPTIONS", gettext("Options contradict each other."), faults)


def of_fractions(
    error: FractionError, pointers: Mapping[tuple[int, int | None], str] = NO_POINTERS
) -> ProblemError:
    """Return which quantities are fractions of what is sold in whole units.

    ``pointers`` point into the body, by the product and the source of each row, by id.
    """
    faults = []
    for fraction in error.fractions:
        pointer = pointers.get((fraction.product_id, fraction.source_id), "")
        detail = formats.filled(fraction.error.message, fraction.error.values)
        faults.append(Fault(f"{pointer}/{fraction.name}", fraction.error.code, detail))
    return refused("DECIMALS_NOT_ALLOWED", str(error), faults)


def over_receipt(error: OverReceiptError) -> ProblemError:
    """Return how many units are outstanding where more came, without a confirmation."""
    detail = gettext("Only %(outstanding)s are outstanding. Send confirm_over if more came.")
    detail %= {"outstanding": formats.quantity(error.outstanding)}
    members = {"outstanding": f"{error.outstanding:.4f}"}
    return ProblemError(409, "OVER_RECEIPT", detail, members=members)


def _too_many_units(error: TooManyUnitsError) -> ProblemError:
    possible = error.plan.possible_quantity
    detail = gettext(
        "At most %(possible)s of these units can leave. The others have left, or are set "
        "aside for others."
    )
    detail %= {"possible": formats.quantity(possible)}
    members = {"possible_quantity": f"{possible:.4f}"}
    return ProblemError(409, "TOO_MANY_UNITS", detail, members=members)


def _leaves_nothing(error: LeavesNothingToBuyError) -> ProblemError:
    found = error.found
    detail = ngettext(
        "%(count)s product could no longer be bought. Nothing was written. "
        "Send “confirm”: true to write it all the same.",
        "%(count)s products could no longer be bought. Nothing was written. "
        "Send “confirm”: true to write it all the same.",
        found.count,
    ) % {"count": found.count}
    members = {"product_count": found.count, "products": list(found.skus)}
    return ProblemError(409, "LEAVES_NOTHING_TO_BUY", detail, members=members)


def _says(status: int, code: str, sentence: Any, pointer: str = "") -> Problem:
    """Return the problem of a refusal with one sentence, whose gap ``error`` is what was raised."""

    def problem(error: Exception) -> ProblemError:
        detail = str(sentence) % {"error": error}
        return ProblemError(status, code, detail, [Fault(pointer, code, detail)] if pointer else ())

    return problem


# What each refusal is as a problem; of two that fit, the first.
PROBLEMS: Mapping[type[Exception], Problem] = {
    FractionError: of_fractions,
    FractionsLeftError: lambda error: of_conflicts(error.conflicts.values(), prefix="/overrides"),
    OptionConflictError: lambda error: of_conflicts(error.conflicts),
    LeavesNothingToBuyError: _leaves_nothing,
    HeldByVirtualLinesError: _says(409, "HELD_BY_VIRTUAL_LINES", "%(error)s"),
    PackedUnitsError: _says(409, "PACKED", "%(error)s"),
    StaleSourceItemError: lambda _error: stale(),
    UnknownSourceItemError: _says(
        422, "UNKNOWN_SOURCE_ITEM", _("A product is not held at the source that its row names.")
    ),
    OptionOfVirtualError: _says(
        422,
        "VIRTUAL_TAKES_NO_BACKORDERS",
        _("Virtual products with managed stock take no backorders: %(error)s"),
    ),
    SourceItemError: _says(422, "BELOW_ZERO", "%(error)s"),
    ClosedSupplyError: _says(409, "CLOSED", _("This supply is received or canceled already.")),
    SupplyMovedError: _says(
        409, "MOVED", _("Some of these units were just promised. Send it again.")
    ),
    SupplyChangedError: _says(
        409,
        "MOVED",
        _("This supply was just promised or changed by somebody else. Send it again."),
    ),
    InTransitError: _says(
        422,
        "IN_TRANSIT",
        _(
            "The units of a transfer are on their way, so its quantity cannot change. Receive what "
            "came, or cancel the rest."
        ),
        pointer="/quantity",
    ),
    BelowReceivedError: _says(
        422, "BELOW_RECEIVED", _("More than that has been received already.")
    ),
    UnexplainedReceiptError: _says(
        422,
        "REASON_NEEDED",
        _("More than twice the outstanding quantity was received. Say why."),
        pointer="/reason",
    ),
    OverReceiptError: over_receipt,
    NotLastReceiptError: _says(
        409, "NOT_LAST", _("Only the last receipt of a record can be taken back, once.")
    ),
    NoReasonError: _says(
        422, "REASON_NEEDED", _("Say why the receipt is taken back."), pointer="/reason"
    ),
    TooManyUnitsError: _too_many_units,
    NothingReceivedError: _says(
        422,
        "NOTHING_RECEIVED",
        _("Enter the units that came, or that nothing more will come of a line."),
    ),
    TooManyLinesError: _says(
        422, "TOO_MANY_LINES", _("The delivery has more than 500 lines. Leave some for later.")
    ),
    SupplyError: _says(422, "NOTHING_RECEIVED", _("Receive more than 0, or close the record.")),
    StockInUseError: _says(
        409,
        "STOCK_IN_USE",
        _("The stock serves sales channels or has history, or is the default."),
    ),
    ChannelsOfDefaultError: _says(
        409,
        "DEFAULT_SERVES_THE_REST",
        _("Take a sales channel from the default stock by adding it to another."),
    ),
}


def problem_of(error: Exception) -> ProblemError | None:
    """Return what a refusal of the inventory is as a problem; None for any other error."""
    found = (PROBLEMS[kind] for kind in PROBLEMS if isinstance(error, kind))
    problem = next(found, None)
    return None if problem is None else problem(error)


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn an error that a view raised into a problem; None for an unexpected one."""
    return problems.handle(problem_of(error) or error, context)
