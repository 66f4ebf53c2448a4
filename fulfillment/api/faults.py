"""Refusals of shipments or of release runs, as problems."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext

from core import formats
from core.api.problems import Fault, ProblemError, conflict, refused
from core.api.versions import stale
from fulfillment.operations.moves.assignees import UnknownPersonError
from fulfillment.operations.moves.backorder import (
    CountRefusedError,
    NothingCorrectedError,
    NotOfShipmentError,
)
from fulfillment.operations.moves.bars import NotBarredError
from fulfillment.operations.moves.departures import (
    HeldShipmentError,
    NotAtStoreError,
    SlipOutOfDateError,
)
from fulfillment.operations.moves.expected_date import PastDateError
from fulfillment.operations.moves.fulfill import UnknownShipmentError
from fulfillment.operations.moves.holds import NotReleasableError
from fulfillment.operations.moves.reassignment import NotServedError, SourceNotEligibleError
from fulfillment.operations.moves.received_units import NoUnitsReceivedError
from fulfillment.operations.moves.undo_fulfillment import (
    CaptureUnansweredError,
    UndoTooLateError,
    UnitsSettledError,
)
from fulfillment.operations.shipments.locking import (
    OnPickListError,
    ShipmentError,
    StaleShipmentError,
    WrongStateError,
)
from fulfillment.release.runs.apply_dry_run import DriftError, NotApplicableError
from fulfillment.release.runs.dispatch import ReleaseBusyError
from fulfillment.release.runs.one_shipment import NotCoveredError, NothingReleasedError
from fulfillment.review.effects import refusal, stays
from fulfillment.review.reasons import REASON_LABELS
from orders.api.faults import refusals_as_problems as order_refusals_as_problems


@contextmanager
def refusals_as_problems(order_lines: Sequence[int] = ()) -> Iterator[None]:
    """Turn refusals of shipments, and of their orders, into problems.

    ``order_lines`` are the ids of the order lines in the order in which the body names them.

    :raises core.api.problems.ProblemError: 409 for what the state of things does not allow,
        412 for what has changed, 422 for what is named and cannot be.
    """
    try:
        with order_refusals_as_problems(order_lines):
            yield
    except tuple(PROBLEMS) as error:
        problem = next(PROBLEMS[kind] for kind in PROBLEMS if isinstance(error, kind))
        raise problem(error) from error


def _on_pick_list(error: OnPickListError) -> ProblemError:
    detail = gettext("On an open pick list. Take it off that list first.")
    return conflict("ON_PICK_LIST", detail)


def _wrong_state(error: WrongStateError) -> ProblemError:
    detail = gettext("The state of the shipment, or its hold, does not allow this: %(state)s")
    return conflict("WRONG_STATE", detail % {"state": error})


def _not_served(error: NotServedError) -> ProblemError:
    detail = gettext(
        "There are not enough units that earlier shipments do not need. Missing: %(missing)s"
    )
    missing = ", ".join(
        f"{formats.quantity(quantity)} × {sku}" for sku, quantity in error.missing.items()
    )
    return conflict("NOT_ENOUGH_UNITS", detail % {"missing": missing})


def _count_refused(error: ShipmentError) -> ProblemError:
    effect = refusal(error)
    return _at("/counted", effect.code.value, effect.sentence)


def _conflict_in_words(error: ShipmentError) -> ProblemError:
    effect = refusal(error)
    return conflict(effect.code.value, effect.sentence)


def _at(pointer: str, code: str, detail: str) -> ProblemError:
    return refused(code, detail, [Fault(pointer, code, detail)])


def _not_releasable(error: NotReleasableError) -> ProblemError:
    left_out = {"reasons": list(error.reasons)}
    return ProblemError(409, "NOT_RELEASABLE", refusal(error).sentence, members=left_out)


def _nothing_released(error: NothingReleasedError) -> ProblemError:
    short = error.detail["shortages"]
    if short:
        detail = gettext("Nothing was released, because units are missing: %(missing)s")
        detail %= {"missing": formats.series(map(_shortage, short))}
    else:
        why = stays(is_promised=error.is_promised, has_failed=error.has_failed).sentence
        detail = gettext("Nothing was released. %(why)s") % {"why": why}
    found = {"run": error.run.pk, "shortages": short}
    return ProblemError(409, "NOTHING_RELEASED", detail, members=found)


def _shortage(shortage: Mapping[str, Any]) -> str:
    """Return the missing units of a product, with the reasons, in words."""
    reasons = ", ".join(str(REASON_LABELS[reason]) for reason in shortage["reasons"])
    return f"{shortage['missing']} × {shortage['sku']} ({reasons})"


def _not_covered(error: NotCoveredError) -> ProblemError:
    detail = gettext("There are not enough units, even ahead of the queue.")
    short = {"shortages": error.detail["shortages"]}
    return ProblemError(409, "NOT_ENOUGH_UNITS", detail, members=short)


def _drifted(error: DriftError) -> ProblemError:
    detail = gettext("Stock or orders have changed since the dry run. Nothing was applied.")
    drift = [asdict(one) for one in error.drift]
    members = {"drift": drift, "drift_count": error.count}
    return ProblemError(409, "DRIFT", detail, members=members)


# What each refusal is as a problem; of two that fit, the first.
PROBLEMS: Mapping[type[Exception], Callable[[Any], ProblemError]] = {
    StaleShipmentError: lambda _error: stale(),
    UnknownShipmentError: lambda _error: ProblemError(
        404, "UNKNOWN_SHIPMENT", gettext("There is no shipment with this number.")
    ),
    HeldShipmentError: _conflict_in_words,
    NotAtStoreError: _conflict_in_words,
    SlipOutOfDateError: _conflict_in_words,
    OnPickListError: _on_pick_list,
    WrongStateError: _wrong_state,
    NotServedError: _not_served,
    SourceNotEligibleError: lambda _error: _at(
        "/source", "SOURCE_NOT_ELIGIBLE", gettext("This source may not serve the shipment.")
    ),
    PastDateError: lambda _error: _at(
        "/expected_on", "IN_THE_PAST", gettext("Shipments are expected today or later.")
    ),
    UnknownPersonError: lambda error: _at("/username", "UNKNOWN_PERSON", refusal(error).sentence),
    NothingCorrectedError: _count_refused,
    NotOfShipmentError: _count_refused,
    CountRefusedError: _count_refused,
    NotBarredError: _conflict_in_words,
    UndoTooLateError: _conflict_in_words,
    UnitsSettledError: _conflict_in_words,
    CaptureUnansweredError: _conflict_in_words,
    NoUnitsReceivedError: _conflict_in_words,
    NotReleasableError: _not_releasable,
    NothingReleasedError: _nothing_released,
    NotCoveredError: _not_covered,
    ReleaseBusyError: lambda _error: conflict(
        "ANOTHER_RUN", gettext("Another release run is going on. Try again in a while.")
    ),
    NotApplicableError: lambda _error: conflict(
        "NOT_APPLICABLE", gettext("Only a dry run that was completed can be applied.")
    ),
    DriftError: _drifted,
    ShipmentError: lambda _error: conflict(
        "CONFLICT", gettext("The shipment does not allow this now.")
    ),
}
