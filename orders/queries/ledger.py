"""The ledger with its running balance: of one order by line, of one product by stock."""

from collections.abc import Collection
from decimal import Decimal
from typing import TYPE_CHECKING, TypedDict

from django.db.models import F, QuerySet, Sum, Window

from inventory.models import Reservation

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Balance(TypedDict):
    """What the entries of a line up to one come to."""

    balance: Decimal


def ledger_of_lines(line_ids: Collection[int]) -> "QuerySet[WithAnnotations[Reservation, Balance]]":
    """Return the entries of order lines, oldest first, each with ``balance``.

    The balance is the sum of the line's entries up to this one: what of it is sold and has not
    left, below zero.
    """
    balance = Window(Sum("quantity"), partition_by=F("order_line_id"), order_by=F("pk").asc())
    entries = Reservation.objects.filter(order_line_id__in=line_ids)
    return entries.annotate(balance=balance).select_related("actor").order_by("pk")
