"""Which shipments a move is for: those that were ticked, or all that match a filter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DecimalField, Max, QuerySet, Sum
from django.db.models.functions import Cast

from fulfillment.models import Shipment
from fulfillment.review.filters import shipments_matching
from fulfillment.review.row_values import row_value


@dataclass(frozen=True, slots=True)
class Extent:
    """How many shipments there are, with the sums of their keys and of what a move changes of them.

    It tells one choice, and one state of it, from another.
    """

    count: int
    key_sum: int
    value_sum: int = 0


@dataclass(frozen=True, slots=True)
class ShipmentSelection:
    """The shipments ``ticked``; if none, those that match ``filter`` on ``today`` in ``zone``.

    ``up_to`` is the last that there was when the choice was made: none is added later.
    """

    ticked: tuple[int, ...]
    filter: str
    today: date
    zone: ZoneInfo
    up_to: int

    def shipments(self) -> QuerySet[Shipment]:
        """Return the shipments chosen.

        :raises django.core.exceptions.ValidationError: if the filter is not understood.
        """
        if self.ticked:
            return Shipment.objects.filter(pk__in=self.ticked)
        found = Shipment.objects.filter(pk__lte=self.up_to)
        names_states = any(part.startswith("state=") for part in self.filter.split("&"))
        return shipments_matching(
            self.filter,
            shipments=found if names_states else found.filter(state__in=Shipment.QUEUED_STATES),
            today=self.today,
            zone=self.zone,
        )

    def extent(self, action: str) -> Extent:
        """Return which shipments are chosen now for ``action``, and as what, in short.

        :raises django.core.exceptions.ValidationError: if the filter is not understood.
        """
        value = Cast(row_value(action), DecimalField(max_digits=20, decimal_places=0))
        found = (
            self.shipments()
            .order_by()
            .aggregate(count=Count("pk"), key_sum=Sum("pk"), value_sum=Sum(value))
        )
        sums = (int(found["key_sum"] or 0), int(found["value_sum"] or 0))
        return Extent(found["count"], *sums)

    def as_json(self) -> dict[str, Any]:
        """Return the choice as a job keeps it."""
        return {
            "ticked": list(self.ticked),
            "filter": self.filter,
            "today": self.today.isoformat(),
            "zone": self.zone.key,
            "up_to": self.up_to,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "ShipmentSelection":
        """Return the choice that :meth:`as_json` kept."""
        return cls(
            ticked=tuple(values["ticked"]),
            filter=values["filter"],
            today=date.fromisoformat(values["today"]),
            zone=ZoneInfo(values["zone"]),
            up_to=values["up_to"],
        )


def last_shipment() -> int:
    """Return the key of the newest shipment, 0 if there is none."""
    return Shipment.objects.aggregate(last=Max("pk"))["last"] or 0
