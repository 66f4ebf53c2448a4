"""Compensates reservations by hand."""

from decimal import Decimal

from django.db import transaction

from core.acts import Act
from inventory.models import Reservation
from inventory.operations import ledger
from inventory.operations.whole_units import refuse_fractions_of


def compensate(act: Act, *, stock_id: int, product_id: int, quantity: Decimal) -> Reservation:
    """Append a manual compensation of either sign to the ledger; opens the transaction.

    :raises ValueError: for a quantity of 0, or without a reason.
    :raises FractionError: for a fraction of a product that is sold in whole units.

    Rule: Reservations, manual compensation.
    """
    if not quantity or not act.reason:
        raise ValueError("A compensation moves at least something, for a reason.")
    with transaction.atomic():
        refuse_fractions_of([(product_id, quantity)])
        entry = ledger.Entry(
            stock_id=stock_id,
            product_id=product_id,
            quantity=quantity,
            event=Reservation.Event.COMPENSATION,
            reason=act.reason,
        )
        ledger.record([entry], act)
        written = Reservation.objects.filter(
            stock_id=stock_id, product_id=product_id, event=Reservation.Event.COMPENSATION
        )
        # The balance is locked by now, so the last one is the one that was written here.
        return written.order_by("-pk")[0]
