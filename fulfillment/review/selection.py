"""Selected shipments (by key, or all that match a filter), and the values that a move changes."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    BigIntegerField,
    Count,
    DecimalField,
    F,
    Func,
    Max,
    QuerySet,
    Sum,
    TextField,
    Value,
)
from django.db.models.functions import Cast

from fulfillment.models import Shipment, Shipments
from fulfillment.review.change import BulkAction
from fulfillment.review.filters import shipments_matching

BETWEEN, NOTHING = "|", "-"
# Beside the state, which says what a move comes to.
COLUMNS: dict[str, tuple[str, ...]] = {
    BulkAction.HOLD: ("hold_reason",),
    BulkAction.LIFT_HOLD: ("hold_reason",),
    BulkAction.SET_PRIORITY: ("priority",),
    BulkAction.SET_EXPECTED_DATE: ("expected_on", "is_expected_on_fixed"),
    BulkAction.REASSIGN: ("source_id",),
}


def row_value(action: str) -> Func:
    """Return the number of a shipment and of its values that ``action`` is about, to annotate."""
    text = _text("id", *_columns(action))
    return Func(text, Value(0), function="hashtextextended", output_field=BigIntegerField())


def row_values(shipments: QuerySet[Shipment], action: str) -> dict[int, str]:
    """Return the values of each shipment that ``action`` is about, as a text by id."""
    text = _text(*_columns(action))
    return dict(shipments.order_by().annotate(row=text).values_list("pk", "row"))


def changed_since(shown: Mapping[int, str], shipment_ids: Collection[int], action: str) -> set[int]:
    """Return those of ``shipment_ids`` whose values are others than the ones ``shown``."""
    if not shown:
        return set()
    now = row_values(Shipment.objects.filter(pk__in=shipment_ids), action)
    return {key for key, value in now.items() if shown.get(key, value) != value}


def differing_values(action: str, shown: str, now: str) -> Iterator[tuple[str, str, str]]:
    """Yield each column in which two texts of a shipment differ, with both values; "" is none."""
    columns = zip(_columns(action), shown.split(BETWEEN), now.split(BETWEEN), strict=True)
    for name, former, value in columns:
        if former != value:
            yield name, _value(former), _value(value)


def _columns(action: str) -> tuple[str, ...]:
    return ("state", *COLUMNS.get(action, ()))


def _text(*names: str) -> Func:
    texts = [
        Func(
            Cast(F(name), TextField()),
            Value(NOTHING),
            function="COALESCE",
            output_field=TextField(),
        )
        for name in names
    ]
    return Func(Value(BETWEEN), *texts, function="concat_ws", output_field=TextField())


def _value(text: str) -> str:
    return "" if text == NOTHING else text


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

    def shipments(self) -> Shipments:
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
