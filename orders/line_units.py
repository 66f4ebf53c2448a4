"""Units of a line that may be canceled, captured or refunded, with their worth; PURE."""

from dataclasses import dataclass
from decimal import Decimal

from core.quantities import ZERO
from core.text import gettext_noop as _
from orders.refusals import NotThatManyError

NOT_SHIPPED = _("At most %(available)s units of the line are paid for and not shipped.")
SHIPPED = _("At most %(available)s shipped units of the line are left for a refund.")
RETURNABLE = _("At most %(available)s shipped units of the line have not been returned.")
NAMED = _("At most %(available)s units can be shipped ones: no more are refunded.")


@dataclass(frozen=True, slots=True)
class LineUnits:
    """What has become of the units of a line.

    ``pending`` units are being captured: the gateway has not answered yet. ``deducted`` units
    have left the books. ``leaving`` open units are taken away by a change that waits for its
    payment, those that are not captured first: nothing else takes them. ``refunded`` counts all
    refunded units, ``refunded_unshipped`` those of them that never left. ``returned`` units
    left and came back; ``awaiting_refund`` are those of them whose return is to be refunded later:
    no other refund takes them.
    """

    ordered: Decimal
    canceled: Decimal = ZERO
    invoiced: Decimal = ZERO
    pending: Decimal = ZERO
    deducted: Decimal = ZERO
    refunded: Decimal = ZERO
    refunded_unshipped: Decimal = ZERO
    leaving: Decimal = ZERO
    returned: Decimal = ZERO
    awaiting_refund: Decimal = ZERO

    @property
    def open(self) -> Decimal:
        return self.ordered - self.canceled - self.refunded_unshipped - self.deducted

    @property
    def capturable(self) -> Decimal:
        """Units whose money may still be asked for."""
        return self.ordered - self.canceled - self.invoiced - self.pending

    @property
    def shipped_uncaptured(self) -> Decimal:
        """Units that have left without their money having been asked for."""
        asked_for = self.invoiced + self.pending - self.refunded_unshipped
        return max(self.deducted - asked_for, ZERO)

    @property
    def captured_unshipped(self) -> Decimal:
        """Open units that are paid for."""
        return max(self.invoiced - self.refunded_unshipped - self.deducted, ZERO)

    @property
    def refundable_shipped(self) -> Decimal:
        """Units that were paid for and left, and are neither refunded nor awaiting it."""
        return self.invoiced - self.refunded - self.captured_unshipped - self.awaiting_refund

    @property
    def returnable(self) -> Decimal:
        """Units that left and have not come back."""
        return self.deducted - self.returned

    @property
    def refundable(self) -> Decimal:
        return self.captured_unshipped + self.refundable_shipped

    @property
    def cancelable(self) -> Decimal:
        return self._uncaptured_open + self.captured_unshipped - self.leaving

    @property
    def _uncaptured_open(self) -> Decimal:
        asked_for = self.invoiced + self.pending - self.refunded_unshipped - self.deducted
        return self.open - max(asked_for, ZERO)

    @property
    def leaving_uncaptured(self) -> Decimal:
        return min(self.leaving, self._uncaptured_open)

    @property
    def leaving_captured(self) -> Decimal:
        return self.leaving - self.leaving_uncaptured

    def split_cancel(self, quantity: Decimal) -> tuple[Decimal, Decimal]:
        """Return how many of ``quantity`` units are canceled, and how many (paid) refunded.

        :raises NotThatManyError: if fewer are open, or money for them is being asked for.

        Rule: Order status, a cancel takes units not captured first.
        """
        if not 0 <= quantity <= self.cancelable:
            raise NotThatManyError(self.cancelable)
        canceled = min(quantity, self._uncaptured_open - self.leaving_uncaptured)
        return canceled, quantity - canceled

    def split_return(self, quantity: Decimal) -> tuple[Decimal, Decimal]:
        """Return ``quantity`` units that come back, and none besides.

        :raises NotThatManyError: if fewer left and have not come back.

        Rule: Picking and shipping, returns (§21).
        """
        if not 0 <= quantity <= self.returnable:
            raise NotThatManyError(self.returnable, RETURNABLE)
        return quantity, ZERO

    def split_shipped_refund(self, quantity: Decimal) -> tuple[Decimal, Decimal]:
        """Return what :meth:`split_refund` does, of units that have left alone."""
        return self.split_refund(quantity, quantity)

    def brought_back(self, refunded: Decimal) -> Decimal:
        """Return how many of ``refunded`` shipped units a refund that returns them brings back.

        Units that came back before, and were not refunded, are refunded first: a return and its
        refund bring nothing back twice.

        Rule: Reservations, returned to stock (§5).
        """
        refunded_before = self.refunded - self.refunded_unshipped
        back_before = max(self.returned - self.awaiting_refund - refunded_before, ZERO)
        return max(refunded - back_before, ZERO)

    def split_capture(self, quantity: Decimal) -> tuple[Decimal, Decimal]:
        """Return ``quantity`` units to capture, and none besides.

        :raises NotThatManyError: if the money of fewer may still be asked for.
        """
        available = self.capturable - self.leaving_uncaptured
        if not 0 <= quantity <= available:
            raise NotThatManyError(available)
        return quantity, ZERO

    def split_refund(
        self, quantity: Decimal, shipped: Decimal | None = None
    ) -> tuple[Decimal, Decimal]:
        """Return how many of ``quantity`` units are refunded before, and after, they left.

        Those that did not leave come first where ``shipped`` does not name the number.

        :raises NotThatManyError: if fewer were captured, or fewer of either kind are left.

        Rule: Reservations, refunds.
        """
        if quantity < 0:
            raise NotThatManyError(self.invoiced)
        available = self.captured_unshipped - self.leaving_captured
        unshipped = min(quantity, available) if shipped is None else quantity - shipped
        if unshipped < 0:
            raise NotThatManyError(quantity, NAMED)
        if unshipped > available:
            raise NotThatManyError(available, NOT_SHIPPED)
        if quantity - unshipped > self.refundable_shipped:
            if shipped is not None:
                raise NotThatManyError(self.refundable_shipped, SHIPPED)
            raise NotThatManyError(self.refundable)
        return unshipped, quantity - unshipped


@dataclass(frozen=True, slots=True)
class LineMoney:
    """What has become of the money of a line, exactly; ``captured`` includes the refunded.

    ``awaiting_refund`` is promised to returns that are refunded later. ``leaving`` is the worth of
    the units that a change takes away once it is paid for, as it was when the change was asked for.
    """

    total: Decimal
    canceled: Decimal = ZERO
    captured: Decimal = ZERO
    pending: Decimal = ZERO
    refunded: Decimal = ZERO
    awaiting_refund: Decimal = ZERO
    leaving: Decimal = ZERO

    @property
    def uncaptured(self) -> Decimal:
        """What may still be asked for, of all units that are not canceled."""
        return self.total - self.canceled - self.captured - self.pending
