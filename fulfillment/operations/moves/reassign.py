"""Moves a shipment to the source that staff name."""

from django.db import transaction

from core.acts import Act
from fulfillment.operations.moves.allocation import AllocatedShipment, serve
from fulfillment.operations.moves.deallocated_shipments import deallocate_shipment
from fulfillment.operations.shipments.locked import ShipmentError, WrongStateError
from fulfillment.sourcing.choices import SplitLimits
from fulfillment.sourcing.eligibility import Ineligibility


class SourceNotEligibleError(ShipmentError):
    """The source may not serve the shipment; ``cause`` says why."""

    def __init__(self, source_code: str, cause: Ineligibility) -> None:
        super().__init__(f"{source_code}: {cause}")
        self.source_code = source_code
        self.cause = cause


def reassign(
    shipment_id: int, act: Act, *, source_code: str, expected_version: int | None = None
) -> AllocatedShipment:
    """Give a READY, BACKORDER, FUTURE or CUSTOMER_CARE shipment its units at one source, whole.

    Opens the transaction. A READY one is REASSIGNED, and its child is READY at the source; one
    that waited becomes READY itself. No earlier shipment loses units.

    :raises SourceNotEligibleError: if the source may not serve it.
    :raises NotServedError: if the source cannot give all units.
    :raises WrongStateError: if it is over, held, or there already.
    :raises StaleShipmentError: if ``expected_version`` is not the row's.
    :raises orders.refusals.UnpaidOrderError: while the order's payment is not decided.

    Rule: Shipment states, moving to READY by hand.
    """
    with transaction.atomic():
        target = deallocate_shipment(shipment_id, expected_version=expected_version)
        named = [source.source_id for source in target.sources if source.code == source_code]
        if not named:
            cause = target.ineligible.get(source_code, Ineligibility.NOT_LINKED)
            raise SourceNotEligibleError(source_code, cause)
        if any((named[0], line.product_id) in target.barred for line in target.lines):
            raise SourceNotEligibleError(source_code, Ineligibility.BARRED)
        if target.is_ready_at(named[0]):
            raise WrongStateError(f"{target.shipment.number}: {source_code}")
        return serve(target, named, act, limits=SplitLimits())
