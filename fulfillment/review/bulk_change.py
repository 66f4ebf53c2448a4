"""A move by hand for many shipments, with the values that it changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Cast

from fulfillment.models import Shipment
from orders.notices.email_queue import CancelCause

UTC = ZoneInfo("UTC")


class BulkAction(StrEnum):
    """A move by hand that can be made for many shipments."""

    HOLD = "HOLD"
    LIFT_HOLD = "LIFT_HOLD"
    ASSIGN_PERSON = "ASSIGN_PERSON"
    SET_PRIORITY = "SET_PRIORITY"
    REASSIGN = "REASSIGN"
    SET_EXPECTED_DATE = "SET_EXPECTED_DATE"
    CUSTOMER_CARE = "CUSTOMER_CARE"
    PACK = "PACK"
    UNPACK = "UNPACK"
    SET_ASIDE = "SET_ASIDE"
    FULFILL = "FULFILL"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class ShipmentBulkChange:
    """A move with what it asks for; ``expected_on`` None gives the date back to release runs.

    ``username`` "" is nobody. ``cause`` is what the customer reads of a cancellation. ``zone`` is
    the site's.
    """

    action: BulkAction
    reason: str = ""
    priority: int = 0
    source: str = ""
    username: str = ""
    expected_on: date | None = None
    cause: CancelCause = CancelCause.NOT_NAMED
    zone: ZoneInfo = UTC

    def today(self, now: datetime) -> date:
        """Return the date of ``now`` where the site is."""
        return now.astimezone(self.zone).date()

    @classmethod
    def from_json(cls, action: BulkAction, values: Mapping[str, Any]) -> "ShipmentBulkChange":
        """Return the change for which a form asked; what it does not ask for is left out."""
        day = values.get("expected_on")
        return cls(
            action=action,
            reason=values.get("reason", ""),
            priority=values.get("priority", 0),
            source=values.get("source", ""),
            username=values.get("username", ""),
            expected_on=day and date.fromisoformat(day),
            cause=CancelCause(values.get("cause", "")),
            zone=ZoneInfo(values["zone"]),
        )


# A list action that changes nothing that was selected.
PACKING_SLIPS = "PACKING_SLIPS"
BETWEEN, NOTHING = "|", "-"
# As many are read in one statement.
CHUNK = 10_000
# Beside the state, which says what a move comes to.
COLUMNS: dict[str, tuple[str, ...]] = {
    BulkAction.HOLD: ("hold_reason",),
    BulkAction.LIFT_HOLD: ("hold_reason",),
    BulkAction.ASSIGN_PERSON: ("assignee_id",),
    BulkAction.SET_PRIORITY: ("priority",),
    BulkAction.SET_EXPECTED_DATE: ("expected_on", "is_expected_on_fixed"),
    BulkAction.REASSIGN: ("source_id",),
    PACKING_SLIPS: ("hold_reason",),
    BulkAction.FULFILL: ("hold_reason", "source_id"),
}


def row_values(action: str, shipment_ids: Sequence[int]) -> dict[int, str]:
    """Return the values of each shipment that ``action`` is about, as a text by id."""
    found: dict[int, str] = {}
    for start in range(0, len(shipment_ids), CHUNK):
        shipments = Shipment.objects.filter(pk__in=shipment_ids[start : start + CHUNK])
        values = shipments.order_by().annotate(row=_text(*_columns(action)))
        found |= dict(values.values_list("pk", "row"))
    return found


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


def last_shipment() -> int:
    """Return the key of the newest shipment, 0 if there is none."""
    return Shipment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
