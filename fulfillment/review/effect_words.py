"""What becomes of a shipment by a move, as codes that are kept and sentences that are shown."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from fulfillment.models import Shipment


class Code(StrEnum):
    """What a shipment would get, or why it stays as it is."""

    HELD = "HELD"
    HELD_READY = "HELD_READY"
    LIFTED = "LIFTED"
    LIFTED_READY = "LIFTED_READY"
    PRIORITY_SET = "PRIORITY_SET"
    REASSIGNED = "REASSIGNED"
    DATE_GIVEN_BACK = "DATE_GIVEN_BACK"
    DATE_SET = "DATE_SET"
    DATE_KEPT = "DATE_KEPT"
    DATE_MOVED = "DATE_MOVED"
    SENT_TO_CARE = "SENT_TO_CARE"
    SENT_TO_CARE_WITHOUT_UNITS = "SENT_TO_CARE_WITHOUT_UNITS"
    CANCELED = "CANCELED"

    OVER = "OVER"
    HELD_ALREADY = "HELD_ALREADY"
    CARE_IS_NOT_HELD = "CARE_IS_NOT_HELD"
    NOT_HELD = "NOT_HELD"
    HELD_FOR_PAYMENT = "HELD_FOR_PAYMENT"
    SAME_PRIORITY = "SAME_PRIORITY"
    HOLD_FIRST_LIFTED = "HOLD_FIRST_LIFTED"
    SAME_SOURCE = "SAME_SOURCE"
    PROMISED = "PROMISED"
    NOT_WAITING = "NOT_WAITING"
    DATED_BY_RUNS = "DATED_BY_RUNS"
    SAME_DATE = "SAME_DATE"
    IN_CARE = "IN_CARE"
    DATE_PASSED = "DATE_PASSED"
    UNPAID = "UNPAID"
    LEFT_OUT_HELD = "LEFT_OUT_HELD"
    LEFT_OUT_UNPAID = "LEFT_OUT_UNPAID"
    LEFT_OUT_IN_REVIEW = "LEFT_OUT_IN_REVIEW"
    LEFT_OUT_UNAUTHORIZED = "LEFT_OUT_UNAUTHORIZED"
    STAYS_PROMISED = "STAYS_PROMISED"
    NOTHING_CORRECTED = "NOTHING_CORRECTED"
    NOT_OF_SHIPMENT = "NOT_OF_SHIPMENT"
    COUNT_REFUSED = "COUNT_REFUSED"
    NOT_BARRED = "NOT_BARRED"
    NOT_SERVED = "NOT_SERVED"
    SOURCE_NOT_LINKED = "SOURCE_NOT_LINKED"
    SOURCE_DISABLED = "SOURCE_DISABLED"
    SOURCE_BARRED = "SOURCE_BARRED"
    SOURCE_NOT_SHIPPING_HOME = "SOURCE_NOT_SHIPPING_HOME"
    SOURCE_NOT_FOR_PICKUP = "SOURCE_NOT_FOR_PICKUP"
    CHANGED_MEANWHILE = "CHANGED_MEANWHILE"
    UNITS_MOVED = "UNITS_MOVED"
    WRONG_STATE = "WRONG_STATE"
    BUSY = "BUSY"
    BROKEN = "BROKEN"


SENTENCES = {
    Code.HELD: _("Held: release runs leave it out until the hold is lifted."),
    Code.HELD_READY: _("Held: not picked until the hold is lifted."),
    Code.LIFTED: _("Back in the queue; a release run follows."),
    Code.LIFTED_READY: _("May be picked again."),
    Code.PRIORITY_SET: _("Priority %(former)s → %(priority)s."),
    Code.REASSIGNED: _("Ready at %(source)s, with all its units."),
    Code.DATE_GIVEN_BACK: _("The next release run sets its date."),
    Code.DATE_SET: _("Expected on %(date)s; the customer is told."),
    Code.DATE_KEPT: _("Stays on %(date)s; release runs leave it there."),
    Code.DATE_MOVED: _("%(former_date)s → %(date)s; the customer is told."),
    Code.SENT_TO_CARE: _("Leaves the queue until a person puts it back."),
    Code.SENT_TO_CARE_WITHOUT_UNITS: _("Gives its units back, and leaves the queue."),
    Code.CANCELED: _(
        "Canceled for good: %(value)s. What was paid is refunded, the customer is told."
    ),
    Code.OVER: _("It is over: %(state)s."),
    Code.HELD_ALREADY: _("Held already: %(hold)s."),
    Code.CARE_IS_NOT_HELD: _("Customer care is not held."),
    Code.NOT_HELD: _("Not held."),
    Code.HELD_FOR_PAYMENT: _("Held for payment: that hold ends with the payment."),
    Code.SAME_PRIORITY: _("Has priority %(priority)s already."),
    Code.HOLD_FIRST_LIFTED: _("Held: lift the hold first."),
    Code.SAME_SOURCE: _("Leaves from %(source)s already."),
    Code.PROMISED: _("Promised: it has the date of its supply."),
    Code.NOT_WAITING: _("It does not wait."),
    Code.DATED_BY_RUNS: _("Release runs set its date already."),
    Code.SAME_DATE: _("Has this date already."),
    Code.IN_CARE: _("With customer care already."),
    Code.DATE_PASSED: _("The date has passed: name today or a later day."),
    Code.UNPAID: _("The payment of its order is not decided yet."),
    Code.LEFT_OUT_HELD: _("The shipment is on hold. Lift the hold, then release it."),
    Code.LEFT_OUT_UNPAID: _("The payment of its order is not confirmed yet."),
    Code.LEFT_OUT_IN_REVIEW: _("The payment of its order is under review."),
    Code.LEFT_OUT_UNAUTHORIZED: _("Its order needs a new authorization of the payment."),
    Code.STAYS_PROMISED: _(
        "The shipment waits for its incoming supply: no source has all its units on hand."
    ),
    Code.NOTHING_CORRECTED: _(
        "The counts are the same as in the books. Correct a count, or bar the source."
    ),
    Code.NOT_OF_SHIPMENT: _("Name only products that the shipment takes from its source."),
    Code.COUNT_REFUSED: _("The count was refused: %(why)s"),
    Code.NOT_BARRED: _("No such bar is in force. It may have ended in the meantime."),
    Code.NOT_SERVED: _("The source cannot give %(missing)s without overtaking others."),
    Code.SOURCE_NOT_LINKED: _("%(source)s does not belong to the stock that sold it."),
    Code.SOURCE_DISABLED: _("%(source)s is disabled."),
    Code.SOURCE_BARRED: _("%(source)s is barred from it. Lift the bar first."),
    Code.SOURCE_NOT_SHIPPING_HOME: _("%(source)s does not ship to customers’ homes."),
    Code.SOURCE_NOT_FOR_PICKUP: _("It is picked up elsewhere, and leaves from there alone."),
    Code.CHANGED_MEANWHILE: _("It has changed in the meantime."),
    Code.UNITS_MOVED: _("Its units have moved in the meantime."),
    Code.WRONG_STATE: _("It is in a state that does not allow this."),
    Code.BUSY: _("Somebody else was changing it, or it took too long. Try again."),
    Code.BROKEN: _("An error of the database kept it as it is. The log has the details."),
}
# Of these every shipment has values of its own: counted together, they are told without.
TOLD_TOGETHER = {
    Code.NOT_SERVED: _("The source cannot give all of it without overtaking others."),
}


def sentence_of(code: Code, values: Mapping[str, str]) -> str:
    """Return the sentence in the reader's language; values that are codes or dates in words."""
    shown = {name: _in_words(name, value) for name, value in values.items()}
    return str(SENTENCES[code]) % shown


def together(code: Code, values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the values by which shipments of a code are counted apart."""
    return () if code in TOLD_TOGETHER else tuple(sorted(values.items()))


def sentence_together(code: Code, values: Mapping[str, str]) -> str:
    """Return the sentence for all shipments that were counted together."""
    return str(TOLD_TOGETHER[code]) if code in TOLD_TOGETHER else sentence_of(code, values)


def _in_words(name: str, value: str) -> str:
    match name:
        case "state":
            return str(Shipment.State(value).label)
        case "hold":
            return str(Shipment.HoldReason(value).label)
        case "date" | "former_date":
            return date_format(date.fromisoformat(value), "DATE_FORMAT")
    return value
