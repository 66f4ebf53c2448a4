"""The ledger with its running balance: of one order by line, of one product by stock."""

from collections.abc import Collection

from django.db.models import F, QuerySet, Sum, Window

from inventory.models import Reservation


def ledger_of_lines(line_ids: Collection[int]) -> QuerySet[Reservation]:
    """Return the entries of order lines, oldest first, each with ``balance``.

    The balance is the sum of the line's entries up to this one: what of it is sold and has not
    left, below zero.
    """
    balance = Window(Sum("quantity"), partition_by=F("order_line_id"), order_by=F("pk").asc())
    entries = Reservation.objects.filter(order_line_id__in=line_ids)
    return entries.annotate(balance=balance).select_related("actor").order_by("pk")
