"""The effects of moves on a shipment: codes to keep, sentences to show."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.formats import EMPTY, day, moment
from fulfillment.models import Shipment


class Code(models.TextChoices):
    """The effect of a move, or the reason why a shipment stays; the label has gaps for values."""

    HELD = "HELD", _("Held: not released until the hold is lifted.")
    HELD_READY = "HELD_READY", _("Held: not picked until the hold is lifted.")
    LIFTED = "LIFTED", _("Back in the queue. A release run follows.")
    LIFTED_READY = "LIFTED_READY", _("Can be picked again.")
    ASSIGNED = "ASSIGNED", _("Assigned to %(person)s.")
    ASSIGNEE_CHANGED = "ASSIGNEE_CHANGED", _("Assigned to: %(former)s → %(person)s.")
    UNASSIGNED = "UNASSIGNED", _("No longer assigned to %(former)s.")
    PRIORITY_SET = "PRIORITY_SET", _("Priority %(former)s → %(priority)s.")
    REASSIGNED = "REASSIGNED", _("Ready at %(source)s, with all its units.")
    DATE_GIVEN_BACK = "DATE_GIVEN_BACK", _("The next release run sets its date.")
    DATE_SET = "DATE_SET", _("Expected on %(date)s. The customer gets an e-mail.")
    DATE_KEPT = "DATE_KEPT", _("Stays on %(date)s. Release runs do not change it.")
    DATE_MOVED = "DATE_MOVED", _("%(former_date)s → %(date)s. The customer gets an e-mail.")
    SENT_TO_CARE = "SENT_TO_CARE", _("Leaves the queue until staff return it.")
    SENT_TO_CARE_WITHOUT_UNITS = (
        "SENT_TO_CARE_WITHOUT_UNITS",
        _("Its units go back to stock, and it leaves the queue."),
    )
    PACKED = "PACKED", _("Packed. A later count leaves its units in the box.")
    UNPACKED = "UNPACKED", _("No longer packed.")
    SET_ASIDE = "SET_ASIDE", _("Set aside. The customer gets an e-mail that it can be collected.")
    SHIPPED = "SHIPPED", _("Ships from %(source)s.")
    HANDED_OVER = "HANDED_OVER", _("Handed over at %(source)s.")
    CANCELED = (
        "CANCELED",
        _("Canceled: %(value)s. The payment is refunded, and the customer gets an e-mail."),
    )

    TO_BE_PICKED = "TO_BE_PICKED", _("Picked at %(source)s.")
    SLIP = "SLIP", _("Its packing slip is printed.")
    SLIP_AGAIN = (
        "SLIP_AGAIN",
        _("Its packing slip is printed again, last printed: %(time)s."),
    )

    OVER = "OVER", _("It has ended: %(state)s.")
    HELD_ALREADY = "HELD_ALREADY", _("Held already: %(hold)s.")
    CARE_IS_NOT_HELD = "CARE_IS_NOT_HELD", _("Shipments with customer care cannot be held.")
    NOT_HELD = "NOT_HELD", _("Not held.")
    HELD_FOR_PAYMENT = "HELD_FOR_PAYMENT", _("Held for payment: that hold ends with the payment.")
    WAITS_FOR_REST = (
        "WAITS_FOR_REST",
        _("Waiting for the rest of the order: it is let go with it, or with Ship what is ready."),
    )
    SAME_PRIORITY = "SAME_PRIORITY", _("Has priority %(priority)s already.")
    HOLD_FIRST_LIFTED = "HOLD_FIRST_LIFTED", _("Held: lift the hold first.")
    NOT_AT_STORE = (
        "NOT_AT_STORE",
        _("Its units are not at the store where they are collected. Reassign it to that store."),
    )
    SLIP_OUT_OF_DATE = (
        "SLIP_OUT_OF_DATE",
        _("What its packing slip says has changed. Print it, then ship it."),
    )
    SAME_SOURCE = "SAME_SOURCE", _("Ships from %(source)s already.")
    PROMISED = "PROMISED", _("Promised: it has the date of its supply.")
    NOT_WAITING = "NOT_WAITING", _("Not backordered.")
    DATED_BY_RUNS = "DATED_BY_RUNS", _("Release runs set its date already.")
    SAME_DATE = "SAME_DATE", _("Has this date already.")
    IN_CARE = "IN_CARE", _("With customer care already.")
    DATE_PASSED = "DATE_PASSED", _("The date has passed: name today or a later day.")
    SAME_PERSON = "SAME_PERSON", _("Assigned to %(person)s already.")
    NOT_ASSIGNED = "NOT_ASSIGNED", _("Not assigned to anyone.")
    UNKNOWN_PERSON = (
        "UNKNOWN_PERSON",
        _("Nobody with this user name may work on shipments."),
    )
    PACKED_ALREADY = "PACKED_ALREADY", _("Packed already.")
    NOT_TO_BE_PACKED = (
        "NOT_TO_BE_PACKED",
        _("Only ready shipments that are neither on hold nor set aside are packed."),
    )
    NOT_PACKED = "NOT_PACKED", _("Not packed.")
    SET_ASIDE_ALREADY = "SET_ASIDE_ALREADY", _("Set aside already.")
    NOT_FOR_COLLECTION = (
        "NOT_FOR_COLLECTION",
        _("Only ready shipments for pickup are set aside."),
    )
    NOT_TO_BE_PICKED = (
        "NOT_TO_BE_PICKED",
        _("Only ready shipments that are neither on hold, packed nor set aside are picked."),
    )
    ON_PICK_LIST = "ON_PICK_LIST", _("On an open pick list. Take it off that list first.")
    OTHER_SOURCE = "OTHER_SOURCE", _("Ships from another source, which has lists of its own.")
    NO_SLIP = (
        "NO_SLIP",
        _("Only ready shipments that are not on hold, and shipped ones, have a packing slip."),
    )
    UNPAID = "UNPAID", _("The payment of its order is not decided yet.")
    NOT_AUTHORIZED = (
        "NOT_AUTHORIZED",
        _("The payment of its order is no longer authorized."),
    )
    LEFT_OUT_HELD = "LEFT_OUT_HELD", _("The shipment is on hold. Lift the hold, then release it.")
    LEFT_OUT_UNPAID = "LEFT_OUT_UNPAID", _("The payment of its order is not confirmed yet.")
    LEFT_OUT_IN_REVIEW = "LEFT_OUT_IN_REVIEW", _("The payment of its order is under review.")
    LEFT_OUT_UNAUTHORIZED = (
        "LEFT_OUT_UNAUTHORIZED",
        _("Its order needs a new authorization of the payment."),
    )
    STAYS_PROMISED = (
        "STAYS_PROMISED",
        _("The shipment waits for its incoming supply: no source has all its units on hand."),
    )
    NOTHING_CORRECTED = (
        "NOTHING_CORRECTED",
        _("The counts are the same as in the books. Correct a count, or bar the source."),
    )
    NOT_OF_SHIPMENT = (
        "NOT_OF_SHIPMENT",
        _("Select only products that the shipment gets from its source."),
    )
    COUNT_REFUSED = "COUNT_REFUSED", _("The count was refused: %(why)s")
    NOTHING_RECEIVED = (
        "NOTHING_RECEIVED",
        _("Nothing that could leave has been received yet."),
    )
    NOT_BARRED = "NOT_BARRED", _("No such bar is in force. It may have ended in the meantime.")
    UNDO_TOO_LATE = (
        "UNDO_TOO_LATE",
        _("It was shipped too long ago to undo that. Refund its units instead."),
    )
    UNITS_SETTLED = (
        "UNITS_SETTLED",
        _("Units of it were refunded after they had left. Shipping cannot be undone."),
    )
    CAPTURE_UNANSWERED = (
        "CAPTURE_UNANSWERED",
        _("The payment of its units is being captured. Try again when that is done."),
    )
    NOT_SERVED = (
        "NOT_SERVED",
        _("The source cannot supply %(missing)s without units of earlier shipments."),
    )
    SOURCE_NOT_LINKED = (
        "SOURCE_NOT_LINKED",
        _("%(source)s does not belong to the stock that sold it."),
    )
    SOURCE_DISABLED = "SOURCE_DISABLED", _("%(source)s is disabled.")
    SOURCE_BARRED = "SOURCE_BARRED", _("%(source)s is barred from it. Lift the bar first.")
    SOURCE_NOT_SHIPPING_HOME = (
        "SOURCE_NOT_SHIPPING_HOME",
        _("%(source)s does not ship to customers’ homes."),
    )
    SOURCE_NOT_FOR_PICKUP = (
        "SOURCE_NOT_FOR_PICKUP",
        _("The customer collects it at another source."),
    )
    CHANGED_MEANWHILE = "CHANGED_MEANWHILE", _("It has changed in the meantime.")
    UNITS_MOVED = "UNITS_MOVED", _("Its units have moved in the meantime.")
    WRONG_STATE = "WRONG_STATE", _("Its state does not allow this.")
    BROKEN = "BROKEN", _("An error of the database kept it as it is. The log has the details.")


# Their values differ by shipment: shipments that are counted together are described without.
COUNTED_TOGETHER = {
    Code.NOT_SERVED: _("The source cannot supply every unit without units of earlier shipments."),
}


def sentence_of(code: Code, values: Mapping[str, str]) -> str:
    """Return the sentence in the reader's language; values that are codes or dates in words."""
    shown = {name: value_in_words(name, value) for name, value in values.items()}
    return str(code.label) % shown


def together(code: Code, values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the values by which shipments of a code are counted apart."""
    return () if code in COUNTED_TOGETHER else tuple(sorted(values.items()))


def sentence_together(code: Code, values: Mapping[str, str]) -> str:
    """Return the sentence for all shipments that were counted together."""
    return str(COUNTED_TOGETHER[code]) if code in COUNTED_TOGETHER else sentence_of(code, values)


def value_in_words(name: str, value: Any) -> str:
    """Return a value of a shipment, given as a code or an ISO date; – for none."""
    match name:
        case _ if value in ("", None):
            return EMPTY
        case "state":
            return str(Shipment.State(value).label)
        case "hold" | "hold_reason":
            return str(Shipment.HoldReason(value).label)
        case "date" | "former_date" | "expected_on":
            return day(value)
        case "time":
            return moment(value)
    return str(value)
