"""Why shipments refuse what they are asked, as problems."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext

from core.api.problems import Fault, ProblemError, conflict, refused
from core.api.versions import stale
from core.quantities import format_quantity
from fulfillment.operations.moves.allocation import NotServedError
from fulfillment.operations.moves.backorder import (
    CountRefusedError,
    NothingCorrectedError,
    NotOfShipmentError,
)
from fulfillment.operations.moves.bars import NotBarredError
from fulfillment.operations.moves.expected_date import PastDateError
from fulfillment.operations.moves.holds import NotReleasableError
from fulfillment.operations.moves.reassign import SourceNotEligibleError
from fulfillment.operations.shipments.locked import (
    ShipmentError,
    StaleShipmentError,
    WrongStateError,
)
from fulfillment.release.runs.apply_dry_run import DriftError, NotApplicableError
from fulfillment.release.runs.expedite import NotCoveredError
from fulfillment.release.runs.lock import ReleaseBusyError
from fulfillment.release.runs.one_shipment import NothingReleasedError
from fulfillment.review.effects import refusal, stays
from fulfillment.review.reasons import REASON_LABELS
from orders.api.faults import told as told_by_orders


@contextmanager
def told(order_lines: Sequence[int] = ()) -> Iterator[None]:
    """Turn what shipments, and their orders, refuse into problems.

    ``order_lines`` are the ids of the order lines in the order in which the body names them.

    :raises core.api.problems.ProblemError: 409 for what the state of things does not allow,
        412 for what has changed, 422 for what is named and cannot be.
    """
    try:
        with told_by_orders(order_lines):
            yield
    except StaleShipmentError as error:
        raise stale() from error
    except WrongStateError as error:
        detail = gettext("The state of the shipment, or its hold, does not allow this: %(state)s")
        raise conflict("WRONG_STATE", detail % {"state": error}) from error
    except NotServedError as error:
        detail = gettext(
            "There are not enough units that earlier shipments do not need. Missing: %(missing)s"
        )
        missing = ", ".join(
            f"{format_quantity(quantity)} × {sku}" for sku, quantity in error.missing.items()
        )
        raise conflict("NOT_ENOUGH_UNITS", detail % {"missing": missing}) from error
    except SourceNotEligibleError as error:
        detail = gettext("This source may not serve the shipment.")
        fault = Fault("/source", "SOURCE_NOT_ELIGIBLE", detail)
        raise refused("SOURCE_NOT_ELIGIBLE", detail, [fault]) from error
    except PastDateError as error:
        detail = gettext("Shipments are expected today or later.")
        fault = Fault("/expected_on", "IN_THE_PAST", detail)
        raise refused("IN_THE_PAST", detail, [fault]) from error
    except (NothingCorrectedError, NotOfShipmentError, CountRefusedError) as error:
        effect = refusal(error)
        fault = Fault("/counted", effect.code.value, effect.sentence)
        raise refused(effect.code.value, effect.sentence, [fault]) from error
    except NotBarredError as error:
        raise conflict("NOT_BARRED", refusal(error).sentence) from error
    except NotReleasableError as error:
        detail = refusal(error).sentence
        left_out = {"reasons": list(error.reasons)}
        raise ProblemError(409, "NOT_RELEASABLE", detail, members=left_out) from error
    except NothingReleasedError as error:
        short = error.detail["shortages"]
        if short:
            detail = gettext("Nothing was released, because units are missing: %(missing)s")
            detail %= {"missing": "; ".join(map(_shortage, short))}
        else:
            why = stays(is_promised=error.is_promised, has_failed=error.has_failed).sentence
            detail = gettext("Nothing was released. %(why)s") % {"why": why}
        found = {"run": error.run.pk, "shortages": short}
        raise ProblemError(409, "NOTHING_RELEASED", detail, members=found) from error
    except NotCoveredError as error:
        detail = gettext("Not even ahead of the queue is there enough.")
        short = {"shortages": error.detail["shortages"]}
        raise ProblemError(409, "NOT_ENOUGH_UNITS", detail, members=short) from error
    except ReleaseBusyError as error:
        detail = gettext("Another release run is going on. Try again in a while.")
        raise conflict("ANOTHER_RUN", detail) from error
    except NotApplicableError as error:
        detail = gettext("Only a dry run that was completed can be applied.")
        raise conflict("NOT_APPLICABLE", detail) from error
    except DriftError as error:
        detail = gettext("The world has moved since the dry run; nothing was written.")
        drift = [asdict(one) for one in error.drift]
        members = {"drift": drift, "drift_count": error.count}
        raise ProblemError(409, "DRIFT", detail, members=members) from error
    except ShipmentError as error:
        detail = gettext("The shipment does not allow this now.")
        raise conflict("CONFLICT", detail) from error


def _shortage(shortage: Mapping[str, Any]) -> str:
    """Return what of a product is missing, and why, in words."""
    reasons = ", ".join(str(REASON_LABELS[reason]) for reason in shortage["reasons"])
    return f"{shortage['missing']} × {shortage['sku']} ({reasons})"
