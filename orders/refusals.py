"""Why a change of an order is refused: a code for programs, a sentence for people; PURE."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from core.quantities import ZERO
from core.text import gettext_noop as _


class OrderChangeError(Exception):
    """The change of an order is refused; nothing was written.

    ``message`` is a sentence to translate, with named gaps that ``values`` fill.
    """

    code = "CONFLICT"
    message = _("The order cannot be changed like this now.")
    values: Mapping[str, object] = {}


class UnpaidOrderError(OrderChangeError):
    """The payment of the order is not decided yet."""

    code = "UNPAID"
    message = _("The payment of the order is not decided yet.")


class KeyOfAnotherOrderError(OrderChangeError):
    """The idempotency key was used for another order."""

    code = "IDEMPOTENCY_CONFLICT"
    message = _("The key was used for another order.")


class NothingToCancelError(OrderChangeError):
    """Nothing that was named is open."""

    code = "NOTHING_TO_CANCEL"
    message = _("There are no open units.")


class NothingToCaptureError(OrderChangeError):
    """No line has units left to capture."""

    code = "NOTHING_TO_CAPTURE"
    message = _("There is nothing left to capture.")


class NothingToRefundError(OrderChangeError):
    """No unit was named that could be refunded."""

    code = "NOTHING_TO_REFUND"
    message = _("Select units that can be refunded.")


class NothingToReturnError(OrderChangeError):
    """No unit was named that came back."""

    code = "NOTHING_TO_RETURN"
    message = _("Select units that were returned.")


class SettledReturnError(OrderChangeError):
    """Nothing of the return is to be refunded."""

    code = "SETTLED"
    message = _("No refund of this return is due. Nothing was refunded.")


class ExchangeError(OrderChangeError):
    """What is exchanged, and what is returned, are not units of the same lines."""

    code = "EXCHANGE"
    message = _("Name what takes the place of the units of each returned line.")


class NoAuthorizationError(OrderChangeError):
    """The order's authorization has expired, or is gone: it must be authorized again first."""

    code = "NO_AUTHORIZATION"
    message = _("The authorization has expired, or is gone. Authorize the payment again first.")


class NotInReviewError(OrderChangeError):
    """There is no decision to make about the operation, or not this one."""

    code = "NOT_IN_REVIEW"
    message = _("A person or the gateway has decided this already. Nothing was changed.")


class StaleError(OrderChangeError):
    """The shipment that was named has changed since it was shown."""

    code = "STALE"
    message = _("The shipment has changed since it was shown.")


class StaleOrderError(StaleError):
    """The order has changed since it was shown."""

    message = _("The order has changed since it was shown. Nothing was changed. Review it again.")


class PricesChangedError(OrderChangeError):
    """New lines cost another amount than was shown."""

    code = "PRICES_CHANGED"
    message = _(
        "The prices have changed since the preview. Nothing was changed. Look at the preview again."
    )


class NothingOpenError(OrderChangeError):
    """Everything of the order was shipped or canceled."""

    code = "NOTHING_OPEN"
    message = _("All units of the order are shipped or canceled. It can no longer be changed.")


class NothingToChangeError(OrderChangeError):
    """What was asked for is as it is already."""

    code = "NOTHING_TO_CHANGE"
    message = _("The order is like this already. Nothing was changed.")


class PendingChangeError(OrderChangeError):
    """A change of the order waits for the answer about its payment."""

    code = "PENDING_CHANGE"
    message = _("Another change of the order waits for its payment. Wait for the answer.")


class MixedChangeError(OrderChangeError):
    """Lines are added or substituted together with something else."""

    code = "MIXED_CHANGE"
    message = _("Add lines, or substitute products, in a change of their own.")


class ListedShipmentError(OrderChangeError):
    """A shipment that the change would move is on an open pick list."""

    code = "ON_PICK_LIST"
    message = _("Shipment %(shipment)s is on a pick list. Take it off the list first.")

    def __init__(self, shipment: str) -> None:
        super().__init__(shipment)
        self.values = {"shipment": shipment}


class ShipmentOnHoldError(OrderChangeError):
    """A shipment whose units the change would take away is on hold."""

    code = "HELD"
    message = _("Shipment %(shipment)s is on hold. Lift the hold first.")

    def __init__(self, shipment: str) -> None:
        super().__init__(shipment)
        self.values = {"shipment": shipment}


class WouldWaitError(OrderChangeError):
    """Units of products that take no backorders would wait."""

    code = "WOULD_WAIT"
    message = _(
        "Not all units can be sent or collected like this, and these products take no backorders: "
        "%(products)s. Nothing was changed."
    )

    def __init__(self, skus: Sequence[str]) -> None:
        products = ", ".join(skus)
        super().__init__(products)
        self.values = {"products": products}


class UnitsError(OrderChangeError):
    """An order line has fewer units than asked for, here or at all: ``available``.

    ``line_id`` is the order line's, where the units are of one.
    """

    def __init__(self, named: str, line_id: int | None, available: Decimal, message: str) -> None:
        super().__init__(named)
        self.line_id = line_id
        self.available = available
        self.message = message
        self.values = {"available": available}


class NotThatManyError(UnitsError):
    """A line does not have that many units to give; ``message`` says which units."""

    code = "NOT_THAT_MANY"

    def __init__(
        self,
        available: Decimal,
        message: str = _("At most %(available)s units of the line are left for this."),
    ) -> None:
        super().__init__(f"{available:f}", None, available, message)


class NotOnShipmentError(UnitsError):
    """Fewer units than asked for are on the shipment that was named, or on any.

    ``line_id`` is empty where not just one line is short.
    """

    code = "NOT_ON_SHIPMENT"

    def __init__(
        self, shipment: str, *, line_id: int | None = None, available: Decimal = ZERO
    ) -> None:
        message = _("At most %(available)s units of the line are there.")
        if line_id is None:
            message = _("The shipment holds no such units, or is shipped or canceled already.")
        super().__init__(shipment, line_id, available, message)
