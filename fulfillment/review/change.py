"""A move by hand for many shipments, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

UTC = ZoneInfo("UTC")


class BulkAction(StrEnum):
    """A move by hand that can be made for many shipments."""

    HOLD = "HOLD"
    LIFT_HOLD = "LIFT_HOLD"
    SET_PRIORITY = "SET_PRIORITY"
    REASSIGN = "REASSIGN"
    SET_EXPECTED_DATE = "SET_EXPECTED_DATE"
    CUSTOMER_CARE = "CUSTOMER_CARE"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class ShipmentBulkChange:
    """A move with what it asks for; ``expected_on`` None gives the date back to release runs.

    ``zone`` is the site's.
    """

    action: BulkAction
    reason: str = ""
    priority: int = 0
    source: str = ""
    expected_on: date | None = None
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
            expected_on=day and date.fromisoformat(day),
            zone=ZoneInfo(values["zone"]),
        )
